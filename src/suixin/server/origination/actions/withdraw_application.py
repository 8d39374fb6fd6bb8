"""Withdraw an application: the merchant does not want it any more."""

from datetime import datetime

from suixin.errors import LendingError
from suixin.server import tenancy
from suixin.server.identity.access import Actor
from suixin.server.origination import cases
from suixin.server.origination.models import Application, Opinion


def withdraw_application(number: str, *, by: Actor, at: datetime, reason: str = "") -> Application:
    """Withdraw it, at any time before it is signed or ended; a second time changes nothing.

    Raises:
        LendingError: it is signed or declined.
    """
    with tenancy.within(by.organisation_id):
        case = cases.locked(number)
        by.require("lending.case.withdraw", case)
        if case.state == Application.State.WITHDRAWN:
            return case
        if not case.is_open:
            raise LendingError(
                f"application {number} is {case.state}; it cannot be withdrawn any more",
                zh=f"申请 {number} 已办结，不能再撤回",
            )
        cases.say(
            case,
            Opinion.Stage.WITHDRAWAL,
            Opinion.Verdict.NOTED,
            action="lending.case.withdraw",
            by=by,
            at=at,
            reason=reason,
            moves_to=Application.State.WITHDRAWN,
        )
        return case
