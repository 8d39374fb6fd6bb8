"""Columns of loans whose periods are broken: a settlement day of the month, and bullets by days.

Every figure equals the one-by-one builders of `schedule` with the same arguments.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suixin.calendar import MAX_MONTHS, DayCount
from suixin.errors import UsageError
from suixin.lending.columnar import (
    MAX_PRINCIPAL_FEN,
    METHODS,
    PPM,
    Columns,
    Ints,
    first_of_month,
    interest_of,
    judge,
    most_each_period,
)
from suixin.lending.schedule import Method

_BASES = {DayCount.ACT_360: 360, DayCount.ACT_365: 365}
_FIRST_DAY, _LAST_DAY = -700_000, 2_900_000


def interest_by_days(balance_fen: Ints, rate_ppm: Ints, days: Ints, base: int) -> Ints:
    """Return interest of some days, fen, rounded half-up: balance x rate x days / base.

    The product of balance and rate is divided before it meets the days, so that nothing leaves 64 bits.
    """
    year = base * PPM
    whole, rest = np.divmod(balance_fen * rate_ppm, year)
    return whole * days + (2 * rest * days + year) // (2 * year)


def bullets(
    principal_fen: Ints,
    rate_ppm: Ints,
    start_day: Ints,
    due_day: Ints,
    day_count: DayCount = DayCount.ACT_360,
) -> Columns:
    """Make the schedules of many bullets: one row of principal and interest at maturity.

    Args:
        principal_fen: amount of each loan, 1 to 10^12.
        rate_ppm: nominal annual rate of each, 0 to 999,999 parts per million.
        start_day: civil day number of each drawdown.
        due_day: of each maturity, after the start.
        day_count: ACT/360 or ACT/365.

    Raises:
        UsageError: a figure out of range, or a day count without a fixed base.
    """
    judge("principal_fen", principal_fen, principal_fen, 1, MAX_PRINCIPAL_FEN)
    judge("rate_ppm", rate_ppm, principal_fen, 0, PPM - 1)
    judge("start_day", start_day, principal_fen, _FIRST_DAY, _LAST_DAY)
    judge("due_day", due_day, principal_fen, _FIRST_DAY, _LAST_DAY)
    if (due_day <= start_day).any():
        at = int(np.argmax(due_day <= start_day))
        raise UsageError(
            f"loan {at} is due on day {due_day[at]}, not after {start_day[at]}; give a later one"
        )
    charge = interest_by_days(principal_fen, rate_ppm, due_day - start_day, _base(day_count))
    none = np.zeros((min(1, len(principal_fen)), len(principal_fen)), np.int64)
    return Columns(np.ones_like(principal_fen), none + due_day, none + principal_fen, none + charge, none)


class _Dated(NamedTuple):
    """One date of every loan: its day, the days of its period, whether that is a whole month, and which it is."""

    day: Ints
    days: Ints
    whole: NDArray[np.bool_]
    number: int


def settled(
    method: Method,
    principal_fen: Ints,
    rate_ppm: Ints,
    months: Ints,
    start_day: Ints,
    settlement_day: Ints,
    day_count: DayCount = DayCount.ACT_360,
) -> Columns:
    """Make the schedules of many loans that fall due on a settlement day (结息日), the last on the maturity.

    A short first period on top of the term's own number bears interest only; broken periods bear interest by days,
    whole months annual / 12. The columns have one row more than the longest term.

    Args:
        method: equal instalment, equal principal or interest first.
        principal_fen: as in `columnar.schedules`, and so are rate, months and start.
        rate_ppm: see above.
        months: see above.
        start_day: see above.
        settlement_day: of the month, 1 to 31, for each loan.
        day_count: of broken periods, ACT/360 or ACT/365.

    Raises:
        UsageError: as in `columnar.schedules`, or a day count without a fixed base.
    """
    if method not in METHODS:
        raise UsageError(f"method {method!r} has no columns; use one of {', '.join(METHODS)}")
    judge("principal_fen", principal_fen, principal_fen, 1, MAX_PRINCIPAL_FEN)
    judge("rate_ppm", rate_ppm, principal_fen, 0, PPM - 1)
    judge("months", months, principal_fen, 1, MAX_MONTHS)
    judge("start_day", start_day, principal_fen, _FIRST_DAY, _LAST_DAY)
    judge("settlement_day", settlement_day, principal_fen, 1, 31)
    dates = list(_dates(months, start_day, settlement_day))
    due = np.stack([date.day for date in dates]) if dates else np.zeros((0, 0), np.int64)
    last = (due > 0).sum(axis=0) - 1 if dates else months
    level, base, balance = (
        most_each_period(method, principal_fen, rate_ppm, months),
        _base(day_count),
        principal_fen,
    )
    found: tuple[list[Ints], list[Ints], list[Ints]] = ([], [], [])
    for date in dates:
        by_days = interest_by_days(balance, rate_ppm, date.days, base)
        charge = np.where(date.whole, interest_of(balance, rate_ppm), by_days)
        part = level - charge if method is Method.EQUAL_INSTALMENT else level
        part = np.where(date.number > last - months, np.clip(part, 0, balance), 0)
        part = np.where(date.number == last, balance, part)
        balance = balance - part
        for column, values in zip(found, (part, charge, balance), strict=True):
            column.append(values)
    principal, interest, balances = (np.array(column, np.int64).reshape(due.shape) for column in found)
    return Columns(months, due, principal, interest, balances)


def _dates(months: Ints, start: Ints, settlement: Ints) -> Iterator[_Dated]:
    """Every date in turn; a loan that is over has day 0 and no days."""
    longest = int(months.max(initial=-1))
    month = start.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    low = int(month.min(initial=0))
    begins = first_of_month(np.arange(low, int(month.max(initial=0)) + longest + 4, dtype=np.int64))
    ends = begins[1:] - 1

    def settles(at: Ints) -> Ints:
        found: Ints = np.minimum(begins[at] + settlement - 1, ends[at])
        return found

    month = month - low
    maturity = np.minimum(begins[month + months] + start - begins[month], ends[month + months])
    own = settles(month)
    at = month + (own <= start)
    begin, begins_whole, before = start, own == start, month
    for number in range(longest + 1):
        on = settles(at + number)
        day = np.minimum(on, maturity)
        open_ = begin < maturity
        whole = begins_whole & (day == (settles(before + 1) if not number else on))
        yield _Dated(np.where(open_, day, 0), np.where(open_, day - begin, 0), whole, number)
        begin, begins_whole, before = day, day == on, at + number


def _base(day_count: DayCount) -> int:
    if day_count not in _BASES:
        raise UsageError(f"day count {day_count} has no columns; use {' or '.join(_BASES)}")
    return _BASES[day_count]
