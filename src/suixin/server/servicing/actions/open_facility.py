"""Open a facility: what a borrower may have drawn at any time."""

from datetime import date, datetime

from suixin.errors import ConflictError, LendingError
from suixin.money import amount_text, check_minor
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor, Hands
from suixin.server.ledger.models import Book
from suixin.server.servicing.models import Facility


def open_facility(
    book: Book,
    number: str,
    borrower: str,
    limit_minor: int,
    opened_on: date,
    expires_on: date,
    *,
    by: Actor,
    at: datetime,
    hands: Hands | None = None,
) -> Facility:
    """Open a facility; a second time returns the same one.

    Raises:
        LendingError: a limit of nothing, or days in the wrong order.
        ConflictError: the number is that of another one.
    """
    if check_minor(limit_minor, "limit") <= 0 or expires_on <= opened_on:
        raise LendingError(
            f"facility of {amount_text(limit_minor, book.currency)} from {opened_on} to {expires_on}: give a sum and a term",
            zh="授信额度须有金额，且到期日在设立日之后",
        )
    with tenancy.within(book.organisation_id):
        by.require("lending.facility.open", book, hands)
        held = Facility.objects.filter(book_id=book.pk, number=number).first()
        wanted = {
            "borrower": borrower,
            "limit_minor": limit_minor,
            "opened_on": opened_on,
            "expires_on": expires_on,
        }
        if held is not None:
            if any(getattr(held, name) != value for name, value in wanted.items()):
                raise ConflictError(
                    f"facility {number} was opened before with other terms; use another number",
                    zh=f"授信额度 {number} 已按其他条件设立，请换一个编号",
                )
            return held
        made = Facility(book=book, number=number, **wanted)
        made.save(force_insert=True)
        record(by, "lending.facility.open", made, after=wanted, at=at)
        return made
