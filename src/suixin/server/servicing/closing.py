"""The nights of many loans: the quiet ones in columns, the others one by one, a database transaction a batch."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from suixin.ledger.end_of_day import quiet_night
from suixin.ledger.loan import Loan as Held
from suixin.ledger.servicing import Step, ended
from suixin.ledger.transaction import Transaction
from suixin.lending.recognition import State as BooksState
from suixin.lending.stretch import Columns
from suixin.server import locks, tenancy
from suixin.server.identity.access import Actor
from suixin.server.ledger.actions.post import post
from suixin.server.ledger.models import Book
from suixin.server.outbox.actions.write import News
from suixin.server.servicing import amending, collecting, keeping, telling
from suixin.server.servicing.models import Loan


class Closed(NamedTuple):
    """How many loans a batch closed, how many of them in columns, and what that booked."""

    loans: int
    quiet: int
    transactions: int


def side_by_side(
    book: Book, day: date, parts: Sequence[list[int]], workers: int, *, by: Actor, at: datetime
) -> list[Closed]:
    """Close batches of loans: by one worker in the transaction that is open, by several each on a connection of its own.

    A night touches no account that two loans share, so that none waits for another. Whatever part of them has committed
    when something fails is closed, and closing it again writes nothing. A worker closes batch after batch on one
    connection, whose plans are made once.
    """
    if workers == 1 or len(parts) == 1:
        return [close(book, day, ids, by=by, at=at) for ids in parts]

    def alone(share: Sequence[list[int]]) -> list[Closed]:
        try:
            return [close(book, day, ids, by=by, at=at) for ids in share]
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        shares = pool.map(alone, [parts[first::workers] for first in range(workers)])
        return [one for share in shares for one in share]


def close(book: Book, day: date, ids: list[int], *, by: Actor, at: datetime) -> Closed:
    """Close the night of these loans, a range of the live ones; those whose night is closed already stay as they are."""
    with tenancy.within(book.organisation_id), collecting.later():
        found = Loan.objects.filter(book_id=book.pk, is_live=True, id__range=(ids[0], ids[-1])).order_by("id")
        lines = list(found.values_list("id", "number", "books_state", *keeping.STRETCH))
        columns = Columns.from_rows([line[3:] for line in lines])
        quiet = columns.quiet(day).tolist()
        interest, late = (part.tolist() for part in columns.night(day))
        made: list[Transaction] = []
        looked: list[int] = []
        for (pk, number, state, *_), is_quiet, more, more_late in zip(
            lines, quiet, interest, late, strict=True
        ):
            if is_quiet:
                made += quiet_night(number, book.currency, day, BooksState(state), more, more_late)
            else:
                looked.append(pk)
        more, news = looked_at(book, looked, lambda held: ended(held, day), day, still=day)
        made += more
        if made:
            post(book, made, by=amending.poster(by), news=news, at=at)
        return Closed(len(lines), sum(quiet), len(made))


def looked_at(
    book: Book, ids: list[int], step: Callable[[Held], Step], day: date, still: date | None = None
) -> tuple[list[Transaction], list[News]]:
    """Take a step with each loan; with `still`, only with those that are at or before that day; what to book and to tell."""
    made: list[Transaction] = []
    news: list[News] = []
    looked: list[Loan] = []
    for row in locks.rows(Loan.objects.filter(id__in=ids)):
        held = keeping.read(row, with_events=False)
        if still is not None and held.account.today > still:
            continue
        done, before = step(held), row.state
        keeping.write(row, done.loan)
        news += telling.repaid(book, row, before, done.booked, day)
        made += done.booked
        looked.append(row)
    keeping.save(looked)
    return made, news
