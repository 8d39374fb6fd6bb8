"""Rows that an ingest set aside: masked, with their reason and state; taken away to be mended, or dismissed."""

from collections import Counter

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from suixin.errors import LendingError
from suixin.lake.ingests import Ingested
from suixin.reporting.sheet import Field
from suixin.server.identity.roles import Role
from suixin.server.intake import lakes, tomend
from suixin.server.intake.actions.dismiss_rows import dismiss_rows
from suixin.server.intake.actions.take_aside import take_aside
from suixin.server.intake.aside import STATES, Aside, open_of, rows_of, waiting_of
from suixin.server.intake.models import REASON
from suixin.server.intake.rules import RULES
from suixin.server.origination.models import Desk
from suixin.server.pages import asking, forms, sheets
from suixin.server.pages.door import Visit, for_roles, now
from suixin.server.pages.platform import words
from suixin.server.pages.platform.deliveries import READERS, lake_of
from suixin.server.pages.platform.reading import act_on_lake, reads_lake
from suixin.server.pages.templatetags.words import pair, worded

SIZE = 50
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@for_roles(*READERS)
@reads_lake
def show(visit: Visit, number: int, table: str) -> HttpResponse:
    """The rows that are asked for, a page at a time."""
    desk, of, rows = _aside(number, table)
    page = asking.page(_wanted(visit, rows), visit.GET, SIZE)
    counts = Counter(one.state for one in rows)
    context = {
        "number": number,
        "table": table,
        "rows": [(one, RULES.get(one.rule), words.ROWS[one.state]) for one in page],
        "gone": (of.tables or {})[table].quarantined - (of.tables or {})[table].again - len(rows),
        "again": (of.tables or {})[table].again,
        "counts": {name: counts[name] for name in STATES},
        "waiting": list(waiting_of(desk, number, table)),
        "page": page,
        "asked": visit.GET,
        "files": sorted({one.file for one in rows if one.file}),
        "columns": [(one, one) for one in sorted({one.column for one in rows if one.column})],
        "states": words.ROWS.items(),
        "rules": [(code, RULES[code]) for code in sorted({one.rule for one in rows}) if code in RULES],
        "may_mend": visit.actor.may("data.quarantine.mend") and bool(open_of(rows)),
        "by_columns": lakes.may_be_mended_here(of),
        "adapter": of.record.adapter,
        "most": tomend.MOST_ROWS,
        "longest": REASON,
    }
    return render(visit, "platform/rows.html", context)


def _aside(number: int, table: str) -> tuple[Desk, Ingested, list[Aside]]:
    """The desk, the ingest, and every row of a table that it set aside; what is not there is nobody's."""
    lake, _ = lake_of()
    desk = Desk.objects.first()
    if lake is None or desk is None:
        raise Http404
    try:
        of = lakes.ingest_of(lake, number, table)
    except LendingError as error:
        raise Http404 from error
    return desk, of, rows_of(desk, lake, number, table)


def _wanted(visit: Visit, rows: list[Aside]) -> list[Aside]:
    """Of these the ones that the address asks for."""
    asked = {name: visit.GET.get(name, "") for name in ("state", "rule", "column")}
    return [one for one in rows if all(held in {"", getattr(one, name)} for name, held in asked.items())]


@require_GET
@for_roles(*READERS)
@reads_lake
def workbook(visit: Visit, number: int, table: str) -> HttpResponse:
    """The rows that are asked for, masked as the page shows them, as a workbook; real values go out by `take_now` alone."""
    _, _, rows = _aside(number, table)
    fields: list[Field[Aside]] = [
        Field(pair("行", "row"), "count", 10, lambda one: one.row),
        Field(pair("文件", "file"), "text", 26, lambda one: one.file),
        Field(pair("列", "column"), "text", 18, lambda one: one.column),
        Field(pair("现在的值", "value"), "text", 24, lambda one: one.value),
        Field(pair("原因", "reason"), "text", 40, lambda one: _words(one)[0]),
        Field(pair("怎样改", "mend"), "text", 48, lambda one: _words(one)[1]),
        Field(pair("状态", "state"), "text", 12, lambda one: worded(words.ROWS[one.state])),
        Field(
            pair("搁置原因", "why dismissed"),
            "text",
            30,
            lambda one: one.outcome.reason if one.outcome else "",
        ),
    ]
    return sheets.workbook(f"aside-{number}-{table}", fields, _wanted(visit, rows)[: sheets.MOST_ROWS])


@require_POST
@for_roles(Role.OPERATOR)
def take_now(visit: Visit, number: int, table: str) -> HttpResponse:
    """The open rows with their real values, to be mended: a workbook, or CSV."""
    rows: list[Aside] = []
    back = _where(number, table)
    answer = act_on_lake(
        visit,
        lambda: rows.extend(take_aside(number, table, by=visit.actor, at=now())),
        done=back,
        back=back,
    )
    if not rows:
        return answer
    grid = tomend.grid(table, rows, _words)
    is_csv = visit.POST.get("format") == "csv"
    content = tomend.as_csv(grid) if is_csv else tomend.as_workbook(grid)
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8" if is_csv else _XLSX)
    ending = "csv" if is_csv else "xlsx"
    answer["Content-Disposition"] = f'attachment; filename="to-mend-{number}-{rows[0].table}.{ending}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _words(one: Aside) -> tuple[str, str]:
    rule = RULES.get(one.rule)
    if rule is None:
        return one.rule, ""
    return pair(rule.zh, rule.en), pair(rule.mend_zh, rule.mend_en)


@require_POST
@for_roles(Role.OPERATOR)
def dismiss_now(visit: Visit, number: int, table: str) -> HttpResponse:
    """Dismiss the rows that were ticked, with a reason."""

    def do() -> None:
        reason = forms.words_of(visit.POST, "reason", REASON)
        dismiss_rows(number, table, visit.POST.getlist("place"), reason, by=visit.actor, at=now())

    where = forms.back_to("platform-rows", visit.POST, number=number, table=table)
    return act_on_lake(visit, do, done=where, back=where, said=pair("已搁置", "Dismissed"))


def _where(number: int, table: str) -> str:
    return reverse("platform-rows", args=[number, table])
