"""Vote in the loan committee: three members or more, and more than half of the votes decide."""

from datetime import datetime

from suixin.errors import ConflictError, LendingError
from suixin.server import tenancy
from suixin.server.identity.access import Actor
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination import authority, cases
from suixin.server.origination.actions.approve import grant
from suixin.server.origination.models import Application, Opinion

State, Verdict = Application.State, Opinion.Verdict


def vote(number: str, verdict: str, *, reason: str, by: Actor, at: datetime) -> Application:
    """Vote, once a member and round; who dissents is in the minutes with the reason.

    Raises:
        LendingError: no reason, no vote, or the case is not before the committee.
        ConflictError: the member has voted.
        AccessError: the actor may not, is a relative, or had the case in another hand.
    """
    if verdict not in {Verdict.APPROVE, Verdict.DECLINE} or not reason.strip():
        raise LendingError("a vote says approve or decline, and why; give a reason", zh="请写明表决理由")
    with tenancy.within(by.organisation_id):
        case = cases.locked(number, State.COMMITTEE)
        by.require("lending.case.vote", case, authority.hands_of(case, merchant_of(case.merchant_id)))
        before = authority.votes(case)
        if any(one.by == by.name for one in before):
            raise ConflictError(
                f"you have voted on application {number} already", zh=f"您已对申请 {number} 表决过"
            )
        votes = [*(one.verdict for one in before), verdict]
        outcome = counted(votes)
        asked = _asked(case)
        if outcome == Verdict.APPROVE:
            made = cases.latest(case)
            cases.within_limit(made, asked)
            grant(case, made, asked)
        moves = {Verdict.APPROVE: State.OFFERED, Verdict.DECLINE: State.DECLINED}
        cases.say(
            case,
            Opinion.Stage.COMMITTEE,
            verdict,
            action="lending.case.vote",
            by=by,
            at=at,
            reason=reason,
            amount_minor=asked,
            moves_to=moves[outcome] if outcome else "",
        )
        return case


def _asked(case: Application) -> int:
    brought = (
        Opinion.objects.filter(application_id=case.pk, stage=Opinion.Stage.APPROVAL).order_by("-id").first()
    )
    return int(brought.amount_minor or 0) if brought else 0


def counted(votes: list[str]) -> "Opinion.Verdict | None":
    """The outcome, once there are enough votes and one side has more than half of them."""
    yes = sum(one == Verdict.APPROVE for one in votes)
    if len(votes) < authority.QUORUM or 2 * yes == len(votes):
        return None
    return Verdict.APPROVE if 2 * yes > len(votes) else Verdict.DECLINE
