"""Schedules of many loans at once, in integer columns; every figure equals the one-by-one builders of `schedule`.

Interest is divided exactly: balance x rate is split by the denominator into a quotient and a remainder, so that no
product leaves 64 bits. The level instalment is computed in float64 with a bound on its error, and the few loans whose
fraction of a fen lies within that bound of a half are computed again in exact integers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suixin.calendar import MAX_MONTHS
from suixin.errors import UsageError
from suixin.lending.schedule import Method
from suixin.money import round_ratio

Ints = NDArray[np.int64]

MAX_PRINCIPAL_FEN = 10**12
PPM = 1_000_000
_YEAR = 12 * PPM
_CLOSE = 1e-13  # some hundred roundings of float64, where the formula makes about ten
METHODS = (Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.INTEREST_FIRST)


@dataclass(frozen=True, slots=True)
class Columns:
    """Schedules side by side: every array is [period, loan], periods beyond a loan's term hold 0.

    Attributes:
        months: the term of each loan.
        due_day: civil day number (days since 1970-01-01).
        principal_fen: repaid in the period.
        interest_fen: of the period.
        balance_fen: left after it.
    """

    months: Ints
    due_day: Ints
    principal_fen: Ints
    interest_fen: Ints
    balance_fen: Ints


def schedules(method: Method, principal_fen: Ints, rate_ppm: Ints, months: Ints, start_day: Ints) -> Columns:
    """Make the monthly schedules of many loans; each month bears annual / 12.

    Args:
        method: equal instalment, equal principal or interest first.
        principal_fen: amount of each loan, 1 to 10^12.
        rate_ppm: nominal annual rate of each loan in parts per million (43,500 for 4.35 %), 0 to 999,999.
        months: term of each loan, 1 to 600.
        start_day: civil day number of each drawdown (days since 1970-01-01).

    Raises:
        UsageError: another method, a figure out of range, or columns of unequal length or another type.
    """
    if method not in METHODS:
        raise UsageError(f"method {method!r} has no columns; use one of {', '.join(METHODS)}")
    judge("principal_fen", principal_fen, principal_fen, 1, MAX_PRINCIPAL_FEN)
    judge("rate_ppm", rate_ppm, principal_fen, 0, PPM - 1)
    judge("months", months, principal_fen, 1, MAX_MONTHS)
    judge("start_day", start_day, principal_fen, -700_000, 2_900_000)
    longest = int(months.max(initial=0))
    principal = np.zeros((longest, len(months)), np.int64)
    interest, balances = np.zeros_like(principal), np.zeros_like(principal)
    balance = principal_fen.copy()
    level = most_each_period(method, principal_fen, rate_ppm, months)
    last, shortest = months - 1, int(months.min(initial=1))
    for number in range(longest):
        charge = interest_of(balance, rate_ppm)
        part = level - charge if method is Method.EQUAL_INSTALMENT else level
        part = np.minimum(np.maximum(part, 0), balance)
        if number >= shortest - 1:
            part = np.where(number == last, balance, part)
        balance -= part
        principal[number], interest[number], balances[number] = part, charge, balance
    return Columns(months, due_days(start_day, months, longest), principal, interest, balances)


def interest_of(balance_fen: Ints, rate_ppm: Ints) -> Ints:
    """Return a month's interest, fen, rounded half-up: balance x rate / 12."""
    return (balance_fen * rate_ppm + _YEAR // 2) // _YEAR


def due_days(start_day: Ints, months: Ints, longest: int) -> Ints:
    """Return the civil day numbers of monthly due dates, anchored to the day of each drawdown."""
    start = start_day.astype("datetime64[D]")
    first = start.astype("datetime64[M]").astype(np.int64)
    anchor = start_day - first_of_month(first)
    low = int(first.min(initial=0))
    high = int(first.max(initial=0)) + longest + 1
    begins = first_of_month(np.arange(low, high + 1, dtype=np.int64))
    most = np.diff(begins) - 1
    found = np.zeros((longest, len(months)), np.int64)
    for number in range(longest):
        at = first - low + number + 1
        due = begins[at] + np.minimum(anchor, most[at])
        found[number] = due if number < months.min(initial=0) else np.where(number < months, due, 0)
    return found


def first_of_month(month: Ints) -> Ints:
    """Return the civil day number of the first of each month, given as months since 1970-01."""
    return month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def judge(name: str, column: Ints, like: Ints, low: int, high: int) -> None:
    """Refuse a column of another type or length than one int64 a loan, or with a value out of range.

    Raises:
        UsageError: it names the column, its range and the mend.
    """
    if column.dtype != np.int64 or column.shape != like.shape or column.ndim != 1:
        raise UsageError(
            f"{name} is a {column.dtype} of shape {column.shape}; pass one int64 for each loan ({len(like)})"
        )
    if len(column) and not low <= column.min() <= column.max() <= high:
        raise UsageError(f"{name} runs from {column.min()} to {column.max()}; give {low} to {high}")


def most_each_period(method: Method, principal: Ints, rate: Ints, months: Ints) -> Ints:
    """Return what each period repays at most, fen: with its interest for equal instalments, else of principal."""
    if method is Method.INTEREST_FIRST:
        return np.zeros_like(principal)
    even = (2 * principal + months) // (2 * months)
    if method is Method.EQUAL_PRINCIPAL:
        return even
    monthly = rate / _YEAR
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = principal * monthly / -np.expm1(-months * np.log1p(monthly))
    exact = np.where(rate == 0, 0.0, exact)
    below = np.floor(exact)
    found = below.astype(np.int64) + (exact - below >= 0.5)
    unsure = np.abs(exact - below - 0.5) <= exact * _CLOSE + 1e-9
    for at in np.flatnonzero(unsure & (rate > 0)):
        found[at] = _exactly(int(principal[at]), int(rate[at]), int(months[at]))
    return np.where(rate == 0, even, found)


def _exactly(principal: int, rate: int, months: int) -> int:
    grown, base = (_YEAR + rate) ** months, _YEAR**months
    return round_ratio(principal * rate * grown, _YEAR * (grown - base))
