"""A decision: one frozen document with everything that led to it, and everything a replay needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from suixin.lending.schedule import Schedule
from suixin.underwriting.capacity import CapacityPart
from suixin.underwriting.forecast import Forecast
from suixin.underwriting.season_fit import Alternative
from suixin.underwriting.season_input import SeasonInput
from suixin.underwriting.sweep import Sweep

SCHEMA_VERSION = 2
CATALOGUE_VERSION = 1


class Outcome(StrEnum):
    """What is decided, from best to worst."""

    APPROVE = "approve"
    REFER = "refer"
    DECLINE = "decline"


RANK = {outcome: rank for rank, outcome in enumerate(Outcome)}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why; the words come from the catalogue.

    Attributes:
        code: 'rule.<code>', 'check.<code>' or 'card.<feature>'.
        feature: the feature it rests on, '' if none.
        value: the feature's value, None if unknown.
        threshold: the value from which it would no longer count against the merchant.
        points: contribution to the score against the accept threshold (card reasons).
        outcome: what a rule or check demands; '' for a card reason.
    """

    code: str
    feature: str = ""
    value: float | None = None
    threshold: float | None = None
    points: float = 0.0
    outcome: str = ""
    catalogue_version: int = CATALOGUE_VERSION


@dataclass(frozen=True, slots=True)
class LimitComponent:
    """One ceiling or deduction of the limit, fen; `binding` marks the lowest ceiling."""

    name: str
    amount_fen: int
    binding: bool = False


@dataclass(frozen=True, slots=True)
class PriceComponent:
    """One part of the contract rate, parts per million a year."""

    name: str
    rate_ppm: int


@dataclass(frozen=True, slots=True)
class Hint:
    """A change that would raise the limit: found by deciding again with it."""

    feature: str
    value: float
    target: float
    gain_fen: int


@dataclass(frozen=True, slots=True)
class CostItem:
    """One line of the cost table.

    Attributes:
        code: 'principal', 'interest', the code of a charge of the policy, 'all_in', or 'all_in_after_subsidy'.
        kind: 'principal', 'interest', the charge's kind, or 'total'.
        on_default: whether it is due only when the borrower defaults.
        rate_ppm: the annual rate, or the share of the principal; None where neither applies.
        amount_fen: over the term, when all is paid as agreed; None where it depends on what happens.
        payee: who receives it.
    """

    code: str
    kind: str
    on_default: bool
    rate_ppm: int | None
    amount_fen: int | None
    payee: str


@dataclass(frozen=True, slots=True)
class Rung:
    """Where the merchant stands on the first-loan ladder, and the next rung, None on the highest.

    Attributes:
        loans_repaid: from which this rung is reached.
        cap_fen, discount_ppm: what it lends at most, and takes off the annual rate.
    """

    loans_repaid: int
    cap_fen: int
    discount_ppm: int
    next: "Rung | None" = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What is offered, if something is: the schedule, and what other ways of repaying would cost and ask for.

    Attributes:
        annual_rate_ppm: contract rate, nominal a year.
        all_in_rate_ppm: annual effective IRR of the dated flows with every fee (ACT/365).
        fee_fen: everything paid up front.
        comparator: equal instalments for the same amount.
        lowest_coverage: of the schedule in a bad year: the smallest ratio of what a month has left to what is due.
        alternatives: the same amount repaid in other ways.
        costs: the cost table, normal and on default.
        sweep: the same amount repaid from sales, month by month; None if the policy does not offer it.
    """

    annual_rate_ppm: int
    all_in_rate_ppm: int
    fee_fen: int
    term_months: int
    schedule: Schedule
    comparator: Schedule
    lowest_coverage: float | None = None
    alternatives: tuple[Alternative, ...] = ()
    costs: tuple[CostItem, ...] = ()
    sweep: Sweep | None = None

    @property
    def extra_interest_fen(self) -> int:
        """What the season costs: interest above that of equal instalments; below 0 if it is less."""
        return self.schedule.total_interest_fen - self.comparator.total_interest_fen


@dataclass(frozen=True, slots=True)
class Decision:
    """One merchant on one day.

    Money in fen, rates in parts per million a year; `price_components` are those of a loan of the limit, at least of the
    smallest that the policy lends; `features` is the row it was decided on; `capacity` leads from a
    bad year's sales to the room for debt service; `left_p10`, `left_p50` and `left_p90` are what the months of the term
    leave for debt service in a bad year, in a usual and in a good one; `season_input` is what the season costs in the field, None where that is
    not known or the merchant sells in more than a few months.
    """

    decision_id: str
    merchant_id: str
    as_of: date
    outcome: Outcome
    score: float
    grade: str
    pd: float
    pd_basis: str
    limit_fen: int
    limit_components: tuple[LimitComponent, ...]
    currency: str
    price_components: tuple[PriceComponent, ...]
    terms: Terms | None
    forecast: Forecast
    reasons: tuple[Reason, ...]
    raise_hints: tuple[Hint, ...]
    confidence: float
    features: Mapping[str, float | None]
    sales_source: str
    model_version: str
    policy_hash: str
    lake_snapshot: str
    capacity: tuple[CapacityPart, ...] = ()
    left_p10: tuple[int, ...] = ()
    left_p50: tuple[int, ...] = ()
    left_p90: tuple[int, ...] = ()
    rung: Rung | None = None
    season_input: SeasonInput | None = None
    schema_version: int = SCHEMA_VERSION

    @property
    def by_the_sums_fen(self) -> int:
        """The limit as its ceilings and debts make it, whether it is offered or not."""
        return next(part.amount_fen for part in self.limit_components if part.name == "limit")
