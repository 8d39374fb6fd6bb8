"""Paying out: loans that are accepted and wait for a third person."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from suixin.server.identity.access import Actor
from suixin.server.identity.roles import Role
from suixin.server.merchants.queries import names_of
from suixin.server.origination.actions.pay_out import pay_out
from suixin.server.pages.door import Visit, act, for_roles, now
from suixin.server.pages.templatetags.words import pair
from suixin.server.servicing.looks import accepted, to_pay_out
from suixin.server.servicing.models import Loan

_SHOWN = 100


def waiting(by: Actor) -> int:
    """How many loans wait to be paid out by somebody who may; nothing for the others."""
    return accepted().count() if by.may("lending.loan.disburse") else 0


@require_GET
@for_roles(Role.DISBURSEMENT, Role.AUDITOR)
def listed(visit: Visit) -> HttpResponse:
    """What waits to be paid out, the oldest first."""
    found = list(accepted()[:_SHOWN])
    names = names_of(one.borrower for one in found)
    loans = [
        {"row": one, "name": names.get(one.borrower, one.borrower), "amount_minor": to_pay_out(one)}
        for one in found
    ]
    may = visit.actor.may("lending.loan.disburse")
    return render(visit, "bank/payouts.html", {"loans": loans, "may": may})


@require_POST
@for_roles(Role.DISBURSEMENT)
def pay(visit: Visit, number: str) -> HttpResponse:
    """Pay a loan out, all that its contract opens with."""

    def do() -> None:
        if not Loan.objects.filter(number=number).exists():
            raise Http404
        pay_out(number, by=visit.actor, at=now())

    where = reverse("bank-payouts")
    return act(visit, do, done=where, back=where, said=pair("已放款", "Paid out"))
