"""Give back what a borrower paid too much."""

from datetime import datetime
from typing import Any

from suixin.lending.events import Refunded
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending


def refund(
    book: Book, number: str, amount_minor: int, *, key: str, by: Actor, at: datetime
) -> dict[str, Any]:
    """Refund on the book's business date, once for the key.

    Raises:
        LendingError: more than is held.
    """
    return amending.let_happen(
        book,
        number,
        lambda day: Refunded(key, day, amount_minor),
        key=key,
        asked={"amount": amount_minor},
        action="lending.payment.refund",
        by=by,
        at=at,
    )
