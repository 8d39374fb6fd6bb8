"""Who decides: the policy alone, an approver, or the committee, by what the policy says of the amount."""

from dataclasses import dataclass

from suixin.server.identity.access import Actor, Hands
from suixin.server.merchants.models import Merchant
from suixin.server.origination.models import OPEN, Application, Opinion, SiteVisit
from suixin.underwriting.decision import Outcome
from suixin.underwriting.policy import Policy

State, Stage, Verdict = Application.State, Opinion.Stage, Opinion.Verdict
JUDGED = frozenset({Stage.REVIEW, Stage.APPROVAL, Stage.COMMITTEE})
"""Stages in which people judge a case."""
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
    """Whose hands a case went through; who spoke or went in one stage is barred from the others.

    Relatives are barred from all of it, and after an appeal so is everybody who judged before it.
    """
    said = list(
        Opinion.objects.filter(application_id=application.pk).order_by("id").values_list("stage", "by")
    )
    appealed = max((at for at, (stage, _) in enumerate(said) if stage == Stage.APPEAL), default=0)
    judged = {by for stage, by in said[:appealed] if stage in JUDGED and by.startswith("user:")}
    investigated = {
        by for stage, by in said if stage in {Stage.FILE, Stage.REVIEW} and by.startswith("user:")
    }
    went = SiteVisit.objects.filter(application_id=application.pk, kind=SiteVisit.Kind.BEFORE)
    investigated |= set(went.values_list("by", flat=True))
    approved = {
        by for stage, by in said if stage in {Stage.APPROVAL, Stage.COMMITTEE} and by.startswith("user:")
    }
    return Hands(
        investigated_by=frozenset(investigated),
        approved_by=frozenset(approved),
        barred=frozenset(merchant.relatives) | judged,
    )


_STEPS = {
    "assess": ("lending.case.have_assessed", OPEN[:-1]),
    "review": ("lending.case.review", (State.REVIEW,)),
    "approve": ("lending.case.approve", (State.APPROVAL,)),
    "decline": ("lending.case.decline", (State.APPROVAL,)),
    "vote": ("lending.case.vote", (State.COMMITTEE,)),
    "sign": ("lending.loan.accept", (State.OFFERED,)),
    "draw": ("lending.loan.draw_on_paper", (State.SIGNED,)),
    "assist": ("sharing.consent.assist", (*OPEN, State.SIGNED, State.DECLINED)),
    "visit": ("lending.case.visit", (*OPEN, State.SIGNED)),
    "withdraw": ("lending.case.withdraw", OPEN),
    "appeal": ("lending.case.appeal_on_paper", (State.DECLINED,)),
}
"""A step in a case -> the action that it needs, and the states in which there is anything to do."""


def steps(by: Actor, case: Application, merchant: Merchant) -> frozenset[str]:
    """What somebody may do next in a case, for a page to offer; the actions judge again, under their lock."""
    hands = hands_of(case, merchant)
    found = {
        step
        for step, (action, states) in _STEPS.items()
        if case.state in states and by.may(action, case, hands)
    }
    if "vote" in found and any(one.by == by.name for one in votes(case)):
        found.remove("vote")
    if "appeal" in found and appealed(case):
        found.remove("appeal")
    return frozenset(found)


def appealed(case: Application) -> bool:
    """Whether the one appeal that a case has was made."""
    return Opinion.objects.filter(application_id=case.pk, stage=Stage.APPEAL).exists()


def votes(case: Application) -> list[Opinion]:
    """The committee's votes since the case was brought before it."""
    said = list(Opinion.objects.filter(application_id=case.pk).order_by("id"))
    brought = max((at for at, one in enumerate(said) if one.stage == Stage.APPROVAL), default=0)
    return [one for one in said[brought:] if one.stage == Stage.COMMITTEE]
