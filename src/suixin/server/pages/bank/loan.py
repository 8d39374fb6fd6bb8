"""A loan: what is owed, what comes next, all that happened to it, and what each role may do with it."""

import secrets
from datetime import date
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from suixin.errors import SuixinError, UsageError
from suixin.lending.documents import read_contract
from suixin.server import tenancy
from suixin.server.audit.registry import ACTIONS
from suixin.server.identity.access import Actor
from suixin.server.identity.roles import Role
from suixin.server.merchants.queries import names_of
from suixin.server.origination.actions.give_up_draw import give_up_draw
from suixin.server.origination.actions.pay_out import pay_out
from suixin.server.origination.models import Application
from suixin.server.pages import alertwords, forms
from suixin.server.pages.bank import house
from suixin.server.pages.door import STAFF, Visit, act, act_by_two, for_roles, now
from suixin.server.pages.menus import WATCHERS
from suixin.server.pages.refusals import refusal
from suixin.server.pages.templatetags.words import pair, spoken
from suixin.server.servicing import hands, looks
from suixin.server.servicing.actions.freeze_facility import freeze_facility
from suixin.server.servicing.actions.receive import receive
from suixin.server.servicing.actions.refund import refund
from suixin.server.servicing.actions.take_back import take_back
from suixin.server.servicing.actions.write_off import write_off
from suixin.server.servicing.history import history, plan
from suixin.server.servicing.models import Loan, RiskShare, Settlement, SweepAuthorisation
from suixin.server.servicing.queries import payoff, statement
from suixin.server.watching.queries import of_loan

_SHOWN = 60
_MAY = {
    "receive": "lending.payment.receive",
    "take_back": "lending.payment.take_back",
    "relieve": "lending.loan.relieve",
    "freeze": "lending.facility.freeze",
    "refund": "lending.payment.refund",
    "pay_out": "lending.loan.disburse",
    "give_up": "lending.loan.withdraw",
    "write_off": "lending.loan.write_off",
}


@require_GET
@for_roles(*STAFF)
def show(visit: Visit, number: str) -> HttpResponse:
    """A loan's record."""
    return _shown(visit, number, QueryDict())


def _shown(visit: Visit, number: str, received: QueryDict) -> HttpResponse:
    """The record; the form of a payment that was refused is filled as it was sent."""
    row = house.loan(number)
    day, ended = house.today(row.book), house.ended(row.book)
    drawn, days = row.drawn_minor > 0, row.days_past_due(ended)
    seen = looks.look(row) if drawn else None
    happened, barred = history(row), hands.of([row.borrower])
    people = house.called(one.by for one in happened)
    context: dict[str, Any] = {
        "places": house.townships(),
        "row": row,
        "day": day,
        "ended": ended,
        "days": days,
        "worst": max(row.worst_days, days),  # its row counts the days only when it changes
        "look": seen,
        "step": looks.next_step(row, seen),
        "name": names_of([row.borrower]).get(row.borrower, ""),
        "method": spoken().method(read_contract(row.contract).terms.method.value),
        "plan": plan(row, day),
        "happened": [(one, ACTIONS.get(one.what), people[one.by]) for one in happened],
        "shares": list(RiskShare.objects.filter(loan_id=row.pk).order_by("id")),
        "case": _case(row),
        "may": {name: visit.actor.may(action, row, barred) for name, action in _MAY.items()},
        "key": secrets.token_hex(8),
        "received": received,
    }
    if drawn:
        context |= _statement(visit, row) | _payoff(visit, row, day)
    context |= _sweeps(row)
    if visit.roles & WATCHERS:
        context["alerts"] = _alerts(row)
    return render(visit, "bank/loan.html", context)


def _alerts(row: Loan) -> list[Any]:
    """(alert, signal, severity, state) of those that wait for somebody."""
    return [
        (one, alertwords.signal(one.code), alertwords.SEVERITY[one.severity], alertwords.STATES[one.state])
        for one in of_loan(row)
    ]


def _case(row: Loan) -> str:
    if row.facility is None:
        return ""
    found = Application.objects.filter(book_id=row.book_id, facility=row.facility.number).first()
    return "" if found is None else found.number


def _statement(visit: Visit, row: Loan) -> dict[str, Any]:
    lines = list(reversed(statement(row.book, row.number)))
    shown = lines if visit.GET.get("statement") == "all" else lines[:_SHOWN]
    has_fees = any(
        one.fees_minor for one in shown
    )  # most loans have none, and a telephone has room for five columns
    return {"lines": shown, "line_count": len(lines), "has_fees": has_fees}


def _payoff(visit: Visit, row: Loan, day: date) -> dict[str, Any]:
    """What closes it on a day that somebody asked for; today if nobody did."""
    asked = visit.GET.get("payoff_on", "")
    try:
        on = forms.day_of(visit.GET, "payoff_on") if asked else day
        return {"payoff": payoff(row.book, row.number, on), "payoff_on": on}
    except SuixinError as error:
        return {"payoff_refused": refusal(error), "payoff_on": day}


def _sweeps(row: Loan) -> dict[str, Any]:
    held = list(SweepAuthorisation.objects.filter(loan_id=row.pk).order_by("-id"))
    paid = Settlement.objects.filter(authorisation__loan_id=row.pk).select_related("authorisation")
    return {"sweeps": held, "settlements": list(paid.order_by("-settled_on", "-id")[:_SHOWN])}


def where(number: str) -> str:
    """The page of a loan."""
    return reverse("bank-loan", args=[number])


@require_POST
@for_roles(Role.POST_LOAN, Role.COLLECTION)
def receive_now(visit: Visit, number: str) -> HttpResponse:
    """Take in a payment at the counter."""

    def do() -> None:
        row = house.loan(number)
        on = forms.day_of(visit.POST, "on") if visit.POST.get("on") else house.today(row.book)
        receive(
            row.book,
            number,
            forms.amount_of(visit.POST),
            on=on,
            key=f"counter {forms.words_of(visit.POST, 'key', 40)}",
            currency=row.book.currency,
            by=visit.actor,
            at=now(),
            ahead=forms.way_of(visit.POST),
            beyond=False,
        )

    said = pair("已收款", "The payment is taken in")
    return act(visit, do, done=where(number), back=lambda: _shown(visit, number, visit.POST), said=said)


@require_POST
@for_roles(Role.POST_LOAN)
def refund_now(visit: Visit, number: str) -> HttpResponse:
    """Give back what is held for the borrower."""

    def do() -> None:
        row = house.loan(number)
        key = f"refund {forms.words_of(visit.POST, 'key', 40)}"
        refund(row.book, number, forms.amount_of(visit.POST), key=key, by=visit.actor, at=now())

    said = pair("已登记退还", "The refund is written down")
    return act(visit, do, done=where(number), back=where(number), said=said)


@require_POST
@for_roles(Role.POST_LOAN)
def take_back_now(visit: Visit, number: str) -> HttpResponse:
    """Take a payment or a fee back, with a reason."""

    def do() -> None:
        row = house.loan(number)
        event = forms.words_of(visit.POST, "event", 100)
        take_back(
            row.book,
            number,
            event,
            key=f"back {forms.words_of(visit.POST, 'key', 40)}",
            reason=forms.words_of(visit.POST, "reason", 200),
            by=visit.actor,
            at=now(),
        )

    said = pair("已冲回，之后的账已重算", "Taken back; everything since was counted anew")
    return act(visit, do, done=where(number), back=where(number), said=said)


@require_POST
@for_roles(Role.DISBURSEMENT)
def pay_out_now(visit: Visit, number: str) -> HttpResponse:
    """Pay out what waits for the desk."""

    def do() -> None:
        pay_out(house.loan(number).number, by=visit.actor, at=now())

    return act(visit, do, done=where(number), back=where(number), said=pair("已放款", "Paid out"))


@require_POST
@for_roles(Role.DISBURSEMENT, Role.CUSTOMER_MANAGER)
def give_up_now(visit: Visit, number: str) -> HttpResponse:
    """Give up a drawdown that waits to be paid out, with a reason."""

    def do() -> None:
        reason = forms.words_of(visit.POST, "reason", 200)
        give_up_draw(house.loan(number).number, reason, by=visit.actor, at=now())

    said = pair("已撤回，额度已恢复", "Given up; the line is free again")
    return act(visit, do, done=where(number), back=where(number), said=said)


@require_POST
@for_roles(Role.APPROVER, Role.COMMITTEE, Role.POST_LOAN)
def freeze_now(visit: Visit, number: str) -> HttpResponse:
    """Freeze the credit line under which a loan was drawn, or release it."""
    frozen = forms.ticked(visit.POST, "frozen")

    def do() -> None:
        row = house.loan(number)
        reason = forms.words_of(visit.POST, "reason", 200)
        if row.facility is None or not reason:
            raise UsageError("There is no credit line, or no reason is given", zh="没有额度，或未写原因")
        freeze_facility(row.book, row.facility.number, frozen=frozen, reason=reason, by=visit.actor, at=now())

    said = pair("额度已冻结", "The line is frozen") if frozen else pair("额度已解冻", "The line is released")
    return act(visit, do, done=where(number), back=where(number), said=said)


@require_POST
@for_roles(Role.APPROVER, Role.COMMITTEE)
def write_off_now(visit: Visit, number: str) -> HttpResponse:
    """Write a loan off, by two people."""
    with tenancy.within(visit.actor.organisation_id):
        house.loan(number)  # 404 before anybody's word is judged

    def do(second: Actor) -> None:
        row = house.loan(number)
        reason = forms.words_of(visit.POST, "reason", 160)
        if not reason:
            raise UsageError("Say why it is written off", zh="请写明核销原因")
        key = f"off {forms.words_of(visit.POST, 'key', 40)}"
        write_off(row.book, number, key=key, reason=reason, by=visit.actor, second=second, at=now())

    said = pair("已核销，债权仍在", "Written off; the claim lives on")
    return act_by_two(visit, do, done=where(number), back=where(number), said=said)
