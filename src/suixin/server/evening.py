"""The evening: every book's days are ended by themselves once it is time, by one process however many watch.

What was missed is caught up with, day by day; a day that stopped half-way goes on. Where loans and ledger differ after a
day, or more days are missing than somebody can have forgotten, nothing more is done by itself: a person looks first.
"""

import logging
import time as clocks
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import DatabaseError
from django.utils import timezone

from suixin.calendar import CIVIL_ZONE
from suixin.errors import SuixinError
from suixin.lending.lpr import LprTable
from suixin.server import console, locks, tenancy
from suixin.server.ledger.models import Book
from suixin.server.rounds import keep_on
from suixin.server.servicing.models import DayEnd
from suixin.server.telemetry import logs
from suixin.server.telemetry.house import banks

MOST_DAYS = 40
DIFFER, TOO_MANY = "loans and ledger differ", "too many days are missing"
_NOON = time(12)
_LOOK_EVERY = 20  # seconds
_TRY_AGAIN_AFTER = 300  # seconds after something went wrong
_logger = logging.getLogger("suixin.evening")


class Waiting(NamedTuple):
    """A book whose day is to be ended: the house, the book, the day, and why it has to wait for a person ('' if not)."""

    organisation: str
    book: str
    book_id: int
    day: date
    held_up: str


def last_day(at: datetime, clock: time) -> date:
    """The last day whose end is due: today's from a time in the afternoon on, else yesterday's from the small hours on.

    Args:
        at: now.
        clock: when days are ended, in the lender's zone; from noon on it is the same day's, before noon the day's before.
    """
    local = at.astimezone(ZoneInfo(CIVIL_ZONE))
    struck = local.date() if local.time() >= clock else local.date() - timedelta(days=1)
    return struck if clock >= _NOON else struck - timedelta(days=1)


def waiting(due: date) -> Iterator[Waiting]:
    """Every book with loans that has a day to end up to this one, with the first of its days."""
    for bank in banks():
        with tenancy.reading(bank.pk):
            found = [(book, next_day(book)) for book in Book.objects.filter(serviced=True).order_by("code")]
            late = [(book, day, held_up(book, day, due)) for book, day in found if day <= due]
        for book, day, why in late:
            yield Waiting(bank.code, book.code, book.pk, day, why)


def next_day(book: Book) -> date:
    """The day whose end stopped half-way, else the business date."""
    running = DayEnd.objects.filter(book_id=book.pk, finished_at=None).first()
    return running.day if running else book.business_on


def held_up(book: Book, day: date, due: date) -> str:
    """Why the day waits for a person; '' if it does not."""
    last = DayEnd.objects.filter(book_id=book.pk, finished_at__isnull=False).order_by("-day").first()
    if last is not None and last.counts.get("broken"):
        return DIFFER
    return TOO_MANY if (due - day).days + 1 >= MOST_DAYS else ""


def end_what_waits(
    at: datetime, clock: time, *, lpr: LprTable | None = None, key: Path | None = None, workers: int = 1
) -> list[Waiting]:
    """End every day that is due, of every book that no other process is at; what was ended.

    A book where something goes wrong is left for the next time, and the others go on.

    Args:
        at: now.
        clock: when days are ended.
        lpr: for loans whose rate is set anew.
        key: PEM of the private key that signs the chain's head, or None.
        workers: connections that close loans side by side.

    Raises:
        SuixinError, DatabaseError: the last thing that went wrong, once every book had its turn.
    """
    due, done, wrong = last_day(at, clock), [], None
    books = {one.book_id for one in waiting(due)}
    for book_id in sorted(books):
        with locks.alone(book_id) as got:
            while got and (one := next((late for late in waiting(due) if late.book_id == book_id), None)):
                if one.held_up:
                    _logger.error("a person must look", extra={"fields": _told(one) | {"why": one.held_up}})
                    break
                try:
                    _end(one, lpr, key, workers)
                except (SuixinError, DatabaseError) as error:
                    wrong = error
                    _logger.exception("the end of a day failed", extra={"fields": _told(one)})
                    break
                done.append(one)
    if wrong is not None:
        raise wrong
    return done


def _end(one: Waiting, lpr: LprTable | None, key: Path | None, workers: int) -> None:
    began = clocks.perf_counter()
    ended = console.end_days(
        one.organisation,
        one.book,
        one.day,
        one.day,
        lpr=lpr,
        key=key,
        workers=workers,
        progress=lambda *_: None,
    )
    for _, counts in ended:
        figures = {name: counts.get(name, 0) for name in ("closed", "transactions", "broken")}
        logs.note("end of day", **_told(one), **figures, seconds=round(clocks.perf_counter() - began, 1))


def _told(one: Waiting) -> dict[str, object]:
    return {"house": one.organisation, "book": one.book, "day": one.day}


def watch(
    clock: time,
    *,
    rates: Callable[[], LprTable | None],
    key: Path | None,
    workers: int,
    goes_on: Callable[[], bool],
) -> None:
    """Look every few seconds whether a day is to be ended, and end it, until told to stop.

    Args:
        clock: when days are ended.
        rates: reads the table of the LPR anew for each evening.
        key: as for `end_what_waits`.
        workers: the same.
        goes_on: whether to look once more.
    """
    keep_on(
        lambda: end_what_waits(timezone.now(), clock, lpr=rates(), key=key, workers=workers),
        every=_LOOK_EVERY,
        again_after=_TRY_AGAIN_AFTER,
        waits="the evening waits",
        goes_on=goes_on,
    )
