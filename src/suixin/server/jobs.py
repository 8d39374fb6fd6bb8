"""What runs by itself for the house's books, as the tables tell it: ends of days, and which of them are late."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from suixin.server import evening
from suixin.server.ledger.models import Book
from suixin.server.origination.models import Desk
from suixin.server.servicing.models import DayEnd

LATEST_CLOCK = time(11, 59)
"""The table does not say at what time a house ends its days. At noon every clock that can be set has struck: those of the
afternoon and evening on the day itself, those of the small hours on the next one."""
LATE, STOPPED, RUNNING, ON_TIME, OWN_DATE = "late", "stopped", "running", "on_time", "own_date"


@dataclass(frozen=True, slots=True)
class Standing:
    """A book with loans: the day that is ended next, its last finished end, what runs, and how many days are missing.

    A demonstration's book lives on a date of its own, `own_date`, once it is further behind than the evening ever catches up
    by itself: there no day is missing until a person ends one. Of any other book that is an alarm.
    """

    book: Book
    next_on: date
    last: DayEnd | None
    running: DayEnd | None
    days_late: int
    why: str
    own_date: bool = False

    @property
    def state(self) -> str:
        """'stopped' where a person must look first, 'late' where a day is missing, 'running', 'own_date', else 'on_time'."""
        if self.why:
            return STOPPED
        if self.days_late:
            return LATE
        if self.running:
            return RUNNING
        return OWN_DATE if self.own_date else ON_TIME


def standings(at: datetime) -> list[Standing]:
    """Every book with loans of the current organisation, by code."""
    due = evening.last_day(at, LATEST_CLOCK)
    shown = set(Desk.objects.filter(demo=True).values_list("book_id", flat=True))
    books = Book.objects.filter(serviced=True).order_by("code")
    return [_standing(book, due, is_shown=book.pk in shown) for book in books]


def _standing(book: Book, due: date, *, is_shown: bool) -> Standing:
    ends = DayEnd.objects.filter(book_id=book.pk)
    day = evening.next_day(book)
    why = evening.held_up(book, day, due) if day <= due else _differs(ends)
    own_date = is_shown and why == evening.TOO_MANY
    return Standing(
        book,
        day,
        ends.filter(finished_at__isnull=False).order_by("-day").first(),
        ends.filter(finished_at=None).first(),
        0 if own_date else max(0, (due - day).days + 1),
        "" if own_date else why,
        own_date,
    )


def _differs(ends: "QuerySet[DayEnd]") -> str:
    last = ends.filter(finished_at__isnull=False).order_by("-day").first()
    return evening.DIFFER if last is not None and last.counts.get("broken") else ""


def took(end: DayEnd) -> timedelta | None:
    """How long the end of a day took, from its first step to its last, with what stood between if it stopped half-way."""
    return None if end.finished_at is None else end.finished_at - end.began_at


ENDS = {
    "running": Q(finished_at=None),
    "differs": Q(finished_at__isnull=False, counts__broken__gt=0),
    "done": Q(finished_at__isnull=False) & ~Q(counts__broken__gt=0),
}
"""What may be asked of ends of days: one runs or stopped half-way, loans and ledger differ after it, or all is well."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the ends of days: a book's code, a state of `ENDS`, the days, both included; '' or None for all."""

    book: str = ""
    state: str = ""
    from_on: date | None = None
    to_on: date | None = None


def ends_of_days(wanted: Wanted) -> QuerySet[DayEnd]:
    """The ends of days that are wanted, the latest first."""
    found = DayEnd.objects.select_related("book").order_by("-day", "-id")
    if wanted.state:
        found = found.filter(ENDS[wanted.state])
    asked = {"book__code": wanted.book, "day__gte": wanted.from_on, "day__lte": wanted.to_on}
    return found.filter(**{name: value for name, value in asked.items() if value})
