"""Allocation of a repayment: the default order by hand, and what holds for any order (reliability 11)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability import check_11_order, check_11_whole
from suixin.errors import UsageError
from suixin.lending.allocation import (
    DEFAULT,
    AllocationRule,
    Bucket,
    Future,
    Kind,
    Owed,
    Timing,
    Within,
    allocate,
    bucket_of,
)
from suixin.lending.prepay import Way

JAN, FEB, MAR, APR, MAY = (date(2025, month, 15) for month in range(1, 6))
OWED = (
    Owed(Bucket.IN_ADVANCE_PRINCIPAL, MAY, 40_000),
    Owed(Bucket.IN_ADVANCE_PRINCIPAL, APR, 20_000),
    Owed(Bucket.DUE_PRINCIPAL, MAR, 8_000),
    Owed(Bucket.DUE_INTEREST, MAR, 300),
    Owed(Bucket.PAST_DUE_PRINCIPAL, FEB, 7_000),
    Owed(Bucket.PAST_DUE_INTEREST, FEB, 200),
    Owed(Bucket.PAST_DUE_PRINCIPAL, JAN, 6_000),
    Owed(Bucket.PAST_DUE_INTEREST, JAN, 100),
    Owed(Bucket.PAST_DUE_PENALTY, JAN, 50),
    Owed(Bucket.PAST_DUE_FEE, FEB, 10),
)


def test_the_default_order():
    """Protects the reference's order: cost, penalty, overdue interest, overdue principal with the oldest first,
    current interest, current principal, prepayment."""
    done = allocate(21_700, OWED)
    assert done.parts == (
        Owed(Bucket.PAST_DUE_FEE, FEB, 10),
        Owed(Bucket.PAST_DUE_PENALTY, JAN, 50),
        Owed(Bucket.PAST_DUE_INTEREST, JAN, 100),
        Owed(Bucket.PAST_DUE_INTEREST, FEB, 200),
        Owed(Bucket.PAST_DUE_PRINCIPAL, JAN, 6_000),
        Owed(Bucket.PAST_DUE_PRINCIPAL, FEB, 7_000),
        Owed(Bucket.DUE_INTEREST, MAR, 300),
        Owed(Bucket.DUE_PRINCIPAL, MAR, 8_000),
        Owed(Bucket.IN_ADVANCE_PRINCIPAL, APR, 40),
    )
    assert (done.overpaid_fen, done.prepaid_fen) == (0, 40)
    assert [done.of(kind) for kind in Kind] == [50, 10, 21_040, 600]


def test_instalment_by_instalment():
    """Protects the other setting: all of January before anything of February."""
    done = allocate(6_360, OWED, AllocationRule(DEFAULT.order, Within.INSTALMENT))
    assert [(part.due_on, part.amount_fen) for part in done.parts] == [
        (JAN, 50),
        (JAN, 100),
        (JAN, 6_000),
        (FEB, 10),
        (FEB, 200),
    ]


@pytest.mark.parametrize(
    ("future", "way", "parts"),
    [
        (Future.NEXT, Way.KEEP, [(APR, 20_000), (MAY, 10_000)]),
        (Future.LAST, Way.SHORTEN, [(MAY, 30_000)]),
        (Future.REAMORTISE, Way.LOWER, [(APR, 10_000), (MAY, 20_000)]),
    ],
)
@pytest.mark.parametrize("within", Within)
def test_the_future_part(future, way, parts, within):
    """Protects next, last and re-amortise: which parts ahead are settled, and which prepayment follows."""
    done = allocate(30_000, OWED[:2], AllocationRule(DEFAULT.order, within, future))
    assert [(part.due_on, part.amount_fen) for part in done.parts] == parts
    assert future.way is way


def test_an_order_without_prepayment_leaves_an_overpayment():
    """Protects the borrower's money: what the order does not take is kept as a liability, never lost."""
    held = AllocationRule(tuple(b for b in DEFAULT.order if b.timing is not Timing.IN_ADVANCE))
    done = allocate(30_000, OWED, held)
    assert (done.overpaid_fen, done.prepaid_fen) == (30_000 - 21_660, 0)
    assert allocate(5, ()) == ((), 5)


def test_the_bucket_of_a_sum_by_its_date():
    """Protects the timing: in advance before the date, due on it and within the grace, then past due."""
    grace = date(2025, 3, 20)
    days = [date(2025, 3, day) for day in (14, 15, 20, 21)]
    assert [bucket_of(Kind.INTEREST, MAR, on, grace).timing for on in days] == [
        Timing.IN_ADVANCE,
        Timing.DUE,
        Timing.DUE,
        Timing.PAST_DUE,
    ]
    assert bucket_of(Kind.FEE, MAR, days[2]) is Bucket.PAST_DUE_FEE


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: allocate(0, OWED), "not above 0"),
        (lambda: allocate(1.5, OWED), "float"),
        (lambda: allocate(1, [Owed(Bucket.DUE_FEE, JAN, -1)]), "0 or more"),
        (lambda: AllocationRule(()), "empty"),
        (lambda: AllocationRule((Bucket.DUE_FEE, Bucket.DUE_FEE)), "twice"),
    ],
)
def test_bad_payments_are_refused(call, message):
    """Protects the entry: each names the value and the mend."""
    with pytest.raises(UsageError, match=message):
        call()


SUMS = st.lists(
    st.builds(
        lambda kind, days, fen: Owed(bucket_of(kind, JAN + timedelta(days), MAR), JAN + timedelta(days), fen),
        st.sampled_from(Kind),
        st.integers(0, 120),
        st.integers(0, 10**9),
    ),
    max_size=12,
)
RULES = st.builds(
    AllocationRule,
    st.lists(st.sampled_from(Bucket), min_size=1, unique=True).map(tuple),
    st.sampled_from(Within),
    st.sampled_from(Future),
)


@given(st.integers(1, 10**10), SUMS, RULES)
def test_any_allocation_is_whole(amount, owed, rule):
    """Protects reliability 11: parts and overpayment are the payment, no part over what is owed, none of 0, and
    nothing left over while the order still takes something."""
    check_11_whole(amount, owed, rule, allocate(amount, owed, rule))


@given(st.integers(1, 10**10), SUMS, RULES)
def test_any_allocation_respects_the_order(amount, owed, rule):
    """Protects reliability 11's other half: a sum gets money only when all that stands before it is settled."""
    check_11_order(owed, rule, allocate(amount, owed, rule))
