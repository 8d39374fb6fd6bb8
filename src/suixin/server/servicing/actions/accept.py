"""Record that the borrower has accepted an offer."""

from datetime import datetime

from suixin.errors import LendingError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending
from suixin.server.servicing.models import Loan


def accept(book: Book, number: str, *, signature: str, by: Actor, at: datetime) -> Loan:
    """Record the acceptance; a second time with the same document changes nothing.

    Args:
        book: the lender's.
        number: the loan's.
        signature: SHA-256 (hex) of the signed document.
        by: who saw it signed.
        at: when.

    Raises:
        LendingError: the loan is no open offer, or another document was signed.
    """
    with tenancy.within(book.organisation_id):
        by.require("lending.loan.accept", book)
        (row,) = amending.locked(book, number)
        if row.state == Loan.State.OFFERED:
            row.state, row.accepted_by, row.signature = Loan.State.ACCEPTED, by.name, signature
            row.save(update_fields=["state", "accepted_by", "signature"])
            record(by, "lending.loan.accept", row, after={"signature": signature}, at=at)
        elif row.state != Loan.State.ACCEPTED:
            raise LendingError(
                f"loan {number} is {row.state}; only an open offer can be accepted",
                zh=f"贷款 {number} 已不是待接受的要约",
            )
        elif row.signature != signature:
            raise LendingError(
                f"loan {number} was accepted with another document; withdraw it and offer anew",
                zh=f"贷款 {number} 已按另一份合同接受；请先撤销，再重新出具",
            )
        return row
