"""Dates of contracts: day counts, anchored months, civil days, business days from a dated holiday table."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from suixin.errors import UsageError

_EPOCH = date(1970, 1, 1).toordinal()
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ONE_DAY = timedelta(days=1)
MAX_MONTHS = 600
CIVIL_ZONE = "Asia/Shanghai"
"""The zone in which people read times, unless a source states another."""


class DayCount(StrEnum):
    """A day-count convention; the first day counts and the last does not.

    Source: ISDA Definitions 2006, section 4.16: (b) ACT/ACT, (d) ACT/365 Fixed, (e) ACT/360, (f) 30/360
    (bond basis).
    """

    ACT_360 = "ACT/360"
    ACT_365 = "ACT/365"
    ACT_ACT = "ACT/ACT"
    THIRTY_360 = "30/360"

    def days(self, start: date, end: date) -> int:
        """Count the days from start to end: actual days, or months of 30 days for 30/360.

        Raises:
            UsageError: the end lies before the start.
        """
        if end < start:
            raise UsageError(f"period {start} to {end} ends before it starts; swap the dates")
        if self is not DayCount.THIRTY_360:
            return (end - start).days
        first = min(start.day, 30)
        last = 30 if end.day == 31 and first == 30 else end.day
        return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first

    def year_fraction(self, start: date, end: date) -> Fraction:
        """Return the exact part of a year from start to end; errors as in `days`."""
        days = self.days(start, end)
        if self is DayCount.ACT_ACT:
            return _act_act(start, end)
        return Fraction(days, 365 if self is DayCount.ACT_365 else 360)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _act_act(start: date, end: date) -> Fraction:
    if start.year == end.year:
        return Fraction((end - start).days, 366 if _is_leap(start.year) else 365)
    # Each calendar year's days are measured against that year's own length; whole years between count 1.
    head = Fraction((date(start.year, 12, 31) - start).days + 1, 366 if _is_leap(start.year) else 365)
    tail = Fraction((end - date(end.year, 1, 1)).days, 366 if _is_leap(end.year) else 365)
    return head + (end.year - start.year - 1) + tail


def month_day(year: int, month: int, day: int) -> date:
    """Return that day of the month, or the month's last day when the month is shorter."""
    if day > 28:
        last = _MONTH_DAYS[month - 1] + (month == 2 and _is_leap(year))
        day = min(day, last)
    return date(year, month, day)


def add_months(anchor: date, months: int) -> date:
    """Return the date `months` later (or earlier, if negative), anchored to the day of `anchor`.

    Always count from the contract day, never from the result before: 31 January + 1 is 28 February and + 2 is
    31 March.

    Raises:
        UsageError: the result lies outside the years 1 to 9999.
    """
    return settlement_in_month(anchor, months, anchor.day)


def due_dates(start_on: date, months: int, day: int | None = None) -> tuple[date, ...]:
    """Return the due dates of a term of whole months; the last is the maturity `add_months(start_on, months)`.

    Args:
        start_on: the day of the drawdown.
        months: the term, 1 to 600.
        day: settlement day (结息日) of the month, 1 to 31, clipped to the month's end; None means the day of
            the drawdown. A settlement day of its own makes a short first and a short last period, so there
            are `months` or `months + 1` dates.

    Raises:
        UsageError: months or day out of range.
    """
    if not isinstance(months, int) or not 1 <= months <= MAX_MONTHS:
        raise UsageError(f"term of {months!r} months is out of range; give 1 to {MAX_MONTHS} whole months")
    maturity = add_months(start_on, months)
    if day is None:
        return _anchored(start_on, months)
    if not isinstance(day, int) or not 1 <= day <= 31:
        raise UsageError(f"settlement day {day!r} is out of range; give 1 to 31")
    settlements = (settlement_in_month(start_on, number, day) for number in range(months + 1))
    return (*(due_on for due_on in settlements if start_on < due_on < maturity), maturity)


def _anchored(start_on: date, months: int) -> tuple[date, ...]:
    """`add_months` of 1, 2, 3 ...; most schedules are made of these, so a day that every month has goes fast."""
    if start_on.day > 28:
        return tuple(add_months(start_on, number) for number in range(1, months + 1))
    day, first = start_on.day, start_on.year * 12 + start_on.month
    return tuple([date(at // 12, at % 12 + 1, day) for at in range(first, first + months)])


def settlement_in_month(start_on: date, months: int, day: int) -> date:
    """Return the settlement day of the calendar month that lies `months` after the start's month.

    Raises:
        UsageError: the result lies outside the years 1 to 9999.
    """
    year, month = divmod(start_on.year * 12 + start_on.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise UsageError(f"{months} months from {start_on} leave the years 1 to 9999; give a nearer date")
    return month_day(year, month + 1, day)


def civil_day(instant_utc: datetime, zone: str) -> int:
    """Return the civil day number (days since 1970-01-01) of an instant in a time zone.

    Raises:
        UsageError: a naive instant, or a zone that the IANA data base does not know.
    """
    if instant_utc.tzinfo is None:
        raise UsageError(f"instant {instant_utc} has no time zone; read it in its source's zone first")
    try:
        local = instant_utc.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"time zone {zone!r} is unknown; use an IANA name such as Asia/Shanghai") from error
    return local.toordinal() - _EPOCH


def day_to_date(day: int) -> date:
    """Turn a civil day number (days since 1970-01-01) into a date."""
    return date.fromordinal(day + _EPOCH)


def date_to_day(on: date) -> int:
    """Turn a date into its civil day number (days since 1970-01-01)."""
    return on.toordinal() - _EPOCH


class Convention(StrEnum):
    """What happens to a due date on a non-business day (ISDA Definitions 2006, section 4.12)."""

    NONE = "none"
    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified_following"
    PRECEDING = "preceding"


@dataclass(frozen=True)
class BusinessCalendar:
    """Public holidays and make-up workdays of whole years; other days follow the week (Saturday, Sunday off).

    A date outside `first` to `last` is refused: a holiday that nobody has announced yet cannot be known.
    """

    holidays: frozenset[date]
    workdays: frozenset[date]
    first: date
    last: date

    @classmethod
    def from_rows(cls, rows: Iterable[dict[str, str]]) -> "BusinessCalendar":
        """Build from rows with `date` (ISO) and `kind` (holiday or workday); it covers their whole years.

        Raises:
            UsageError: no rows, an unknown kind, a bad or repeated date, or a year missing in between.
        """
        kinds: dict[date, str] = {}
        for row in rows:
            try:
                on = date.fromisoformat(row["date"])
            except ValueError as error:
                raise UsageError(f"holiday table: date {row['date']!r} is not YYYY-MM-DD") from error
            if row["kind"] not in ("holiday", "workday") or on in kinds:
                raise UsageError(f"holiday table: {on} is repeated, or kind {row['kind']!r} is unknown")
            kinds[on] = row["kind"]
        years = sorted({on.year for on in kinds})
        if not years or years[-1] - years[0] + 1 != len(years):
            raise UsageError(f"holiday table: years {years} have a gap or are empty; give each year's rows")
        return cls(
            holidays=frozenset(on for on, kind in kinds.items() if kind == "holiday"),
            workdays=frozenset(on for on, kind in kinds.items() if kind == "workday"),
            first=date(years[0], 1, 1),
            last=date(years[-1], 12, 31),
        )

    def is_business_day(self, on: date) -> bool:
        """Tell whether the day is worked.

        Raises:
            UsageError: the date lies outside the table's coverage.
        """
        if not self.first <= on <= self.last:
            raise UsageError(
                f"{on} is outside the holiday table ({self.first} to {self.last}); "
                "add the year's official notice to the table, or use the convention 'none'"
            )
        return on in self.workdays or (on not in self.holidays and on.weekday() < 5)

    def adjust(self, on: date, convention: Convention) -> date:
        """Move a non-business day by the convention; a business day stays. Errors as in `is_business_day`."""
        match Convention(convention):
            case Convention.NONE:
                return on
            case Convention.FOLLOWING:
                return self._roll(on, _ONE_DAY)
            case Convention.PRECEDING:
                return self._roll(on, -_ONE_DAY)
            case Convention.MODIFIED_FOLLOWING:
                moved = self._roll(on, _ONE_DAY)
                return moved if moved.month == on.month else self._roll(on, -_ONE_DAY)

    def _roll(self, on: date, step: timedelta) -> date:
        while not self.is_business_day(on):
            on += step
        return on


@cache
def china_calendar() -> BusinessCalendar:
    """Return China's official calendar from `holidays_cn.csv`; each row there names its State Council notice."""
    table = (files("suixin") / "holidays_cn.csv").read_text(encoding="utf-8")
    return BusinessCalendar.from_rows(csv.DictReader(table.splitlines()))


def adjust(on: date, convention: Convention, calendar: BusinessCalendar | None = None) -> date:
    """Move a due date off a non-business day; without a calendar, by China's official one."""
    return (calendar or china_calendar()).adjust(on, convention)
