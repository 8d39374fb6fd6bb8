"""Appeal a refusal: people look at the case again, who had nothing to do with it before."""

from datetime import datetime

from suixin.errors import LendingError
from suixin.server import tenancy
from suixin.server.identity.access import Actor
from suixin.server.origination import authority, cases
from suixin.server.origination.models import Application, Opinion


def appeal(number: str, reason: str, *, by: Actor, at: datetime) -> Application:
    """Appeal, once: the case goes to review, and its way from there is people's.

    Raises:
        LendingError: no reason, it was not declined, it was appealed before, or another application is open.
    """
    if not reason.strip():
        raise LendingError(
            "say what the decision has got wrong, so that somebody can look at it",
            zh="请写明哪里不对，以便有人复查",
        )
    with tenancy.within(by.organisation_id):
        case = cases.locked(number, Application.State.DECLINED)
        by.require("lending.case.appeal", case)
        if authority.appealed(case):
            raise LendingError(
                f"application {number} was appealed before; file a new one",
                zh=f"申请 {number} 已申诉过，请重新申请",
            )
        others = Application.objects.filter(merchant_id=case.merchant_id).exclude(pk=case.pk)
        if any(other.is_open for other in others):
            raise LendingError(
                "another application is open; withdraw it before you appeal this one",
                zh="另有一笔申请还没有结束，请先撤回再申诉",
            )
        case.by_people, case.automatic = True, False
        cases.say(
            case,
            Opinion.Stage.APPEAL,
            Opinion.Verdict.NOTED,
            action="lending.case.appeal",
            by=by,
            at=at,
            reason=reason,
            moves_to=Application.State.REVIEW,
        )
        return case
