"""Rows that an ingest set aside: masked, with their reason and state; taken away to be mended, or dismissed."""

from collections import Counter

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from suixin.errors import LendingError
from suixin.server.identity.roles import Role
from suixin.server.intake import lakes, tomend
from suixin.server.intake.actions.dismiss_rows import dismiss_rows
from suixin.server.intake.actions.take_aside import take_aside
from suixin.server.intake.aside import STATES, Aside, open_of, rows_of, waiting_of
from suixin.server.intake.models import REASON
from suixin.server.intake.rules import RULES
from suixin.server.origination.models import Desk
from suixin.server.pages import forms
from suixin.server.pages.door import Visit, for_roles, now
from suixin.server.pages.platform import words
from suixin.server.pages.platform.deliveries import READERS, lake_of
from suixin.server.pages.platform.reading import act_on_lake, reads_lake
from suixin.server.pages.templatetags.words import pair

SIZE = 50
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@for_roles(*READERS)
@reads_lake
def show(visit: Visit, number: int, table: str) -> HttpResponse:
    """The rows that are asked for, a page at a time."""
    lake, _ = lake_of()
    desk = Desk.objects.first()
    if lake is None or desk is None:
        raise Http404
    try:
        of = lakes.ingest_of(lake, number, table)
    except LendingError as error:
        raise Http404 from error
    rows = rows_of(desk, lake, number, table)
    state, rule = visit.GET.get("state", ""), visit.GET.get("rule", "")
    found = [one for one in rows if state in {"", one.state} and rule in {"", one.rule}]
    pages = max(1, -(-len(found) // SIZE))
    asked = visit.GET.get("page", "")
    page = min(max(1, int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1), pages)
    counts = Counter(one.state for one in rows)
    context = {
        "number": number,
        "table": table,
        "rows": [
            (one, RULES.get(one.rule), words.ROWS[one.state])
            for one in found[(page - 1) * SIZE : page * SIZE]
        ],
        "count": len(found),
        "gone": (of.tables or {})[table].quarantined - (of.tables or {})[table].again - len(rows),
        "again": (of.tables or {})[table].again,
        "counts": {name: counts[name] for name in STATES},
        "waiting": list(waiting_of(desk, number, table)),
        "page": page,
        "pages": pages,
        "state": state,
        "rule": rule,
        "states": words.ROWS.items(),
        "rules": [(code, RULES[code]) for code in sorted({one.rule for one in rows}) if code in RULES],
        "may_mend": visit.actor.may("data.quarantine.mend") and bool(open_of(rows)),
        "by_columns": lakes.may_be_mended_here(of),
        "adapter": of.record.adapter,
        "most": tomend.MOST_ROWS,
        "longest": REASON,
    }
    return render(visit, "platform/rows.html", context)


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

    where = _where(number, table)
    return act_on_lake(visit, do, done=where, back=where, said=pair("已搁置", "Dismissed"))


def _where(number: int, table: str) -> str:
    return reverse("platform-rows", args=[number, table])
