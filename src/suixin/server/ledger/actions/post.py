"""Post transactions to a book."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from suixin.errors import BusinessDateError, ConflictError, CurrencyError, LedgerError
from suixin.ledger.transaction import Transaction
from suixin.server import locks, tenancy
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries, refusals, store
from suixin.server.ledger.models import Book
from suixin.server.ledger.store.draft import Draft, Stamp, drafted
from suixin.server.outbox.actions.write import News, write


class Posted(NamedTuple):
    """What became of a transaction: its number in the journal, and whether this call wrote it."""

    key: str
    number: int
    new: bool


def post(
    book: Book,
    transactions: Sequence[Transaction],
    *,
    by: Actor,
    news: Iterable[News] = (),
    releases: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> list[Posted]:
    """Post transactions, all or none, with their balances and what others are to be told of them.

    A key that was posted with the same content returns the number it has; nothing is written again. One call may
    carry many transactions: it costs the same few statements. Its own database transaction, or the one that is open
    (`tenancy.within`); post once in it, so that locks are taken in one order.

    Args:
        book: the lender's.
        transactions: each booked on the book's business date, in the book's currency.
        by: who answers for it; it stands in the transaction's row, which is the record of this action.
        news: messages to write in the same transaction.
        releases: keys of holds to be posted, by the key of the transaction that takes their money.
        at: now, unless told.

    Raises:
        ConflictError: a key was used before with other content, here or in this very call.
        BusinessDateError, CurrencyError: another day or currency than the book's.
        FundsError, HoldError: it takes what is held; a hold that was ended before.
        LedgerError: a reversal of what is not there, was taken back before, or is not taken back exactly.
        AccessError: the actor may not post to this book.
    """
    by.require("ledger.transaction.post", book)
    drafts = _distinct(transactions)
    with tenancy.within(book.organisation_id), refusals.typed():
        locks.post_to_book(book.pk)
        day = queries.day_of(book)
        _judge_currency(drafts, day.currency)
        held = _judge_dates(book, drafts, day)
        fresh = [draft for key, draft in drafts.items() if key not in held]
        _judge_reversals(book, fresh)
        stamp = Stamp(book.organisation_id, book.pk, day.currency, by.name, at or timezone.now())
        new = store.write(fresh, stamp, dict(releases or {})) if fresh else {}
        held |= _found_again(book, [draft for draft in fresh if draft.made.key not in new])
        _judge_content(drafts, held)
        write(news, at=stamp.at)
    numbers = {key: number for key, (number, _) in held.items()} | new
    return [Posted(one.key, numbers[one.key], one.key in new) for one in transactions]


def _distinct(transactions: Sequence[Transaction]) -> dict[str, Draft]:
    """By key; the same transaction twice is once, two of one key are a conflict."""
    drafts: dict[str, Draft] = {}
    for made in transactions:
        draft = drafted(made)
        if drafts.setdefault(made.key, draft).digest != draft.digest:
            raise ConflictError(f"key {made.key!r} stands for two transactions in one call")
    return drafts


def _judge_currency(drafts: Mapping[str, Draft], currency: str) -> None:
    for key, draft in drafts.items():
        for entry in draft.made.entries:
            if entry.currency != currency:
                raise CurrencyError(f"transaction {key} is in {entry.currency}; the book is in {currency}")


def _judge_dates(book: Book, drafts: Mapping[str, Draft], day: queries.Day) -> dict[str, tuple[int, bytes]]:
    """A transaction of another day is right only if it was posted on that day."""
    stale = [key for key, draft in drafts.items() if draft.made.booked_on != day.business_on]
    held = store.known(book.pk, stale) if stale else {}
    for key in stale:
        if key not in held:
            raise BusinessDateError(
                f"transaction {key} is booked on {drafts[key].made.booked_on}; the book is at {day.business_on}"
            )
    return held


def _judge_reversals(book: Book, drafts: Sequence[Draft]) -> None:
    """What is taken back is taken back exactly."""
    reversals = [draft.made for draft in drafts if draft.made.reverses]
    if not reversals:
        return
    known = queries.by_key(book, [made.reverses for made in reversals])
    known |= {draft.made.key: draft.made for draft in drafts}
    for made in reversals:
        if made.reverses not in known:
            raise LedgerError(f"transaction {made.key} takes back {made.reverses}, which was never posted")
        opposite = tuple(
            entry._replace(amount_minor=-entry.amount_minor) for entry in known[made.reverses].entries
        )
        if made.entries != opposite:
            raise LedgerError(f"transaction {made.key} does not take back {made.reverses} exactly")


def _found_again(book: Book, drafts: Sequence[Draft]) -> dict[str, tuple[int, bytes]]:
    return store.known(book.pk, [draft.made.key for draft in drafts]) if drafts else {}


def _judge_content(drafts: Mapping[str, Draft], held: Mapping[str, tuple[int, bytes]]) -> None:
    for key, (number, digest) in held.items():
        if drafts[key].digest != digest:
            raise ConflictError(f"key {key!r} was used before: transaction {number} says something else")
