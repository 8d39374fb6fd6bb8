"""Freeze a facility, or release it."""

from datetime import datetime

from suixin.errors import LendingError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.servicing import hands
from suixin.server.servicing.models import Facility


def freeze_facility(
    book: Book, number: str, *, frozen: bool, reason: str, by: Actor, at: datetime
) -> Facility:
    """Let nothing be drawn under a facility, or let it be drawn again.

    Raises:
        LendingError: there is no such facility.
        AccessError: the actor may not, or is a relative of its borrower.
    """
    with tenancy.within(book.organisation_id):
        by.require("lending.facility.freeze", book, hands.of_facility(book, number))
        rows = locks.rows(Facility.objects.filter(book_id=book.pk, number=number))
        if not rows:
            raise LendingError(f"book {book.code} has no facility {number!r}", zh=f"没有授信额度 {number}")
        before, rows[0].frozen = rows[0].frozen, frozen
        rows[0].save(update_fields=["frozen"])
        record(
            by,
            "lending.facility.freeze",
            rows[0],
            before={"frozen": before},
            after={"frozen": frozen},
            reason=reason,
            at=at,
        )
        return rows[0]
