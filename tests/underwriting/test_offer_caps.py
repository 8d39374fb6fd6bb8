"""The policy's caps, held against every offer with what is paid up front."""

import math
from datetime import date
from decimal import Decimal

import pytest

from suixin.errors import UsageError
from suixin.lending.schedule import Schedule, equal_instalment, harvest
from suixin.underwriting.offer_caps import cost, hold_caps
from suixin.underwriting.offers import BULLET, Candidate, Churn, Repayment, monthly, scheduled
from suixin.underwriting.policy import Policy, shipped_policy
from suixin.underwriting.price import nominal_cost

DAY = date(2026, 11, 27)
LENT = 10_000_000
RATES = (40_000, 60_000, 75_000, 90_000, 140_000, 150_000)
CHURN = Churn(RATES, {"A": (0.0,) * len(RATES)})


def policy(fee: float = 0.0, cap: float = 0.15, default_cap: float | None = 0.24) -> Policy:
    """The shipped one, with another fee, cap and cap on default."""
    shipped = shipped_policy("CNY").policy
    lender = shipped.price.caps[shipped.price.lender_type].model_copy(update={"value": cap})
    changed = {
        "upfront_fee": shipped.price.upfront_fee.model_copy(update={"value": fee}),
        "caps": {**shipped.price.caps, shipped.price.lender_type: lender},
    }
    assert shipped.default_cost_cap is not None
    held = shipped.default_cost_cap.model_copy(update={"value": default_cap})
    price = shipped.price.model_copy(update=changed)
    return shipped.model_copy(
        update={"price": price, "default_cost_cap": None if default_cap is None else held}
    )


def shape(schedule: Schedule) -> Repayment:
    return scheduled(*zip(*((row.principal_fen, row.interest_fen) for row in schedule.rows), strict=True))


def one(repayment: Repayment) -> Candidate:
    return Candidate("m", "A", 0.02, 10_000, LENT, repayment)


SCHEDULES = [
    equal_instalment(LENT, Decimal("0.14"), 12, DAY),
    equal_instalment(LENT, Decimal("0.06"), 7, DAY),
    harvest(LENT, Decimal("0.12"), DAY, [0] * 10 + [6_000_000, 6_000_000]),
]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=["12 instalments", "7 instalments", "harvest"])
@pytest.mark.parametrize("fee", [0.01, 0.04])
def test_the_cost_is_that_of_the_schedule_with_its_fee(schedule: Schedule, fee: float) -> None:
    """At the schedule's own rate it is what a decision holds against the cap, to the rounding of the rows."""
    rate = round(schedule.annual_rate * 1_000_000)
    assert cost(shape(schedule), rate, fee) == pytest.approx(nominal_cost(schedule, round(LENT * fee)), abs=3)


def test_fourteen_per_cent_with_four_up_front_costs_far_above_the_cap() -> None:
    """12 equal instalments at 14 % with 4 % up front are 21.86 % a year."""
    assert cost(shape(SCHEDULES[0]), 140_000, 0.04) == pytest.approx(218_600, abs=50)


def test_without_anything_up_front_the_contract_rate_is_held() -> None:
    """Every rate up to the cap stays, whatever the schedule: the bullet's 15 % too, and the cap itself."""
    for repayment in (BULLET, monthly([1] * 12), shape(SCHEDULES[2])):
        assert cost(repayment, 140_000, 0.0) == 140_000
        held = hold_caps([one(repayment)], CHURN, policy(), DAY)
        assert (held.candidates[0].highest_ppm, held.above_cap, held.nobody) == (150_000, 0, 0)


@pytest.mark.parametrize("repayment", [BULLET, monthly([1] * 12), shape(SCHEDULES[2]), monthly([1, 0, 0])])
@pytest.mark.parametrize("fee", [0.005, 0.02, 0.04])
def test_a_rate_stays_only_if_its_cost_keeps_to_the_cap(repayment: Repayment, fee: float) -> None:
    """Held against a present value at the cap: what comes back is worth no more than what is paid out."""

    def keeps(rate_ppm: int) -> bool:
        worth = sum(
            (part + years * rate_ppm / 1e6) / (1 + 0.15 / 12) ** month
            for month, (part, years) in enumerate(
                zip(repayment.principal, repayment.interest, strict=True), start=1
            )
        )
        return worth <= 1 - fee and rate_ppm <= 150_000

    allowed = [rate for rate in RATES if keeps(rate)]
    if not allowed:
        with pytest.raises(UsageError, match=r"no rate from 0\.04 to 0\.15 keeps any loan"):
            hold_caps([one(repayment)], CHURN, policy(fee), DAY)
        return
    held = hold_caps([one(repayment)], CHURN, policy(fee), DAY)
    assert held.candidates[0].highest_ppm == allowed[-1]
    assert held.above_cap == len(RATES) - len(allowed)


def test_each_merchant_has_rates_of_its_own() -> None:
    """4 % up front costs more on a short loan: 12 instalments bear up to 6 %, two months bear nothing."""
    people = [one(monthly([1] * 12)), one(monthly([1, 1])), one(BULLET)]
    held = hold_caps(people, CHURN, policy(0.04), DAY)
    assert [each.highest_ppm for each in held.candidates] == [60_000, 90_000]
    assert (held.above_cap, held.nobody) == (4 + 6 + 2, 1)


def test_the_cap_on_default_is_held_as_well() -> None:
    """Overdue interest at 1.5 times the rate: at a cap of 12 % no rate above 8 % is offered."""
    held = hold_caps([one(BULLET)], CHURN, policy(default_cap=0.12), DAY)
    assert (held.candidates[0].highest_ppm, held.above_cap, held.above_default_cap) == (75_000, 0, 3)
    both = hold_caps([one(monthly([1] * 12))], CHURN, policy(0.04, default_cap=0.12), DAY)
    assert (both.candidates[0].highest_ppm, both.above_cap, both.above_default_cap) == (60_000, 4, 0)
    free = hold_caps([one(BULLET)], CHURN, policy(default_cap=None), DAY)
    assert free.candidates[0].highest_ppm == 150_000


def test_nobody_left_says_which_cap() -> None:
    """The line names the rates, the cap, what is paid up front and the cap on default."""
    dear = Churn((140_000,), {"A": (0.1,)})
    with pytest.raises(UsageError) as told:
        hold_caps([one(monthly([1] * 12))], dear, policy(0.04), DAY)
    assert str(told.value) == (
        "no rate from 0.14 to 0.14 keeps any loan to the policy's cap of 0.15 a year with 0.04 of the loan paid up "
        "front and, when overdue, to 0.24; offer lower rates"
    )


def test_a_loan_that_pays_nothing_out_is_infinitely_dear() -> None:
    """With all of it paid up front there is no rate to solve for."""
    assert cost(BULLET, 40_000, 1.0) == math.inf
