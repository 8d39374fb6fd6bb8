"""Repayments that fall when money comes in: the lowest highest share, against a linear programme."""

from datetime import date
from decimal import Decimal
from itertools import groupby

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy.optimize import linprog

from suixin.lending.schedule import equal_instalment, interest_first
from suixin.underwriting.season_fit import alternatives, fitted, lowest_coverage

START = date(2026, 1, 1)
RATE = Decimal("0.06")

room = st.lists(st.integers(0, 5_000_000), min_size=1, max_size=12).filter(any)


def lowest_share(principal: int, rate: float, available: list[int]) -> float:
    """The same by HiGHS: least t with payments of at most t times what is available, interest paid when it is due.

    Interest is due in each month that has anything available, for the months since the last such; only for seasons in
    which t times every such month bears it is this the same question.
    """
    months = max(n for n, money in enumerate(available, start=1) if money)
    sells = [n for n in range(months) if available[n]]
    whole = sum(available)  # figures near one: the solver's tolerances are absolute
    costs = [0.0] * len(sells) + [1.0]
    rows, bounds, before = [], [], -1
    for at, month in enumerate(sells):
        # principal paid so far lowers the balance of the months since the last sale
        since = (month - before) * rate
        row = [-since if earlier < at else 1.0 if earlier == at else 0.0 for earlier in range(len(sells))]
        rows.append([*row, -available[month] / whole])
        bounds.append(-since)
        before = month
    found = linprog(
        costs, A_ub=rows, b_ub=bounds, A_eq=[[1.0] * len(sells) + [0.0]], b_eq=[1.0], method="highs"
    )
    assert found.status == 0
    return float(found.fun) * principal / whole


steady = st.lists(st.just(0) | st.integers(2_000_000, 5_000_000), min_size=1, max_size=12).filter(any)


@given(principal=st.integers(10_000, 5_000_000), available=steady)
@example(principal=100_000, available=[0, 0, 5])
def test_no_schedule_asks_for_a_smaller_share(principal: int, available: list[int]) -> None:
    """The linear programme finds no lower highest share, but for the fen that payments are rounded to."""
    least = lowest_share(principal, 0.005, available)
    sells = [month for month in available if month]
    empty = max(len(list(run)) for sold, run in groupby(available, bool) if not sold) if 0 in available else 0
    assume(
        min(sells) * least > principal * 0.005 * (empty + 1)
    )  # each month that sells bears what has accrued
    made = fitted(principal, RATE, START, available)
    share = max(row.total_fen / money for row, money in zip(made.rows, available, strict=False) if money)
    rounding = len(available) + 1  # a fen a month of interest and of payment
    assert share == pytest.approx(least, abs=2 * rounding / min(sells))


@given(principal=st.integers(1, 5_000_000), available=room, rate=st.sampled_from(["0", "0.0435", "0.15"]))
def test_a_fitted_schedule_is_a_schedule(principal: int, available: list[int], rate: str) -> None:
    """Principal sums to the loan, empty months pay nothing, and interest stays below interest only, but for fen."""
    annual = Decimal(rate)
    made = fitted(principal, annual, START, available)
    assert sum(row.principal_fen for row in made.rows) == principal
    assert [
        row for row, money in zip(made.rows, available, strict=False) if row.total_fen and not money
    ] == []
    most = interest_first(principal, annual, len(made.rows), START).total_interest_fen
    assert made.total_interest_fen <= most + len(made.rows)


@given(principal=st.integers(100_000, 5_000_000), available=room)
def test_it_covers_more_than_equal_instalments(principal: int, available: list[int]) -> None:
    """In the worst month it leaves at least as much as equal instalments over the same months, but for rounding."""
    months = max(n for n, money in enumerate(available, start=1) if money)
    ours = lowest_coverage(fitted(principal, RATE, START, available), available)
    even = lowest_coverage(equal_instalment(principal, RATE, months, START), available)
    assert ours is not None
    assert even is not None
    assert ours >= even * (1 - 1e-3) - 1e-6


def test_two_harvests_by_hand() -> None:
    """1,000.00 at 6 % and 700 left in months 3 and 6: half each, but for the interest."""
    made = fitted(100_000, RATE, START, [0, 0, 70_000, 0, 0, 70_000])
    assert [(row.principal_fen, row.interest_fen) for row in made.rows if row.total_fen] == [
        (49_628, 1_500),  # three months on 1,000.00
        (50_372, 756),  # three months on 503.72, a month 2.52
    ]
    assert made.rows[2].total_fen == made.rows[5].total_fen == 51_128


def test_a_month_that_cannot_bear_the_interest_defers_it() -> None:
    """Deferred interest is added, never compounded: 12 months of 5.00 are 60.00."""
    made = fitted(100_000, RATE, START, [1, *[0] * 10, 500_000])
    assert made.rows[0].total_fen == 1
    assert made.total_interest_fen == 12 * 500
    assert made.rows[-1].total_fen == 106_000 - 1


def test_a_floor_is_paid_where_there_is_as_much() -> None:
    """No month pays less than the floor, unless it has less."""
    made = fitted(100_000, RATE, START, [2_000, 10_000, 500_000, 500_000], floor_fen=5_000)
    assert [row.total_fen for row in made.rows][:2] == [2_000, 5_000]


def test_other_ways_of_repaying() -> None:
    """100,000 over a year at 6 %: 3,280 of interest in equal instalments, 6,000 with principal at the end."""
    found = alternatives(10_000_000, RATE, START, 12, [2_000_000] * 12)
    assert [(one.method, round(one.interest_fen / 100)) for one in found] == [
        ("equal_instalment", 3_280),
        ("interest_first", 6_000),
    ]
    assert found[1].lowest_coverage == pytest.approx(2_000_000 / 10_050_000)
