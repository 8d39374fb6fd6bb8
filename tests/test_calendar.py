from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.calendar import (
    BusinessCalendar,
    Convention,
    DayCount,
    add_months,
    adjust,
    china_calendar,
    civil_day,
    date_to_day,
    day_to_date,
    due_dates,
)
from suixin.errors import UsageError

DATES = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("count", "start", "end", "fraction"),
    [
        (DayCount.ACT_360, date(2025, 3, 15), date(2025, 10, 20), Fraction(219, 360)),
        (DayCount.ACT_365, date(2025, 3, 15), date(2025, 10, 20), Fraction(219, 365)),
        (DayCount.THIRTY_360, date(2025, 3, 15), date(2025, 10, 20), Fraction(215, 360)),
        # ISDA, 'EMU and market conventions: recent developments' (1998), 1 Nov 2003 to 1 May 2004
        (DayCount.ACT_ACT, date(2003, 11, 1), date(2004, 5, 1), Fraction(61, 365) + Fraction(121, 366)),
        (DayCount.ACT_ACT, date(1999, 2, 1), date(1999, 7, 1), Fraction(150, 365)),
        (DayCount.ACT_ACT, date(2023, 7, 1), date(2026, 7, 1), Fraction(184, 365) + 2 + Fraction(181, 365)),
        # bond basis: the 31st counts as the 30th only after a 30th or 31st
        (DayCount.THIRTY_360, date(2025, 1, 31), date(2025, 3, 31), Fraction(60, 360)),
        (DayCount.THIRTY_360, date(2025, 1, 29), date(2025, 3, 31), Fraction(62, 360)),
        (DayCount.THIRTY_360, date(2025, 2, 28), date(2025, 3, 31), Fraction(33, 360)),
    ],
)
def test_year_fraction(count, start, end, fraction):
    """Protects interest on broken periods: each convention gives its textbook fraction exactly."""
    assert count.year_fraction(start, end) == fraction


@given(DATES, DATES, DATES)
def test_actual_day_counts_add_up(one, two, three):
    """Protects against days counted twice or lost where a period is cut in two."""
    start, middle, end = sorted((one, two, three))
    for count in (DayCount.ACT_360, DayCount.ACT_365, DayCount.ACT_ACT):
        assert count.days(start, end) == count.days(start, middle) + count.days(middle, end)
        parts = count.year_fraction(start, middle) + count.year_fraction(middle, end)
        assert count.year_fraction(start, end) == parts


@given(DATES, st.integers(1, 30))
def test_whole_years_are_whole(start, years):
    """Protects annual identities: whole years are whole under ACT/ACT within a calendar year, and 30/360."""
    new_year = date(start.year, 1, 1)
    assert DayCount.ACT_ACT.year_fraction(new_year, add_months(new_year, 12 * years)) == years
    safe = start.replace(day=min(start.day, 28))
    assert DayCount.THIRTY_360.year_fraction(safe, add_months(safe, 12 * years)) == years


def test_day_count_refuses_a_reversed_period():
    """Protects against negative interest from swapped dates."""
    with pytest.raises(UsageError, match="swap the dates"):
        DayCount.ACT_360.days(date(2025, 1, 2), date(2025, 1, 1))


def test_month_ends_stay_anchored():
    """Protects the contract day: 31 January runs 28, 31, 30, 31 and finds the 29th in a leap year."""
    anchor = date(2025, 1, 31)
    assert [add_months(anchor, k).day for k in range(1, 5)] == [28, 31, 30, 31]
    assert add_months(anchor, 37) == date(2028, 2, 29)
    assert add_months(anchor, -2) == date(2024, 11, 30)
    assert add_months(date(1900, 1, 31), 1) == date(1900, 2, 28)  # a century is no leap year


@given(DATES, st.integers(-200, 200))
def test_add_months_keeps_month_and_day(anchor, months):
    """Protects due dates: always the right month, and the contract day unless the month is shorter."""
    later = add_months(anchor, months)
    assert later.year * 12 + later.month == anchor.year * 12 + anchor.month + months
    assert later.day == anchor.day or (later.day < anchor.day and (later + timedelta(days=1)).day == 1)


def test_add_months_refuses_to_leave_the_calendar():
    """Protects against a traceback from an absurd date."""
    with pytest.raises(UsageError, match="nearer date"):
        add_months(date(9999, 12, 1), 1)


def test_due_dates_on_a_settlement_day():
    """Protects the short first and last period of a settlement day: from the 15th, each 20th, matured on the 15th."""
    dates = due_dates(date(2025, 3, 15), 3, 20)
    assert dates == (date(2025, 3, 20), date(2025, 4, 20), date(2025, 5, 20), date(2025, 6, 15))
    assert due_dates(date(2025, 3, 20), 2, 20) == (date(2025, 4, 20), date(2025, 5, 20))
    assert due_dates(date(2025, 4, 30), 2, 31) == (date(2025, 5, 31), date(2025, 6, 30))


@given(DATES, st.integers(1, 60), st.none() | st.integers(1, 31))
def test_due_dates_increase_to_the_maturity(start, months, day):
    """Protects reliability 10: strictly increasing dates after the start, the last one the maturity."""
    dates = due_dates(start, months, day)
    assert all(one < two for one, two in zip((start, *dates), dates, strict=False))
    assert dates[-1] == add_months(start, months)
    assert len(dates) in ((months,) if day is None else (months, months + 1))


@pytest.mark.parametrize(
    ("months", "day"),
    [
        (0, None),  # no term
        (-1, None),  # negative term
        (601, None),  # beyond 50 years
        (12.0, None),  # a float
        (12, 0),  # no such day
        (12, 32),  # no such day
    ],
)
def test_due_dates_refuse(months, day):
    """Protects terms from values that cannot be meant."""
    with pytest.raises(UsageError, match="out of range"):
        due_dates(date(2025, 1, 1), months, day)


def test_civil_day_is_the_local_day():
    """Protects the lake's day number: an order late on 31 December UTC belongs to 1 January in Shanghai."""
    instant = datetime(2024, 12, 31, 16, 0, tzinfo=UTC)
    assert day_to_date(civil_day(instant, "Asia/Shanghai")) == date(2025, 1, 1)
    assert day_to_date(civil_day(instant - timedelta(seconds=1), "Asia/Shanghai")) == date(2024, 12, 31)
    assert day_to_date(civil_day(instant, "America/Sao_Paulo")) == date(2024, 12, 31)
    same = instant.astimezone(timezone(timedelta(hours=-5)))
    assert civil_day(same, "Asia/Shanghai") == civil_day(instant, "Asia/Shanghai")


def test_civil_day_epoch():
    """Protects the numbering, which files on disk rest on: 1970-01-01 is day 0."""
    assert civil_day(datetime(1970, 1, 1, tzinfo=UTC), "UTC") == 0
    assert date_to_day(date(2025, 3, 15)) == 20_162  # date -d 2025-03-15 +%s / 86400


@given(DATES)
def test_day_numbers_round_trip(on):
    """Protects joins between dates and day numbers."""
    assert day_to_date(date_to_day(on)) == on


@pytest.mark.parametrize(
    ("instant", "zone", "message"),
    [
        (datetime(2025, 1, 1), "Asia/Shanghai", "no time zone"),  # noqa: DTZ001  naive: its zone is unknown
        (datetime(2025, 1, 1, tzinfo=UTC), "Asia/Jinan", "unknown"),  # no IANA name
        (datetime(2025, 1, 1, tzinfo=UTC), "", "unknown"),  # empty setting
        (datetime(2025, 1, 1, tzinfo=UTC), "../etc/passwd", "unknown"),  # a path
    ],
)
def test_civil_day_refuses(instant, zone, message):
    """Protects against days that depend on the machine's own zone."""
    with pytest.raises(UsageError, match=message):
        civil_day(instant, zone)


@pytest.mark.parametrize(
    ("year", "off", "made_up"),
    # Days off and make-up workdays of the notices; days off = the sum of the holidays' stated lengths.
    [
        (2024, 1 + 8 + 3 + 5 + 1 + 3 + 7, 8),
        (2025, 1 + 8 + 3 + 5 + 3 + 8, 5),
        (2026, 3 + 9 + 3 + 5 + 3 + 3 + 7, 6),
    ],
)
def test_holiday_table_matches_the_notices(year, off, made_up):
    """Protects the data: as many days off and make-up days as the State Council's notice of the year states."""
    calendar = china_calendar()
    assert sum(on.year == year for on in calendar.holidays) == off
    workdays = [on for on in calendar.workdays if on.year == year]
    assert len(workdays) == made_up
    assert all(on.weekday() >= 5 for on in workdays)  # only a weekend can be made up


@pytest.mark.parametrize(("year", "statutory"), [(2024, 11), (2025, 13), (2026, 13)])
def test_working_days_of_a_year(year, statutory):
    """Protects the table as a whole: a year's working days are its weekdays less the statutory holidays.

    Make-up workdays only move rest days, so the sum must come out whatever the notice moved. The statutory
    holidays are 11 a year, 13 from 2025 (全国年节及纪念日放假办法, as amended in November 2024).
    """
    first = date(year, 1, 1)
    days = [first + timedelta(days=k) for k in range((date(year + 1, 1, 1) - first).days)]
    weekends = sum(on.weekday() >= 5 for on in days)
    assert sum(map(china_calendar().is_business_day, days)) == len(days) - weekends - statutory


@pytest.mark.parametrize(
    ("on", "convention", "moved"),
    [
        (date(2025, 10, 1), Convention.FOLLOWING, date(2025, 10, 9)),  # National Day and Mid-Autumn together
        (date(2025, 10, 1), Convention.PRECEDING, date(2025, 9, 30)),
        (date(2025, 9, 28), Convention.FOLLOWING, date(2025, 9, 28)),  # a made-up Sunday is worked
        (date(2025, 5, 31), Convention.FOLLOWING, date(2025, 6, 3)),
        (date(2025, 5, 31), Convention.MODIFIED_FOLLOWING, date(2025, 5, 30)),  # never into the next month
        (date(2025, 5, 31), Convention.NONE, date(2025, 5, 31)),
        (date(2031, 5, 31), Convention.NONE, date(2031, 5, 31)),  # no table needed
        (date(2025, 3, 14), Convention.MODIFIED_FOLLOWING, date(2025, 3, 14)),
    ],
)
def test_adjust(on, convention, moved):
    """Protects due dates on non-business days by each contract setting."""
    assert adjust(on, convention) == moved


@pytest.mark.parametrize("on", [date(2023, 12, 29), date(2027, 1, 1)])  # before and after the table
def test_dates_outside_the_table_are_refused(on):
    """Protects against guessing holidays that nobody has announced."""
    with pytest.raises(UsageError, match="outside the holiday table"):
        adjust(on, Convention.FOLLOWING)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "empty"),  # no table
        ([{"date": "2025/01/01", "kind": "holiday"}], "not YYYY-MM-DD"),
        ([{"date": "2025-01-01", "kind": "Holiday"}], "unknown"),  # a misspelt kind
        ([{"date": "2025-01-01", "kind": "holiday"}] * 2, "repeated"),
        ([{"date": "2024-01-01", "kind": "holiday"}, {"date": "2026-01-01", "kind": "holiday"}], "gap"),
    ],
)
def test_a_bad_holiday_table_is_refused(rows, message):
    """Protects lenders who bring their own table."""
    with pytest.raises(UsageError, match=message):
        BusinessCalendar.from_rows(rows)
