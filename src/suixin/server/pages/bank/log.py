"""The audit log: who did what to which object, when and why, and whether its chain holds."""

from datetime import date
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from suixin.server.audit.queries import Asked, first_break, written
from suixin.server.audit.registry import ACTIONS
from suixin.server.identity.queries import actor_called
from suixin.server.identity.roles import Role
from suixin.server.pages.bank import house
from suixin.server.pages.door import Visit, for_roles

SIZE = 50
_NOBODY = "nobody"


@require_GET
@for_roles(Role.AUDITOR, Role.ADMINISTRATOR)
def show(visit: Visit) -> HttpResponse:
    """Search the log; the chain is worked through when somebody asks for it."""
    sent = visit.GET
    found = written(_asked(sent), before=_number(sent.get("before", "")), size=SIZE + 1)
    rows, more = found[:SIZE], len(found) > SIZE
    people = house.called(one.record.actor for one in rows)
    context: dict[str, Any] = {
        "asked": sent,
        "from_on": _day(sent.get("from_on", "")),
        "to_on": _day(sent.get("to_on", "")),
        "rows": [(one, ACTIONS[one.record.action], people[one.record.actor]) for one in rows],
        "older": rows[-1].record.pk if more else None,
        "actions": ACTIONS.items(),
        "question": _question(sent),
        "checked": sent.get("check") == "yes",
    }
    if context["checked"]:
        context["break"] = first_break()
    return render(visit, "bank/log.html", context)


def _asked(sent: QueryDict) -> Asked:
    action = sent.get("action", "")
    return Asked(
        actor=_actor(sent.get("actor", "").strip()),
        action=action if action in ACTIONS else "",
        object_kind=sent.get("object_kind", "").strip(),
        object_id=sent.get("object_id", "").strip(),
        from_on=_day(sent.get("from_on", "")),
        to_on=_day(sent.get("to_on", "")),
    )


def _actor(typed: str) -> str:
    """A user name, or the actor's own name as the log has it; whom nobody knows has done nothing."""
    if not typed or ":" in typed:
        return typed
    return actor_called(typed) or _NOBODY


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _question(sent: QueryDict) -> str:
    held = sent.copy()
    for name in ("before", "check"):
        held.pop(name, None)
    return held.urlencode()
