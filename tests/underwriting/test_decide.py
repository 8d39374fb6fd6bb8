"""One merchant decided: limit, price, checks, schedule, reasons and hints."""

import math
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merchants import CASE, LADDER, SURE, case
from suixin.features.feature import Forgeable
from suixin.features.registry import FEATURES
from suixin.lending.irr import nominal_to_effective
from suixin.lending.schedule import Method, equal_instalment
from suixin.underwriting.capacity import affordable, capacity
from suixin.underwriting.decide import decide
from suixin.underwriting.decision import Decision, Outcome, Rung
from suixin.underwriting.exact import exactly
from suixin.underwriting.limit import stabilised
from suixin.underwriting.policy import LoadedPolicy, parse_policy, shipped_policy
from suixin.underwriting.policy_parts import Parameter
from suixin.underwriting.price import all_in_rate, contract_rate, nominal_cost

LOADED = shipped_policy("CNY")
POLICY = LOADED.policy


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons if not reason.code.startswith("card.")]


def test_a_sound_merchant_is_approved() -> None:
    """Twenty thousand a month, grade A: twice the monthly sales, and everything adds up."""
    decision = decide(replace(CASE, outlook=SURE), LOADED)
    assert decision.forecast == SURE
    assert (decision.outcome, decision.grade, codes(decision)) == (Outcome.APPROVE, "A", [])
    assert decision.pd_basis == "assumed"
    amounts = {part.name: part.amount_fen for part in decision.limit_components}
    assert amounts["sales_multiple"] == 2 * 2_000_000
    assert [part.name for part in decision.limit_components if part.binding] == ["sales_multiple"]
    assert decision.limit_fen == amounts["limit"] == 4_000_000
    terms = decision.terms
    assert terms is not None
    assert terms.annual_rate_ppm == sum(part.rate_ppm for part in decision.price_components)
    assert terms.schedule == equal_instalment(
        4_000_000, Decimal(terms.annual_rate_ppm) / 1_000_000, 12, CASE.as_of
    )


def test_the_price_formula() -> None:
    """Each component by hand for 10,000 yuan at a PD of 2 %."""
    rate, parts = contract_rate(POLICY.price, 0.02, 1_000_000)
    by_hand = {
        "funding": 18_000,
        # 25 yuan on an average balance of 5,400
        "operations": round(25 / 5_400 * 1e6),
        "expected_loss": 12_000,
        "capital": round(0.079 * (0.11 - 0.018) * 1e6),
        "margin": 4_000,
        "tax": 0,
    }
    assert {part.name: part.rate_ppm for part in parts} == by_hand
    assert rate == sum(by_hand.values())


def test_the_all_in_rate_is_the_effective_rate_when_nothing_else_is_charged() -> None:
    """Twelve per cent nominal, monthly, without fee: 12.68 % effective, but for months that are no twelfths."""
    schedule = equal_instalment(10_000_000, Decimal("0.12"), 12, date(2026, 1, 1))
    effective = nominal_to_effective(Decimal("0.12"), 12)
    assert all_in_rate(schedule, 0, date(2026, 1, 1)) / 1e6 == pytest.approx(float(effective), abs=1e-3)
    assert all_in_rate(schedule, 100_000, date(2026, 1, 1)) > all_in_rate(schedule, 0, date(2026, 1, 1))


def test_a_fee_counts_against_the_cap() -> None:
    """At 3 % nominal a fee of 8 % up front costs more than the cap of 15 %: declined, not hidden in the rate."""
    fee = {"value": 0.08, "source": "test", "since": date(2026, 1, 1)}
    price = POLICY.price.model_copy(update={"upfront_fee": Parameter[float].model_validate(fee)})
    dear = replace(LOADED, policy=POLICY.model_copy(update={"price": price}))
    decision = decide(CASE, dear)
    assert codes(decision) == ["check.price_above_cap"]
    (reason,) = [r for r in decision.reasons if r.code == "check.price_above_cap"]
    assert reason.value is not None
    assert 0.15 < reason.value < 0.25


def test_a_decimal_of_the_policy_is_taken_exactly() -> None:
    """0.29 of 3,010,000 fen is 872,900, not a fen less that would cost a whole step."""
    assert math.floor(exactly(0.29) * 3_010_000) == 872_900


def test_existing_debt_comes_off_the_limit() -> None:
    """What the household owes already is part of what it can carry."""
    decision = decide(case({"household_debt": 15_000.0}, outlook=SURE), LOADED)
    assert decision.limit_fen == 4_000_000 - 1_500_000


def test_the_lowest_month_and_the_short_season_hold_the_limit_down() -> None:
    """One good month cannot inflate the base; three selling months count as a share of the year."""
    terms = POLICY.limit
    assert stabilised([2_000_000] * 12, terms) == 2_000_000
    # one month of five times the others changes nothing; of forty times, what it alone would be lent on
    assert stabilised([10_000_000] + [2_000_000] * 11, terms) == 2_000_000
    assert stabilised([80_000_000] + [2_000_000] * 11, terms) == 84_000_000 / 24
    # eleven months of 2,000,000 spread over twelve; with the twelfth 800,000 would be the base
    assert stabilised([800_000] + [2_000_000] * 11, terms) == pytest.approx(2_000_000 * 11 / 12)
    # of months that fall by 100,000 the best seven, of 900,000 in the middle; the eighth is lower than eight spread over a year
    assert stabilised([*range(1_200_000, 0, -100_000)], terms) == 525_000
    # nine in-season months of 1,000,000 spread over twelve
    assert stabilised([0, 0, 0] + [1_000_000] * 9, terms) == 750_000
    # three selling months: half of the year's mean month
    assert stabilised([4_000_000] * 3 + [0] * 9, terms) == 500_000


@pytest.mark.parametrize(
    ("changes", "code", "outcome"),
    [
        # nobody has asked the bureau
        ({"features": {"bureau_age_days": None}}, "check.bureau_missing", Outcome.REFER),
        # the report is of last winter
        ({"features": {"bureau_age_days": 200.0}}, "check.bureau_stale", Outcome.REFER),
        ({"features": {"lenders": 5.0}}, "rule.too_many_lenders", Outcome.REFER),
        ({"features": {"debt_to_sales": 1.5}}, "rule.debt_above_sales", Outcome.DECLINE),
        ({"features": {"genuine_trading_days": 60.0}}, "rule.too_young", Outcome.DECLINE),
        ({"features": {"genuine_days_since_order": 300.0}}, "rule.stopped_selling", Outcome.DECLINE),
        ({"features": {"top_buyer_share": 0.9}}, "rule.one_buyer", Outcome.REFER),
        ({"history": [0] * 24}, "check.no_sales", Outcome.DECLINE),
        ({"history": [20_000] * 24}, "check.limit_below_minimum", Outcome.DECLINE),
    ],
)
def test_checks_and_rules(changes: dict[str, object], code: str, outcome: Outcome) -> None:
    """Each rule and check speaks on its own case, and its outcome is the least that is decided."""
    features = changes.pop("features", {})
    decision = decide(case(features, **changes), LOADED)  # type: ignore[arg-type]
    assert code in codes(decision)
    assert decision.outcome is outcome
    assert (decision.terms is None) == (outcome is Outcome.DECLINE)
    assert (decision.limit_fen == 0) == (outcome is Outcome.DECLINE)


def test_research_sets_need_no_bureau() -> None:
    """Where no route asks for a bureau report its absence is no reason."""
    decision = decide(case({"bureau_age_days": None}, bureau_required=False), LOADED)
    assert decision.outcome is Outcome.APPROVE


def test_a_harvest_merchant_repays_when_the_harvest_sells() -> None:
    """Sales in four months: all is paid in those, deferred interest first, and costs more than even instalments."""
    history = ([6_000_000] * 4 + [0] * 8) * 2
    decision = decide(case({"genuine_selling_months_12m": 4.0}, history=history), LOADED)
    assert decision.terms is not None
    schedule, even = decision.terms.schedule, decision.terms.comparator
    assert schedule.method is Method.HARVEST
    assert [row.number for row in schedule.rows if row.total_fen] == [9, 10, 11, 12]
    assert decision.terms.extra_interest_fen == schedule.total_interest_fen - even.total_interest_fen
    assert sum(row.principal_fen for row in schedule.rows) == decision.limit_fen
    assert schedule.total_interest_fen > even.total_interest_fen


def test_the_same_case_gives_the_same_decision() -> None:
    """A decision depends on nothing but its case and policy; another policy text is another decision."""
    assert decide(CASE, LOADED) == decide(CASE, LOADED)
    assert decide(CASE, replace(LOADED, hash="other")).decision_id != decide(CASE, LOADED).decision_id


weak = st.fixed_dictionaries(
    {
        "late_handover_share_180d": st.floats(0, 0.4),
        "bad_review_share_365d": st.floats(0, 0.5),
        "top_buyer_share": st.floats(0, 0.79),
        "genuine_weekly_cv_52w": st.floats(0.2, 3),
        "debt_to_sales": st.floats(0, 0.9),
        "household_debt": st.floats(0, 30_000),
        "refund_share_365d": st.floats(0, 0.2),
    }
)


def test_a_loan_ends_with_the_last_month_that_has_inflow() -> None:
    """A harvest in months 3 to 6 is repaid by month 6: no instalments of nothing follow."""
    history = ([0] * 6 + [6_000_000] * 4 + [0] * 2) * 2
    terms = decide(case({"genuine_selling_months_12m": 4.0}, history=history), LOADED).terms
    assert terms is not None
    assert terms.term_months == len(terms.schedule.rows) == 6
    assert [row.number for row in terms.schedule.rows if row.total_fen] == [3, 4, 5, 6]


@settings(max_examples=200)
@given(features=weak, monthly=st.integers(50_000, 4_000_000))
def test_hints_are_true_and_not_forgeable(features: dict[str, float], monthly: int) -> None:
    """Following a hint raises the limit by what it says, and no hint asks for what is easily faked, or brings next to nothing."""
    before = case(features, history=[monthly] * 24)
    decision = decide(before, LOADED)
    gains = [hint.gain_fen for hint in decision.raise_hints]
    assert gains == sorted(gains, reverse=True)
    assert all(gain > decision.limit_fen / 20 for gain in gains)
    for hint in decision.raise_hints:
        after = decide(replace(before, features={**before.features, hint.feature: hint.target}), LOADED)
        assert after.limit_fen - decision.limit_fen == hint.gain_fen > 0
        assert FEATURES[hint.feature].forgeable is not Forgeable.HIGH


seasons = st.lists(st.integers(0, 6_000_000), min_size=24, max_size=24)


@given(
    features=weak,
    history=seasons,
    owed=st.floats(0, 50_000),
    more=st.floats(0, 50_000),
    service=st.floats(0, 3_000),
)
def test_more_debt_never_raises_a_limit(
    features: dict[str, float], history: list[int], owed: float, more: float, service: float
) -> None:
    """Other things equal, who owes more, pays more a month for it, or is tied to who owes more may not borrow more."""
    base = {**features, "household_debt": owed, "monthly_debt_service": 100.0, "group_debt": owed}
    before = decide(case(base, history=history), LOADED).limit_fen
    for name, value in (
        ("household_debt", owed + more),
        ("monthly_debt_service", 100.0 + service),
        ("group_debt", owed + 100 * more),
    ):
        assert decide(case({**base, name: value}, history=history), LOADED).limit_fen <= before


@given(amount=st.integers(50_000, 10**8), pd=st.floats(0, 0.5), worse=st.floats(0, 0.5))
def test_a_worse_risk_never_lowers_the_price(amount: int, pd: float, worse: float) -> None:
    """For the same loan a higher probability of default costs the same or more."""
    assert contract_rate(POLICY.price, pd + worse, amount)[0] >= contract_rate(POLICY.price, pd, amount)[0]


Up = tuple[float, float, float]
NOTHING: Up = (0.0, 0.0, 0.0)


def capped(value: float, up_front: Up = NOTHING) -> LoadedPolicy:
    """The policy with another cap on the rate, and a fee, a guarantee and an insurance to pay up front."""
    caps = {"bank": POLICY.price.caps["bank"].model_copy(update={"value": value})}
    fee, *others = up_front
    price = POLICY.price.model_copy(
        update={"caps": caps, "upfront_fee": POLICY.price.upfront_fee.model_copy(update={"value": fee})}
    )
    charges = tuple(
        POLICY.charges[0].model_copy(update={"code": kind, "kind": kind, "value": share})
        for kind, share in zip(("guarantee", "insurance"), others, strict=True)
    )
    changed = {"price": price, "charges": (*POLICY.charges, *charges)}
    return replace(LOADED, policy=POLICY.model_copy(update=changed))


def by_method(loaded: LoadedPolicy, method: str) -> LoadedPolicy:
    """The policy with loans repaid by season, or from sales."""
    chosen = loaded.policy.term.method.model_copy(update={"value": method})
    term = loaded.policy.term.model_copy(update={"method": chosen})
    return replace(loaded, policy=loaded.policy.model_copy(update={"term": term}))


@given(
    features=weak,
    history=seasons,
    cap=st.floats(0.03, 0.3),
    tighter=st.floats(0.3, 1),
    up_front=st.just(NOTHING) | st.tuples(*[st.floats(0, 0.03)] * 3),
    method=st.sampled_from(["season", "sweep"]),
)
def test_a_tighter_cap_never_raises_the_cost(
    features: dict[str, float], history: list[int], cap: float, tighter: float, up_front: Up, method: str
) -> None:
    """What a tighter cap still allows is the very same loan, and within the cap with all that is paid up front."""
    held = case(features, history=history)
    wide, tight = (
        decide(held, by_method(capped(each, up_front), method), hints=False) for each in (cap, cap * tighter)
    )
    assert tight.limit_components == wide.limit_components
    if tight.terms:
        assert tight.terms == wide.terms
        dearest = nominal_cost(tight.terms.schedule, tight.terms.fee_fen)
        assert max(tight.terms.annual_rate_ppm, dearest) <= cap * tighter * 1e6


@given(features=weak, history=seasons, service=st.floats(0, 2_000), fee=st.sampled_from([0.0, 0.02]))
def test_the_limit_is_the_largest_loan_that_is_carried_at_its_own_price(
    features: dict[str, float], history: list[int], service: float, fee: float
) -> None:
    """At the price of the limit the room repays it; a step more would not be repaid, or another ceiling holds."""
    loaded = capped(0.9, (fee, 0.0, 0.0))
    held = case({**features, "monthly_debt_service": service, "debt_to_sales": 0.0}, history=history)
    decision = decide(held, loaded, hints=False)
    limit, smallest = decision.by_the_sums_fen, 50_000

    def carried(lent: int) -> int:
        rate = contract_rate(loaded.policy.price, decision.pd, max(lent, smallest))[0] / 1e6
        room = capacity(loaded.policy.capacity, held.features, decision.forecast.bad_year)
        return affordable(room, decision.forecast.bad_year, rate, fee)

    assert carried(limit) >= limit
    binding = next(part for part in decision.limit_components if part.binding)
    owed = round(features["household_debt"] * 100)
    if binding.name == "repayment_capacity":
        assert carried(limit + 10_000) < limit + 10_000
        assert binding.amount_fen == pytest.approx(carried(limit) + owed, abs=1)
    if decision.terms and decision.terms.lowest_coverage:
        asked = loaded.policy.capacity.service_share.value
        assert decision.terms.lowest_coverage >= 1 / asked * (1 - 0.002) or limit < 100_000


@given(features=weak, history=seasons, factor=st.floats(1, 3))
def test_more_sales_never_lower_the_limit(
    features: dict[str, float], history: list[int], factor: float
) -> None:
    """Other things equal, who sells more in every month may borrow as much or more."""
    more = [math.floor(month * factor) for month in history]
    less = decide(case(features, history=history), LOADED).limit_fen
    # a step of 100 yuan may be lost to the fen that each month is rounded to
    assert decide(case(features, history=more), LOADED).limit_fen >= less - 10_000


@given(
    history=st.lists(st.integers(0, 3_000_000), min_size=12, max_size=12),
    month=st.integers(0, 11),
    more=st.integers(0, 5_000_000),
)
def test_more_sales_in_one_month_never_lower_what_is_lent_on(
    history: list[int], month: int, more: int
) -> None:
    """Neither by making a month the lowest of the season, nor by making a year of many months out of one of few."""
    raised = [fen + more * (back == month) for back, fen in enumerate(history)]
    assert stabilised(raised, POLICY.limit) >= stabilised(history, POLICY.limit)


def test_the_first_loan_is_small_and_the_next_rung_is_known() -> None:
    """On the first rung 5,000; one season repaid later 20,000 at half a per cent less."""
    laddered = parse_policy(LOADED.text + LADDER, "laddered")
    first, second = (decide(case({"loans_repaid": n}, outlook=SURE), laddered) for n in (0.0, 1.0))
    assert (first.limit_fen, second.limit_fen) == (500_000, 2_000_000)
    assert first.rung == Rung(0, 500_000, 0, Rung(1, 2_000_000, 5_000))
    assert second.rung == Rung(1, 2_000_000, 5_000)
    discount = {part.name: part.rate_ppm for part in second.price_components}["ladder_discount"]
    assert discount == -5_000
    assert second.terms is not None
    assert second.terms.annual_rate_ppm == sum(part.rate_ppm for part in second.price_components)


CHARGES = """charges:
  - {code: guarantee, kind: guarantee, value: 0.008, payee: county fund, source: board, since: 2026-11-01}
  - {code: hail, kind: insurance, value: 0.012, payee: insurer, source: board, since: 2026-11-01}
  - {code: interest_subsidy, kind: subsidy, value: 0.01, payee: county, source: board, since: 2026-11-01}
"""


def test_the_cost_table_names_every_cost() -> None:
    """40,000 at 3.17 %: guarantee 320 and insurance 480 stand beside the rate, and the subsidy after it."""
    dear = parse_policy(LOADED.text.replace("charges:\n", CHARGES, 1), "charged")
    decision = decide(replace(CASE, outlook=SURE), dear)
    terms = decision.terms
    assert terms is not None
    table = {item.code: item for item in terms.costs}
    assert list(table) == [
        "principal", "interest", "guarantee", "hail", "all_in", "subsidy", "all_in_after_subsidy",
        "overdue_interest", "misuse_interest",
    ]  # fmt: skip
    assert (decision.limit_fen, terms.fee_fen) == (4_000_000, 32_000 + 48_000)
    assert (table["guarantee"].amount_fen, table["guarantee"].payee) == (32_000, "county fund")
    assert table["hail"].amount_fen == 48_000
    assert terms.annual_rate_ppm == sum(part.rate_ppm for part in decision.price_components)
    interest, rate = terms.schedule.total_interest_fen, terms.annual_rate_ppm
    assert table["all_in"].amount_fen == interest + 80_000
    assert (
        table["all_in"].rate_ppm == terms.all_in_rate_ppm == all_in_rate(terms.schedule, 80_000, CASE.as_of)
    )
    assert table["subsidy"].amount_fen == -round(interest * 10_000 / rate)
    after = table["all_in_after_subsidy"].rate_ppm
    assert after is not None
    assert terms.all_in_rate_ppm - after == pytest.approx(10_000, rel=0.1)
    late = table["overdue_interest"]
    assert (late.on_default, late.amount_fen, late.rate_ppm) == (True, None, round(rate * 1.5))


def test_a_default_may_not_cost_more_than_courts_allow() -> None:
    """Over 3 % a penalty of eight times is above 24 % a year: not offered."""
    text = LOADED.text.replace("kind: overdue, value: 1.5", "kind: overdue, value: 8")
    decision = decide(CASE, parse_policy(text, "harsh"))
    assert codes(decision) == ["check.default_cost_above_cap"]
    assert decision.outcome is Outcome.DECLINE
