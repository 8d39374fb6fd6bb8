"""The house's people and their roles: a list, and a person with each role's span and what the log says of them."""

import re
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from suixin.reporting.sheet import Field
from suixin.server.audit.queries import Line, about
from suixin.server.audit.registry import ACTIONS, Words
from suixin.server.identity import factors, people, throttle
from suixin.server.identity.models import Membership, User
from suixin.server.identity.people import Person, Wanted
from suixin.server.identity.roles import Role
from suixin.server.pages import asking, sheets
from suixin.server.pages.bank import house
from suixin.server.pages.casewords import Said
from suixin.server.pages.door import Visit, for_roles, now
from suixin.server.pages.rolewords import ROLES
from suixin.server.pages.templatetags.words import ZONE, pair, worded

SIZE = 50
LOG_SIZE = 50
READERS = (Role.ADMINISTRATOR, Role.AUDITOR)
_FACTORS = {"yes": Said("已启用", "set up"), "no": Said("未启用", "not set up")}
_STATES = {"active": Said("在用", "active"), "ended": Said("已停用", "ended"), "all": Said("全部", "all")}
_SECOND = re.compile(r"(?P<why>.*?) ?\((?P<second>user:\d+)\)")  # as `Actor.with_second` writes it


@require_GET
@for_roles(*READERS)
def listed(visit: Visit) -> HttpResponse:
    """Who is or was staff, as the address asks."""
    wanted = _wanted(visit)
    page = asking.page(people.staff(wanted), visit.GET, SIZE)
    context = {
        "wanted": wanted,
        "narrowed": wanted != Wanted(),
        "page": page,
        "rows": [(one, _said(one)) for one in people.persons(list(page))],
        "roles": [(role.value, ROLES[role]) for role in people.given()],
        "factors": _FACTORS.items(),
        "states": _STATES.items(),
        "may_add": Role.ADMINISTRATOR in visit.roles,
    }
    return render(visit, "bank/people.html", context)


@require_GET
@for_roles(*READERS)
def workbook(visit: Visit) -> HttpResponse:
    """The same people, all of them, as a workbook."""
    rows = people.persons(list(people.staff(_wanted(visit))[: sheets.MOST_ROWS]))
    return sheets.workbook("people", _fields(), rows)


@require_GET
@for_roles(*READERS)
def show(visit: Visit, number: int) -> HttpResponse:
    """A person: each role since and until when, how they come in, and the log's lines about them."""
    user = person(number)
    held = people.memberships(user)
    live = {Role(one.role) for one in held if one.withdrawn_at is None}
    context: dict[str, Any] = {
        "one": user,
        "is_own": user.pk == visit.person.pk,
        "may": Role.ADMINISTRATOR in visit.roles,
        "has_factor": factors.is_asked(user),
        "locked_until": throttle.locked_until(
            [throttle.account(user.username), throttle.code(user.pk)], now()
        ),
        "held": [(one, ROLES[Role(one.role)]) for one in held],
        "live": [(one, ROLES[Role(one.role)]) for one in held if one.withdrawn_at is None],
        "grantable": [(role.value, ROLES[role]) for role in people.given() if role not in live],
        "lines": _lines(user, held),
        "most": LOG_SIZE,
    }
    return render(visit, "bank/person.html", context)


def person(number: int) -> User:
    """Somebody who is or was staff of this house; of a stranger nobody learns that they are there."""
    found = people.staff(Wanted(state="all")).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the log: its action in words, who did it, why, and whose second word it had, '' for nobody's."""

    line: Line
    action: Words
    who: str
    why: str
    second: str


def _lines(user: User, held: list[Membership]) -> list[Told]:
    """What was done to a person, to their roles and to their second factor, the latest first."""
    things = {"identity.user": [user.pk], "identity.membership": [one.pk for one in held]}
    factor = factors.factor_of(user)
    things["identity.secondfactor"] = [] if factor is None else [factor.pk]
    lines = about(things, LOG_SIZE)
    split = [_SECOND.fullmatch(one.reason) for one in lines]
    seconds = [found["second"] if found else "" for found in split]
    called = house.called([one.actor for one in lines] + [one for one in seconds if one])
    return [
        Told(
            one,
            ACTIONS[one.action],
            called[one.actor],
            found["why"] if found else one.reason,
            called.get(second, ""),
        )
        for one, found, second in zip(lines, split, seconds, strict=True)
    ]


def _wanted(visit: Visit) -> Wanted:
    sent = visit.GET
    role = asking.one_of(sent, "role", people.GIVEN)
    return Wanted(
        text=asking.words(sent, "text"),
        role=Role(role) if role else None,
        factor=asking.one_of(sent, "factor", people.FACTORS),
        state=asking.one_of(sent, "state", people.STATES) or Wanted().state,
    )


def _said(one: Person) -> str:
    return pair("、", ", ").join(worded(ROLES[role]) for role in one.roles)


def _fields() -> list[Field[Person]]:
    yes, no = pair("是", "yes"), pair("否", "no")
    return [
        Field(pair("用户名", "user name"), "text", 20, lambda row: row.user.username),
        Field(pair("姓名", "name"), "text", 16, lambda row: row.user.name),
        Field(pair("角色", "roles"), "text", 40, _said),
        Field(pair("可登录", "may sign in"), "text", 10, lambda row: yes if row.user.is_active else no),
        Field(pair("两步验证", "second factor"), "text", 12, lambda row: yes if row.has_factor else no),
        Field(
            pair("新增日", "added on"),
            "date",
            12,
            lambda row: row.user.created_at.astimezone(ZONE).date(),
        ),
    ]
