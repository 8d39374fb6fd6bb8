"""Columns of bullets, settlement days and harvests equal the one-by-one schedules, figure by figure."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loan_columns import columns_of
from suixin.calendar import DayCount, date_to_day, day_to_date
from suixin.errors import UsageError
from suixin.lending.amortise import build
from suixin.lending.columnar import METHODS
from suixin.lending.columnar_dates import bullets, settled
from suixin.lending.columnar_season import seasons
from suixin.lending.periods import regular
from suixin.lending.schedule import (
    Method,
    bullet,
    equal_instalment,
    equal_principal,
    interest_first,
    season,
)
from suixin.lending.terms import Terms

ONE_BY_ONE = {
    Method.EQUAL_INSTALMENT: equal_instalment,
    Method.EQUAL_PRINCIPAL: equal_principal,
    Method.INTEREST_FIRST: interest_first,
}
ONES = np.array([1], np.int64)


def rate(ppm):
    return Decimal(ppm).scaleb(-6)


def same(columns, schedules):
    """Whether both ways agree on every figure."""
    found = np.stack((columns.due_day, columns.principal_fen, columns.interest_fen, columns.balance_fen))
    return bool((found == columns_of(schedules, *found.shape[1:])).all())


def arrays(loans):
    return [np.array(column, np.int64) for column in zip(*loans, strict=True)]


def settled_same(method, loans, day_count=DayCount.ACT_360):
    made = [
        ONE_BY_ONE[method](
            fen, rate(ppm), months, day_to_date(on), settlement_day=settlement, day_count=day_count
        )
        for fen, ppm, months, on, settlement in loans
    ]
    return same(settled(method, *arrays(loans), day_count), made)


def bullets_same(loans, day_count):
    made = [
        bullet(fen, rate(ppm), day_to_date(on), day_to_date(on + days), day_count)
        for fen, ppm, on, days in loans
    ]
    fen, ppm, on, days = arrays(loans)
    return same(bullets(fen, ppm, on, on + days, day_count), made)


def seasons_same(loans, *, defer):
    longest = max(len(weights) for *_, weights in loans)
    grid = np.zeros((longest, len(loans)), np.int64)
    made = []
    for at, (fen, ppm, on, weights) in enumerate(loans):
        grid[: len(weights), at] = weights
        start = day_to_date(on)
        if defer:
            periods = regular(start, len(weights))
            terms = Terms(
                fen, rate(ppm), start, Method.HARVEST, periods, weights=tuple(weights), defer_interest=True
            )
            made.append(build(terms))
        else:
            made.append(season(fen, rate(ppm), len(weights), start, weights))
    fen, ppm, on = arrays([loan[:3] for loan in loans])
    months = np.array([len(loan[3]) for loan in loans], np.int64)
    return same(seasons(fen, ppm, months, on, grid, defer_interest=defer), made)


def random_loans(count, seed):
    """Sums from a fen to ten billion yuan, rates, days, terms, settlement days and weights."""
    draw = np.random.default_rng(seed)
    fen = np.minimum(10 ** draw.uniform(0, 12, count), 10**12).astype(np.int64)
    ppm = np.where(draw.random(count) < 0.05, 0, draw.integers(0, 1_000_000, count))
    months, on = draw.integers(1, 25, count), draw.integers(10_000, 30_000, count)
    settlement = draw.integers(1, 32, count)
    weights = [draw.integers(0, 5, months[at]) * (draw.random(months[at]) < 0.4) for at in range(count)]
    return [
        (*(int(value) for value in figures), [int(w) for w in own[:-1]] + [int(own[-1]) or 1])
        for *figures, own in zip(fen, ppm, months, on, settlement, weights, strict=True)
    ]


def dated(method):
    return lambda loans: settled_same(method, [loan[:5] for loan in loans])


def by_days(day_count):
    return lambda loans: bullets_same(
        [(fen, ppm, on, months * 30 + settlement) for fen, ppm, months, on, settlement, _ in loans], day_count
    )


def weighted(*, defer):
    return lambda loans: seasons_same(
        [(fen, ppm, on, weights) for fen, ppm, _, on, _, weights in loans], defer=defer
    )


WAYS = (
    *(dated(method) for method in METHODS),
    *(by_days(day_count) for day_count in (DayCount.ACT_360, DayCount.ACT_365)),
    *(weighted(defer=defer) for defer in (False, True)),
)


def test_columns_equal_one_by_one():
    """Protects the columns: dates, principal, interest and balance of 500 random loans, to the fen and the day."""
    loans = random_loans(500, 7)
    assert [agrees(loans) for agrees in WAYS] == [True] * 7


@pytest.mark.full
def test_columns_equal_one_by_one_on_100_000():
    """Protects the same on 100,000 random loans, a seventh of them each way."""
    for seed in range(10):
        loans = random_loans(10_000, seed)
        assert [agrees(loans[number::7]) for number, agrees in enumerate(WAYS)] == [True] * 7


@given(
    st.sampled_from(METHODS),
    st.lists(
        st.tuples(
            st.integers(1, 10**12),
            st.integers(0, 999_999),
            st.integers(1, 120),
            st.integers(0, 40_000),
            st.integers(1, 31),
        ),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from([DayCount.ACT_360, DayCount.ACT_365]),
)
def test_settlement_days_at_the_edges(method, loans, day_count):
    """Protects the columns where hypothesis looks: short months, a start on the settlement day, one-month loans."""
    assert settled_same(method, loans, day_count)


def test_the_golden_bullet():
    """Protects 219 days at 4.35 % on 100,000: 2,646.25 and 2,610.00 (reference/lending-rules.md)."""
    start, due = (np.array([date_to_day(on)], np.int64) for on in (date(2025, 3, 15), date(2025, 10, 20)))
    found = [
        int(bullets(ONES * 10_000_000, ONES * 43_500, start, due, base).interest_fen[0, 0])
        for base in (DayCount.ACT_360, DayCount.ACT_365)
    ]
    assert found == [264_625, 261_000]


def test_no_loans():
    """Protects an empty book."""
    none = np.array([], np.int64)
    assert settled(Method.EQUAL_PRINCIPAL, none, none, none, none, none).principal_fen.shape == (0, 0)
    assert bullets(none, none, none, none).principal_fen.shape == (0, 0)
    assert seasons(none, none, none, none, np.zeros((0, 0), np.int64)).principal_fen.shape == (0, 0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bullets(ONES, ONES, ONES, ONES), "not after 1"),
        (lambda: bullets(ONES, ONES, ONES, ONES + 1, DayCount.ACT_ACT), "has no columns"),
        (lambda: settled(Method.BULLET, ONES, ONES, ONES, ONES, ONES), "has no columns"),
        (
            lambda: settled(Method.EQUAL_PRINCIPAL, ONES, ONES, ONES, ONES, ONES * 32),
            "settlement_day runs from 32",
        ),
        (lambda: seasons(ONES, ONES, ONES, ONES, ONES), "of shape"),
        (lambda: seasons(ONES, ONES, ONES, ONES, np.array([[-1]])), "give 0 to"),
        (lambda: seasons(ONES, ONES, ONES, ONES, np.array([[0]])), "no weight above 0"),
        (
            lambda: seasons(
                *[np.array([1, 1])] * 2, np.array([1, 2]), *[np.array(w) for w in ([1, 1], [[1, 1], [1, 1]])]
            ),
            "beyond",
        ),
    ],
)
def test_bad_columns_are_refused(call, message):
    """Protects the entry: the column, its range and the mend are named."""
    with pytest.raises(UsageError, match=message):
        call()
