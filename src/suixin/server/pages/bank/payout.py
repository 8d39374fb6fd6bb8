"""Paying out: loans that are accepted and wait for a third person, one by one or those that were ticked."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from suixin.errors import UsageError
from suixin.reporting.sheet import Field
from suixin.server.identity.access import Actor
from suixin.server.identity.roles import Role
from suixin.server.merchants.queries import names_of
from suixin.server.origination.actions.pay_out import pay_out
from suixin.server.pages import asking, forms, sheets
from suixin.server.pages.bank import house
from suixin.server.pages.door import Visit, act, act_each, for_roles, now
from suixin.server.pages.templatetags.words import pair, use
from suixin.server.servicing import lists
from suixin.server.servicing.looks import accepted, to_pay_out
from suixin.server.servicing.models import Loan

SIZE = 50
READERS = (Role.DISBURSEMENT, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Row:
    """A loan that waits: whose it is, what is paid out, and how many days it has waited on the business date."""

    loan: Loan
    name: str
    amount_minor: int
    days: int


def waiting(by: Actor) -> int:
    """How many loans wait to be paid out by somebody who may; nothing for the others."""
    return accepted().count() if by.may("lending.loan.disburse") else 0


@require_GET
@for_roles(*READERS)
def listed(visit: Visit) -> HttpResponse:
    """What waits to be paid out, the oldest first."""
    page = asking.page(_found(visit), visit.GET, SIZE)
    context = {
        "text": asking.words(visit.GET, "text"),
        "township": _township(visit),
        "townships": lists.townships(),
        "places": house.townships(),
        "page": page,
        "rows": _rows(list(page), house.today(house.book())),
        "may": visit.actor.may("lending.loan.disburse"),
    }
    return render(visit, "bank/payouts.html", context)


def _found(visit: Visit) -> QuerySet[Loan]:
    found = accepted().select_related("profile")
    if text := asking.words(visit.GET, "text"):
        found = found.filter(lists.by_text(text))
    if township := _township(visit):
        found = found.filter(lists.in_township(township))
    return found


def _township(visit: Visit) -> str:
    typed = asking.words(visit.GET, "township", lists.TOWNSHIP)
    return typed if typed.isascii() and typed.isdigit() else ""


def _rows(loans: list[Loan], day: date) -> list[Row]:
    names = names_of(one.borrower for one in loans)
    return [
        Row(
            one,
            names.get(one.borrower, one.borrower),
            to_pay_out(one),
            max(0, (day - one.profile.granted_on).days),
        )
        for one in loans
    ]


@require_GET
@for_roles(*READERS)
def workbook(visit: Visit) -> HttpResponse:
    """The loans that are asked for, as a workbook; the borrower stands in it by the pseudonym alone."""
    rows = _rows(list(_found(visit)[: sheets.MOST_ROWS]), house.today(house.book()))
    fields: list[Field[Row]] = [
        Field(pair("编号", "number"), "text", 22, lambda row: row.loan.number),
        Field(pair("借款人", "borrower"), "text", 18, lambda row: row.loan.borrower),
        Field(
            pair("金额（元）", "amount, yuan"), "money", 16, lambda row: Decimal(row.amount_minor).scaleb(-2)
        ),
        Field(pair("发放日", "granted"), "date", 12, lambda row: row.loan.profile.granted_on),
        Field(pair("停留天数", "days waiting"), "count", 10, lambda row: row.days),
        Field(pair("村", "village"), "text", 14, lambda row: row.loan.profile.village),
        Field(pair("作物", "crop"), "text", 12, lambda row: row.loan.profile.crop),
        Field(pair("用途", "purpose"), "text", 24, lambda row: use(row.loan.profile.purpose)),
    ]
    return sheets.workbook("payouts", fields, rows)


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


@require_POST
@for_roles(Role.DISBURSEMENT)
def pay_chosen(visit: Visit) -> HttpResponse:
    """Pay out what was ticked, each loan by itself."""

    def do(number: str) -> None:
        if not forms.ticked(visit.POST, "sure"):
            raise UsageError(
                "Say that you have compared the amounts with the contracts", zh="请确认已核对合同与金额"
            )
        pay_out(number, by=visit.actor, at=now())

    return act_each(
        visit,
        visit.POST.getlist("loan"),
        do,
        back=forms.back_to("bank-payouts", visit.POST),
        said=lambda n: pair(f"已放款 {n} 笔", f"{n} paid out"),
    )
