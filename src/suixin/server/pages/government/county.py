"""The county map: published months, a measure by township, how it has changed, and all of it to take away."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from suixin.server.pages import regionmaps, regionsheets
from suixin.server.pages.bank import house
from suixin.server.pages.door import Visit, for_roles
from suixin.server.pages.menus import OUTSIDE
from suixin.server.regions import documents
from suixin.server.regions.models import Publication
from suixin.server.regions.queries import ground, published


@require_GET
@for_roles(*OUTSIDE)
def show(visit: Visit) -> HttpResponse:
    """A measure of a month."""
    months = _months()
    if not months:
        return render(visit, "government/county.html", {"months": months})
    month = _chosen(months, visit.GET.get("month", ""))
    measure = regionmaps.BY_KEY.get(visit.GET.get("measure", ""), regionmaps.MEASURES[0])
    before = next((one for one in months if one.month < month.month), None)
    context: dict[str, Any] = {
        "months": months,
        "month": month,
        "measures": regionmaps.MEASURES,
        "map": regionmaps.drawn(
            measure,
            documents.read(month.tables),
            month.tables["names"],
            documents.read(before.tables) if before else {},
            ground(month.book),
            month.tables.get("absent", {}).get(measure.table, "never"),
        ),
        "before": before,
    }
    return render(visit, "government/county.html", context)


@require_GET
@for_roles(*OUTSIDE)
def workbook(visit: Visit) -> HttpResponse:
    """Every measure of a month, in one sheet."""
    months = _months()
    if not months:
        raise Http404
    return regionsheets.workbook(_chosen(months, visit.GET.get("month", "")))


def _months() -> list[Publication]:
    held = house.any_book()
    return published(held) if held else []


def _chosen(months: list[Publication], asked: str) -> Publication:
    """The month that is asked for, such as 2026-03; the latest if it is not there."""
    return next((one for one in months if str(one) == asked), months[0])
