"""Relief after a disaster: whom it would reach, a second officer's word, and the list of beneficiaries to print."""

import re
import secrets
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from suixin.errors import SuixinError, UsageError
from suixin.lending.disaster import Disaster
from suixin.lending.terms import Deferred
from suixin.server.identity.access import Actor
from suixin.server.identity.roles import Role
from suixin.server.merchants.queries import names_of
from suixin.server.pages import forms
from suixin.server.pages.bank import house
from suixin.server.pages.door import STAFF, Visit, act_by_two, for_roles, now
from suixin.server.pages.refusals import refusal
from suixin.server.pages.templatetags.words import pair
from suixin.server.servicing import lists
from suixin.server.servicing.actions.declare_disaster import declare_disaster
from suixin.server.servicing.struck import Batch, batch_of, declaration, declared, tried

_FIELDS = ("event", "source", "townships", "crops", "first_on", "last_on", "deferred", "extend")
_TRIED = "nobody yet"
_KEY = re.compile(r"[!-.0-~]{1,40}")


@require_http_methods(["GET", "POST"])
@for_roles(Role.APPROVER, Role.COMMITTEE)
def show(visit: Visit) -> HttpResponse:
    """Say what happened and where, see whom it reaches and who is left out, and let a second officer sign."""
    if visit.method == "POST":
        return _declare(visit)
    book = house.book()
    context: dict[str, Any] = {
        "asked": {name: visit.GET.get(name, "") for name in _FIELDS},
        "day": house.today(book),
        "ways": [one.value for one in Deferred],
        "townships": lists.townships(),
        "crops": lists.crops(),
        "places": house.townships(),
        "declared": declared(book),
        "key": secrets.token_hex(8),
    }
    if "event" in visit.GET:
        try:
            context |= _shown(tried(book, _disaster(visit.GET, visit.actor.name, _TRIED)))
        except SuixinError as error:
            context["refused"] = refusal(error)
    return render(visit, "bank/disasters.html", context)


def _disaster(sent: QueryDict, made_by: str, checked_by: str) -> Disaster:
    event, source = forms.words_of(sent, "event", 60), forms.words_of(sent, "source", 100)
    if not event or not source:
        raise UsageError("Name the event, and the notice that declares it", zh="请填写灾害名称和公告")
    deferred = sent.get("deferred", "")
    if deferred not in {one.value for one in Deferred}:
        raise UsageError("Say when the interest falls due", zh="请选择利息何时收")
    return Disaster(
        event=event,
        source=source,
        townships=_townships(sent),
        crops=frozenset(forms.listed_of(sent, "crops")),
        first_on=forms.day_of(sent, "first_on"),
        last_on=forms.day_of(sent, "last_on"),
        made_by=made_by,
        checked_by=checked_by,
        deferred=Deferred(deferred),
        extend=forms.ticked(sent, "extend"),
    )


def _townships(sent: QueryDict) -> frozenset[str]:
    codes = forms.listed_of(sent, "townships")
    for code in codes:
        if len(code) != lists.TOWNSHIP or not (code.isascii() and code.isdigit()):
            raise UsageError(
                f"township {code!r} is no code of nine digits", zh=f"乡镇代码 {code!r} 应为 9 位数字"
            )
    return frozenset(codes)


def _declare(visit: Visit) -> HttpResponse:
    sent = visit.POST.get("key", "")
    if _KEY.fullmatch(sent) is None:
        raise BadRequest("the key of a form is a part of an address")
    key = f"disaster-{sent}"

    def do(second: Actor) -> None:
        disaster = _disaster(visit.POST, visit.actor.name, second.name)
        declare_disaster(house.book(), disaster, key=key, by=visit.actor, second=second, at=now())

    asked = QueryDict(mutable=True)
    asked.update({name: visit.POST.get(name, "") for name in _FIELDS})
    back = f"{reverse('bank-disasters')}?{asked.urlencode()}"
    said = pair("已实施，名单如下", "Done; the list is below")
    return act_by_two(visit, do, done=reverse("bank-disaster", args=[key]), back=back, said=said)


@require_GET
@for_roles(*STAFF)
def show_one(visit: Visit, key: str) -> HttpResponse:
    """The beneficiaries of one that was declared, and who was left out; made to be printed."""
    book = house.book()
    held = declaration(book, key)
    if held is None:
        raise Http404
    signed = held.signed
    people = house.called([signed["made_by"], signed["checked_by"]])
    context = {
        "held": held,
        "signed": signed,
        "days": held.days,
        "made_by": people[signed["made_by"]],
        "checked_by": people[signed["checked_by"]],
        **_shown(batch_of(book, held)),
        "places": house.townships(),
    }
    return render(visit, "bank/disaster.html", context)


def _shown(batch: Batch) -> dict[str, Any]:
    loans = [*(one.loan for one in batch.relieved), *(one.loan for one in batch.left_out)]
    names = names_of(loan.borrower for loan in loans)
    return {
        "batch": batch,
        "relieved": [(one, names.get(one.loan.borrower, "")) for one in batch.relieved],
        "left_out": [(one, names.get(one.loan.borrower, "")) for one in batch.left_out],
    }
