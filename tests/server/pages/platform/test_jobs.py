"""The jobs page: what ran, how long it took, and an alarm when the end of a day is late."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from counter import text_of
from house import AT
from python_calamine import CalamineWorkbook
from screens import Screens

from suixin.server import jobs, tenancy
from suixin.server.identity.roles import Role
from suixin.server.origination.models import Desk
from suixin.server.outbox.actions.write import News, write
from suixin.server.servicing.models import DayEnd

NOON = datetime(2026, 1, 6, 4, 0, tzinfo=UTC)  # twelve o'clock of the day after the book's, Chinese time


@pytest.fixture
def lender(sqlite):
    """A book whose business date is 5 January 2026, with a loan."""
    made = Screens()
    made.lend("L1")
    return made


def standing(lender, at):
    with tenancy.within(lender.organisation.pk):
        (found,) = jobs.standings(at)
    return found.state, found.days_late, found.next_on


def test_the_end_of_a_day_is_late_from_noon_of_the_next(lender):
    """Whatever clock the house has set; a day that ended is no longer missing."""
    day = lender.day
    assert standing(lender, NOON - timedelta(minutes=2)) == ("on_time", 0, day)
    assert standing(lender, NOON) == ("late", 1, day)
    assert standing(lender, NOON + timedelta(days=3)) == ("late", 4, day)
    lender.end()
    assert standing(lender, NOON) == ("on_time", 0, day + timedelta(days=1))


def test_a_day_that_stopped_and_one_that_differs_are_told(lender):
    """What runs is named with its step; where loans and ledger differ a person must look."""
    lender.end()
    with tenancy.within(lender.organisation.pk):
        DayEnd.objects.create(book=lender.book, day=lender.day, step="accrue", began_at=AT)
    assert standing(lender, NOON)[0] == "running"
    with tenancy.within(lender.organisation.pk):
        DayEnd.objects.filter(finished_at=None).update(finished_at=AT, counts={"broken": 2})
    assert standing(lender, NOON)[0] == "stopped"


def test_ends_of_days_are_asked_for_by_how_they_ended(database):
    """One that runs, one after which loans and ledger differ, one that is well; of a book and of its days."""
    made = Screens()
    with tenancy.within(made.organisation.pk):
        for day, more in enumerate(({}, {"broken": 2}, {"broken": 0}), 1):
            ended = AT if more else None
            DayEnd(
                book=made.book, day=date(2026, 1, day), step="x", began_at=AT, finished_at=ended, counts=more
            ).save()
        found = {
            state: [one.day.day for one in jobs.ends_of_days(jobs.Wanted(state=state))] for state in jobs.ENDS
        }
        assert found == {"running": [1], "differs": [2], "done": [3]}
        span = jobs.Wanted(book="main", from_on=date(2026, 1, 2), to_on=date(2026, 1, 3))
        assert [one.day.day for one in jobs.ends_of_days(span)] == [3, 2]
        assert not jobs.ends_of_days(jobs.Wanted(book="other"))


def test_a_demonstration_stands_on_its_own_date_and_no_other_book_does(lender):
    """Behind by less than the evening catches up with it is late like any; its differences are told all the same."""
    day = lender.day
    long_ago = NOON + timedelta(days=39)
    assert standing(lender, long_ago) == ("stopped", 40, day)
    with tenancy.within(lender.organisation.pk):
        Desk.objects.update_or_create(defaults={"book": lender.book, "lake": "/nowhere", "demo": True})
    assert standing(lender, NOON + timedelta(days=38)) == ("late", 39, day)
    assert standing(lender, long_ago) == ("own_date", 0, day)
    lender.end()
    assert standing(lender, long_ago + timedelta(days=1)) == ("own_date", 0, day + timedelta(days=1))
    with tenancy.within(lender.organisation.pk):
        DayEnd.objects.update(counts={"broken": 2})
    assert standing(lender, long_ago + timedelta(days=1))[0] == "stopped"


def test_the_page_of_a_demonstration_sounds_no_alarm(lender, monkeypatch):
    """And says who moves its date."""
    with tenancy.within(lender.organisation.pk):
        Desk.objects.update_or_create(defaults={"book": lender.book, "lake": "/nowhere", "demo": True})
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON + timedelta(days=300))
    answer = lender.client(Role.ADMINISTRATOR, lang="en").get("/platform/jobs")
    assert answer.context["alarms"] == []
    page = text_of(answer)
    assert "a demonstration's own date" in page
    assert "which a person moves by suixin eod run" in page


def test_the_page_tells_what_ran_and_sounds_the_alarm(lender, monkeypatch):
    """Runs with their seconds, messages that wait with the oldest; the auditor takes the runs away as a workbook."""
    lender.end()
    with tenancy.within(lender.organisation.pk):
        DayEnd.objects.update(began_at=AT, finished_at=AT + timedelta(seconds=90))
        write([News("t", "k", {})], at=AT)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON + timedelta(days=1))
    page = text_of(lender.client(Role.ADMINISTRATOR, lang="en").get("/platform/jobs"))
    assert "late book main: 1 end of day is missing, the next is" in page
    assert "the oldest was written on" in page
    auditor = lender.client(Role.AUDITOR)
    text = text_of(auditor.get("/platform/jobs"))
    assert "日终逾期 账簿 main：缺 1 天日终" in text
    assert "90.0" in text
    for state, count in (("running", 0), ("differs", 0), ("done", 1)):
        assert len(auditor.get(f"/platform/jobs?state={state}").context["ends"]) == count
    book = CalamineWorkbook.from_filelike(io.BytesIO(auditor.get("/platform/jobs.xlsx").content))
    row = book.get_sheet_by_index(0).to_python()[1]
    assert (row[0], row[3], row[6]) == ("main", 90.0, 0.0)
    assert lender.client(Role.OPERATOR).get("/platform/jobs").status_code == 403
