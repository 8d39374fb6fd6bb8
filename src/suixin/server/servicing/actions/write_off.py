"""Write a loan off: it leaves the balance sheet, the claim lives on."""

from datetime import datetime
from typing import Any

from suixin.lending.events import WrittenOff
from suixin.server import tenancy
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending, hands


def write_off(
    book: Book, number: str, *, key: str, reason: str, by: Actor, second: Actor | None, at: datetime
) -> dict[str, Any]:
    """Write off on the book's business date, once for the key, by two people.

    Raises:
        AccessError: one person alone, or a relative of the borrower.
        LendingError: nothing is on the balance sheet.
    """
    with tenancy.within(book.organisation_id):
        by.require_second("lending.loan.write_off", second, hands.of_loan(book, number))
    return amending.let_happen(
        book,
        number,
        lambda day: WrittenOff(key, day),
        key=key,
        asked={"reason": reason},
        action="lending.loan.write_off",
        by=by,
        at=at,
        reason=f"{reason} ({second.name})" if second else reason,
    )
