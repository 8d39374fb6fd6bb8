"""Approve or decline a reviewed case, within an approver's authority; above it the committee votes."""

from datetime import datetime

from suixin.errors import LendingError
from suixin.server import tenancy
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination import authority, cases, documents
from suixin.server.origination.desk import policy_of
from suixin.server.origination.models import Application, DecisionRecord, Opinion
from suixin.server.verification import log
from suixin.server.verification import queries as identities

State, Verdict = Application.State, Opinion.Verdict


def approve(
    number: str, *, reason: str, by: Actor, at: datetime, amount_minor: int | None = None
) -> Application:
    """Grant a limit, that of the review unless another is given; above the approver's authority it goes to the committee.

    Raises:
        LendingError: no reason, a sum above what the policy grants, or the case does not wait for an approver.
        AccessError: the actor may not, is a relative, or had the case in another hand.
    """
    with tenancy.within(by.organisation_id):
        case, made = _held(number, "lending.case.approve", reason, by)
        wanted = amount_minor if amount_minor is not None else _recommended(case, made)
        cases.within_limit(made, wanted)
        higher = authority.above_approver(wanted, policy_of(made.policy).policy)
        if not higher:
            grant(case, made, wanted)
        cases.say(
            case,
            Opinion.Stage.APPROVAL,
            Verdict.REFER if higher else Verdict.APPROVE,
            action="lending.case.approve",
            by=by,
            at=at,
            reason=reason,
            amount_minor=wanted,
            moves_to=State.COMMITTEE if higher else State.OFFERED,
        )
        return case


def decline(number: str, *, reason: str, by: Actor, at: datetime) -> Application:
    """Decline a reviewed case; the merchant reads this reason beside the policy's, and may appeal once.

    Raises:
        LendingError: no reason, or the case does not wait for an approver.
        AccessError: the actor may not, is a relative, or had the case in another hand.
    """
    with tenancy.within(by.organisation_id):
        case, _ = _held(number, "lending.case.decline", reason, by)
        cases.say(
            case,
            Opinion.Stage.APPROVAL,
            Verdict.DECLINE,
            action="lending.case.decline",
            by=by,
            at=at,
            reason=reason,
            moves_to=State.DECLINED,
        )
        return case


def grant(case: Application, made: DecisionRecord, limit_minor: int) -> None:
    """Write the limit and the rate into the case; its caller saves it.

    Raises:
        LendingError: the identity is not verified, what the decision rests on was corrected since, or the policy declines.
    """
    identities.require(merchant_of(case.merchant_id), queries.day_of(case.book).business_on)
    log.require_unchanged(case.merchant_id, case.number, made.made_at)
    decision = documents.read_decision(made.document)
    if decision.terms is None:
        raise LendingError(
            f"the policy declines application {case.number}; change the policy, or what it was assessed on, first",
            zh=f"政策对申请 {case.number} 的结论是拒绝；须先修改政策，或按新情况重新评估",
        )
    case.granted_minor, case.rate_ppm = limit_minor, decision.terms.annual_rate_ppm


def _held(number: str, action: str, reason: str, by: Actor) -> tuple[Application, DecisionRecord]:
    if not reason.strip():
        raise LendingError("a decision needs its reason in words; give one", zh="请写明理由")
    case = cases.locked(number, State.APPROVAL)
    by.require(action, case, authority.hands_of(case, merchant_of(case.merchant_id)))
    return case, cases.latest(case)


def _recommended(case: Application, made: DecisionRecord) -> int:
    said = Opinion.objects.filter(application_id=case.pk, stage=Opinion.Stage.REVIEW).order_by("-id").first()
    return said.amount_minor if said and said.amount_minor else min(made.limit_minor, case.amount_minor)
