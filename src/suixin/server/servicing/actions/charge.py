"""Charge a fee of the cost table."""

from datetime import datetime
from typing import Any

from suixin.lending.events import Charged
from suixin.server import tenancy
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
    with tenancy.within(book.organisation_id):
        event = Charged(key, amending.open_day(book), fee, amount_minor)
        return amending.let_happen(book, number, event, action="lending.fee.charge", by=by, at=at)
