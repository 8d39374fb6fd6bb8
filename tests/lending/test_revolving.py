"""Revolving credit: interest by the day on what is used."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.errors import UsageError
from suixin.lending.periods import regular
from suixin.lending.revolving import Move, revolving
from suixin.lending.schedule import Instalment

FIRST, RATE = date(2025, 1, 20), Decimal("0.036")  # 10 fen a day on 1,000 yuan by ACT/360
PERIODS = regular(FIRST, 3)


def test_only_what_is_used_bears_interest():
    """Protects 随借随还: 1,000 yuan for 21 days, 3,000 for 10; then 500 until repaid, by hand at 10 fen a day."""
    moves = [
        Move(FIRST, 100_000),
        Move(date(2025, 2, 10), 200_000),
        Move(date(2025, 2, 25), -250_000),
    ]
    made = revolving(500_000, RATE, PERIODS, moves)
    assert made.rows == (
        Instalment(1, date(2025, 2, 20), 0, 510, 510, 300_000),  # 21 x 10 + 10 x 30
        Instalment(2, date(2025, 2, 25), 250_000, 0, 250_000, 50_000),
        Instalment(3, date(2025, 3, 20), 0, 265, 265, 50_000),  # 5 x 30 + 23 x 5
        Instalment(4, date(2025, 4, 20), 50_000, 155, 50_155, 0),  # 31 x 5
    )
    assert made.principal_fen == 300_000


def test_a_repayment_on_a_due_date_is_one_row():
    """Protects strictly increasing dates, and a start with the first drawdown."""
    moves = [Move(date(2025, 2, 1), 100_000), Move(date(2025, 2, 20), -40_000)]
    made = revolving(100_000, RATE, PERIODS, moves)
    assert made.start_on == date(2025, 2, 1)
    assert made.rows[0] == Instalment(1, date(2025, 2, 20), 40_000, 190, 40_190, 60_000)


@given(st.lists(st.tuples(st.integers(0, 88), st.integers(-(10**6), 10**6)), min_size=1, max_size=20))
def test_interest_equals_a_walk_over_the_days(drawn):
    """Protects the accrual: the same interest as adding up day by day, and reliability 10 on any use."""
    net, used, moves = {}, 0, []
    for offset, wanted in sorted(drawn):
        amount = max(wanted, -used)
        if amount:
            used += amount
            net[offset] = net.get(offset, 0) + amount
            moves.append(Move(FIRST + timedelta(offset), amount))
    if not any(net.values()):
        return
    made = revolving(10**9, RATE, PERIODS, moves)
    used, days = 0, 0
    by_day = {}
    for offset in range((PERIODS[-1].end - FIRST).days):
        used += net.get(offset, 0)
        by_day[FIRST + timedelta(offset)] = used
    for period in PERIODS:
        sums = sum(fen for on, fen in by_day.items() if period.begin <= on < period.end)
        days += (2 * sums + 10_000) // 20_000  # x 0.036 / 360
    assert made.total_interest_fen == days
    assert made.rows[-1].balance_fen == 0


@pytest.mark.parametrize(
    ("limit", "moves", "message"),
    [
        (0, [], "limit of 0.00 is"),
        (100, [], "nothing is drawn"),
        (100, [Move(FIRST, 101)], "pass the limit of 1.00"),
        (100, [Move(FIRST, 50), Move(date(2025, 2, 1), -51)], "0.01 more than is used"),
        (100, [Move(date(2025, 1, 19), 50)], "give a sum, from 2025-01-20"),
        (100, [Move(date(2025, 4, 20), 50)], "before 2025-04-20"),
        (100, [Move(FIRST, 0.5)], "float"),
    ],
)
def test_bad_movements_are_refused(limit, moves, message):
    """Protects the limit: nothing above it, nothing below 0, nothing outside the facility."""
    with pytest.raises(UsageError, match=message):
        revolving(limit, RATE, PERIODS, moves)
