"""What an offer is worth: the formula, the shape of the repayment, and what may be left out of the search."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from suixin.errors import UsageError
from suixin.lending.schedule import Schedule, equal_instalment, harvest, season
from suixin.underwriting.offers import (
    BULLET,
    Candidate,
    Churn,
    Costs,
    Repayment,
    monthly,
    scheduled,
    worth,
    worthwhile,
)

RATE = Decimal("0.06")
DAY = date(2026, 1, 1)
COSTS = Costs(lgd=0.6, funding=0.02, tax=0.0, loan_fen=2_500)


def test_the_profit_of_one_offer_by_hand() -> None:
    """100,000 yuan for a year at 10 %, PD 2 %, half of the customers gone: ½ × ((9,800 − 1,200 − 2,000) − 25) yuan."""
    found = worth([Candidate("m", "A", 0.02, 1, 10_000_000)], Churn((100_000,), {"A": (0.5,)}), COSTS)
    assert found.profit(np.array([10_000_000]))[0, 0] == pytest.approx(328_750, abs=1e-6)
    assert found.profit(np.array([0]))[0, 0] == 0.0


def test_tax_is_on_interest_alone() -> None:
    """With 6 % tax on 9,800 yuan of interest the profit is 588 yuan less for those who stay."""
    taxed = Costs(lgd=0.6, funding=0.02, tax=0.06, loan_fen=2_500)
    one = [Candidate("m", "A", 0.02, 1, 10_000_000)]
    found = worth(one, Churn((100_000,), {"A": (0.0,)}), taxed)
    assert found.profit(np.array([10_000_000]))[0, 0] == pytest.approx(657_500 - 58_800, abs=1e-6)


@pytest.mark.parametrize(
    "schedule",
    [
        equal_instalment(10_000_000, RATE, 12, DAY),
        equal_instalment(10_000_000, RATE, 7, DAY),
        season(10_000_000, RATE, 12, DAY, [0] * 9 + [1, 2, 3]),
    ],
    ids=["12 instalments", "7 instalments", "harvest"],
)
def test_interest_is_that_of_the_schedule(schedule: Schedule) -> None:
    """Rate × balance-years is the schedule's interest, to the half fen of rounding a month."""
    shape = monthly([row.principal_fen for row in schedule.rows])
    interest = float(RATE) * shape.balance_years * schedule.principal_fen
    assert interest == pytest.approx(schedule.total_interest_fen, abs=6)


HARVEST = harvest(10_000_000, Decimal("0.12"), DAY, [0] * 10 + [6_000_000, 6_000_000])
"""100,000 yuan at 12 % that the months 11 and 12 repay: 11,000 of interest and 49,000, then 510 and 51,000."""


def shape_of(schedule: Schedule) -> Repayment:
    return scheduled(*zip(*((row.principal_fen, row.interest_fen) for row in schedule.rows), strict=True))


@pytest.mark.parametrize(
    "schedule",
    [
        equal_instalment(10_000_000, RATE, 12, DAY),
        equal_instalment(10_000_000, RATE, 7, DAY),
        season(10_000_000, RATE, 12, DAY, [0] * 9 + [1, 2, 3]),
        HARVEST,
        harvest(10_000_000, RATE, DAY, [20_000, 0, 3_000_000, 10_000, 0, 0, 0, 9_000_000]),
    ],
    ids=["12 instalments", "7 instalments", "season", "harvest", "two harvests"],
)
def test_interest_is_received_when_the_rows_pay_it(schedule: Schedule) -> None:
    """At the schedule's own rate each month brings its row, to the rounding; the sum is what accrues in the term."""
    shape, lent, rate = shape_of(schedule), schedule.principal_fen, float(schedule.annual_rate)
    for row, principal, years in zip(schedule.rows, shape.principal, shape.interest, strict=True):
        assert principal * lent == pytest.approx(row.principal_fen, abs=1e-6)
        assert rate * years * lent == pytest.approx(row.interest_fen, abs=6)
    monthly_shape = monthly([row.principal_fen for row in schedule.rows])
    assert shape.balance_years == pytest.approx(monthly_shape.balance_years, rel=1e-12)


def test_deferred_interest_is_not_in_hand_before_the_harvest() -> None:
    """Nothing is back at the end of month 10: all 100 of 100 is out, not 90 as if interest were paid every month."""
    one = [Candidate("m", "A", 0.0, 1, 10_000_000, shape_of(HARVEST))]
    drawn = worth(one, Churn((120_000,), {"A": (0.0,)}), COSTS).drawn[:, 0, 0]
    assert drawn[:11].tolist() == [1.0] * 11
    assert drawn[11:].tolist() == pytest.approx([1 - 0.6, 1 - 0.6 - 0.5151], abs=1e-9)
    assert shape_of(HARVEST).balance_years == pytest.approx((11 + 0.51) / 12)


def test_a_schedule_without_interest_tells_by_its_principal_when_it_is_paid() -> None:
    """At a rate of 0 the rows hold no interest: at another rate what has accrued comes with the principal."""
    free = harvest(1_200, Decimal(0), DAY, [0, 0, 600, 0, 600])
    assert shape_of(free).interest == pytest.approx([0, 0, 3 / 12, 0, 1 / 12])
    even = equal_instalment(1_200, Decimal(0), 12, DAY)
    assert shape_of(even).interest == pytest.approx(monthly([100] * 12).interest)
    with pytest.raises(UsageError, match="2 months of principal and 1 of interest"):
        scheduled([1, 1], [0])


def test_a_year_repaid_at_once_is_one_balance_year() -> None:
    """The contest's loan: nothing for eleven months, then principal and interest; 12 equal parts are out 6½ months."""
    assert BULLET.balance_years == 1.0
    assert monthly([1] * 12).balance_years == pytest.approx(6.5 / 12)


def test_what_is_out_month_by_month() -> None:
    """Half of 1 leaves, 10 % never pay: 0.5 is out, and month 12 brings back 0.5 × 0.9 × 1.1."""
    one = [Candidate("m", "A", 0.1, 1, 100)]
    drawn = worth(one, Churn((100_000,), {"A": (0.5,)}), COSTS).drawn[:, 0, 0]
    assert drawn[:12].tolist() == [0.5] * 12
    assert drawn[12] == pytest.approx(0.5 - 0.5 * 0.9 * 1.1)


def test_dominated_rates_are_left_out_unless_they_spare_liquidity() -> None:
    """Where only the budget binds, the rate that earns most stays; with tight liquidity a dearer one that draws less, too."""
    one = [Candidate("m", "A", 0.01, 100_000, 10_000_000)]
    found = worth(one, Churn((50_000, 80_000, 150_000), {"A": (0.1, 0.2, 0.9)}), COSTS)
    bounds = np.array([100_000]), np.array([10_000_000])
    assert worthwhile(found, *bounds, []).tolist() == [[False, True, False]]
    assert worthwhile(found, *bounds, [0]).tolist() == [[False, True, True]]


@pytest.mark.parametrize(
    ("rates", "shares", "message"),
    [
        ((), (), "there is no rate to offer"),
        ((50_000, 40_000), (0, 0), "the rate 0.04 follows 0.05; list the rates in ascending order"),
        ((50_000, 50_000), (0, 0), "the rate 0.05 follows 0.05"),
        ((4_000_000,), (0,), "the rate 4 lies outside 0 to 1; write 0.0435 for 4.35 %"),
        ((50_000,), (1.2,), "churn_A is 1.2 at the rate 0.05; give a share from 0 to 1"),
        ((50_000,), (-0.1,), "churn_A is -0.1 at the rate 0.05"),
    ],
)
def test_a_churn_table_that_makes_no_sense(
    rates: tuple[int, ...], shares: tuple[float, ...], message: str
) -> None:
    """A table in percent, upside down or out of bounds is refused with the value and the mend."""
    with pytest.raises(UsageError, match=message):
        Churn(rates, {"A": shares})


def test_bounds_that_leave_no_rate() -> None:
    """Bounds between two rates of the table leave nothing to offer, and the line says which rates there are."""
    table = Churn((40_000, 50_000), {"A": (0.0, 0.1)})
    assert table.between(45_000, 60_000) == Churn((50_000,), {"A": (0.1,)})
    with pytest.raises(UsageError, match=r"lies from 0\.042 to 0\.048; it has 0\.04 to 0\.05"):
        table.between(42_000, 48_000)


def test_a_schedule_longer_than_a_year_is_refused() -> None:
    """PD and churn are of one year: a longer schedule has no place here."""
    with pytest.raises(UsageError, match="give 1 to 12 months"):
        monthly([1] * 13)
