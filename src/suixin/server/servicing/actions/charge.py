"""Charge a fee of the cost table."""

from datetime import datetime
from typing import Any

from suixin.lending.events import Charged
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending


def charge(
    book: Book, number: str, fee: str, amount_minor: int, *, key: str, by: Actor, at: datetime
) -> dict[str, Any]:
    """Charge on the book's business date, once for the key.

    Raises:
        LendingError: the fee is not on the loan's cost table, or comes to more than it says.
    """
    return amending.let_happen(
        book,
        number,
        lambda day: Charged(key, day, fee, amount_minor),
        key=key,
        asked={"fee": fee, "amount": amount_minor},
        action="lending.fee.charge",
        by=by,
        at=at,
    )
