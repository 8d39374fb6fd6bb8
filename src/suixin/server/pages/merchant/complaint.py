"""Complaints: what I am dissatisfied with, by when I get an answer, and what it was."""

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from suixin.reporting.letter import value_to_merchant
from suixin.server.complaints.actions.file_complaint import Said, file_complaint
from suixin.server.complaints.models import WORDS
from suixin.server.complaints.queries import of_merchant
from suixin.server.identity.roles import Role
from suixin.server.origination import queries
from suixin.server.pages import forms
from suixin.server.pages.complaintwords import KINDS, OUTCOMES, STATES
from suixin.server.pages.door import Visit, act, for_roles, now
from suixin.server.pages.merchant import mine
from suixin.server.pages.templatetags.words import pair, spoken
from suixin.server.servicing.models import Loan


@require_GET
@for_roles(Role.OWNER)
def listed(visit: Visit) -> HttpResponse:
    """Mine with their answers, and a form for another."""
    return _shown(visit, QueryDict())


def _shown(visit: Visit, typed: QueryDict) -> HttpResponse:
    """The page; its form filled as it was sent where that was refused."""
    merchant = mine.merchant(visit)
    cases = queries.applications_of(merchant.merchant_id)
    held = next((found for case in cases if (found := queries.decided(case))), None)
    loans = (
        Loan.objects.filter(borrower=merchant.merchant_id).order_by("-id").values_list("number", flat=True)
    )
    context = {
        "complaints": [
            {
                "one": one,
                "kind": KINDS[one.kind],
                "state": STATES[one.state],
                "outcome": OUTCOMES.get(one.outcome),
            }
            for one in of_merchant(merchant.merchant_id)
        ],
        "kinds": KINDS.items(),
        "numbers": [*(case.number for case in cases), *loans],
        "figures": figures(held),
        "typed": typed,
    }
    return render(visit, "merchant/complaints.html", context)


def figures(held: queries.Decided | None) -> list[tuple[str, str, str]]:
    """The figures that a decision gave its reasons with: name, words and value; they may be disputed."""
    if held is None:
        return []
    say, decision = spoken(), held.decision
    named = dict.fromkeys(one.feature for one in decision.reasons if one.feature)
    return [(name, say.feature_label(name), value_to_merchant(name, decision, say)) for name in named]


@require_POST
@for_roles(Role.OWNER)
def file_now(visit: Visit) -> HttpResponse:
    """File one."""

    def do() -> None:
        said = Said(
            kind=visit.POST.get("kind", ""),
            words=forms.words_of(visit.POST, "words", WORDS),
            about=visit.POST.get("about", "").strip()[:40],
            feature=visit.POST.get("feature", "").strip()[:60],
        )
        file_complaint(mine.merchant(visit), said, by=visit.actor, at=now())

    said = pair("投诉已提交", "Your complaint is filed")
    where = reverse("merchant-complaints")
    return act(visit, do, done=where, back=lambda: _shown(visit, visit.POST), said=said)
