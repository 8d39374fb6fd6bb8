"""The early-warning board: asked by a form whose state stands in the address, a page at a time, taken away as a workbook."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from suixin.reporting.sheet import Field
from suixin.server.identity.roles import Role
from suixin.server.merchants.queries import names_of
from suixin.server.pages import alertwords, asking, sheets
from suixin.server.pages.bank import house
from suixin.server.pages.casewords import Said
from suixin.server.pages.door import Visit, for_roles, now
from suixin.server.pages.menus import WATCHERS
from suixin.server.pages.templatetags.words import pair, worded
from suixin.server.watching import consents, queries
from suixin.server.watching.models import REASON, Alert
from suixin.server.watching.queries import STATES, Wanted

SIZE = 50
_SHOWN = 50  # of those who are not watched, by name
_ALL = Said("全部", "all")


@dataclass(frozen=True, slots=True)
class Row:
    """An alert in a list: what it is, on whose loan, and who works on it."""

    alert: Alert
    name: str
    officer: str
    days: int
    what: str
    value: str
    proposed: str

    @property
    def is_open(self) -> bool:
        """Whether there is anything left to do."""
        return self.alert.state != Alert.State.CLOSED


@require_GET
@for_roles(*WATCHERS)
def listed(visit: Visit) -> HttpResponse:
    """The alerts that are asked for."""
    book = house.book()
    ended, wanted, look = house.ended(book), _wanted(visit), queries.last_look(book)
    at = now()
    unheard = consents.unheard(book, ended, at)
    named = list(unheard[: _SHOWN + 1])
    page = asking.page(queries.rows(queries.found(book, wanted)), visit.GET, SIZE)
    context = {
        "wanted": wanted,
        "ended": ended,
        "look": look,
        "unheard": len(named) if len(named) <= _SHOWN else unheard.count(),
        "unread": _unread(consents.whys(named[:_SHOWN], at)),
        "load": queries.load(book),
        "rows": _rows(list(page), ended),
        "page": page,
        "states": [*((code, alertwords.STATES[code]) for code in Alert.State.values), ("all", _ALL)],
        "severities": alertwords.SEVERITY.items(),
        "codes": [(code, alertwords.signal(code)) for code in queries.codes(book)],
        "mine": visit.actor.name if Role.POST_LOAN in visit.roles else "",
        "most": REASON,
    }
    return render(visit, "bank/alerts.html", context)


@require_GET
@for_roles(*WATCHERS)
def workbook(visit: Visit) -> HttpResponse:
    """The same alerts, all of them, as a workbook."""
    book = house.book()
    found = queries.found(book, _wanted(visit))
    return sheets.workbook("alerts", _fields(), _rows(list(queries.rows(found)), house.ended(book)))


def _rows(alerts: Sequence[Alert], day: date) -> list[Row]:
    names = names_of(row.borrower for row in alerts)
    people = house.called(row.taken_by for row in alerts if row.taken_by)
    return [
        Row(
            row,
            names.get(row.borrower, ""),
            people.get(row.taken_by, ""),
            row.loan.days_past_due(day),
            alertwords.signal(row.code),
            alertwords.value(row),
            alertwords.proposed(row.proposed),
        )
        for row in alerts
    ]


def _unread(rows: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """(borrower, name, why) of those who are not read."""
    names = names_of(borrower for borrower, _ in rows)
    return [(borrower, names.get(borrower, ""), alertwords.unread(why)) for borrower, why in rows]


def _wanted(visit: Visit) -> Wanted:
    severity = asking.whole(visit.GET, "severity", 1)
    return Wanted(
        text=asking.words(visit.GET, "text"),
        state=asking.one_of(visit.GET, "state", STATES),
        severity=severity if severity in alertwords.SEVERITY else None,
        code=asking.words(visit.GET, "code"),
        taken_by=visit.actor.name if visit.GET.get("mine") == "yes" else "",
    )


def _fields() -> list[Field[Row]]:
    return [
        Field(
            pair("程度", "severity"), "text", 10, lambda row: worded(alertwords.SEVERITY[row.alert.severity])
        ),
        Field(pair("贷款编号", "loan"), "text", 22, lambda row: row.alert.loan.number),
        Field(pair("借款人", "borrower"), "text", 18, lambda row: row.alert.borrower),
        Field(pair("预警", "alert"), "text", 26, lambda row: row.what),
        Field(pair("指标", "measure"), "text", 12, lambda row: row.value),
        Field(pair("开始日", "since"), "date", 12, lambda row: row.alert.opened_on),
        Field(pair("最近一次", "last seen"), "date", 12, lambda row: row.alert.seen_on),
        Field(pair("建议", "proposed"), "text", 40, lambda row: row.proposed),
        Field(pair("逾期天数", "days past due"), "count", 10, lambda row: row.days),
        Field(
            pair("本金余额（元）", "principal left, yuan"),
            "money",
            16,
            lambda row: Decimal(row.alert.loan.principal_minor).scaleb(-2),
        ),
        Field(pair("状态", "state"), "text", 10, lambda row: worded(alertwords.STATES[row.alert.state])),
        Field(pair("经办人", "officer"), "text", 14, lambda row: row.officer),
    ]
