"""End a book's day: sweep, close every loan's night, turn the date, open what falls due, tie the books.

Every step can be run again: transactions have keys, loans that were closed are not closed twice, and a step goes on
behind the last loan that it finished. How many loans a batch holds, and how many workers close them, changes nothing in
the journal.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from suixin.errors import BusinessDateError
from suixin.ledger.servicing import opened
from suixin.lending.lpr import LprTable
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries
from suixin.server.ledger.actions.advance import advance
from suixin.server.ledger.actions.post import post
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending, closing, collecting, repricing, tie
from suixin.server.servicing.actions.sweep import Swept, sweep
from suixin.server.servicing.models import DayEnd, Loan
from suixin.server.servicing.transitions import keep_month_end

_DAY = timedelta(days=1)
_ROUND = 4  # batches that a worker closes before it is written down how far the step has come
Progress = Callable[[str, int, int], None]
"""Told of a step's name, how many of its loans are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class _Run:
    """One end of one day."""

    book: Book
    day: date
    by: Actor
    at: datetime
    lpr: LprTable | None
    batch: int
    workers: int
    tell: Progress


def end_day(
    book: Book,
    day: date,
    *,
    by: Actor,
    at: datetime,
    lpr: LprTable | None = None,
    batch: int = 2_000,
    workers: int = 1,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """End the business date of a book, or go on where it stopped; a day that is over returns what its end did.

    Args:
        book: the lender's.
        day: its business date.
        by: the program.
        at: when.
        lpr: for loans whose rate is set anew on the next day.
        batch: loans a database transaction.
        workers: connections that close batches side by side; on SQLite, whose writers come one by one, it is one.
        progress: told how far a step has come.

    Returns:
        Counts of the steps, and `breaks`: where loans and ledger differ, which must be none.

    Raises:
        BusinessDateError: the book is at another day.
        AccessError: only the program ends a day.
    """
    by.require("lending.day.end", book)
    side_by_side = workers if connection.vendor == "postgresql" else 1
    run = _Run(book, day, by, at, lpr, batch, side_by_side, progress or (lambda *_: None))
    held = _held(book, day)
    if held is None:
        _judge_day(book, day)
        _begin(run, sweep(book, by=by, at=at))
    elif held.finished_at is not None:
        return dict(held.counts)
    steps = {"close": _close, "turn": _turn, "open": _open, "reprice": _reprice, "tie": _tie}
    step = "close" if held is None else held.step
    for name in list(steps)[list(steps).index(step) :]:
        steps[name](run)
    with tenancy.within(book.organisation_id):
        row = DayEnd.objects.get(book_id=book.pk, day=day)
        row.finished_at = at
        row.save(update_fields=["finished_at"])
        record(by, "lending.day.end", row, after=row.counts, at=at)
        return dict(row.counts)


def _held(book: Book, day: date) -> DayEnd | None:
    with tenancy.within(book.organisation_id):
        return DayEnd.objects.filter(book_id=book.pk, day=day).first()


def _judge_day(book: Book, day: date) -> None:
    """The day must be the book's, and no other's end half-done."""
    with tenancy.within(book.organisation_id):
        now = queries.day_of(book).business_on
        running = DayEnd.objects.filter(book_id=book.pk, finished_at=None).exclude(day=day).first()
        if now != day or running is not None:
            waiting = f"; finish the end of {running.day} first" if running else ""
            raise BusinessDateError(
                f"book {book.code} is at {now}, not {day}{waiting}",
                zh=f"账簿 {book.code} 的营业日期是 {now}，不是 {day}{f'；请先完成 {running.day} 的日终' if running else ''}",
            )


def _begin(run: _Run, swept: Swept) -> None:
    """From here on nothing else is written to the book's loans until the date has turned."""
    book = run.book
    with tenancy.within(book.organisation_id):
        locks.close_book(book.pk)
        _judge_day(book, run.day)
        row, new = DayEnd.objects.get_or_create(
            book=book,
            day=run.day,
            defaults={
                "organisation_id": book.organisation_id,
                "step": "close",
                "counts": {"swept": swept.paid, "unswept": swept.failed},
                "began_at": run.at,
            },
        )
        if new:
            record(run.by, "lending.day.end", row, after={"step": "close"}, at=run.at)


def _batches(run: _Run, step: str, size: int, **wanted: Any) -> Iterator[tuple[DayEnd, list[int]]]:
    """The ids of a step's loans behind the last one done, a database transaction a batch."""
    book = run.book
    done, total, ids = 0, 0, [0] * size
    while len(ids) == size:
        with tenancy.within(book.organisation_id):
            (row,) = locks.rows(DayEnd.objects.filter(book_id=book.pk, day=run.day))  # one at a time
            live = Loan.objects.filter(book_id=book.pk, is_live=True, id__gt=row.done_to, **wanted)
            total = total or live.count()
            ids = list(live.order_by("id").values_list("id", flat=True)[:size])
            if not ids:
                return
            yield row, ids
            done += len(ids)
            row.step, row.done_to = step, ids[-1]
            row.save(update_fields=["step", "done_to", "counts"])
        run.tell(step, done, total)


def _next(run: _Run, step: str, counts: dict[str, Any] | None = None) -> None:
    """Go on to another step from its first loan."""
    with tenancy.within(run.book.organisation_id):
        row = DayEnd.objects.get(book_id=run.book.pk, day=run.day)
        row.step, row.done_to, row.counts = step, 0, row.counts | (counts or {})
        row.save(update_fields=["step", "done_to", "counts"])


def _close(run: _Run) -> None:
    """The night of every live loan."""
    together = run.workers * _ROUND if run.workers > 1 else 1
    for row, ids in _batches(run, "close", run.batch * together):
        parts = [ids[first : first + run.batch] for first in range(0, len(ids), run.batch)]
        for done in closing.side_by_side(run.book, run.day, parts, run.workers, by=run.by, at=run.at):
            _count(row, closed=done.loans, quiet=done.quiet, transactions=done.transactions)
    _next(run, "turn")


def _turn(run: _Run) -> None:
    """The next business date, and at a month's end every loan's class; from here on others may write again."""
    with tenancy.within(run.book.organisation_id):
        keep_month_end(run.book, run.day)
        advance(run.book, run.day + _DAY, by=run.by, reason="end of day", at=run.at)
        _next(run, "open")


def _open(run: _Run) -> None:
    """What falls due on the next day."""
    day = run.day + _DAY
    for row, ids in _batches(run, "open", run.batch, bills_on__lte=day):
        with collecting.later():
            made, news = closing.looked_at(run.book, ids, lambda held: opened(held, day), day)
        if made:
            post(run.book, made, by=amending.poster(run.by), news=news, at=run.at)
        _count(row, opened=len(ids), transactions=len(made))
    _next(run, "reprice")


def _reprice(run: _Run) -> None:
    """Rates that are set anew on the next day."""
    count = repricing.reprice_all(run.book, run.day + _DAY, run.lpr, by=run.by, at=run.at)
    _next(run, "tie", {"repriced": count})


def _tie(run: _Run) -> None:
    """Loans against ledger."""
    found = tie.settled_breaks(run.book, progress=lambda done, total: run.tell("tie", done, total))
    _next(run, "tie", {"breaks": [one._asdict() for one in found[:1_000]], "broken": len(found)})


def _count(row: DayEnd, **more: int) -> None:
    for name, count in more.items():
        row.counts[name] = row.counts.get(name, 0) + count
