"""The sub-ledger against the general ledger: what each loan should have on the books, and what the books say."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import orjson
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from suixin.ledger.rules import ACCOUNT_OF
from suixin.lending.positions import Positions
from suixin.lending.recognition import State
from suixin.lending.stretch import Columns, Ints, booked
from suixin.server import locks, tenancy
from suixin.server.ledger import queries
from suixin.server.ledger.models import Balance, Book
from suixin.server.servicing import collecting, keeping
from suixin.server.servicing.models import Loan

_ACCOUNTS = [
    ACCOUNT_OF[name] for name in Positions._fields[1:]
]  # not the money: it is one account of all loans
_ALLOWANCE = Positions._fields.index("allowance")
_STATES = list(State)
# What a fen of interest, or of lateness, puts on each account, by how the books look at interest.
_OF_INTEREST = np.array([booked(Positions(), state, 1, 0) for state in _STATES])
_OF_LATE = np.array([booked(Positions(), state, 0, 1) for state in _STATES])


class Break(NamedTuple):
    """An account of a loan where the two differ, minor units."""

    loan: str
    account: str
    loan_minor: int
    ledger_minor: int


def breaks(
    book: Book, *, batch: int = 10_000, progress: Callable[[int, int], None] | None = None
) -> list[Break]:
    """Return every account of every live loan on which loan and ledger differ, as of the business date."""
    day = queries.day_of(book).business_on
    live = Loan.objects.filter(book_id=book.pk, is_live=True).order_by("number")
    total, done = live.count(), 0
    found: list[Break] = []
    rows = _columns(live).iterator(chunk_size=batch)  # sorted once, whatever the size of the book
    while True:
        with collecting.later():
            lines = list(islice(rows, batch))
            found += _compared(book, lines, day) if lines else []
        if not lines:
            break
        done += len(lines)
        if progress is not None:
            progress(done, total)
    return sorted(found)


def settled_breaks(book: Book, *, progress: Callable[[int, int], None] | None = None) -> list[Break]:
    """Return the breaks that are still there once their loans stand still.

    Others write while loans and ledger are read, and what they write between the two would look like a break; so what
    was found is compared again with the loans locked.
    """
    with tenancy.within(book.organisation_id):
        suspects = {one.loan for one in breaks(book, progress=progress)}
    found: list[Break] = []
    for number in sorted(suspects):
        with tenancy.within(book.organisation_id):
            day = queries.day_of(book).business_on
            live = Loan.objects.filter(book_id=book.pk, is_live=True, number=number)
            locks.rows(live)
            found += _compared(book, list(_columns(live)), day)
    return found


def _columns(live: QuerySet[Loan]) -> QuerySet[Loan, tuple[Any, ...]]:
    """What is compared of each loan; the positions come as text, to be read in one go."""
    return live.annotate(positions=Cast("begins", TextField())).values_list(
        "number", "positions", "books_state", "allowance_minor", *keeping.STRETCH
    )


def _compared(book: Book, lines: list[Any], day: date) -> Iterator[Break]:
    """Account by account over a range of numbers: each is one walk along the index of the balances."""
    numbers = [line[0] for line in lines] or [""]
    for account, should in zip(_ACCOUNTS, _expected(lines, day), strict=True):
        kept = Balance.objects.filter(
            book_id=book.pk, account=account, subject__gte=numbers[0], subject__lte=numbers[-1]
        )
        held = dict(kept.values_list("subject", "posted_minor"))
        has = np.array([held.get(line[0], 0) for line in lines], dtype=np.int64)
        for place in np.flatnonzero(should != has).tolist():
            yield Break(numbers[place], account, int(should[place]), int(has[place]))


def _expected(lines: list[Any], day: date) -> Ints:
    """What each loan should have on an open day: as it began its quiet days, and the nights since; a row an account."""
    columns = Columns.from_rows([line[4:] for line in lines])
    interest, late = (now - then for now, then in zip(columns.to(day), columns.to_begin(), strict=True))
    begins = orjson.loads(f"[{','.join([line[1] for line in lines])}]")
    held = np.array(begins, dtype=np.int64).reshape(len(lines), len(Positions._fields))
    state = np.array([_STATES.index(line[2]) for line in lines], dtype=np.intp)
    held += interest[:, None] * _OF_INTEREST[state] + late[:, None] * _OF_LATE[state]
    held[:, _ALLOWANCE] = [-line[3] for line in lines]
    return held.T[1:]
