"""Connectors, and the ingests that they made: what came, what became of it, what does not add up."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from suixin.errors import LakeError
from suixin.lake import quality, quarantine
from suixin.lake.ingests import Ingested, numbered
from suixin.lake.ingests import listed as every_ingest
from suixin.lake.quality_measure import Measure
from suixin.lake.store import Lake
from suixin.reporting.sheet import Field
from suixin.server.identity.roles import Role
from suixin.server.intake import lakes
from suixin.server.intake.connectors import WINDOW_DAYS, Connector, breaks
from suixin.server.intake.connectors import connectors as found_connectors
from suixin.server.intake.models import MendedFile, RowOutcome
from suixin.server.intake.putting import is_key
from suixin.server.intake.rules import RULES
from suixin.server.pages import asking, sheets
from suixin.server.pages.bank import house
from suixin.server.pages.door import Visit, for_roles, now
from suixin.server.pages.menus import INTAKE
from suixin.server.pages.platform import words
from suixin.server.pages.platform.reading import reads_lake
from suixin.server.pages.platform.reading import wrong as wrong_words
from suixin.server.pages.templatetags.words import pair, worded

SIZE = 50
_LONGEST = 100  # of the name of a source, which the page of connectors asks for
READERS = frozenset({Role.OPERATOR, Role.AUDITOR})
"""Who sees rows, masked."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the ingests; what is '' is not asked."""

    text: str = ""
    route: str = ""
    aside: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked."""
        return all(getattr(self, one.name) == "" for one in fields(self))


def lake_of() -> tuple[Lake | None, str]:
    """The house's lake, and what is wrong with it ('' if nothing is); the server's own paths are not told."""
    try:
        held = lakes.held()
    except LakeError:
        return None, wrong_words()
    return (None, "") if held is None else (held[1], "")


@require_GET
@for_roles(*INTAKE)
@reads_lake
def connectors(visit: Visit) -> HttpResponse:
    """Each source by its route; what holds between tables is counted when somebody asks for it."""
    lake, wrong = lake_of()
    context: dict[str, Any] = {
        "rows": [
            (one, words.CONNECTORS[one.state], words.ROUTES.get(one.route)) for one in _connectors(lake)
        ],
        "window": WINDOW_DAYS,
        "wrong": wrong,
        "checked": visit.GET.get("check") == "yes" and lake is not None,
    }
    if context["checked"] and lake is not None:
        context |= {"breaks": list(breaks(lake)), "measures": list(_measures(lake))}
    return render(visit, "platform/connectors.html", context)


def _connectors(lake: Lake | None) -> list[Connector]:
    return found_connectors(lake, now())


def _measures(lake: Lake) -> Iterator[tuple[str, Any, Measure]]:
    """(table, words, measure) of every rule of which a row is broken."""
    for table, found in quality.consistency(lake).items():
        for one in found:
            if one.count:
                yield table, words.CONSISTENCY[one.code], one


@require_GET
@for_roles(*INTAKE)
@reads_lake
def connectors_xlsx(visit: Visit) -> HttpResponse:
    """The same rows as a workbook."""
    del visit
    columns: list[Field[Connector]] = [
        Field(pair("来源", "source"), "text", 24, lambda one: one.source),
        Field(pair("适配器", "adapter"), "text", 16, lambda one: one.adapter),
        Field(pair("路径", "route"), "text", 20, lambda one: one.route),
        Field(
            pair("最近交付", "last delivery"),
            "text",
            26,
            lambda one: one.last.ingested_at if one.last else "",
        ),
        Field(pair("应在几日内", "expected within days"), "count", 10, lambda one: one.expected_days),
        Field(pair("近期读取行数", "rows lately"), "count", 12, lambda one: one.read),
        Field(pair("其中隔离", "set aside"), "count", 12, lambda one: one.aside),
        Field(pair("隔离中待处理", "of these open"), "count", 12, lambda one: one.waiting),
        Field(pair("状态", "state"), "text", 14, lambda one: worded(words.CONNECTORS[one.state])),
    ]
    return sheets.workbook("connectors", columns, _connectors(lake_of()[0]))


@require_GET
@for_roles(*INTAKE)
@reads_lake
def listed(visit: Visit) -> HttpResponse:
    """Every ingest, the latest first, a page at a time."""
    lake, wrong = lake_of()
    wanted = _wanted(visit)
    page = asking.page(_found(lake, wanted), visit.GET, SIZE)
    context = {
        "rows": [
            (one, datetime.fromisoformat(one.record.ingested_at), words.ROUTES.get(one.record.route))
            for one in page
        ],
        "page": page,
        "wanted": wanted,
        "routes": words.ROUTES.items(),
        "asides": words.ASIDE.items(),
        "wrong": wrong,
        "unnumbered": quarantine.unnumbered(lake) if lake else 0,
    }
    return render(visit, "platform/ingests.html", context)


def _found(lake: Lake | None, wanted: Wanted) -> list[Ingested]:
    if lake is None:
        return []
    return [one for one in every_ingest(lake.root, lake.manifest) if _fits(one, wanted)]


def _fits(one: Ingested, wanted: Wanted) -> bool:
    said = f"{one.record.source} {one.record.adapter} {one.record.authorisation}".lower()
    return (
        wanted.text.lower() in said
        and wanted.route in {"", one.record.route}
        and (not wanted.aside or one.total.quarantined > 0)
    )


def _wanted(visit: Visit) -> Wanted:
    return Wanted(
        text=asking.words(visit.GET, "text", _LONGEST),
        route=asking.one_of(visit.GET, "route", words.ROUTES),
        aside=asking.one_of(visit.GET, "aside", words.ASIDE),
    )


@require_GET
@for_roles(*INTAKE)
@reads_lake
def listed_xlsx(visit: Visit) -> HttpResponse:
    """The ingests that are asked for, as a workbook."""
    columns: list[Field[Ingested]] = [
        Field(pair("入库号", "ingest"), "count", 10, lambda one: one.number or None),
        Field(pair("时间", "when"), "text", 26, lambda one: one.record.ingested_at),
        Field(pair("来源", "source"), "text", 24, lambda one: one.record.source),
        Field(pair("适配器", "adapter"), "text", 16, lambda one: one.record.adapter),
        Field(pair("路径", "route"), "text", 20, lambda one: one.record.route),
        Field(pair("授权", "authorisation"), "text", 30, lambda one: one.record.authorisation),
        Field(pair("目的", "purpose"), "text", 30, lambda one: one.record.purpose),
        *(_counted(zh, en, name) for zh, en, name in COUNTED),
    ]
    return sheets.workbook("ingests", columns, _found(lake_of()[0], _wanted(visit))[: sheets.MOST_ROWS])


COUNTED = (
    ("读取", "read", "read"),
    ("接收", "accepted", "accepted"),
    ("补全", "completed", "completed"),
    ("已有", "already there", "already_there"),
    ("隔离", "quarantined", "quarantined"),
)


def _counted(zh: str, en: str, name: str) -> Field[Ingested]:
    return Field(
        pair(zh, en), "count", 12, lambda one: None if one.tables is None else getattr(one.total, name)
    )


@require_GET
@for_roles(*INTAKE)
@reads_lake
def show(visit: Visit, number: int) -> HttpResponse:
    """What one ingest declared, and what became of its rows."""
    lake, _ = lake_of()
    one = numbered(lake.root, lake.manifest, number) if lake else None
    if one is None or one.tables is None:
        raise Http404
    settled = RowOutcome.objects.filter(ingest=number).values_list("table", "kind")
    outcomes = list(settled)
    tables = [
        {
            "name": name,
            "counts": counts,
            "rules": [(RULES[code], many) for code, many in counts.rules.items() if code in RULES],
            "mended": outcomes.count((name, RowOutcome.Kind.MENDED)),
            "dismissed": outcomes.count((name, RowOutcome.Kind.DISMISSED)),
        }
        for name, counts in one.tables.items()
    ]
    files = list(MendedFile.objects.filter(ingest=number).order_by("-id"))
    context = {
        "one": one,
        "at": datetime.fromisoformat(one.record.ingested_at),
        "assumed": [words.assumed(text) for text in one.record.assumptions if not is_key(text)],
        "route": words.ROUTES.get(one.record.route),
        "tables": tables,
        "files": [(file, house.called([file.read_by])[file.read_by]) for file in files],
        "sees_rows": bool(visit.roles & READERS),
        "became_of": MendedFile.objects.filter(made=number).first(),
    }
    return render(visit, "platform/ingest.html", context)
