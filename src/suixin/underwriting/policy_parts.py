"""The parts of a policy: every figure that a lender may set, with its bounds, its origin and its date.

Those of the price are in `policy_price`.
"""

from datetime import date
from itertools import pairwise
from typing import Annotated, Generic, Literal, Self, TypeVar

from pydantic import Field, model_validator

from suixin.features.registry import FEATURES
from suixin.lake.source import ROUTES
from suixin.scoring.card import Points, Strict, Text

T = TypeVar("T")


class Parameter(Strict, Generic[T]):
    """One figure with its origin.

    Attributes:
        value: the figure; money in major units, rates as annual fractions.
        source: law, notice, measurement, or 'board' for the lender's own choice.
        since: the day on which the figure was set. It bounds nothing: a policy holds for every day that is decided by it.
        verified: whether the source was checked; an unverified one is dated domain knowledge.
    """

    value: T
    source: Text
    since: date
    verified: bool = True


Share = Parameter[Annotated[float, Field(ge=0, le=1)]]
Amount = Parameter[
    Annotated[float, Field(ge=0.01, le=1e12)]
]  # from the smallest coin to what a table can hold
Months = Parameter[Annotated[int, Field(ge=1, le=12)]]  # the forecast covers a year
Routes = tuple[str, ...]


class Grade(Strict):
    """A grade: scores from `from_score`; `multiple` of stabilised monthly net sales that it may borrow."""

    grade: Text
    from_score: Points
    multiple: float = Field(ge=0, le=6)


class Cutoffs(Strict):
    """Scores from which a decision is approve, or at least refer; below, it is decline."""

    approve_from: Points
    refer_from: Points
    source: Text
    since: date


class Rule(Strict):
    """A hard rule: a feature beyond a bound makes the decision `refer` or `decline`, whatever the score."""

    code: Text
    feature: str
    above: float | None = None
    below: float | None = None
    decision: Literal["refer", "decline"]
    source: Text
    since: date

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if self.feature not in FEATURES:
            raise ValueError(f"{self.code}: {self.feature!r} is no registered feature")
        if (self.above is None) == (self.below is None):
            raise ValueError(f"{self.code}: give exactly one of above and below")
        return self

    def broken_by(self, value: float) -> bool:
        """Whether the value is beyond the bound."""
        return value > self.above if self.above is not None else value < (self.below or 0.0)


class Data(Strict):
    """What evidence a decision needs."""

    routes: Parameter[Annotated[Routes, Field(min_length=1)]]
    minimum_confidence: Share
    bureau_maximum_age_days: Parameter[Annotated[int, Field(ge=1)]]
    bureau_not_required_routes: Parameter[Routes]

    @model_validator(mode="after")
    def _known_routes(self) -> Self:
        for route in (*self.routes.value, *self.bureau_not_required_routes.value):
            if route not in ROUTES:
                raise ValueError(f"{route!r} is no route; the routes are {', '.join(ROUTES)}")
        return self


class SeasonInput(Strict):
    """Input cost of a season, for who sells in fewer than `fewest_selling_months` months of the year.

    Attributes:
        share: the part of the cost that may be owed.
        cost_per_mu: crop, as in `merchants.crop` -> what a mu costs in a season, major units. A crop that is not named
            is not measured so.
    """

    share: Share
    cost_per_mu: dict[Text, Parameter[Annotated[float, Field(ge=0.01, le=1e6)]]] = Field(min_length=1)


class Limit(Strict):
    """How a limit is built. Money in major units.

    `season_input` is None in a policy that does not measure by the field; it decides as before there was any.
    """

    product_cap: Amount
    group_cap: Amount
    minimum: Amount
    step: Amount
    in_season_share: Share
    lowest_month_factor: Parameter[Annotated[float, Field(gt=0)]]
    fewest_selling_months: Months
    short_season_share: Share
    season_input: SeasonInput | None = None

    @model_validator(mode="after")
    def _room_below_the_cap(self) -> Self:
        if self.minimum.value > self.product_cap.value:
            raise ValueError(
                f"the minimum {self.minimum.value:g} lies above the product_cap {self.product_cap.value:g}, so nobody "
                "could borrow: lower the one or raise the other"
            )
        return self


class Capacity(Strict):
    """What a household can carry. Shares of sales where nothing is measured; money in major units a month.

    Attributes:
        fee_share, freight_share: what the platform and the carrier take.
        goods_share: cost of goods; `lowest` and `highest` bound what is measured from invoices.
        produce_loss_share: part of the harvest that is lost before it is sold.
        doubt: where self-dealing was found, this multiple of its share of sales is doubted beside what was left out.
        living_allowance: a member of the household and month; members where their number is not known.
        living_share: the shop bears no more of the living than this part of its margin: a small shop is a side income.
        service_share: the part of what is left that debt service of this loan may take.
    """

    fee_share: Share
    freight_share: Share
    goods_share: Share
    goods_share_lowest: Share
    goods_share_highest: Share
    produce_loss_share: Parameter[Annotated[float, Field(ge=0, le=0.9)]]
    doubt: Parameter[Annotated[float, Field(ge=0, le=1)]]
    living_allowance: Parameter[Annotated[float, Field(ge=0, le=1e6)]]
    members: Parameter[Annotated[float, Field(ge=0, le=20)]]
    living_share: Share
    service_share: Share

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.goods_share_lowest.value > self.goods_share_highest.value:
            raise ValueError("goods_share_lowest lies above goods_share_highest")
        return self


class Rung(Strict):
    """A step of the first-loan ladder: after so many loans repaid, up to `cap` (major units), at `discount` less a year."""

    loans_repaid: Annotated[int, Field(ge=0)]
    cap: Annotated[float, Field(ge=0.01, le=1e12)]
    discount: Annotated[float, Field(ge=0, lt=1)] = 0.0


class Ladder(Strict):
    """The first-loan ladder (graduation): who has repaid more may borrow more, and pays less."""

    rungs: tuple[Rung, ...] = Field(min_length=1)
    source: Text
    since: date

    @model_validator(mode="after")
    def _climbs(self) -> Self:
        if self.rungs[0].loans_repaid:
            raise ValueError("the first rung is for those who have repaid no loan: loans_repaid 0")
        for lower, upper in pairwise(self.rungs):
            if (
                upper.loans_repaid <= lower.loans_repaid
                or upper.cap < lower.cap
                or upper.discount < lower.discount
            ):
                raise ValueError(
                    f"the rung of {upper.loans_repaid} loans repaid must not ask for fewer loans, lend less or cost "
                    f"more than the one of {lower.loans_repaid}"
                )
        return self

    def rung(self, loans_repaid: float) -> Rung:
        """The highest rung that is reached."""
        return max(
            (rung for rung in self.rungs if rung.loans_repaid <= loans_repaid),
            key=lambda rung: rung.loans_repaid,
        )

    def after(self, rung: Rung) -> Rung | None:
        """The next rung, None from the highest."""
        higher = (one for one in self.rungs if one.loans_repaid > rung.loans_repaid)
        return min(higher, key=lambda one: one.loans_repaid, default=None)


class Authority(Strict):
    """Up to which limit, major units, the policy decides by itself, and an approver alone; above is the committee's."""

    automatic: Parameter[Annotated[float, Field(ge=0, le=1e12)]]
    approver: Parameter[Annotated[float, Field(ge=0, le=1e12)]]

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.approver.value < self.automatic.value:
            raise ValueError(
                f"authority: an approver's {self.approver.value:g} lies below the policy's own {self.automatic.value:g}"
            )
        return self


class Diligence(Strict):
    """What the lender asks of its own people: how old a site visit may be when they approve, and when they look again."""

    visit_days: Parameter[Annotated[int, Field(ge=1, le=730)]]
    first_check_days: Parameter[Annotated[int, Field(ge=1, le=365)]]


class Complaints(Strict):
    """Within how many days a complaint is answered."""

    answer_days: Parameter[Annotated[int, Field(ge=1, le=365)]]


class Sweep(Strict):
    """Repayment from sales.

    Attributes:
        share: of a month's settled genuine sales, the most that may be withheld.
        floor: of what a bad year would bring in a month, the part that is due in it whatever is sold.
        working_cash: of a month's sales, what stays with the household; major units.
    """

    share: Parameter[Annotated[float, Field(ge=0.01, le=1)]]
    floor: Share
    working_cash: Parameter[Annotated[float, Field(ge=0, le=1e6)]]


def _unless_named(figure: T) -> Parameter[T]:
    """A figure that a policy need not name: without it nothing changes."""
    return Parameter[T](value=figure, source="not named by the policy", since=date(2026, 11, 1))


class Term(Strict):
    """How a loan is repaid.

    Attributes:
        months: the last date, in months after the drawdown.
        season_concentration: of sales, from which on a schedule follows the season.
        method: 'season' (equal instalments, or fitted to the season), or 'sweep' (from sales, whoever sells).
        grace_months: the first months of a schedule fitted to the season, in which nothing is due.
        floor: of the loan, the least that a month of a schedule fitted to the season pays which has as much.
        sweep: how a loan is repaid from sales; None if the lender does not offer it.
    """

    months: Months
    season_concentration: Share
    method: Parameter[Literal["season", "sweep"]] = _unless_named("season")
    grace_months: Parameter[Annotated[int, Field(ge=0, le=11)]] = _unless_named(0)
    floor: Share = _unless_named(0.0)
    sweep: Sweep | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.method.value == "sweep" and self.sweep is None:
            raise ValueError("the method is 'sweep', but nothing says how: give sweep, or the method season")
        if self.grace_months.value >= self.months.value:
            raise ValueError(
                f"grace_months {self.grace_months.value} leave no month of the {self.months.value} to repay in"
            )
        return self


def _measured(figure: T) -> Parameter[T]:
    """A figure that a policy need not name."""
    return Parameter[T](
        value=figure, source="measured, docs/explanation/forecast.md", since=date(2026, 11, 1)
    )


class Forecasting(Strict):
    """What the forecast assumes, and how it learns from peers (see docs/explanation/forecast.md).

    What an older policy does not name is as measured on a simulated county.

    Attributes:
        prior_spread: relative standard deviation of a month where nobody's history says it.
        prior_years: years of a merchant's own months that count as much as what its peers say of its spread.
        luck: relative standard deviation that a month's luck alone brings, however many orders it has.
        drift: relative standard deviation by which a merchant's level moves in a year.
        season_varies: standard deviation of a month's seasonal factor between merchants of one crop, before they show it.
        season_varies_without_crop: the same where no crop is known.
        fewest_peers: merchants from which a peer group has a shape of its own; `season_varies` counts as so many.
        fewest_outcomes: past months from which a group's own hits and misses correct the quantiles.
    """

    prior_spread: Parameter[Annotated[float, Field(gt=0, le=5)]]
    prior_years: Parameter[Annotated[float, Field(gt=0, le=100)]]
    luck: Parameter[Annotated[float, Field(gt=0, le=5)]] = _measured(0.3)
    drift: Parameter[Annotated[float, Field(gt=0, le=5)]] = _measured(0.7)
    season_varies: Parameter[Annotated[float, Field(gt=0, le=5)]] = _measured(0.2)
    season_varies_without_crop: Parameter[Annotated[float, Field(gt=0, le=5)]] = _measured(0.5)
    fewest_peers: Parameter[Annotated[int, Field(ge=1)]] = _measured(30)
    fewest_outcomes: Parameter[Annotated[int, Field(ge=1)]] = _measured(200)


class LoanPrimeRate(Strict):
    """One publication of the loan prime rate."""

    published_on: date
    one_year: float = Field(gt=0, lt=1)
    five_year: float = Field(gt=0, lt=1)
    verified: bool
