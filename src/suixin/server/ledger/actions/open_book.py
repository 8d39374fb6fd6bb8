"""Open a book."""

from datetime import date, datetime

from suixin.errors import ConflictError
from suixin.money import currency_of
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book


def open_book(code: str, currency: str, opened_on: date, *, by: Actor, at: datetime) -> Book:
    """Open a lender's book on its first business date; a second time returns the same book.

    Raises:
        ConflictError: the code is that of another book.
        UsageError: the currency is unknown.
        AccessError: not an administrator.
    """
    by.require("ledger.book.open")
    wanted = (currency_of(currency).code, opened_on)
    with tenancy.within(by.organisation_id):
        held = Book.objects.filter(code=code).first()
        if held is not None:
            if (held.currency, held.opened_on) != wanted:
                raise ConflictError(f"book {code!r} was opened on {held.opened_on} in {held.currency}")
            return held
        made = Book(code=code, currency=currency, business_on=opened_on, opened_on=opened_on)
        made.save()
        after = {"code": code, "currency": currency, "opened_on": opened_on}
        record(by, "ledger.book.open", made, after=after, at=at)
        return made
