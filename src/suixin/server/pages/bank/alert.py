"""An alert: three numbers, why down to the orders, what happened, and what each role may do about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from suixin.server.identity.roles import Role
from suixin.server.merchants.queries import names_of
from suixin.server.origination.models import Application
from suixin.server.pages import alertwords, charts, forms
from suixin.server.pages.bank import house
from suixin.server.pages.door import Visit, act, act_each, for_roles, now
from suixin.server.pages.menus import WATCHERS
from suixin.server.pages.templatetags.words import pair
from suixin.server.watching import hands, queries
from suixin.server.watching.actions import close_alert, take_alert
from suixin.server.watching.models import REASON, Alert


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of the timeline: on which day, at what time if a person did it, what, by whom, and why."""

    on: date
    at: datetime | None
    what: str
    who: str = ""
    why: str = ""


@require_GET
@for_roles(*WATCHERS)
def show(visit: Visit, number: int) -> HttpResponse:
    """What stands behind an alert."""
    row = _alert(number)
    ended = house.ended(row.book)
    barred = hands.of(row)
    context: dict[str, Any] = {
        "places": house.townships(),
        "row": row,
        "ended": ended,
        "days": row.loan.days_past_due(ended),
        "name": names_of([row.borrower]).get(row.borrower, ""),
        "what": alertwords.signal(row.code),
        "measured": alertwords.measured(row.code),
        "value": alertwords.value(row),
        "proposed": alertwords.proposed(row.proposed),
        "severity": alertwords.SEVERITY[row.severity],
        "state": alertwords.STATES[row.state],
        "sales": charts.sales(row.months),
        "evidence": alertwords.evidence(row.evidence),
        "orders": alertwords.evidence(row.orders),
        "others": [
            (one, alertwords.signal(one.code), alertwords.STATES[one.state]) for one in queries.others_of(row)
        ],
        "happened": _happened(row),
        "case": _case(row),
        "most": REASON,
        "may_take": row.state == Alert.State.OPEN and visit.actor.may(take_alert.ACTION, row, barred),
        "may_close": row.state != Alert.State.CLOSED and visit.actor.may(close_alert.ACTION, row, barred),
    }
    return render(visit, "bank/alert.html", context)


def _alert(number: int) -> Alert:
    """An alert of the house; of another's nobody learns that it is there."""
    found = Alert.objects.filter(pk=number).select_related("book", "loan__profile", "loan__facility").first()
    if found is None:
        raise Http404
    return found


def _case(row: Alert) -> str:
    if row.loan.facility is None:
        return ""
    held = Application.objects.filter(book_id=row.book_id, facility=row.loan.facility.number)
    return held.values_list("number", flat=True).first() or ""


def _happened(row: Alert) -> list[Happened]:
    """Everything, the latest first."""
    people = house.called(one for one in (row.taken_by, row.closed_by) if one)
    program = pair("系统", "the program")
    found = [
        Happened(day, None, _raised(number, severity), program)
        for number, (day, severity) in enumerate(queries.raised(row))
    ]
    if row.taken_at:
        found.append(Happened(row.taken_at.date(), row.taken_at, pair("受理", "taken"), people[row.taken_by]))
    if row.closed_on:
        why = row.reason or alertwords.because(row.closed_because)
        found.append(Happened(row.closed_on, None, pair("关闭", "closed"), people[row.closed_by], why))
    return found[::-1]


def _raised(number: int, severity: int) -> str:
    said = alertwords.SEVERITY[severity]
    how = pair("升级为", "rose to") if number else pair("出现，程度", "opened as")
    return f"{how} {pair(said.zh, said.en)}"


def where(number: int) -> str:
    """The page of an alert."""
    return reverse("bank-alert", args=[number])


@require_POST
@for_roles(Role.POST_LOAN)
def take_now(visit: Visit, number: int) -> HttpResponse:
    """Take an alert."""

    def do() -> None:
        take_alert.take_alert(_alert(number).pk, by=visit.actor, at=now())

    said = pair("已受理，由您处理", "Taken; it is yours now")
    return act(visit, do, done=where(number), back=where(number), said=said)


@require_POST
@for_roles(Role.POST_LOAN)
def close_now(visit: Visit, number: int) -> HttpResponse:
    """Close an alert, with what was found out."""

    def do() -> None:
        reason = forms.words_of(visit.POST, "reason", REASON)
        close_alert.close_alert(_alert(number).pk, reason=reason, by=visit.actor, at=now())

    said = pair("已关闭", "Closed")
    return act(visit, do, done=where(number), back=where(number), said=said)


@require_POST
@for_roles(Role.POST_LOAN)
def take_chosen(visit: Visit) -> HttpResponse:
    """Take what was ticked on the board."""

    def do(one: str) -> None:
        take_alert.take_alert(forms.key_of(one), by=visit.actor, at=now())

    return _each(visit, do, lambda n: pair(f"已受理 {n} 条，由您处理", f"{n} taken; they are yours now"))


@require_POST
@for_roles(Role.POST_LOAN)
def close_chosen(visit: Visit) -> HttpResponse:
    """Close what was ticked, for one and the same reason."""

    def do(one: str) -> None:
        reason = forms.words_of(visit.POST, "reason", REASON)
        close_alert.close_alert(forms.key_of(one), reason=reason, by=visit.actor, at=now())

    return _each(visit, do, lambda n: pair(f"已关闭 {n} 条", f"{n} closed"))


def _each(visit: Visit, do: Callable[[str], None], said: Callable[[int], str]) -> HttpResponse:
    back = forms.back_to("bank-alerts", visit.POST)
    return act_each(visit, visit.POST.getlist("alert"), do, back=back, said=said)
