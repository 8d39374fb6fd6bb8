"""Questions to a book; all of them answer for the current organisation only."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Max, QuerySet, Sum

from suixin.errors import LedgerError
from suixin.ledger import balances as folds
from suixin.ledger.transaction import Entry
from suixin.ledger.transaction import Transaction as Made
from suixin.server import tenancy
from suixin.server.ledger.models import Balance, Book, Transaction
from suixin.server.ledger.models import Entry as EntryRow

_CHUNK = 2_000


class Day(NamedTuple):
    """What a posting must fit."""

    business_on: date
    currency: str

    @property
    def ended_on(self) -> date:
        """The last day that was ended: classes, allowances and days past due are as of its close."""
        return self.business_on - timedelta(days=1)


def book_of(code: str) -> Book:
    """The current organisation's book of this code.

    Raises:
        LedgerError: there is none.
    """
    found = Book.objects.filter(code=code).first()
    if found is None:
        raise LedgerError(f"there is no book {code!r} in this organisation")
    return found


def day_of(book: Book) -> Day:
    """The book's business date and currency, as they stand now.

    Raises:
        LedgerError: the book is not one of the current organisation's.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DAY, [tenancy.current(), book.pk])
        found = cursor.fetchone()
    if found is None:
        raise LedgerError(f"book {book.code} is not there")
    business_on, currency = found
    return Day(business_on if isinstance(business_on, date) else date.fromisoformat(business_on), currency)


_DAY = "SELECT business_on, currency FROM ledger_book WHERE organisation_id = %s AND id = %s"


def by_key(book: Book, keys: Iterable[str]) -> dict[str, Made]:
    """The transactions of these keys, those that are there."""
    rows = Transaction.objects.filter(book_id=book.pk, key__in=list(keys))
    return {made.key: made for _, made in _built(rows)}


def journal(book: Book, after: int = 0, upto: int | None = None) -> Iterator[tuple[int, Made]]:
    """(number, transaction) in the order of posting, in chunks; what is damaged raises LedgerError.

    Args:
        book: whose.
        after: begin behind this number.
        upto: end with this number.
    """
    last = Transaction.objects.filter(book_id=book.pk).aggregate(last=Max("id"))["last"] or 0
    end = last if upto is None else min(upto, last)
    while after < end:
        ids = Transaction.objects.filter(book_id=book.pk, id__gt=after, id__lte=end).order_by("id")
        chunk = list(ids.values_list("id", flat=True)[:_CHUNK])
        if not chunk:
            return
        yield from _built(ids.filter(id__lte=chunk[-1]))
        after = chunk[-1]


def rows(book: Book, upto: int) -> Iterator[tuple[int, bytes, Made | None]]:
    """(number, stored digest, transaction or None if what is stored is no transaction any more), as `journal`."""
    after = 0
    while after < upto:
        ids = Transaction.objects.filter(book_id=book.pk, id__gt=after, id__lte=upto).order_by("id")
        chunk = list(ids.values_list("id", "digest")[:_CHUNK])
        if not chunk:
            return
        found = dict(_built(ids.filter(id__lte=chunk[-1][0]), damaged=True))
        yield from ((number, bytes(digest), found.get(number)) for number, digest in chunk)
        after = chunk[-1][0]


def _built(rows: QuerySet[Transaction], *, damaged: bool = False) -> Iterator[tuple[int, Made]]:
    columns = ("key", "kind", "booked_on", "value_on", "reference", "reverses", "reason")
    held = list(rows.order_by("id").values_list("id", *columns))
    entries: dict[int, list[Entry]] = defaultdict(list)
    lines = EntryRow.objects.filter(transaction_id__in=[row[0] for row in held]).values_list(
        "transaction_id", "balance__account", "balance__subject", "balance__currency", "amount_minor"
    )
    for number, account, subject, currency, minor in lines:
        entries[number].append(Entry(account, subject, currency, minor))
    for number, key, kind, booked_on, value_on, reference, reverses, reason in held:
        try:
            found = tuple(sorted(entries[number]))
            yield number, Made(key, kind, booked_on, value_on, found, reference, reverses, reason)
        except LedgerError:
            if not damaged:
                raise


def stored_balances(book: Book) -> dict[folds.Line, int]:
    """The balances as they are kept, minor units; what is 0 is left out."""
    rows = Balance.objects.filter(book_id=book.pk).exclude(posted_minor=0)
    lines = rows.values_list("account", "subject", "currency", "posted_minor")
    return {(account, subject, currency): minor for account, subject, currency, minor in sorted(lines)}


def trial_balance(book: Book) -> list[folds.Total]:
    """One row an account, as `suixin.ledger.balances.trial_balance`."""
    return folds.trial_balance(stored_balances(book))


def totals(book: Book, accounts: Iterable[str]) -> dict[str, int]:
    """Account -> what all its subjects come to, minor units, as the trial balance has it."""
    wanted = list(accounts)
    kept = Balance.objects.filter(book_id=book.pk, account__in=wanted, currency=book.currency)
    sums = kept.values("account").annotate(total=Sum("posted_minor")).order_by()
    return dict.fromkeys(wanted, 0) | {row["account"]: int(row["total"]) for row in sums}


def balance_of(book: Book, account: str, subject: str = "") -> Balance | None:
    """One line of the book, or None if nothing was ever posted to it."""
    return Balance.objects.filter(
        book_id=book.pk, account=account, subject=subject, currency=book.currency
    ).first()
