"""Days end by themselves: each once, in order, whoever watches; and not where a person must look first."""

import sys
import time as clocks
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.sessions.models import Session
from house import in_threads
from lender import DAY, Lender
from telemetry_lines import lines

from suixin.errors import LendingError, UsageError
from suixin.lending.lpr import LprTable, Reprice
from suixin.lending.schedule import Method
from suixin.server import evening, locks, supervising, tenancy
from suixin.server.identity import throttle
from suixin.server.identity.models import Tries
from suixin.server.ledger.models import Book
from suixin.server.servicing.actions.end_day import end_day
from suixin.server.servicing.models import DayEnd
from suixin.server.servicing.repricing import Floats

CHINA = ZoneInfo("Asia/Shanghai")
LATE, EARLY = time(22, 30), time(0, 30)


def at(day, hour, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("moment", "clock", "due"),
    [
        (at(DAY, 22, 29), LATE, DAY - timedelta(days=1)),
        (at(DAY, 22, 30), LATE, DAY),
        (at(DAY, 0, 29), EARLY, DAY - timedelta(days=2)),
        (at(DAY, 0, 30), EARLY, DAY - timedelta(days=1)),
        (at(DAY, 12), time(12), DAY),
    ],
)
def test_a_day_is_due_once_its_hour_has_struck(moment, clock, due):
    """In the lender's zone, wherever the machine stands."""
    assert evening.last_day(moment, clock) == due
    assert evening.last_day(moment.astimezone(ZoneInfo("America/Lima")), clock) == due


def lender(code="rural"):
    """A bank that has paid a loan out."""
    made = Lender(code)
    contract = made.contract()
    made.accepted(contract)
    made.disburse("L1", contract.terms.principal_fen)
    return made


def ended(made):
    with tenancy.within(made.organisation.pk):
        rows = DayEnd.objects.filter(book_id=made.book.pk).order_by("day")
        return [(row.day, row.finished_at is not None) for row in rows]


def business_on(made):
    with tenancy.within(made.organisation.pk):
        return Book.objects.get(pk=made.book.pk).business_on


def test_what_is_due_is_ended_day_by_day_and_once(database):
    """Three missed days of one bank; a bank without loans keeps its date, which its people move."""
    made, idle = lender(), Lender("idle")
    days = [DAY + timedelta(days=number) for number in range(3)]
    evening_of = at(days[2], 23)
    left_behind(days[0])
    with lines() as found:
        done = evening.end_what_waits(evening_of, LATE)
    assert [(one.organisation, one.book, one.day) for one in done] == [("rural", "main", day) for day in days]
    assert evening.end_what_waits(evening_of, LATE) == []
    assert ended(made) == [(day, True) for day in days]
    assert (business_on(made), business_on(idle)) == (date(2026, 1, 8), DAY)
    assert sum('"event":"end of day"' in line for line in found) == 3
    assert (Session.objects.count(), Tries.objects.count()) == (0, 0)


def left_behind(day):
    """A session that is over and a try that is forgotten: the evening takes both away."""
    Session.objects.create(session_key="k", session_data="", expire_date=at(day, 1))
    throttle.begun([throttle.account("wang")], at(day, 1))


def test_two_servers_end_a_day_once(postgresql):
    """While one is at a book the other leaves it alone."""
    made = lender()
    together = in_threads(2, lambda _: evening.end_what_waits(at(DAY, 23), LATE))
    assert sorted(len(done) for done in together) == [0, 1]
    assert ended(made) == [(DAY, True)]


def test_who_holds_a_book_holds_it_alone(sqlite):
    """A file beside the database, which the kernel lets go when its holder dies."""
    made = lender()
    with locks.alone(made.book.pk) as first, locks.alone(made.book.pk) as second:
        assert (first, second) == (True, False)
        assert evening.end_what_waits(at(DAY, 23), LATE) == []
    with locks.alone(made.book.pk) as again:
        assert again


def test_a_day_that_stopped_half_way_goes_on(database):
    """The date has turned already; its end is finished before the next day's."""

    class StoppedError(UsageError):
        pass

    def stop(step, done, total):
        if step == "tie":
            raise StoppedError("the light went out")

    made = lender()
    with pytest.raises(StoppedError):
        end_day(made.book, DAY, by=made.program, at=at(DAY, 23), progress=stop)
    assert ended(made) == [(DAY, False)]
    done = evening.end_what_waits(at(DAY + timedelta(days=1), 23), LATE)
    assert [one.day for one in done] == [DAY, DAY + timedelta(days=1)]
    assert ended(made) == [(DAY, True), (DAY + timedelta(days=1), True)]


def test_where_a_person_must_look_nothing_goes_on_by_itself(sqlite):
    """Loans and ledger differ, or the book stands still for longer than anybody can have forgotten; another bank goes on."""
    broken, other = lender(), lender("other")
    evening.end_what_waits(at(DAY, 23), LATE)
    with tenancy.within(broken.organisation.pk):
        row = DayEnd.objects.get()
        row.counts["broken"] = 1
        row.save(update_fields=["counts"])
    with lines() as found:
        done = evening.end_what_waits(at(DAY + timedelta(days=1), 23), LATE)
    assert [one.organisation for one in done] == ["other"]
    assert sum('"why":"loans and ledger differ"' in line for line in found) == 1
    with lines() as found:
        assert evening.end_what_waits(at(DAY + timedelta(days=42), 23), LATE) == []
    assert sum('"why":"too many days are missing"' in line for line in found) == 1
    assert business_on(other) == DAY + timedelta(days=2)


@pytest.mark.parametrize(("missing", "why"), [(39, ""), (40, "too many days are missing")])
def test_forty_missing_days_wait_for_a_person(sqlite, missing, why):
    """The first missing day and the last one are counted, both."""
    lender()
    (one,) = evening.waiting(DAY + timedelta(days=missing - 1))
    assert (one.day, one.held_up) == (DAY, why)


def test_a_book_that_fails_does_not_keep_the_others_waiting(sqlite):
    """The first one's rate is set anew and nobody gave the LPR: it is told and goes on later; the second one's day is ended."""
    eve = date(2025, 12, 31)
    first, other = Lender("a", opened_on=eve), Lender("b", opened_on=eve)
    for made, more in ((first, {"floats": Floats(Reprice.NEW_YEAR, 100, 12)}), (other, {})):
        contract = made.contract(method=Method.INTEREST_FIRST)
        made.accepted(contract, **more)
        made.disburse("L1", contract.terms.principal_fen)
    with lines() as found, pytest.raises(LendingError, match="give the table of the LPR"):
        evening.end_what_waits(at(eve, 23), LATE)
    assert (ended(first), ended(other)) == ([(eve, False)], [(eve, True)])
    assert sum('"error":"LendingError"' in line for line in found) == 1
    rates = LprTable.from_rows([{"published_on": "2025-12-20", "one_year": "3%", "five_years": "3.5%"}])
    assert [one.organisation for one in evening.end_what_waits(at(eve, 23), LATE, lpr=rates)] == ["a"]


def test_a_watch_looks_until_it_is_told_to_stop(sqlite):
    """The clock of the machine says what is due; a book of last week is caught up with."""
    made = lender()
    with tenancy.within(made.organisation.pk):
        Book.objects.filter(pk=made.book.pk).update(
            business_on=datetime.now(CHINA).date() - timedelta(days=60)
        )
    turns = iter([True, False])
    with lines() as found:
        evening.watch(LATE, rates=lambda: None, key=None, workers=1, goes_on=lambda: next(turns))
    assert sum('"why":"too many days are missing"' in line for line in found) == 1


CHILD = "import sys, time; open(sys.argv[1], 'a').write('x'); time.sleep(float(sys.argv[2]))"


@pytest.mark.parametrize(("lives", "starts"), [("0", 2), ("60", 1)])
def test_a_child_is_started_again_and_ends_with_its_house(tmp_path, lives, starts):
    """One that dies at once is there again; one that lives is ended when the server is."""
    seen = tmp_path / "starts"
    with supervising.kept_running([sys.executable, "-c", CHILD, str(seen), lives], pause=0.05):
        for _ in range(200):
            if seen.exists() and len(seen.read_text()) >= starts:
                break
            clocks.sleep(0.05)
    before = len(seen.read_text())
    assert before >= starts
    clocks.sleep(0.3)
    assert len(seen.read_text()) == before


def test_a_child_is_started_once_there_is_something_for_it_to_do(tmp_path):
    """Not before: a house without an endpoint pays for no postman."""
    seen, asked = tmp_path / "starts", []

    def wanted():
        asked.append(seen.exists())
        return len(asked) == 3

    command = [sys.executable, "-c", CHILD, str(seen), "60"]
    with supervising.kept_running(command, pause=0.05, wanted=wanted):
        for _ in range(200):
            if seen.exists():
                break
            clocks.sleep(0.05)
    assert (asked, seen.read_text()) == ([False, False, False], "x")
