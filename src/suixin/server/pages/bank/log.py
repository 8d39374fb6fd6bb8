"""The audit log: who did what to which object, when and why, and whether its chain holds."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from suixin.reporting.sheet import Field
from suixin.server.audit.objects import OBJECTS
from suixin.server.audit.queries import Asked, Written, first_break, written
from suixin.server.audit.registry import ACTIONS
from suixin.server.identity.queries import actor_called
from suixin.server.identity.roles import Role
from suixin.server.pages import asking, sheets
from suixin.server.pages.bank import house
from suixin.server.pages.door import Visit, for_roles
from suixin.server.pages.logobjects import Object, objects_of
from suixin.server.pages.templatetags.words import pair, worded

SIZE = 50
_MOST_ROWS = 20_000  # of a workbook: the digest of each is worked out anew
_NOBODY = "nobody"


@require_GET
@for_roles(Role.AUDITOR, Role.ADMINISTRATOR)
def show(visit: Visit) -> HttpResponse:
    """Search the log; the chain is worked through when somebody asks for it."""
    sent = visit.GET
    found = written(_asked(sent), before=asking.whole(sent, "before", 18), size=SIZE + 1)
    rows, more = found[:SIZE], len(found) > SIZE
    people = house.called(one.record.actor for one in rows)
    things = objects_of((one.record for one in rows), visit.roles)
    context: dict[str, Any] = {
        "asked": sent,
        "from_on": asking.day(sent, "from_on"),
        "to_on": asking.day(sent, "to_on"),
        "rows": [
            (
                one,
                ACTIONS[one.record.action],
                people[one.record.actor],
                things[one.record.object_kind, one.record.object_id],
            )
            for one in rows
        ],
        "older": rows[-1].record.pk if more else None,
        "actions": ACTIONS.items(),
        "objects": OBJECTS.items(),
        "checked": sent.get("check") == "yes",
    }
    if context["checked"]:
        context["break"] = first_break()
    return render(visit, "bank/log.html", context)


@require_GET
@for_roles(Role.AUDITOR, Role.ADMINISTRATOR)
def workbook(visit: Visit) -> HttpResponse:
    """The records that are asked for, the latest 20,000, as a workbook."""
    rows = written(_asked(visit.GET), size=_MOST_ROWS)
    people = house.called(one.record.actor for one in rows)
    things = objects_of((one.record for one in rows), visit.roles)

    def thing(one: Written) -> Object:
        return things[one.record.object_kind, one.record.object_id]

    fields: list[Field[Written]] = [
        Field(pair("时间", "when"), "text", 26, lambda one: one.record.at.isoformat(timespec="seconds")),
        Field(pair("姓名", "name"), "text", 16, lambda one: people[one.record.actor]),
        Field(pair("操作人", "who"), "text", 18, lambda one: one.record.actor),
        Field(pair("操作", "action"), "text", 24, lambda one: worded(ACTIONS[one.record.action])),
        Field(pair("操作代码", "code"), "text", 30, lambda one: one.record.action),
        Field(pair("对象", "object"), "text", 20, lambda one: worded(thing(one).kind)),
        Field(pair("对象编号或名称", "called"), "text", 22, lambda one: thing(one).called),
        Field(pair("对象代码", "code of the object"), "text", 24, lambda one: one.record.object_kind),
        Field(pair("对象号", "number of the object"), "text", 14, lambda one: one.record.object_id),
        Field(pair("原因", "why"), "text", 60, lambda one: one.record.reason),
        Field(pair("摘要", "digest"), "text", 66, lambda one: one.digest),
        Field(pair("链上序号", "place in the chain"), "count", 12, lambda one: one.sequence),
    ]
    return sheets.workbook("audit-log", fields, rows)


def _asked(sent: QueryDict) -> Asked:
    return Asked(
        actor=_actor(sent.get("actor", "").strip()),
        action=asking.one_of(sent, "action", ACTIONS),
        object_kind=asking.one_of(sent, "object_kind", OBJECTS),
        object_id=sent.get("object_id", "").strip(),
        from_on=asking.day(sent, "from_on"),
        to_on=asking.day(sent, "to_on"),
    )


def _actor(typed: str) -> str:
    """A user name, or the actor's own name as the log has it; whom nobody knows has done nothing."""
    if not typed or ":" in typed:
        return typed
    return actor_called(typed) or _NOBODY
