"""What is done in a case: reviewed, approved or declined, voted on, assessed anew, withdrawn."""

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from suixin.server.identity.roles import Role
from suixin.server.origination.actions.approve import approve, decline
from suixin.server.origination.actions.have_assessed import have_assessed
from suixin.server.origination.actions.review import review
from suixin.server.origination.actions.vote import vote
from suixin.server.origination.actions.withdraw_application import withdraw_application
from suixin.server.origination.models import Application
from suixin.server.pages import forms
from suixin.server.pages.bank.application import case_of, shown
from suixin.server.pages.door import Visit, act, for_roles, now
from suixin.server.pages.menus import HELPERS
from suixin.server.pages.templatetags.words import pair


def _done(
    visit: Visit, number: str, step: str, do: Callable[[Application], object], said: str
) -> HttpResponse:
    """Go on to the case; what was refused is shown there in its form as it was typed."""
    where = reverse("bank-application", args=[number])
    typed = {step: {name: visit.POST.get(name, "")[: forms.LONGEST] for name in ("reason", "amount")}}
    return act(
        visit,
        lambda: do(case_of(visit, number)),
        done=where,
        back=lambda: shown(visit, number, typed),
        said=said,
    )


def _amount(visit: Visit) -> int | None:
    return forms.amount_of(visit.POST) if visit.POST.get("amount", "").strip() else None


def _reason(visit: Visit) -> str:
    return forms.words_of(visit.POST, "reason")


@require_POST
@for_roles(Role.REVIEWER)
def review_now(visit: Visit, number: str) -> HttpResponse:
    """Recommend to grant so much, or to refuse."""

    def do(case: Application) -> None:
        verdict = visit.POST.get("verdict", "")
        review(
            case.number, verdict, reason=_reason(visit), by=visit.actor, at=now(), amount_minor=_amount(visit)
        )

    return _done(
        visit, number, "review", do, pair("审查意见已提交，转审批", "Reviewed; an approver decides now")
    )


@require_POST
@for_roles(Role.APPROVER)
def approve_now(visit: Visit, number: str) -> HttpResponse:
    """Approve, or bring it before the committee."""

    def do(case: Application) -> None:
        approve(case.number, reason=_reason(visit), by=visit.actor, at=now(), amount_minor=_amount(visit))

    return _done(visit, number, "approve", do, pair("审批意见已提交", "Your approval is written down"))


@require_POST
@for_roles(Role.APPROVER)
def decline_now(visit: Visit, number: str) -> HttpResponse:
    """Decline."""

    def do(case: Application) -> None:
        decline(case.number, reason=_reason(visit), by=visit.actor, at=now())

    said = pair(
        "已拒绝；客户会看到理由（每笔申请可申诉一次）",
        "Declined; the customer reads the reason (an application is appealed once)",
    )
    return _done(visit, number, "approve", do, said)


@require_POST
@for_roles(Role.COMMITTEE)
def vote_now(visit: Visit, number: str) -> HttpResponse:
    """Vote in the committee."""

    def do(case: Application) -> None:
        vote(case.number, visit.POST.get("verdict", ""), reason=_reason(visit), by=visit.actor, at=now())

    return _done(visit, number, "vote", do, pair("表决已记录", "Your vote is written down"))


@require_POST
@for_roles(Role.REVIEWER, *HELPERS)
def assess_now(visit: Visit, number: str) -> HttpResponse:
    """Have it assessed on what is known today."""

    def do(case: Application) -> None:
        have_assessed(case.number, by=visit.actor, at=now(), reason=_reason(visit))

    return _done(visit, number, "assess", do, pair("已评估", "Assessed"))


@require_POST
@for_roles(*HELPERS)
def withdraw_now(visit: Visit, number: str) -> HttpResponse:
    """Withdraw it, because the customer said so."""

    def do(case: Application) -> None:
        withdraw_application(case.number, by=visit.actor, at=now(), reason=_reason(visit))

    return _done(visit, number, "withdraw", do, pair("申请已撤回", "The application is withdrawn"))
