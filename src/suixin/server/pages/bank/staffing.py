"""What two administrators do about a person: add one, grant and withdraw a role, end the access."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from suixin.errors import UsageError
from suixin.server import tenancy
from suixin.server.identity import people
from suixin.server.identity.access import Actor
from suixin.server.identity.actions.add_user import add_user
from suixin.server.identity.actions.deactivate_user import deactivate_user
from suixin.server.identity.actions.found_organisation import NewPerson
from suixin.server.identity.actions.grant_role import grant_role
from suixin.server.identity.actions.withdraw_role import withdraw_role
from suixin.server.identity.models import Membership, User
from suixin.server.identity.passwords import drawn
from suixin.server.identity.roles import Role
from suixin.server.pages import forms
from suixin.server.pages.bank.people import person
from suixin.server.pages.door import Visit, act_by_two, for_roles, now
from suixin.server.pages.forms import REASON
from suixin.server.pages.rolewords import ROLES
from suixin.server.pages.templatetags.words import pair

_FIELDS = ("username", "name", "role", "reason")


@require_http_methods(["GET", "POST"])
@never_cache
@for_roles(Role.ADMINISTRATOR)
def add(visit: Visit) -> HttpResponse:
    """Add a person; the first password is drawn, and shown to the two administrators this once."""
    if visit.method == "POST":
        return _add(visit)
    return _form(visit)


def _form(visit: Visit) -> HttpResponse:
    """The form as it was sent, if it was: a name stands in no address, which browsers and logs keep."""
    context = {
        "asked": {name: visit.POST.get(name, "")[:REASON] for name in _FIELDS},
        "roles": [(role.value, ROLES[role]) for role in people.given()],
        "most": REASON,
    }
    return render(visit, "bank/person_new.html", context, status=400 if visit.method == "POST" else 200)


def _add(visit: Visit) -> HttpResponse:
    sent, made = visit.POST, list[User]()
    password = drawn()

    def do(second: Actor) -> None:
        new = NewPerson(
            forms.words_of(sent, "username", 60), forms.words_of(sent, "name", 60), _role(sent), password
        )
        reason = forms.words_of(sent, "reason", REASON)
        made.append(add_user(new, by=visit.actor, second=second, reason=reason, at=now()))

    answer = act_by_two(visit, do, done=reverse("bank-person-add"), back=lambda: _form(visit))
    if not made:
        return answer
    onward = reverse("bank-person", args=[made[0].pk])
    context = {"one": made[0], "password": password, "onward": onward}
    return render(visit, "bank/person_added.html", context)


@require_POST
@for_roles(Role.ADMINISTRATOR)
def grant_now(visit: Visit, number: int) -> HttpResponse:
    """Grant a role."""

    def do(user: User, asked: dict[str, Any]) -> None:
        grant_role(user, _role(visit.POST), by=visit.actor, **asked)

    return _done(visit, number, do, pair("已授予", "Granted"))


@require_POST
@for_roles(Role.ADMINISTRATOR)
def withdraw_now(visit: Visit, number: int) -> HttpResponse:
    """Withdraw a role that the person has."""

    def do(user: User, asked: dict[str, Any]) -> None:
        role = visit.POST.get("role", "")
        held = Membership.objects.filter(user_id=user.pk, role=role, withdrawn_at=None).first()
        if held is None:
            raise UsageError("Choose a role that the person has", zh="请选择此人现有的角色")
        withdraw_role(held.pk, by=visit.actor, **asked)

    return _done(visit, number, do, pair("已撤销", "Withdrawn"))


@require_POST
@for_roles(Role.ADMINISTRATOR)
def end_now(visit: Visit, number: int) -> HttpResponse:
    """End a person's access for good."""

    def do(user: User, asked: dict[str, Any]) -> None:
        if not forms.ticked(visit.POST, "sure"):
            raise UsageError("Say that you are sure", zh="请确认停用")
        deactivate_user(user, by=visit.actor, **asked)

    return _done(visit, number, do, pair("已停用", "The access has ended"))


def _done(visit: Visit, number: int, do: Callable[[User, dict[str, Any]], None], said: str) -> HttpResponse:
    with tenancy.within(visit.actor.organisation_id):
        user = person(number)

    def asked(second: Actor) -> None:
        reason = forms.words_of(visit.POST, "reason", REASON)
        if not reason:
            raise UsageError("Say why", zh="请填写原因")
        do(user, {"second": second, "reason": reason, "at": now()})

    where = reverse("bank-person", args=[user.pk])
    return act_by_two(visit, asked, done=where, back=where, said=said)


def _role(sent: QueryDict) -> Role:
    role = sent.get("role", "")
    if role not in people.GIVEN:
        raise UsageError("Choose a role", zh="请选择角色")
    return Role(role)
