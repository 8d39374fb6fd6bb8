"""A bank's first page: what waits for me, and every application as a list that can be narrowed and taken away."""

from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from suixin.errors import UsageError
from suixin.money import currency_of, to_major
from suixin.reporting.sheet import Field
from suixin.server.origination import work
from suixin.server.origination.work import Row, Wanted
from suixin.server.pages import asking, forms, sheets
from suixin.server.pages.bank import house, payout
from suixin.server.pages.casewords import NEXT, STATES
from suixin.server.pages.door import Visit, for_roles, now
from suixin.server.pages.menus import HELPERS, HOUSE, sees_scores
from suixin.server.pages.refusals import refusal
from suixin.server.pages.templatetags.words import pair, spoken, use, worded

SIZE = 25


@dataclass(frozen=True, slots=True)
class Choice:
    """A state that one may narrow the list to."""

    code: str
    zh: str
    en: str
    many: int
    mine: int
    chosen: bool


@require_GET
@for_roles(*HOUSE)
def show(visit: Visit) -> HttpResponse:
    """The queue."""
    wanted = _wanted(visit)
    page = asking.page(work.listed(wanted, visit.actor), visit.GET, SIZE)
    mine, every = work.counts(work.waits_for(visit.actor)), work.counts(work.seen_by(visit.actor))
    choices = [
        Choice(code, said.zh, said.en, every.get(code, 0), mine.get(code, 0), code in wanted.states)
        for code, said in STATES.items()
    ]
    context = {
        "page": page,
        "rows": work.rows(page, house.clock(now())),
        "wanted": wanted,
        "choices": choices,
        "waiting": sum(mine.values()),
        "helps": bool(visit.roles & HELPERS),
        "payouts": payout.waiting(visit.actor),
        "narrowed": wanted != Wanted(),
    }
    return render(visit, "bank/home.html", context)


def _wanted(visit: Visit) -> Wanted:
    """What the address asks for; an amount that is none is told and narrows nothing."""
    sent = visit.GET
    try:
        least, most = (forms.amount_of(sent, name) if sent.get(name) else None for name in ("from", "to"))
    except UsageError as error:
        messages.error(visit, refusal(error))
        least = most = None
    states = tuple(code for code in sent.getlist("state") if code in STATES)
    return Wanted(states, asking.words(sent, "text"), least, most, sent.get("mine") == "yes")


@require_GET
@for_roles(*HOUSE)
def export(visit: Visit) -> HttpResponse:
    """The list as narrowed, all of its pages, as a workbook."""
    found = work.listed(_wanted(visit), visit.actor)[: sheets.MOST_ROWS]
    rows = work.rows(found, now())
    return sheets.workbook("applications", fields(scores=sees_scores(visit.roles)), rows)


def fields(*, scores: bool) -> list[Field[Row]]:
    """The columns of the list: money in yuan to the fen, dates as dates; `scores` with what the policy says."""

    def major(minor: int | None) -> Decimal | None:
        return None if minor is None else to_major(minor, currency_of("CNY"))

    say = spoken()
    judged: list[Field[Row]] = [
        Field(pair("系统意见", "the policy says"), "text", 14, lambda row: say.outcome(row.outcome)),
        Field(pair("评分", "score"), "points", 10, lambda row: row.score),
        Field(pair("等级", "grade"), "text", 8, lambda row: row.grade),
        Field(pair("政策额度（元）", "limit (yuan)"), "money", 16, lambda row: major(row.limit_minor)),
    ]
    return [
        Field(pair("编号", "number"), "text", 16, lambda row: row.case.number),
        Field(pair("商户编号", "merchant"), "text", 16, lambda row: row.case.merchant_id),
        Field(pair("名称", "name"), "text", 20, lambda row: row.name),
        Field(
            pair("申请金额（元）", "asked for (yuan)"), "money", 16, lambda row: major(row.case.amount_minor)
        ),
        Field(pair("用途", "purpose"), "text", 20, lambda row: use(row.case.purpose)),
        Field(pair("状态", "state"), "text", 14, lambda row: worded(STATES[row.case.state])),
        *(judged if scores else []),
        Field(
            pair("批准额度（元）", "granted (yuan)"), "money", 16, lambda row: major(row.case.granted_minor)
        ),
        Field(pair("申请日", "filed on"), "date", 12, lambda row: row.case.filed_on),
        Field(pair("停留天数", "days waiting"), "count", 10, lambda row: row.days),
        Field(pair("下一步", "next"), "text", 16, lambda row: worded(NEXT[row.next])),
    ]
