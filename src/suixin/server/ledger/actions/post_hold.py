"""Post a hold."""

from collections.abc import Iterable
from datetime import datetime

from suixin.errors import HoldError
from suixin.ledger.transaction import Transaction
from suixin.server import tenancy
from suixin.server.identity.access import Actor
from suixin.server.ledger.actions.post import Posted, post
from suixin.server.ledger.models import Book, Hold
from suixin.server.outbox.actions.write import News


def post_hold(
    book: Book,
    key: str,
    transaction: Transaction,
    *,
    by: Actor,
    news: Iterable[News] = (),
    at: datetime | None = None,
) -> Posted:
    """Take what was set aside by a transaction; what it does not take is free again.

    The same hold by the same transaction returns what was posted.

    Raises:
        HoldError: the hold is void, was posted by another transaction, was never placed, or holds less than is taken.
        As `post`.
    """
    by.require("ledger.transaction.post", book)
    with tenancy.within(book.organisation_id):
        held = Hold.objects.filter(book_id=book.pk, key=key).select_related("balance").first()
        if held is None:
            raise HoldError(f"hold {key!r} was never placed")
        if held.state == Hold.State.VOIDED:
            raise HoldError(f"hold {key!r} is void; place another one")
        if held.state == Hold.State.POSTED and held.transaction_key != transaction.key:
            raise HoldError(f"hold {key!r} was posted by {held.transaction_key}")
        if not 0 < (taken := _taken(held, transaction)) <= held.amount_minor:
            raise HoldError(f"hold {key!r} holds {held.amount_minor} minor units; {taken} would be taken")
        (posted,) = post(book, [transaction], by=by, news=news, releases={transaction.key: key}, at=at)
        return posted


def _taken(held: Hold, transaction: Transaction) -> int:
    line = (held.balance.account, held.balance.subject, held.balance.currency)
    return -held.balance.side * sum(entry.amount_minor for entry in transaction.entries if entry[:3] == line)
