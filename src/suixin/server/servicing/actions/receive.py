"""Take in a payment."""

from datetime import date, datetime
from typing import Any

from suixin.errors import CurrencyError
from suixin.lending.events import Received, Source
from suixin.lending.prepay import Way
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending, looks


def receive(
    book: Book,
    number: str,
    amount_minor: int,
    *,
    on: date,
    key: str,
    currency: str,
    by: Actor,
    at: datetime,
    source: Source = Source.BORROWER,
    ahead: Way | None = None,
    beyond: bool = True,
) -> dict[str, Any]:
    """Take in a payment that counts from a day, today's or an earlier one, once for the key.

    Money that came by itself is taken in whatever it is, and what is over is held for the borrower; where somebody may
    still be told to keep it, `beyond` is False.

    Raises:
        CurrencyError: another currency than the book's.
        LendingError: before the loan is paid out, on a closed loan, of nothing, or of more than closes it.
        ConflictError: the key was used for another payment.
    """
    if currency != book.currency:
        raise CurrencyError(
            f"payment {key} is in {currency}; book {book.code} is in {book.currency}",
            zh=f"收款的币种是 {currency}，账簿的币种是 {book.currency}",
        )
    event = Received(key, on, amount_minor, source, ahead)
    asked = {"amount": amount_minor, "on": on.isoformat(), "source": source, "ahead": ahead}
    action = "lending.payment.receive"
    return amending.let_happen(
        book,
        number,
        lambda _: event,
        key=key,
        asked=asked,
        action=action,
        by=by,
        at=at,
        check=None if beyond else lambda row, _: looks.at_most_payoff(row, amount_minor),
    )
