"""The due-diligence file of an application: the checklist, site visits, and the file sealed and downloaded."""

from itertools import groupby

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from suixin.server.identity.queries import names_of
from suixin.server.identity.roles import Role
from suixin.server.origination import authority
from suixin.server.origination.actions.record_visit import Seen, record_visit
from suixin.server.origination.actions.seal_dossier import seal_dossier
from suixin.server.origination.dossier.checks import PARTS, checks
from suixin.server.origination.dossier.facts import facts_of
from suixin.server.origination.models import Application, Dossier
from suixin.server.pages import forms
from suixin.server.pages.bank.application import case_of
from suixin.server.pages.door import Visit, act, for_roles, now
from suixin.server.pages.menus import SCORES
from suixin.server.pages.templatetags.words import pair

VISITORS = (Role.CUSTOMER_MANAGER, Role.REVIEWER, Role.POST_LOAN)
SEALERS = (*VISITORS, Role.APPROVER)
_FINDINGS = 1_000


@require_GET
@for_roles(*SCORES)
def show(visit: Visit, number: str) -> HttpResponse:
    """The checklist with what is missing, the visits, the files that were sealed."""
    case = case_of(visit, number)
    facts = facts_of(case, now())
    found = checks(facts)
    sealed = list(Dossier.objects.filter(application_id=case.pk).defer("content").order_by("-id"))
    names = names_of([*(one.by for one in facts.visits), *(one.made_by for one in sealed)])
    context = {
        "case": case,
        "merchant": facts.merchant,
        "parts": [(PARTS[part], list(items)) for part, items in groupby(found, key=lambda one: one.part)],
        "missing": sum(one.is_gap for one in found),
        "visits": [{"one": one, "who": names.get(one.by, one.by)} for one in facts.visits],
        "sealed": [{"one": one, "who": names.get(one.made_by, one.made_by)} for one in sealed],
        "can_visit": "visit" in authority.steps(visit.actor, case, facts.merchant),
        "can_seal": visit.actor.may("lending.case.seal", case, authority.hands_of(case, facts.merchant)),
        "after": case.state == Application.State.SIGNED,
        "today": facts.today,
    }
    return render(visit, "bank/dossier.html", context)


@require_POST
@for_roles(*VISITORS)
def visit_now(visit: Visit, number: str) -> HttpResponse:
    """Write a visit down."""
    where = reverse("bank-dossier", args=[number])

    def do() -> None:
        case = case_of(visit, number)
        used = {"yes": True, "no": False}.get(visit.POST.get("used", ""))
        seen = Seen(
            on=forms.day_of(visit.POST, "on"),
            place=forms.words_of(visit.POST, "place"),
            findings=forms.words_of(visit.POST, "findings", _FINDINGS),
            with_whom=forms.words_of(visit.POST, "with_whom"),
            used_as_agreed=used,
        )
        record_visit(case.number, seen, by=visit.actor, at=now())

    return act(visit, do, done=where, back=where, said=pair("调查已登记", "The visit is on file"))


@require_POST
@for_roles(*SEALERS)
def seal_now(visit: Visit, number: str) -> HttpResponse:
    """Seal the file as it is."""
    where = reverse("bank-dossier", args=[number])

    def do() -> None:
        seal_dossier(case_of(visit, number).number, by=visit.actor, at=now())

    return act(
        visit, do, done=where, back=where, said=pair("档案已封存，可下载", "Sealed; it can be downloaded")
    )


@require_GET
@for_roles(*SCORES)
def download(visit: Visit, number: str, key: int) -> HttpResponse:
    """A file as it was sealed."""
    case = case_of(visit, number)
    held = Dossier.objects.filter(application_id=case.pk, pk=key).first()
    if held is None:
        raise Http404
    answer = HttpResponse(bytes(held.content), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="dossier-{case.number}-{held.digest[:8]}.zip"'
    answer["X-Suixin-Digest"] = held.digest
    return answer
