"""The inclusive-finance report, by 口径; every figure opens its loans, and all of them are the ledger's principal."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from suixin.reporting.sheet import Field
from suixin.server.pages import sheets
from suixin.server.pages.bank import asked, house
from suixin.server.pages.door import STAFF, Visit, for_roles
from suixin.server.servicing.inclusive import COUNTED, Counted, Report, as_fraction, report

_NAMES = {
    "all": "全部贷款 all loans",
    "inclusive": "普惠 inclusive",
    "agricultural": "涉农 agricultural",
    "credit_only": "信用 credit only",
    "farmer": "农户 farmers",
    "sole_trader": "个体工商户 sole traders",
    "firm_owner": "小微企业主 owners of small firms",
    "small_firm": "小微企业 small firms",
    "coop": "合作社 co-operatives",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the report and the lists that it opens."""

    row: Counted
    balance_url: str
    new_url: str
    first_url: str
    bad_url: str


@require_GET
@for_roles(*STAFF)
def show(visit: Visit) -> HttpResponse:
    """The report."""
    held = report(house.book())
    return render(visit, "bank/report.html", {"held": held, "lines": [_line(row, held) for row in held.rows]})


def _line(row: Counted, held: Report) -> Line:
    its = COUNTED[row.code]
    new = {"drawn": True, "granted_from": held.year_from, "granted_to": held.day}
    return Line(
        row,
        _loans(on_book=True, **its),
        _loans(**new, **its),
        _loans(**new, first_time=True, **its),
        _loans(on_book=True, bad=True, **its),
    )


def _loans(**parts: Any) -> str:
    return f"{reverse('bank-loans')}{asked.address(**parts)}"


@require_GET
@for_roles(*STAFF)
def workbook(visit: Visit) -> HttpResponse:
    """The report as a workbook."""
    del visit
    return sheets.workbook("inclusive-finance", _FIELDS, report(house.book()).rows)


def _yuan(minor: int) -> Decimal:
    return Decimal(minor).scaleb(-2)


_FIELDS: list[Field[Counted]] = [
    Field("口径\ncounted", "text", 26, lambda row: _NAMES[row.code]),
    Field("户数\nhouseholds", "count", 12, lambda row: row.households),
    Field("笔数\nloans", "count", 12, lambda row: row.loans),
    Field("余额（元）\nbalance, yuan", "money", 18, lambda row: _yuan(row.balance_minor)),
    Field("加权年利率\nweighted rate", "rate", 12, lambda row: as_fraction(row.rate_ppm)),
    Field("本年新发放笔数\nnew loans this year", "count", 14, lambda row: row.new_loans),
    Field("本年新发放（元）\nnew this year, yuan", "money", 18, lambda row: _yuan(row.new_minor)),
    Field("本年首贷户\nfirst-time borrowers this year", "count", 14, lambda row: row.first_time),
    Field("不良笔数\nnon-performing loans", "count", 12, lambda row: row.bad_loans),
    Field("不良余额（元）\nnon-performing, yuan", "money", 18, lambda row: _yuan(row.bad_minor)),
    Field("不良率\nnon-performing share", "rate", 12, lambda row: row.bad_share),
]
