"""Give up a drawdown that waits to be paid out: the customer does not want it any more, or the desk cannot pay it."""

from dataclasses import replace
from datetime import datetime

from suixin.errors import LendingError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import access
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries
from suixin.server.servicing.actions.authorise_sweep import end_sweep
from suixin.server.servicing.actions.withdraw import withdraw
from suixin.server.servicing.models import Loan, SweepAuthorisation

ACTION = "lending.loan.withdraw"


def give_up_draw(number: str, reason: str, *, by: Actor, at: datetime) -> Loan:
    """Give it up: nothing of it is paid out, the line is free again, and no sale is swept for it. A second time changes nothing.

    Raises:
        LendingError: no such loan, no reason, or it was paid out.
        AccessError: the actor may not, or it is another merchant's.
    """
    with tenancy.within(by.organisation_id):
        row = Loan.objects.select_related("book").filter(number=number).first()
        if row is None:
            raise LendingError(f"there is no loan {number!r}", zh=f"没有贷款 {number}")
        by.require(ACTION, row)
        if row.state == Loan.State.WITHDRAWN:
            return row
        machine = access.policy(by.organisation_id)
        gone = withdraw(row.book, number, reason=reason.strip(), by=machine, at=at)
        today = queries.day_of(row.book).business_on
        ending = replace(
            by, bound_to=None, granted=by.granted | {"lending.sweep.authorise"}
        )  # nothing is left to sweep for
        for sweep in SweepAuthorisation.objects.filter(loan_id=row.pk, ended_on=None):
            end_sweep(sweep, today, reason=reason.strip(), by=ending, at=at)
        record(by, ACTION, gone, after={"state": gone.state}, reason=reason.strip(), at=at)
        return gone
