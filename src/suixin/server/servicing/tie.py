"""The sub-ledger against the general ledger: what each loan should have on the books, and what the books say."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

from suixin.ledger.rules import ACCOUNT_OF
from suixin.lending.positions import Positions
from suixin.lending.recognition import State
from suixin.lending.stretch import Columns, booked
from suixin.server.ledger import queries
from suixin.server.ledger.models import Balance, Book
from suixin.server.servicing import keeping
from suixin.server.servicing.models import Loan

_ORDER = [ACCOUNT_OF[name] for name in Positions._fields]
_MONEY, _ALLOWANCE = ACCOUNT_OF["settlement"], ACCOUNT_OF["allowance"]
_ACCOUNTS = {account for account in _ORDER if account != _MONEY}  # money has no loan: it is one account
_COLUMNS = ("id", "number", "begins", "books_state", "allowance_minor", *keeping.STRETCH)


class Break(NamedTuple):
    """An account of a loan where the two differ, minor units."""

    loan: str
    account: str
    loan_minor: int
    ledger_minor: int


def breaks(
    book: Book, *, batch: int = 5_000, progress: Callable[[int, int], None] | None = None
) -> list[Break]:
    """Return every account of every live loan on which loan and ledger differ, as of the business date."""
    day = queries.day_of(book).business_on
    live = Loan.objects.filter(book_id=book.pk, is_live=True).order_by("id")
    total, done, after = live.count(), 0, 0
    found: list[Break] = []
    while lines := list(live.filter(id__gt=after).values_list(*_COLUMNS)[:batch]):
        found += _compared(book, lines, day)
        after, done = lines[-1][0], done + len(lines)
        if progress is not None:
            progress(done, total)
    return found


def _compared(book: Book, lines: list[Any], day: date) -> list[Break]:
    kept = _kept(book, [line[1] for line in lines])
    found = []
    for (_, number, *_), should in zip(lines, _expected(lines, day), strict=True):
        has = kept.get(number, {})
        found += [
            Break(number, account, minor, has.get(account, 0))
            for account, minor in should.items()
            if minor != has.get(account, 0)
        ]
    return found


def _kept(book: Book, numbers: list[str]) -> dict[str, dict[str, int]]:
    """What the ledger says, by loan and account."""
    kept: dict[str, dict[str, int]] = {}
    lines = Balance.objects.filter(book_id=book.pk, subject__in=numbers, account__in=_ACCOUNTS)
    for subject, account, minor in lines.values_list("subject", "account", "posted_minor"):
        kept.setdefault(subject, {})[account] = minor
    return kept


def _expected(lines: list[Any], day: date) -> Iterator[dict[str, int]]:
    """What each loan should have on its accounts on an open day: as it began its quiet days, and the nights since."""
    columns = Columns.from_rows([line[5:] for line in lines])
    interest, late = (now - then for now, then in zip(columns.to(day), columns.to_begin(), strict=True))
    for line, more, more_late in zip(lines, interest.tolist(), late.tolist(), strict=True):
        _, _, begins, state, allowance, *_ = line
        held = booked(Positions(*begins), State(state), more, more_late)
        should = dict(zip(_ORDER, held, strict=True))
        del should[_MONEY]
        should[_ALLOWANCE] = -allowance
        yield should
