"""Withdraw an offer that was not paid out."""

from datetime import datetime

from suixin.errors import LendingError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending
from suixin.server.servicing.models import Loan

_OPEN = {Loan.State.OFFERED, Loan.State.ACCEPTED}


def withdraw(book: Book, number: str, *, reason: str, by: Actor, at: datetime) -> Loan:
    """Withdraw an offer, accepted or not: the borrower went away, or the day of its contract has passed.

    Raises:
        LendingError: no reason, or the loan was paid out.
    """
    if not reason:
        raise LendingError(f"loan {number} is withdrawn without a reason; give one", zh="请填写原因")
    with tenancy.within(book.organisation_id):
        by.require("lending.loan.offer", book)
        (row,) = amending.locked(book, number)
        if row.state in _OPEN:
            before, row.state = row.state, Loan.State.WITHDRAWN
            row.save(update_fields=["state"])
            record(
                by,
                "lending.loan.offer",
                row,
                before={"state": before},
                after={"state": row.state},
                reason=reason,
                at=at,
            )
        elif row.state != Loan.State.WITHDRAWN:
            raise LendingError(
                f"loan {number} is {row.state}; only what is not paid out can be withdrawn",
                zh=f"借款 {number} 已放款，不能再撤回",
            )
        return row
