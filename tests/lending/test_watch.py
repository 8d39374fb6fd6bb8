"""Watch and upgrade: dates by hand, and what holds for any history."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.calendar import add_months
from suixin.errors import UsageError
from suixin.lending.class_rules import CN
from suixin.lending.watch import Kept, Watch, upgrade_on, watch

AT = CN.on(date(2026, 1, 1))
FIRST = date(2026, 1, 15)
MONTHS = [add_months(FIRST, number) for number in range(30)]
YEARLY = [Kept(on, on) for on in (date(2026, 10, 1), date(2027, 10, 1), date(2028, 10, 1))]
LATE = date(2030, 1, 1)


def kept(*missed):
    """Monthly dates, all kept but those named, which were paid ten days late."""
    return [Kept(on, on + timedelta(10) if on in missed else on) for on in MONTHS]


def test_a_watch_takes_a_year_from_the_first_date():
    """Protects the length: twelve months from the first due date of the changed contract, and not a day less."""
    over = date(2027, 1, 15)
    assert watch(kept(), over, AT) == Watch(FIRST, over)
    assert watch(kept(), over - timedelta(1), AT) == Watch(FIRST, None)


def test_a_watch_takes_two_dates():
    """Protects a loan with a date a year: the second one ends it."""
    assert watch(YEARLY, LATE, AT) == Watch(date(2026, 10, 1), date(2027, 10, 1))
    assert watch(YEARLY[:1], LATE, AT) == Watch(date(2026, 10, 1), None)


def test_a_missed_date_begins_the_watch_anew():
    """Protects the restart: from the date that was missed, another year."""
    missed = MONTHS[5]
    assert watch(kept(missed), LATE, AT) == Watch(missed, add_months(missed, 12))


def test_an_open_date_is_missed_once_it_has_passed():
    """Protects the day itself: on the due date it can still be paid, the day after it is missed."""
    dues = [Kept(FIRST, FIRST), Kept(MONTHS[1], None)]
    assert watch(dues, MONTHS[1], AT).since_on == FIRST
    assert watch(dues, MONTHS[1] + timedelta(1), AT).since_on == MONTHS[1]
    assert watch((), LATE, AT) == Watch(None, None)


def test_an_upgrade_takes_the_longer_of_both():
    """Protects 'whichever is longer': six months of monthly dates, or two dates a year apart."""
    cured = date(2026, 1, 20)
    assert upgrade_on(cured, kept(), LATE, AT) == date(2026, 7, 20)
    assert upgrade_on(cured, kept(), date(2026, 7, 19), AT) is None
    assert upgrade_on(cured, YEARLY, LATE, AT) == date(2027, 10, 1)


def test_a_date_missed_after_the_cure_is_a_new_cure():
    """Protects the restart: it counts from the day on which the missed date was paid, and not while it is open."""
    cured, missed = date(2026, 1, 20), MONTHS[3]
    assert upgrade_on(cured, kept(missed), LATE, AT) == add_months(missed + timedelta(10), 6)
    dues = [*kept()[:3], Kept(MONTHS[3], None), *kept()[4:]]
    assert upgrade_on(cured, dues, LATE, AT) is None


def test_dates_out_of_order_are_refused():
    """Protects the entry."""
    with pytest.raises(UsageError, match="out of order"):
        watch(YEARLY[::-1], LATE, AT)


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(0, 1200))
def test_any_watch_that_is_over_was_kept(good, days):
    """Protects the rule on any history: in the watch every date was kept, there were two, and it took a year."""
    dues = [Kept(on, on if paid else None) for on, paid in zip(MONTHS, good, strict=False)]
    as_of = FIRST + timedelta(days)
    since, over = watch(dues, as_of, AT)
    if over is not None:
        assert add_months(since, 12) <= over <= as_of
        inside = [due for due in dues if since <= due.due_on <= over]
        assert sum(due.paid_on is not None for due in inside) >= 2
        assert all(due.paid_on is not None for due in inside[1:])
        assert watch(dues, as_of + timedelta(40), AT).over_on == over
