"""The policy: what is in force, what is proposed and how it differs, released by two people; and the way back."""

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from suixin.errors import SuixinError
from suixin.server import tenancy
from suixin.server.identity.queries import names_of
from suixin.server.identity.roles import Role
from suixin.server.origination import policies
from suixin.server.origination.actions.propose_policy import checked, propose_policy
from suixin.server.origination.actions.settle_proposal import release_proposal, withdraw_proposal
from suixin.server.origination.desk import policy_of, release_in_force
from suixin.server.origination.models import PolicyRelease
from suixin.server.pages import forms
from suixin.server.pages.door import Visit, act, for_roles, now
from suixin.server.pages.menus import POLICY
from suixin.server.pages.refusals import refusal
from suixin.server.pages.templatetags.words import pair, spoken
from suixin.underwriting.decision import Outcome
from suixin.underwriting.policy import LoadedPolicy

_LONGEST = 200_000


@require_GET
@for_roles(*POLICY)
def show(visit: Visit) -> HttpResponse:
    """The page."""
    if not policies.releases():
        return render(visit, "bank/policy_none.html")
    return render(visit, "bank/policy.html", _context(visit))


def _context(visit: Visit) -> dict[str, object]:
    held = policies.releases()
    current, open_one = release_in_force(), policies.proposal()
    names = names_of(
        [one.released_by for one in held]
        + [one.seconded_by for one in held]
        + ([open_one.proposed_by] if open_one else [])
    )
    context: dict[str, object] = {
        "current": current,
        "policy": policy_of(current).policy,
        "text": current.text,
        "automatic_minor": policy_of(current).policy.authority_minor("automatic"),
        "approver_minor": policy_of(current).policy.authority_minor("approver"),
        "releases": [
            {
                "row": one,
                "by": names.get(one.released_by, one.released_by),
                "second": names.get(one.seconded_by, one.seconded_by),
                "may_return": one.hash != current.hash,
            }
            for one in held
        ],
        "may_propose": visit.actor.may("lending.policy.propose"),
        "may_release": visit.actor.may("lending.policy.release"),
    }
    if open_one is not None:
        context |= {
            "proposal": open_one,
            "proposer": names.get(open_one.proposed_by, open_one.proposed_by),
            "is_mine": open_one.proposed_by == visit.actor.name,
            **_compared(current, policy_of(open_one)),
        }
    return context


def _compared(current: PolicyRelease, other: LoadedPolicy) -> dict[str, object]:
    return {
        "lines": policies.difference(current.text, other.text),
        "settings": policies.settings(policy_of(current), other),
    }


@require_GET
@for_roles(*POLICY)
def dry_run(visit: Visit) -> HttpResponse:
    """What the proposal would have made of the last decisions."""
    open_one = policies.proposal()
    if open_one is None:
        raise Http404
    tried = policies.tried(policy_of(release_in_force()), policy_of(open_one))
    say = spoken()
    context = {
        "tried": tried,
        "proposal": open_one,
        "outcomes": [
            (say.outcome(one.value), tried.before.outcomes[one], tried.after.outcomes[one]) for one in Outcome
        ],
        "moved": [
            (say.outcome(one.before.value), say.outcome(one.after.value), one.cases) for one in tried.moved
        ],
    }
    return render(visit, "bank/policy_dry_run.html", context)


def _text(visit: Visit) -> str:
    """The text of the form, with the line ends that files have."""
    return visit.POST.get("text", "")[:_LONGEST].replace("\r\n", "\n")


@require_POST
@for_roles(Role.MODEL_OWNER, Role.APPROVER)
def check(visit: Visit) -> HttpResponse:
    """Check a text and show how it differs; nothing is kept."""
    text = _text(visit)
    with tenancy.within(visit.actor.organisation_id):
        context = _context(visit) | {"text": text, "reason": visit.POST.get("reason", "")[: forms.LONGEST]}
        try:
            context |= {"checked": True, **_compared(release_in_force(), checked(text))}
        except SuixinError as error:
            context["faults"] = [refusal(error)] if error.zh else str(error).split("; ")
        return render(visit, "bank/policy.html", context)


@require_POST
@for_roles(Role.MODEL_OWNER, Role.APPROVER)
def propose(visit: Visit) -> HttpResponse:
    """Propose a text."""

    def do() -> None:
        propose_policy(_text(visit), reason=forms.words_of(visit.POST, "reason"), by=visit.actor, at=now())

    def refused() -> HttpResponse:
        kept = {"text": _text(visit), "reason": visit.POST.get("reason", "")[: forms.LONGEST], "kept": True}
        return render(visit, "bank/policy.html", _context(visit) | kept)

    said = pair("已提出，等另一人发布", "Proposed; another person releases it")
    return act(visit, do, done=reverse("bank-policy"), back=refused, said=said)


@require_POST
@for_roles(Role.MODEL_OWNER, Role.APPROVER)
def go_back(visit: Visit, number: int) -> HttpResponse:
    """Propose the text of a former release anew."""

    def do() -> None:
        former = PolicyRelease.objects.filter(pk=number).first()
        if former is None:
            raise Http404
        reason = pair("恢复到版本 {version}（{hash}）", "back to version {version} ({hash})")
        told = reason.format(version=former.version, hash=former.hash)
        propose_policy(former.text, reason=told, by=visit.actor, at=now())

    return _done(visit, do, pair("已提出恢复，等另一人发布", "Proposed; another person releases it"))


@require_POST
@for_roles(Role.MODEL_OWNER, Role.APPROVER)
def release(visit: Visit, number: int) -> HttpResponse:
    """Release what another person proposed."""

    def do() -> None:
        release_proposal(number, shown=visit.POST.get("hash", ""), by=visit.actor, at=now())

    return _done(visit, do, pair("新政策已生效", "The new policy is in force"))


@require_POST
@for_roles(Role.MODEL_OWNER, Role.APPROVER)
def withdraw(visit: Visit, number: int) -> HttpResponse:
    """Withdraw a proposal."""

    def do() -> None:
        withdraw_proposal(number, by=visit.actor, at=now())

    return _done(visit, do, pair("提案已撤回", "The proposal is withdrawn"))


def _done(visit: Visit, do: Callable[[], None], said: str) -> HttpResponse:
    where = reverse("bank-policy")
    return act(visit, do, done=where, back=where, said=said)
