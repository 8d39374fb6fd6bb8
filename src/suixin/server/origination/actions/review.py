"""Review a case: somebody who knows the trade looks at it, and recommends."""

from datetime import datetime

from suixin.errors import LendingError
from suixin.server import tenancy
from suixin.server.identity.access import Actor
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination import authority, cases
from suixin.server.origination.models import Application, Opinion

_VERDICTS = {Opinion.Verdict.APPROVE, Opinion.Verdict.DECLINE}


def review(
    number: str, verdict: str, *, reason: str, by: Actor, at: datetime, amount_minor: int | None = None
) -> Opinion:
    """Recommend to grant (so much), or to refuse; who decides is another person.

    Raises:
        LendingError: no reason, a sum above what the policy grants, or the case is not under review.
        AccessError: the actor may not, is a relative, or had the case in another hand.
    """
    if verdict not in _VERDICTS or not reason.strip():
        raise LendingError("a review says approve or decline, and why; give a reason", zh="请写明审查理由")
    with tenancy.within(by.organisation_id):
        case = cases.locked(number, Application.State.REVIEW)
        by.require("lending.case.review", case, authority.hands_of(case, merchant_of(case.merchant_id)))
        made = cases.latest(case)
        wanted = min(made.limit_minor, case.amount_minor) if amount_minor is None else amount_minor
        if verdict == Opinion.Verdict.APPROVE:
            cases.within_limit(made, wanted)
        return cases.say(
            case,
            Opinion.Stage.REVIEW,
            verdict,
            action="lending.case.review",
            by=by,
            at=at,
            reason=reason,
            amount_minor=wanted if verdict == Opinion.Verdict.APPROVE else None,
            moves_to=Application.State.APPROVAL,
        )
