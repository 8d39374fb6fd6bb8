"""Renew a loan without repayment (无还本续贷): a new contract settles the old one in one balanced transaction."""

from datetime import datetime
from typing import Any

from suixin.errors import LendingError
from suixin.ledger import servicing
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.idempotency.actions.once import once
from suixin.server.identity.access import Actor
from suixin.server.ledger.actions.post import post
from suixin.server.ledger.models import Book
from suixin.server.outbox.actions.write import News
from suixin.server.servicing import amending, keeping
from suixin.server.servicing.models import Loan


def renew(
    book: Book, old: str, new: str, *, key: str, reason: str, by: Actor, at: datetime
) -> dict[str, Any]:
    """Settle a loan with another that was offered and accepted for what is owed, once for the key.

    Raises:
        LendingError: the sums differ, or one of the loans refuses its part.
    """

    def do() -> dict[str, Any]:
        day = amending.open_day(book)
        before, after = amending.locked(book, old, new)
        if after.state != Loan.State.ACCEPTED or after.borrower != before.borrower:
            raise LendingError(f"loan {new} is not an accepted loan of the borrower of {old}")
        first, second = (keeping.read(row, with_events=True) for row in (before, after))
        settled, begun, booked = servicing.renew(first, second, day)
        amending.add_event(before, settled.loan.events[-1], day, by=by, at=at, reason=reason)
        amending.add_event(after, begun.loan.events[-1], day, by=by, at=at, reason=reason)
        for row, held in ((before, settled.loan), (after, begun.loan)):
            keeping.write(row, held).save(update_fields=keeping.KEPT)
            record(by, "lending.loan.renew", row, after={"state": row.state}, reason=reason, at=at)
        news = [News("loan.renew", booked.key, {"old": old, "new": new})]
        post(book, [booked], by=amending.poster(by), news=news, at=at)
        return {"old": old, "new": new, "booked": [booked.key]}

    with tenancy.within(book.organisation_id):
        by.require("lending.loan.renew", book)
        result: dict[str, Any] = once("lending.loan.renew", key, {"old": old, "new": new}, do, at=at)
        return result
