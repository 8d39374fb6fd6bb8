"""Repayment from sales with a floor."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.errors import UsageError
from suixin.lending.schedule import Instalment, equal_principal
from suixin.lending.sweep import Payment, Settled, sweep, withheld

START, RATE = date(2025, 1, 10), Decimal("0.036")  # 10 fen a day on 1,000 yuan by ACT/360
FLOOR = equal_principal(300_000, RATE, 3, START)  # 1,000 yuan a month


def test_a_share_of_sales_and_the_floor_behind_it():
    """Protects the rule by hand: a share is withheld, interest first; the floor's date asks for what is open."""
    done = sweep(FLOOR, [Settled(date(2025, 1, 20), 200_000), Settled(date(2025, 2, 20), 900_000)], 300_000)
    assert done.payments == (
        Payment(date(2025, 1, 20), 200_000, 60_000, 0),
        Payment(date(2025, 2, 10), 0, 0, 40_805),  # 40,300 to the floor's 200,000, and 21 days on 240,300
        Payment(date(2025, 2, 20), 900_000, 200_200, 0),  # all that is left, with ten days' interest
    )
    assert done.schedule.rows == (
        Instalment(1, date(2025, 1, 20), 59_700, 300, 60_000, 240_300),
        Instalment(2, date(2025, 2, 10), 40_300, 505, 40_805, 200_000),
        Instalment(3, date(2025, 2, 20), 200_000, 200, 200_200, 0),
    )


def test_the_cap_on_prepaying():
    """Protects min(share x sales, due + cap): interest 300, floor's 100,000 of the next date, and 50 yuan more."""
    done = sweep(FLOOR, [Settled(date(2025, 1, 20), 900_000)], 500_000, prepay_cap_fen=5_000)
    assert done.payments[0].withheld_fen == 300 + 100_000 + 5_000


def test_without_sales_the_floor_is_paid():
    """Protects the backstop: the floor's own principal on its own dates, by the borrower, with interest by days."""
    done = sweep(FLOOR, [], 300_000)
    assert [row.principal_fen for row in done.schedule.rows] == [100_000] * 3
    assert [row.interest_fen for row in done.schedule.rows] == [930, 560, 310]
    assert not any(payment.withheld_fen for payment in done.payments)


def test_what_stays_with_the_household():
    """Protects working cash: a share, less if the sum kept would be touched, nothing of a refund."""
    assert [withheld(sales, 300_000, 80_000) for sales in (200_000, 100_000, 50_000, -5)] == [
        60_000,
        20_000,
        0,
        0,
    ]


@given(
    st.integers(1, 10**9),
    st.lists(
        st.tuples(st.integers(1, 200), st.integers(0, 10**8)), max_size=25, unique_by=lambda one: one[0]
    ),
    st.integers(1, 10**6),
    st.none() | st.integers(0, 10**6),
)
def test_any_sales_keep_reliability_10_and_the_floor(principal, sales, share, cap):
    """Protects the loan: repaid by the floor's last day, never behind the floor, never more withheld than the share."""
    floor = equal_principal(principal, RATE, 6, START)
    settled = [Settled(START + timedelta(day), fen) for day, fen in sorted(sales)]
    done = sweep(floor, settled, share, prepay_cap_fen=cap)
    assert sum(row.principal_fen for row in done.schedule.rows) == principal
    for row in floor.rows:
        left = [paid.balance_fen for paid in done.schedule.rows if paid.due_on <= row.due_on]
        assert (left[-1] if left else principal) <= row.balance_fen
    for row, payment in zip(done.schedule.rows, done.payments, strict=True):
        assert payment.withheld_fen <= withheld(payment.sales_fen, share)
        assert payment.withheld_fen + payment.own_fen == row.total_fen


@pytest.mark.parametrize(
    ("settled", "share", "options", "message"),
    [
        ([], 0, {}, "share of 0"),
        ([], 1_000_001, {}, "out of range"),
        ([Settled(START, 1)], 1, {}, "must lie after 2025-01-10"),
        ([Settled(date(2025, 2, 1), -1)], 1, {}, "net refunds off first"),
        ([], 1, {"keep_fen": -1}, "sum kept of -0.01"),
        ([], 1, {"prepay_cap_fen": -1}, "cap on prepaying of -0.01"),
    ],
)
def test_bad_sweeps_are_refused(settled, share, options, message):
    """Protects the entry."""
    with pytest.raises(UsageError, match=message):
        sweep(FLOOR, settled, share, **options)
