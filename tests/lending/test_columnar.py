"""Columns of loans equal the one-by-one schedules, figure by figure."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loan_columns import columns_of
from suixin.calendar import day_to_date
from suixin.errors import UsageError
from suixin.lending.columnar import METHODS, schedules
from suixin.lending.schedule import Method, equal_instalment, equal_principal, interest_first

ONE_BY_ONE = {
    Method.EQUAL_INSTALMENT: equal_instalment,
    Method.EQUAL_PRINCIPAL: equal_principal,
    Method.INTEREST_FIRST: interest_first,
}


def one_by_one(method, loans, longest):
    """The same arrays, made by the plain builders."""
    made = (
        ONE_BY_ONE[method](principal, Decimal(ppm).scaleb(-6), months, day_to_date(day))
        for principal, ppm, months, day in loans
    )
    return columns_of(made, longest, len(loans))


def same(method, loans):
    """Whether both ways agree on every figure."""
    columns = schedules(method, *(np.array(column, np.int64) for column in zip(*loans, strict=True)))
    made = np.stack((columns.due_day, columns.principal_fen, columns.interest_fen, columns.balance_fen))
    return bool((made == one_by_one(method, loans, len(columns.due_day))).all())


def random_loans(count, seed):
    """Loans of a fen to ten billion yuan, over a day to five years, at 0 to 99 %."""
    draw = np.random.default_rng(seed)
    principal = np.minimum(10 ** draw.uniform(0, 12, count), 10**12).astype(np.int64)
    rate = np.where(draw.random(count) < 0.05, 0, draw.integers(0, 1_000_000, count))
    columns = (principal, rate, draw.integers(1, 61, count), draw.integers(10_000, 30_000, count))
    return [tuple(int(value) for value in loan) for loan in zip(*columns, strict=True)]


@pytest.mark.parametrize("method", METHODS)
def test_columns_equal_one_by_one(method):
    """Protects the columns: dates, principal, interest and balance of 2,000 random loans, to the fen and the day."""
    assert same(method, random_loans(2_000, 7))


@pytest.mark.full
@pytest.mark.parametrize("method", METHODS)
def test_columns_equal_one_by_one_on_100_000(method):
    """Protects the same on 100,000 random loans, and reliability 10 on each: Σ principal, balance 0, nothing below 0."""
    loans = random_loans(100_000, 11)
    assert same(method, loans)
    columns = schedules(method, *(np.array(column, np.int64) for column in zip(*loans, strict=True)))
    assert (columns.principal_fen.sum(axis=0) == [loan[0] for loan in loans]).all()
    assert (columns.balance_fen[-1] == 0).all()
    assert min(columns.principal_fen.min(), columns.interest_fen.min(), columns.balance_fen.min()) >= 0
    later = np.diff(columns.due_day, axis=0)
    assert ((later > 0) | (columns.due_day[1:] == 0)).all()


LOAN = st.tuples(st.integers(1, 10**12), st.integers(0, 999_999), st.integers(1, 600), st.integers(0, 40_000))


@given(st.sampled_from(METHODS), st.lists(LOAN, min_size=1, max_size=3))
def test_columns_equal_one_by_one_at_the_edges(method, loans):
    """Protects the columns where hypothesis looks: the largest sums, the longest terms, rates of one ppm."""
    assert same(method, loans)


def test_an_exact_half_of_an_instalment_is_found():
    """Protects the bound: 1 fen at any rate over one month, and 2 fen over 4 months at 0 %, are exact halves or near."""
    loans = [(2, 0, 4, 20_000), (1, 1, 1, 20_000), (6_000_000, 1, 1, 20_000), (18_000_000, 1, 1, 20_000)]
    assert same(Method.EQUAL_INSTALMENT, loans)


def test_no_loans():
    """Protects an empty book."""
    none = np.array([], np.int64)
    assert schedules(Method.EQUAL_PRINCIPAL, none, none, none, none).principal_fen.shape == (0, 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({0: [0]}, "principal_fen runs from 0"),
        ({0: [10**12 + 1]}, "give 1 to 1000000000000"),
        ({1: [1_000_000]}, "rate_ppm runs from 1000000"),
        ({2: [0]}, "months runs from 0"),
        ({2: [12, 12]}, "one int64 for each loan"),
        ({1: [0.5]}, "float64"),
    ],
)
def test_bad_columns_are_refused(change, message):
    """Protects the entry: the column, its range and the mend are named."""
    columns = [np.array(change.get(at, [value])) for at, value in enumerate((100, 43_500, 12, 20_000))]
    with pytest.raises(UsageError, match=message):
        schedules(Method.EQUAL_INSTALMENT, *columns)


def test_a_method_without_columns_is_refused():
    """Protects against a silent other method."""
    one = np.array([1], np.int64)
    with pytest.raises(UsageError, match="has no columns"):
        schedules(Method.BULLET, one, one, one, one)
