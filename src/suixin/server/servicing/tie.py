"""The sub-ledger against the general ledger: what each loan should have on the books, and what the books say."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from suixin.ledger.rules import ACCOUNT_OF
from suixin.lending.positions import Positions
from suixin.server.ledger import queries
from suixin.server.ledger.models import Balance, Book
from suixin.server.servicing import keeping
from suixin.server.servicing.models import Loan

_NAMES = [name for name in Positions._fields if name != "settlement"]  # money has no loan: it is one account
_ACCOUNTS = {ACCOUNT_OF[name] for name in _NAMES}


class Break(NamedTuple):
    """An account of a loan where the two differ, minor units."""

    loan: str
    account: str
    loan_minor: int
    ledger_minor: int


def breaks(
    book: Book, *, batch: int = 2_000, progress: Callable[[int, int], None] | None = None
) -> list[Break]:
    """Return every account of every live loan on which loan and ledger differ, as of the business date."""
    day = queries.day_of(book).business_on
    live = Loan.objects.filter(book_id=book.pk, is_live=True).order_by("id")
    total, done, after = live.count(), 0, 0
    found: list[Break] = []
    while rows := list(live.filter(id__gt=after)[:batch]):
        found += _compared(book, rows, day)
        after, done = rows[-1].pk, done + len(rows)
        if progress is not None:
            progress(done, total)
    return found


def _compared(book: Book, rows: list[Loan], day: date) -> list[Break]:
    kept: dict[tuple[str, str], int] = {}
    lines = Balance.objects.filter(
        book_id=book.pk, subject__in=[row.number for row in rows], account__in=_ACCOUNTS
    )
    for subject, account, minor in lines.values_list("subject", "account", "posted_minor"):
        kept[subject, account] = minor
    found = []
    for row in rows:
        should = expected(row, day)
        found += [
            Break(row.number, account, minor, kept.get((row.number, account), 0))
            for account, minor in should.items()
            if minor != kept.get((row.number, account), 0)
        ]
    return found


def expected(row: Loan, day: date) -> dict[str, int]:
    """What a loan should have on its accounts on an open day, minor units."""
    held = keeping.stretch_of(row).on(day)
    should = {ACCOUNT_OF[name]: getattr(held, name) for name in _NAMES}
    should[ACCOUNT_OF["allowance"]] -= row.allowance_minor + held.allowance
    return should
