"""Relief of one loan: what is asked for, what it would come to, and a second officer's word."""

import secrets
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from suixin.errors import SuixinError, UsageError
from suixin.server import tenancy
from suixin.server.identity.access import Actor
from suixin.server.identity.roles import Role
from suixin.server.pages import forms
from suixin.server.pages.bank import house
from suixin.server.pages.bank.loan import where
from suixin.server.pages.door import Visit, act_by_two, for_roles, now
from suixin.server.pages.refusals import refusal
from suixin.server.pages.templatetags.words import pair
from suixin.server.servicing import looks
from suixin.server.servicing.actions.ease import ease
from suixin.server.servicing.easing import Ease, tried

_FIELDS = ("annual_rate", "more_months", "grace_periods", "take_in", "difficulty")


@require_http_methods(["GET", "POST"])
@for_roles(Role.APPROVER, Role.COMMITTEE)
def show(visit: Visit, number: str) -> HttpResponse:
    """Ask for other terms and see what they come to; a second officer's name and password let it happen."""
    if visit.method == "POST":
        return _relieve(visit, number)
    row = house.loan(number)
    day = house.today(row.book)
    context: dict[str, Any] = {
        "row": row,
        "look": looks.look(row) if row.drawn_minor else None,
        "asked": {name: visit.GET.get(name, "") for name in _FIELDS},
        "key": secrets.token_hex(8),
    }
    if "difficulty" in visit.GET:
        try:
            difficulty = _difficulty(visit.GET)
            context["trial"] = tried(row, _ease(visit.GET), day, difficulty=difficulty)
        except SuixinError as error:
            context["refused"] = refusal(error)
    return render(visit, "bank/relief.html", context)


def _ease(sent: QueryDict) -> Ease:
    return Ease(
        annual_rate=forms.rate_of(sent, "annual_rate"),
        more_months=forms.count_of(sent, "more_months"),
        grace_periods=forms.count_of(sent, "grace_periods"),
        take_in=forms.ticked(sent, "take_in"),
    )


def _difficulty(sent: QueryDict) -> bool:
    """Whether the borrower is in difficulty: a person says so, and says it either way."""
    said = sent.get("difficulty", "")
    if said not in {"yes", "no"}:
        raise UsageError("Say whether the borrower is in financial difficulty", zh="请判断借款人是否财务困难")
    return said == "yes"


def _relieve(visit: Visit, number: str) -> HttpResponse:
    with tenancy.within(visit.actor.organisation_id):
        house.loan(number)  # 404 before anybody's word is judged

    def do(second: Actor) -> None:
        row = house.loan(number)
        ease(
            row.book,
            number,
            _ease(visit.POST),
            difficulty=_difficulty(visit.POST),
            key=f"relief {forms.words_of(visit.POST, 'key', 40)}",
            reason=forms.words_of(visit.POST, "reason", 160),
            by=visit.actor,
            second=second,
            at=now(),
        )

    asked = QueryDict(mutable=True)
    asked.update({name: visit.POST.get(name, "") for name in _FIELDS})
    back = f"{reverse('bank-loan-relief', args=[number])}?{asked.urlencode()}"
    said = pair("还款条件已变更", "The terms are changed")
    return act_by_two(visit, do, done=where(number), back=back, said=said)
