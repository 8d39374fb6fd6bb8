"""Who decides: the policy alone, an approver, or the committee, by what the policy says of the amount."""

from dataclasses import dataclass

from suixin.server.identity.access import Hands
from suixin.server.merchants.models import Merchant
from suixin.server.origination.models import Application, Opinion
from suixin.underwriting.decision import Outcome
from suixin.underwriting.policy import Policy

State, Stage, Verdict = Application.State, Opinion.Stage, Opinion.Verdict
QUORUM = 3
"""So many members vote, and more than half of the votes decide."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where a case goes next, and whether the policy decided it by itself."""

    state: str
    automatic: bool = False


def way_of(outcome: Outcome, limit_minor: int, policy: Policy, *, by_people: bool) -> Way:
    """Where a decided case goes: nothing is refused or granted by the policy alone if the applicant asked for people."""
    if by_people or outcome is Outcome.REFER:
        return Way(State.REVIEW)
    if outcome is Outcome.DECLINE:
        return Way(State.DECLINED, automatic=True)
    if limit_minor <= policy.authority_minor("automatic"):
        return Way(State.OFFERED, automatic=True)
    return Way(State.REVIEW)


def above_approver(amount_minor: int, policy: Policy) -> bool:
    """Whether an approver may only pass it on to the committee."""
    return amount_minor > policy.authority_minor("approver")


def hands_of(application: Application, merchant: Merchant) -> Hands:
    """Whose hands a case went through; relatives, and who spoke in one stage, are barred from the others."""
    said = list(Opinion.objects.filter(application_id=application.pk).values_list("stage", "by"))
    investigated = {
        by for stage, by in said if stage in {Stage.FILE, Stage.REVIEW} and by.startswith("user:")
    }
    approved = {
        by for stage, by in said if stage in {Stage.APPROVAL, Stage.COMMITTEE} and by.startswith("user:")
    }
    return Hands(
        investigated_by=frozenset(investigated),
        approved_by=frozenset(approved),
        barred=frozenset(merchant.relatives),
    )
