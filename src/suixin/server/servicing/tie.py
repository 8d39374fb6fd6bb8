"""The sub-ledger against the general ledger: what each loan should have on the books, and what the books say."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

from suixin.ledger.rules import ACCOUNT_OF
from suixin.lending.positions import Positions
from suixin.lending.recognition import State
from suixin.lending.stretch import Columns, booked
from suixin.server import locks, tenancy
from suixin.server.ledger import queries
from suixin.server.ledger.models import Balance, Book
from suixin.server.servicing import keeping
from suixin.server.servicing.models import Loan

_ACCOUNTS = [
    ACCOUNT_OF[name] for name in Positions._fields[1:]
]  # not the money: it is one account of all loans
_COLUMNS = ("number", "begins", "books_state", "allowance_minor", *keeping.STRETCH)


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
    total, done, after = live.count(), 0, ""
    found: list[Break] = []
    while lines := list(live.filter(number__gt=after).values_list(*_COLUMNS)[:batch]):
        found += _compared(book, lines, day)
        after, done = lines[-1][0], done + len(lines)
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
            found += _compared(book, list(live.values_list(*_COLUMNS)), day)
    return found


def _compared(book: Book, lines: list[Any], day: date) -> Iterator[Break]:
    """Account by account over a range of numbers: each is one walk along the index of the balances."""
    numbers = [line[0] for line in lines] or [""]
    should = list(zip(*_expected(lines, day), strict=True))
    for place, account in enumerate(_ACCOUNTS):
        kept = Balance.objects.filter(
            book_id=book.pk, account=account, subject__gte=numbers[0], subject__lte=numbers[-1]
        )
        has = dict(kept.values_list("subject", "posted_minor"))
        for number, minor in zip(numbers, should[place], strict=True):
            if minor != has.get(number, 0):
                yield Break(number, account, minor, has.get(number, 0))


def _expected(lines: list[Any], day: date) -> Iterator[list[int]]:
    """What each loan should have on each account on an open day: as it began its quiet days, and the nights since."""
    columns = Columns.from_rows([line[4:] for line in lines])
    interest, late = (now - then for now, then in zip(columns.to(day), columns.to_begin(), strict=True))
    for line, more, more_late in zip(lines, interest.tolist(), late.tolist(), strict=True):
        _, begins, state, allowance, *_ = line
        held = booked(Positions(*begins), State(state), more, more_late)._replace(allowance=-allowance)
        yield list(held[1:])
