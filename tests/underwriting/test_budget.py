"""A shared budget: as good as trying everything, within every limit, and clear where nothing can be shared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suixin.errors import UsageError
from suixin.underwriting.budget import Plan, share
from suixin.underwriting.budget_task import Terms
from suixin.underwriting.offers import BULLET, Candidate, Churn, Costs, Repayment, monthly, scheduled

STEP = 1_000_000
COSTS = Costs(lgd=0.6, funding=0.02, tax=0.0, loan_fen=2_500)
CHURN = Churn(
    (45_000, 80_000, 120_000), {"A": (0.05, 0.35, 0.75), "B": (0.04, 0.3, 0.7), "C": (0.02, 0.25, 0.65)}
)
SHAPES = (BULLET, monthly([1] * 12), monthly([0, 0, 3, 1]))


def people(*rows: tuple[str, float, int, int, str]) -> list[Candidate]:
    """Candidates of (grade, PD, smallest, largest in steps, crop)."""
    return [
        Candidate(f"m{n}", grade, pd, low * STEP, high * STEP, SHAPES[n % 3], {"crop": crop})
        for n, (grade, pd, low, high, crop) in enumerate(rows)
    ]


def earned(one: Candidate, number: int, fen: int) -> float:
    """The formula of the docs, by itself."""
    stay = 1 - CHURN.lost[one.grade][number]
    rate, years = CHURN.rates_ppm[number] / 1e6, one.repayment.balance_years
    margin = (1 - one.pd) * rate * years - one.pd * COSTS.lgd - COSTS.funding * years
    return stay * (margin * fen - COSTS.loan_fen)


def out_at(one: Candidate, number: int, fen: int, month: int) -> float:
    """Expected money out at the end of a month, walked through month by month."""
    stay, rate, left, back = 1 - CHURN.lost[one.grade][number], CHURN.rates_ppm[number] / 1e6, 1.0, 0.0
    shape: Repayment = one.repayment
    for due, part in enumerate(shape.principal, start=1):
        interest = (1.0 if due == 12 else 0.0) if shape is BULLET else left / 12
        left -= part
        if due <= month:
            back += part + rate * interest
    return stay * fen * (1 - (1 - one.pd) * back)


Choice = tuple[int, int]  # number of the rate, fen


def within(crowd: Sequence[Candidate], chosen: Sequence[Choice], terms: Terms, slack: float = 0.0) -> bool:
    """Whether a sharing keeps to budget, caps and liquidity."""
    sums: dict[str | None, int] = {}
    for one, (_, fen) in zip(crowd, chosen, strict=True):
        sums[one.labels["crop"]] = sums.get(one.labels["crop"], 0) + fen
    most = terms.caps.get("crop", Decimal(1)) * terms.budget_fen
    months = [
        sum(out_at(one, rate, fen, month) for one, (rate, fen) in zip(crowd, chosen, strict=True))
        for month in range(13)
    ]
    return (
        sum(sums.values()) <= terms.budget_fen
        and all(fen <= most for crop, fen in sums.items() if crop is not None)
        and all(a <= b + slack for a, b in zip(months, terms.liquidity_fen or months, strict=True))
    )


def everything(crowd: Sequence[Candidate]) -> Iterator[tuple[Choice, ...]]:
    """Every sharing in whole steps."""
    menus = [
        [(0, 0)]
        + [
            (rate, fen)
            for rate in range(len(CHURN.rates_ppm))
            for fen in range(one.smallest_fen, one.largest_fen + 1, STEP)
        ]
        for one in crowd
    ]
    yield from product(*menus)


def best_by_trying(crowd: Sequence[Candidate], terms: Terms) -> float:
    return max(
        sum(earned(one, rate, fen) if fen else 0.0 for one, (rate, fen) in zip(crowd, chosen, strict=True))
        for chosen in everything(crowd)
        if within(crowd, chosen, terms)
    )


def choices(crowd: Sequence[Candidate], plan: Plan) -> list[Choice]:
    made = {offer.candidate.merchant_id: offer for offer in plan.offers}
    assert len(made) == len(plan.offers), "one offer a merchant"
    return [
        (CHURN.rates_ppm.index(made[one.merchant_id].rate_ppm), made[one.merchant_id].amount_fen)
        if one.merchant_id in made
        else (0, 0)
        for one in crowd
    ]


THREE = people(("A", 0.01, 2, 5, "tea"), ("B", 0.02, 1, 4, "tea"), ("C", 0.015, 3, 5, "rice"))


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"caps": {"crop": Decimal("0.5")}},
        {"liquidity_fen": (3 * STEP,) * 13},
        {"caps": {"crop": Decimal("0.7")}, "liquidity_fen": (6 * STEP,) * 6 + (2 * STEP,) * 7},
    ],
    ids=["budget", "cap", "liquidity", "both"],
)
@pytest.mark.parametrize("budget", [3, 8, 20])
def test_as_good_as_trying_everything(budget: int, limits: Mapping[str, Any]) -> None:
    """On three merchants the plan earns what the best of all sharings earns: the oracle tries every one."""
    terms = Terms(budget * STEP, STEP, gap=0.0, **limits)
    found = share(THREE, CHURN, COSTS, terms)
    assert found.plan.profit_fen == pytest.approx(best_by_trying(THREE, terms), rel=1e-9)
    assert found.plan.gap == pytest.approx(0.0, abs=1e-9)
    assert found.undiversified.profit_fen >= found.plan.profit_fen * (1 - 1e-9)


crowds = st.lists(
    st.tuples(
        st.sampled_from("ABC"),
        st.floats(0.001, 0.08),
        st.integers(1, 3),
        st.integers(3, 6),
        st.sampled_from(["tea", "rice", None]),
    ),
    min_size=1,
    max_size=2,
)


@given(
    crowds,
    st.integers(1, 14),
    st.sampled_from([None, "0.3", "0.5", "1"]),
    st.none() | st.lists(st.integers(0, 10), min_size=13, max_size=13),
)
@settings(max_examples=60)
def test_no_limit_is_ever_broken(
    rows: list[tuple[str, float, int, int, str]], budget: int, cap: str | None, liquidity: list[int] | None
) -> None:
    """Whatever is asked: budget, caps and liquidity hold, the profit is the best there is, and equal shares earn no more."""
    crowd = people(*rows)
    terms = Terms(
        budget * STEP,
        STEP,
        caps={} if cap is None else {"crop": Decimal(cap)},
        liquidity_fen=None if liquidity is None else tuple(steps * STEP for steps in liquidity),
        gap=0.0,
    )
    best = best_by_trying(crowd, terms)
    try:
        found = share(crowd, CHURN, COSTS, terms)
    except UsageError:
        assert best <= 0.0
        return
    assert within(crowd, choices(crowd, found.plan), terms, slack=1.0)
    for one, (_, fen) in zip(crowd, choices(crowd, found.plan), strict=True):
        assert fen == 0 or (one.smallest_fen <= fen <= one.largest_fen and fen % STEP == 0)
    assert found.plan.profit_fen == pytest.approx(best, rel=1e-6)
    if not found.equal_breaks:
        assert found.plan.profit_fen >= found.equal.profit_fen * (1 - 1e-6)
        assert within(crowd, choices(crowd, found.equal), terms, slack=20.0)
    assert found.undiversified.profit_fen >= found.plan.profit_fen * (1 - 1e-6)


def test_equal_shares_spread_what_some_may_not_have() -> None:
    """12 steps over limits of 2, 5 and 20: 2, 5 and 5; one whose smallest loan is above the share gets nothing."""
    crowd = people(("A", 0.01, 1, 2, "tea"), ("A", 0.01, 1, 5, "tea"), ("A", 0.01, 1, 20, "rice"))
    crowd += people(("A", 0.01, 6, 20, "rice"))
    equal = share(crowd, CHURN, COSTS, Terms(12 * STEP, STEP)).equal
    assert [offer.amount_fen // STEP for offer in equal.offers] == [2, 5, 5]
    assert len({offer.rate_ppm for offer in equal.offers}) == 1


def test_equal_shares_that_break_a_cap_say_so() -> None:
    """A comparison that could not be lent is marked: three quarters of it would go to tea."""
    crowd = people(*(("A", 0.01, 1, 4, "tea"),) * 3, ("A", 0.01, 1, 4, "rice"))
    found = share(crowd, CHURN, COSTS, Terms(8 * STEP, STEP, caps={"crop": Decimal("0.5")}))
    assert found.equal_breaks == "the cap crop=0.5 for tea"
    assert found.plan.offered_fen == 8 * STEP


def test_no_rate_above_the_highest_that_a_merchant_may_have() -> None:
    """At most 8 % for one and 4.5 % for the other, though 12 % and 8 % earn more; equal shares leave out who may not."""
    churn = Churn((45_000, 80_000, 120_000), {"A": (0.0, 0.0, 0.0)})
    pair = [replace(one, highest_ppm=most) for one, most in zip(CAPPED, (80_000, 45_000), strict=True)]
    found = share(pair, churn, COSTS, Terms(8 * STEP, STEP, gap=0.0))
    assert [offer.rate_ppm for offer in found.plan.offers] == [80_000, 45_000]
    assert [(o.candidate.merchant_id, o.rate_ppm) for o in found.equal.offers] == [("m0", 80_000)]
    free = share(CAPPED, churn, COSTS, Terms(8 * STEP, STEP, gap=0.0))
    assert [offer.rate_ppm for offer in free.plan.offers] == [120_000, 120_000]
    assert found.plan.profit_fen < free.plan.profit_fen


CAPPED = [Candidate(f"m{n}", "A", 0.01, STEP, 4 * STEP) for n in range(2)]


def test_interest_that_the_harvest_pays_frees_no_cash_before_it() -> None:
    """100,000 yuan at 12 % that months 11 and 12 repay, 91,000 available in month 10: 91,000 can be lent, not 100,000.

    With interest every month 10,000 of it would be back by then, and all of 100,000 could be lent.
    """
    parts = [0] * 10 + [49, 51]
    deferred, every_month = scheduled(parts, [0] * 10 + [1_100, 51]), monthly(parts)
    cash = (10_000_000,) * 10 + (9_100_000,) + (10_000_000,) * 2
    for shape, lent in ((deferred, 9_100_000), (every_month, 10_000_000)):
        one = [Candidate("m", "A", 0.0, 10_000, 10_000_000, shape)]
        terms = Terms(10_000_000, 10_000, liquidity_fen=cash, gap=0.0)
        plan = share(one, Churn((120_000,), {"A": (0.0,)}), COSTS, terms).plan
        assert plan.offered_fen == lent


def test_an_unknown_value_is_not_capped() -> None:
    """Two merchants whose crop nobody knows are not one crop."""
    crowd = people(("A", 0.01, 1, 4, None), ("A", 0.01, 1, 4, None))
    found = share(crowd, CHURN, COSTS, Terms(8 * STEP, STEP, caps={"crop": Decimal("0.1")}))
    assert found.plan.offered_fen == 8 * STEP


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"budget_fen": -5}, "a budget of -0.05 is not above 0"),
        ({"budget_fen": STEP}, r"a budget of 10,000\.00 is below the smallest loan of 20,000\.00"),
        (
            {"budget_fen": 10 * STEP, "caps": {"crop": Decimal("0.1")}},
            r"the cap crop=0\.1 leaves 10,000\.00 for each crop, less than the smallest loan of 20,000\.00",
        ),
        (
            {"budget_fen": 10 * STEP, "caps": {"crop": Decimal("1.5")}},
            r"the cap crop=1\.5 lies outside 0 to 1",
        ),
        ({"budget_fen": 10 * STEP, "liquidity_fen": (0,) * 13}, "the limits leave no loan"),
        ({"budget_fen": 10 * STEP, "liquidity_fen": (-1,) * 13}, r"the liquidity of month 0 is -0\.01"),
        ({"budget_fen": 10 * STEP, "liquidity_fen": (1,)}, "liquidity is given for 1 months"),
        ({"budget_fen": 10 * STEP, "gap": 1.0}, "the gap 1 lies outside 0 to 1"),
        ({"budget_fen": 10 * STEP, "seconds": 0.0}, "0 seconds is not above 0"),
        ({"budget_fen": 10 * STEP, "step_fen": 0}, r"a step of 0\.00 is not above 0"),
        ({"budget_fen": 10 * STEP, "step_fen": 7 * STEP}, r"holds no multiple of 70,000\.00"),
    ],
)
def test_what_cannot_be_shared_is_said_in_one_line(limits: dict[str, Any], message: str) -> None:
    """An impossible budget, cap or liquidity names the value instead of an empty plan."""
    with pytest.raises(UsageError, match=message):
        share(people(("A", 0.01, 2, 5, "tea")), CHURN, COSTS, Terms(**{"step_fen": STEP, **limits}))


def test_nobody_is_worth_lending_to() -> None:
    """At a PD of one half no rate of the table earns anything; and without candidates there is nothing to ask."""
    with pytest.raises(UsageError, match=r"no loan to any of 1 candidates .* at 0\.045 to 0\.12 a year"):
        share(people(("A", 0.5, 1, 5, "tea")), CHURN, COSTS, Terms(5 * STEP, STEP))
    with pytest.raises(UsageError, match="there is no candidate"):
        share([], CHURN, COSTS, Terms(5 * STEP, STEP))


def test_a_loser_among_winners_is_counted() -> None:
    """Who is worth no offer at any rate is told apart from who only came too late."""
    crowd = people(("A", 0.01, 1, 5, "tea"), ("A", 0.5, 1, 5, "tea"))
    assert share(crowd, CHURN, COSTS, Terms(5 * STEP, STEP)).unprofitable == 1


def test_time_that_is_up_is_no_optimum() -> None:
    """A search that is cut off is refused, not passed off as the best."""
    crowd = people(*[("ABC"[n % 3], 0.001 + n % 97 / 3000, 1 + n % 3, 90 + n % 7, "tea") for n in range(300)])
    terms = Terms(
        9_000 * STEP, STEP, liquidity_fen=(3_000 * STEP,) * 12 + (100 * STEP,), gap=0.0, seconds=0.01
    )
    with pytest.raises(UsageError, match=r"more (with )?--seconds"):
        share(crowd, CHURN, COSTS, terms)
