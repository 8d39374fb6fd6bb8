"""How the house's people come in: who has a second factor, who is locked out; the administrator mends it, with a reason."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from suixin.server import tenancy
from suixin.server.identity import factors, throttle
from suixin.server.identity.actions.end_sessions import end_sessions
from suixin.server.identity.actions.reset_factor import reset_factor
from suixin.server.identity.actions.unlock import unlock
from suixin.server.identity.models import User
from suixin.server.identity.roles import Role
from suixin.server.pages import forms
from suixin.server.pages.door import Visit, act, for_roles, now
from suixin.server.pages.templatetags.words import pair


@require_GET
@for_roles(Role.ADMINISTRATOR)
def show(visit: Visit) -> HttpResponse:
    """Everybody of the house, and one person who is looked for by the name to sign in."""
    asked = visit.GET.get("user", "").strip()
    context = {"asked": asked, "staff": factors.staff(), "must": factors.must_have(visit.actor)}
    found = User.objects.filter(username=asked).first() if asked else None
    if found is not None:
        keys = [throttle.account(found.username), throttle.code(found.pk)]
        context |= {
            "one": found,
            "is_own": found.pk == visit.person.pk,
            "has_factor": factors.factor_of(found) is not None,
            "locked_until": throttle.locked_until(keys, now()),
        }
    return render(visit, "bank/sign_ins.html", context)


@require_POST
@for_roles(Role.ADMINISTRATOR)
def mend(visit: Visit, number: int) -> HttpResponse:
    """Unlock somebody, take their second factor away, or end their sessions."""
    with tenancy.within(visit.actor.organisation_id):
        found = User.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    by = visit.actor

    def reason() -> str:
        return forms.words_of(visit.POST, "reason")

    ways: dict[str, Callable[[], None]] = {
        "unlock": lambda: unlock(found, by=by, reason=reason(), at=now()),
        "reset": lambda: reset_factor(found, by=by, reason=reason(), at=now()),
        "end": lambda: end_sessions(found, by=by, at=now()),
    }
    do = ways.get(visit.POST.get("do", ""))
    if do is None:
        raise Http404
    where = f"{reverse('bank-sign-ins')}?{urlencode({'user': found.username})}"
    return act(visit, do, done=where, back=where, said=pair("已办理", "Done"))
