"""Renew a loan without repayment (无还本续贷): a new contract settles the old one in one balanced transaction."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from suixin.errors import LendingError
from suixin.ledger import relief
from suixin.lending.documents import write_contract
from suixin.lending.renewal import Applicant
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.idempotency.actions.once import once
from suixin.server.identity.access import Actor
from suixin.server.ledger.actions.post import post
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending, hands, keeping, limits, telling
from suixin.server.servicing.models import Loan


def renew(
    book: Book,
    old: str,
    new: str,
    applicant: Applicant,
    *,
    key: str,
    reason: str,
    by: Actor,
    at: datetime,
) -> dict[str, Any]:
    """Settle a loan with another that was offered and accepted for it, once for the key.

    The new one carries the first overdue date, the flags and the watch of the old one; a renewal that does not qualify is
    at least special-mention.

    Returns:
        Whether it qualifies, and if not why, and what was booked.

    Raises:
        LendingError: the sums differ, one of the loans refuses its part, or the new one's facility does not bear it.
    """

    def do() -> dict[str, Any]:
        day = amending.open_day(book)
        facility = limits.of_loan(book, new)
        first, second = amending.locked(book, old, new)
        if second.state != Loan.State.ACCEPTED or second.borrower != first.borrower:
            raise LendingError(
                f"loan {new} is not an accepted loan of the borrower of {old}",
                zh=f"贷款 {new} 不是该借款人已接受的贷款",
            )
        before, taken = (keeping.read(row, with_events=True) for row in (first, second))
        done = relief.renew(before, taken.contract, applicant, day)
        if facility is not None:
            freed = first.principal_minor if first.facility_id == facility.pk else 0
            limits.judge(facility, taken.contract.terms.principal_fen - freed, day)
        second.contract = write_contract(done.new.contract)
        second.save(update_fields=["contract"])
        for row, was, now in ((first, before, done.old), (second, taken, done.new)):
            amending.add_events(row, was, now, day, by=by, at=at, reason=reason)
            keeping.write(row, now).save(update_fields=keeping.KEPT)
            record(by, "lending.loan.renew", row, after={"state": row.state}, reason=reason, at=at)
        booked = [*(done.paid.booked if done.paid else ()), done.booked]
        told = (first, second)
        news = [telling.changed(book, row, key, day, "lending.loan.renew") for row in told]
        post(book, booked, by=amending.poster(by), news=news, at=at)
        return {
            "old": old,
            "new": new,
            "qualifies": not done.renewal.failed,
            "failed": sorted(one.value for one in done.renewal.failed),
            "booked": [made.key for made in booked],
        }

    with tenancy.within(book.organisation_id):
        by.require("lending.loan.renew", book, hands.of_loan(book, old))
        asked = {"old": old, "new": new, "applicant": asdict(applicant)}
        result: dict[str, Any] = once("lending.loan.renew", amending.scoped(book, key), asked, do, at=at)
        return result
