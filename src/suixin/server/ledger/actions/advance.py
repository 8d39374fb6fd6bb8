"""Advance a book's business date."""

from datetime import date, datetime

from suixin.errors import BusinessDateError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book


def advance(
    book: Book, business_on: date, *, by: Actor, second: Actor | None = None, reason: str = "", at: datetime
) -> date:
    """Move the book to a later day and return it; to the day it is at, nothing happens.

    Whoever is posting finishes first, on the old day; whoever posts next does so on the new one.

    Raises:
        BusinessDateError: the day is before the book's, or a person moves a book that has loans.
        AccessError: a person without a second person's word.
    """
    by.require("ledger.book.advance", book)
    by.require_second("ledger.book.advance", second)
    with tenancy.within(book.organisation_id):
        locks.close_book(book.pk)
        (held,) = locks.rows(Book.objects.filter(pk=book.pk))
        if held.serviced and by.is_person:
            raise BusinessDateError(
                f"book {held.code} has loans; its date moves with their nights: suixin eod run"
            )
        if business_on < held.business_on:
            raise BusinessDateError(f"book {held.code} is at {held.business_on}; {business_on} is over")
        if business_on > held.business_on:
            before, held.business_on = held.business_on, business_on
            held.save(update_fields=["business_on"])
            record(
                by,
                "ledger.book.advance",
                held,
                before={"business_on": before},
                after={"business_on": business_on, "second": second.name if second else ""},
                reason=reason,
                at=at,
            )
        return held.business_on
