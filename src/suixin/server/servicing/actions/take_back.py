"""Take back what did not come to stay: a payment that bounced, a fee charged by mistake, anything entered wrongly."""

from datetime import datetime
from typing import Any

from suixin.errors import LendingError
from suixin.ledger import servicing
from suixin.ledger.loan import Loan as Held
from suixin.ledger.transaction import Transaction
from suixin.lending.documents import KIND_OF
from suixin.lending.events import Received
from suixin.server import tenancy
from suixin.server.idempotency.actions.once import once
from suixin.server.identity.access import Actor, Hands
from suixin.server.ledger import queries
from suixin.server.ledger.models import Book
from suixin.server.outbox.actions.write import News
from suixin.server.servicing import amending, hands, keeping, telling

ACTION = "lending.payment.take_back"
_ITS_OWN = {
    "drawn": "lending.loan.disburse",
    "repriced": "lending.loan.reprice",
    "replanned": "lending.loan.relieve",
    "refunded": "lending.payment.refund",
    "written off": "lending.loan.write_off",
}
"""What else than a payment or a fee is taken back only by who may do it, and by two people where it takes two."""


def take_back(
    book: Book,
    number: str,
    event_key: str,
    *,
    key: str,
    reason: str,
    by: Actor,
    at: datetime,
    second: Actor | None = None,
) -> dict[str, Any]:
    """Take an event of a loan back exactly, and count everything since anew; once for the key.

    Raises:
        LendingError: no reason, no such event, it was taken back before, or it is one leg of a renewal.
        ConflictError: the key was used for something else.
        AccessError: the actor, or the second person, may not do what is taken back.
    """
    if not reason:
        raise LendingError(f"{event_key} is taken back without a reason; give one", zh="请写明冲回的原因")
    amending.judged(key)

    def do() -> dict[str, Any]:
        day = amending.open_day(book)
        (row,) = amending.locked(book, number)
        held = keeping.read(row, with_events=True)
        _judge(held, event_key, by, second, barred)
        posted = _posted(book, number, event_key, held)
        changed = servicing.take_back(held, event_key, day, reason, posted)
        told = f"{reason} ({second.name})" if second else reason
        amending.add_taken_back(row, event_key, day, key=key, reason=told, by=by, at=at)
        was_payment = any(event.key == event_key and isinstance(event, Received) for event in held.events)

        def news() -> list[News]:
            if was_payment:
                return [telling.taken_back(book, row, event_key, day)]
            return [telling.changed(book, row, key, day, ACTION)]

        after, booked = changed.loan, changed.booked
        amending.finish(book, row, after, booked, news, day=day, action=ACTION, by=by, at=at, reason=told)
        return amending.told(changed)

    with tenancy.within(book.organisation_id):
        barred = hands.of_loan(book, number)
        by.require(ACTION, book, barred)
        body = {"loan": number, "takes_back": event_key, "reason": reason}
        result: dict[str, Any] = once(ACTION, amending.scoped(book, number, key), body, do, at=at)
        return result


def _judge(held: Held, event_key: str, by: Actor, second: Actor | None, barred: Hands) -> None:
    """Who may take an event back."""
    event = next((event for event in held.events if event.key == event_key), None)
    own = _ITS_OWN.get(KIND_OF[type(event)]) if event is not None else None
    if own is not None:
        by.require(own, hands=barred)
        by.require_second(own, second, barred)


def _posted(book: Book, number: str, event_key: str, held: Held) -> Transaction | None:
    """The event's transaction; a renewal's two legs have one in common, which is not theirs alone."""
    key = f"{number}/{event_key}"
    found = queries.by_key(book, [key]).get(key)
    moved = next((event for event in held.events if event.key == event_key), None)
    if found is None and moved is not None and KIND_OF[type(moved)] in {"drawn", "received"}:
        raise LendingError(
            f"{event_key} of {number} is one leg of a renewal; it cannot be taken back alone",
            zh="这是无还本续贷的一部分，不能单独冲回",
        )
    return found
