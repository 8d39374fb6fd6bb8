"""End a book's day: sweep, close every loan's night, turn the date, open what falls due, tie the books.

Every step can be run again: transactions have keys, loans that were closed are not closed twice, and a step goes on
behind the last loan that it finished. How many loans a batch holds changes nothing in the journal.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from suixin.errors import BusinessDateError
from suixin.ledger.end_of_day import quiet_night
from suixin.ledger.servicing import Step, ended, opened
from suixin.ledger.transaction import Transaction
from suixin.lending.lpr import LprTable
from suixin.lending.recognition import State as BooksState
from suixin.lending.stretch import Columns
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries
from suixin.server.ledger.actions.advance import advance
from suixin.server.ledger.actions.post import post
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending, keeping, repricing, tie
from suixin.server.servicing.actions.sweep import Swept, sweep
from suixin.server.servicing.models import DayEnd, Loan

_DAY = timedelta(days=1)
Progress = Callable[[str, int, int], None]
"""Told of a step's name, how many of its loans are done, and how many there are."""


def end_day(
    book: Book,
    day: date,
    *,
    by: Actor,
    at: datetime,
    lpr: LprTable | None = None,
    batch: int = 2_000,
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
        progress: told how far a step has come.

    Returns:
        Counts of the steps, and `breaks`: where loans and ledger differ, which must be none.

    Raises:
        BusinessDateError: the book is at another day.
        AccessError: only the program ends a day.
    """
    by.require("lending.day.end", book)
    tell = progress or (lambda *_: None)
    held = _held(book, day)
    if held is None:
        _judge_day(book, day)
        _begin(book, day, sweep(book, by=by, at=at), by=by, at=at)
    elif held.finished_at is not None:
        return dict(held.counts)
    steps = {"close": _close, "turn": _turn, "open": _open, "reprice": _reprice, "tie": _tie}
    step = "close" if held is None else held.step
    for name in list(steps)[list(steps).index(step) :]:
        steps[name](book, day, by, at, lpr, batch, tell)
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
            raise BusinessDateError(f"book {book.code} is at {now}, not {day}{waiting}")


def _begin(book: Book, day: date, swept: Swept, *, by: Actor, at: datetime) -> None:
    """From here on nothing else is written to the book's loans until the date has turned."""
    with tenancy.within(book.organisation_id):
        locks.close_book(book.pk)
        _judge_day(book, day)
        row, new = DayEnd.objects.get_or_create(
            book=book,
            day=day,
            defaults={
                "organisation_id": book.organisation_id,
                "step": "close",
                "counts": {"swept": swept.paid, "unswept": swept.failed},
                "began_at": at,
            },
        )
        if new:
            record(by, "lending.day.end", row, after={"step": "close"}, at=at)


def _batches(
    book: Book, day: date, step: str, batch: int, tell: Progress, **wanted: Any
) -> Iterator[tuple[DayEnd, list[int]]]:
    """The ids of a step's loans behind the last one done, a database transaction a batch."""
    done, total, ids = 0, 0, [0] * batch
    while len(ids) == batch:
        with tenancy.within(book.organisation_id):
            (row,) = locks.rows(DayEnd.objects.filter(book_id=book.pk, day=day))  # one at a time
            live = Loan.objects.filter(book_id=book.pk, is_live=True, id__gt=row.done_to, **wanted)
            total = total or live.count()
            ids = list(live.order_by("id").values_list("id", flat=True)[:batch])
            if not ids:
                return
            yield row, ids
            done += len(ids)
            row.step, row.done_to = step, ids[-1]
            row.save(update_fields=["step", "done_to", "counts"])
        tell(step, done, total)


def _next(book: Book, day: date, step: str, counts: dict[str, Any] | None = None) -> None:
    """Go on to another step from its first loan."""
    with tenancy.within(book.organisation_id):
        row = DayEnd.objects.get(book_id=book.pk, day=day)
        row.step, row.done_to, row.counts = step, 0, row.counts | (counts or {})
        row.save(update_fields=["step", "done_to", "counts"])


def _close(
    book: Book, day: date, by: Actor, at: datetime, lpr: LprTable | None, batch: int, tell: Progress
) -> None:
    """The night of every live loan."""
    del lpr
    for row, ids in _batches(book, day, "close", batch, tell):
        lines = list(
            Loan.objects.filter(id__in=ids)
            .order_by("id")
            .values_list("id", "number", "books_state", *keeping.STRETCH)
        )
        columns = Columns.from_rows([line[3:] for line in lines])
        quiet = columns.quiet(day).tolist()
        interest, late = (part.tolist() for part in columns.night(day))
        made: list[Transaction] = []
        for (_, number, state, *_), is_quiet, more, more_late in zip(
            lines, quiet, interest, late, strict=True
        ):
            if is_quiet:
                made += quiet_night(number, book.currency, day, BooksState(state), more, more_late)
        looked = [line[0] for line, is_quiet in zip(lines, quiet, strict=True) if not is_quiet]
        made += _looked_at(looked, lambda held: ended(held, day), still=day)
        if made:
            post(book, made, by=amending.poster(by), at=at)
        _count(row, closed=len(ids), quiet=sum(quiet), transactions=len(made))
    _next(book, day, "turn")


def _turn(
    book: Book, day: date, by: Actor, at: datetime, lpr: LprTable | None, batch: int, tell: Progress
) -> None:
    """The next business date; from here on others may write again."""
    del lpr, batch, tell
    with tenancy.within(book.organisation_id):
        advance(book, day + _DAY, by=by, reason="end of day", at=at)
        _next(book, day, "open")


def _open(
    book: Book, day: date, by: Actor, at: datetime, lpr: LprTable | None, batch: int, tell: Progress
) -> None:
    """What falls due on the next day."""
    del lpr
    for row, ids in _batches(book, day, "open", batch, tell, bills_on__lte=day + _DAY):
        made = _looked_at(ids, lambda held: opened(held, day + _DAY))
        if made:
            post(book, made, by=amending.poster(by), at=at)
        _count(row, opened=len(ids), transactions=len(made))
    _next(book, day, "reprice")


def _reprice(
    book: Book, day: date, by: Actor, at: datetime, lpr: LprTable | None, batch: int, tell: Progress
) -> None:
    """Rates that are set anew on the next day."""
    del batch, tell
    _next(book, day, "tie", {"repriced": repricing.reprice_all(book, day + _DAY, lpr, by=by, at=at)})


def _tie(
    book: Book, day: date, by: Actor, at: datetime, lpr: LprTable | None, batch: int, tell: Progress
) -> None:
    """Loans against ledger."""
    del by, at, lpr
    del batch
    found = tie.settled_breaks(book, progress=lambda done, total: tell("tie", done, total))
    _next(book, day, "tie", {"breaks": [one._asdict() for one in found[:1_000]], "broken": len(found)})


def _looked_at(ids: list[int], step: Callable[[Any], Step], still: date | None = None) -> list[Transaction]:
    """Take a step with each loan; with `still`, only with those that are at or before that day."""
    rows = locks.rows(Loan.objects.filter(id__in=ids))
    made: list[Transaction] = []
    looked: list[Loan] = []
    for row in rows:
        held = keeping.read(row, with_events=False)
        if still is not None and held.account.today > still:
            continue
        done = step(held)
        keeping.write(row, done.loan)
        made += done.booked
        looked.append(row)
    keeping.save(looked)
    return made


def _count(row: DayEnd, **more: int) -> None:
    for name, count in more.items():
        row.counts[name] = row.counts.get(name, 0) + count
