"""Take back a payment that did not come to stay: bounced, entered twice, or of a sale that was returned."""

from datetime import datetime
from typing import Any

from suixin.errors import LendingError
from suixin.ledger import servicing
from suixin.server import tenancy
from suixin.server.idempotency.actions.once import once
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending, keeping
from suixin.server.servicing.models import LoanEvent


def take_back(
    book: Book, number: str, event_key: str, *, key: str, reason: str, by: Actor, at: datetime
) -> dict[str, Any]:
    """Take an event of a loan back exactly, and count everything since anew; once for the key.

    Raises:
        LendingError: no reason, no such event, or it was taken back before.
    """
    if not reason:
        raise LendingError(f"{event_key} is taken back without a reason; give one")

    def do() -> dict[str, Any]:
        day = amending.open_day(book)
        (row,) = amending.locked(book, number)
        held = keeping.read(row, with_events=True)
        transaction_key = f"{number}/{event_key}"
        posted = queries.by_key(book, [transaction_key]).get(transaction_key)
        changed = servicing.take_back(held, event_key, day, reason, posted)
        LoanEvent(
            loan=row,
            key=key,
            kind="taken back",
            on=day,
            takes_back=event_key,
            reason=reason,
            booked_on=day,
            by=by.name,
            at=at,
        ).save(force_insert=True)
        action = "lending.payment.take_back"
        amending.finish(book, row, changed.loan, changed.booked, action=action, by=by, at=at, reason=reason)
        return amending.told(changed)

    with tenancy.within(book.organisation_id):
        by.require("lending.payment.take_back", book)
        body = {"loan": number, "takes_back": event_key, "reason": reason}
        result: dict[str, Any] = once("lending.payment.take_back", f"{number}/{key}", body, do, at=at)
        return result
