"""The list of loans: asked by a form whose state stands in the address, a page at a time, taken away as a workbook."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from suixin.reporting.sheet import Field
from suixin.server.merchants.models import Merchant
from suixin.server.merchants.queries import names_of
from suixin.server.pages import asking, sheets
from suixin.server.pages.bank import asked, house
from suixin.server.pages.casewords import Said
from suixin.server.pages.door import STAFF, Visit, for_roles
from suixin.server.pages.loanwords import CLASSES, LOANS
from suixin.server.servicing import lists
from suixin.server.servicing.models import Loan

SIZE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A loan in a list."""

    loan: Loan
    days: int
    name: str


def listed_rows(loans: Sequence[Loan], day: date) -> list[Row]:
    """Loans with their days past due and what their borrowers are called."""
    names = names_of(loan.borrower for loan in loans)
    return [Row(loan, loan.days_past_due(day), names.get(loan.borrower, "")) for loan in loans]


@require_GET
@for_roles(*STAFF)
def listed(visit: Visit) -> HttpResponse:
    """The loans that are asked for."""
    book = house.book()
    ended, wanted = house.ended(book), asked.wanted(visit.GET)
    found = lists.found(book, wanted, ended)
    sums = lists.sums(found)
    page = asking.page(lists.keys(found), visit.GET, SIZE, count=sums.loans)
    context: dict[str, Any] = {
        "wanted": wanted,
        "ended": ended,
        "rows": listed_rows(lists.rows(list(page)), ended),
        "page": page,
        "sums": sums,
        "states": Loan.State.values,
        "classes": [1, 2, 3, 4, 5],
        "buckets": lists.BUCKETS,
        "kinds": Merchant.Kind.values,
        "townships": lists.townships(),
        "places": house.townships(),
        "crops": lists.crops(),
    }
    return render(visit, "bank/loans.html", context)


@require_GET
@for_roles(*STAFF)
def workbook(visit: Visit) -> HttpResponse:
    """The same loans, all of them, as a workbook."""
    book = house.book()
    ended = house.ended(book)
    found = lists.found(book, asked.wanted(visit.GET), ended)
    return sheets.workbook("loans", [*_FIELDS, _as_of(ended)], lists.lines(found, ended))


def _as_of(ended: date) -> Field[lists.Line]:
    heading = "逾期天数、分类、准备截至日终\ndays past due, class, allowance as of the end of"
    return Field(heading, "date", 14, lambda _: ended)


def _both(said: Said) -> str:
    return f"{said.zh} {said.en}"


def _yuan(minor: int) -> Decimal:
    return Decimal(minor).scaleb(-2)


_FIELDS: list[Field[lists.Line]] = [
    Field("编号\nnumber", "text", 22, lambda row: row.number),
    Field("借款人\nborrower", "text", 18, lambda row: row.borrower),
    Field("状态\nstate", "text", 14, lambda row: _both(LOANS[row.state])),
    Field("分类\nclass", "text", 16, lambda row: f"{row.five_class} {_both(CLASSES[row.five_class])}"),
    Field("逾期天数\ndays past due", "count", 10, lambda row: row.days),
    Field("本金余额（元）\nprincipal left, yuan", "money", 16, lambda row: _yuan(row.principal_minor)),
    Field("已放款（元）\npaid out, yuan", "money", 16, lambda row: _yuan(row.drawn_minor)),
    Field("减值准备（元）\nallowance, yuan", "money", 16, lambda row: _yuan(row.allowance_minor)),
    Field("年利率\nannual rate", "rate", 10, lambda row: Decimal(row.rate_ppm).scaleb(-6)),
    Field("下次还款日\nnext due", "date", 12, lambda row: row.bills_on),
    Field("发放日\ngranted", "date", 12, lambda row: row.granted_on),
    Field("村\nvillage", "text", 14, lambda row: row.village),
    Field("作物\ncrop", "text", 12, lambda row: row.crop),
    Field("客户类别\nborrower class", "text", 14, lambda row: row.borrower_class),
    Field("涉农\nagricultural", "text", 8, lambda row: "是 yes" if row.agricultural else "否 no"),
    Field("普惠\ninclusive", "text", 8, lambda row: "是 yes" if row.inclusive else "否 no"),
    Field("信用\ncredit only", "text", 8, lambda row: "是 yes" if row.credit_only else "否 no"),
    Field("首贷\nfirst time", "text", 8, lambda row: "是 yes" if row.first_time else "否 no"),
]
