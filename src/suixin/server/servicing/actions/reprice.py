"""Reprice a loan from the business date on."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from suixin.lending.events import Repriced
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending


def reprice(
    book: Book, number: str, annual_rate: Decimal, *, key: str, by: Actor, at: datetime
) -> dict[str, Any]:
    """Set another annual rate (a fraction) from the business date on, once for the key.

    Raises:
        LendingError: nothing is left to reprice.
        UsageError: no rate, or one of over six decimals.
    """
    return amending.let_happen(
        book,
        number,
        lambda day: Repriced(key, day, annual_rate),
        key=key,
        asked={"annual_rate": str(annual_rate)},
        action="lending.loan.reprice",
        by=by,
        at=at,
    )
