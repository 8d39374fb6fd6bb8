"""How the house's people come in: who has a second factor, who is locked out; the administrator mends it, with a reason."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from suixin.server import tenancy
from suixin.server.identity import factors, people, throttle
from suixin.server.identity.access import Actor
from suixin.server.identity.actions.end_sessions import end_sessions
from suixin.server.identity.actions.reset_factor import reset_factor
from suixin.server.identity.actions.reset_password import reset_password
from suixin.server.identity.actions.unlock import unlock
from suixin.server.identity.models import User
from suixin.server.identity.people import Wanted
from suixin.server.identity.roles import Role
from suixin.server.pages import forms
from suixin.server.pages.door import Visit, act, act_by_two, for_roles, now
from suixin.server.pages.forms import REASON
from suixin.server.pages.templatetags.words import pair


@require_GET
@for_roles(Role.ADMINISTRATOR)
def show(visit: Visit) -> HttpResponse:
    """Somebody who is looked for by the name to sign in, a merchant, too; and how many of the staff owe a second factor."""
    asked = visit.GET.get("user", "").strip()
    owing = people.staff(Wanted(factor="no")).count()
    context = {"asked": asked, "owing": owing, "must": factors.must_have(visit.actor)}
    found = User.objects.filter(username=asked).first() if asked else None
    if found is not None:
        keys = [throttle.account(found.username), throttle.code(found.pk)]
        context |= {
            "one": found,
            "is_staff": people.staff(Wanted(state="all")).filter(pk=found.pk).exists(),
            "is_own": found.pk == visit.person.pk,
            "has_factor": factors.factor_of(found) is not None,
            "locked_until": throttle.locked_until(keys, now()),
        }
    return render(visit, "bank/sign_ins.html", context)


@require_POST
@for_roles(Role.ADMINISTRATOR)
def mend(visit: Visit, number: int) -> HttpResponse:
    """Unlock somebody, take their second factor away, or end their sessions."""
    found, by = _user(visit, number), visit.actor

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
    where = _where(found)
    return act(visit, do, done=where, back=where, said=pair("已办理", "Done"))


@require_POST
@never_cache
@for_roles(Role.ADMINISTRATOR)
def new_password(visit: Visit, number: int) -> HttpResponse:
    """Give somebody a new first password, which is shown to the two administrators this once."""
    found, made = _user(visit, number), list[str]()

    def do(second: Actor) -> None:
        reason = forms.words_of(visit.POST, "reason", REASON)
        made.append(reset_password(found, by=visit.actor, second=second, reason=reason, at=now()))

    answer = act_by_two(visit, do, done=_where(found), back=_where(found))
    if not made:
        return answer
    context = {"one": found, "password": made[0], "onward": _where(found)}
    return render(visit, "bank/person_added.html", context)


def _user(visit: Visit, number: int) -> User:
    """Somebody of this house, a merchant, too; of a stranger nobody learns that they are there."""
    with tenancy.within(visit.actor.organisation_id):
        found: User | None = User.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _where(found: User) -> str:
    return f"{reverse('bank-sign-ins')}?{urlencode({'user': found.username})}"
