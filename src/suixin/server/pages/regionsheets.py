"""A published month as a sheet: a row a township, two columns a measure, words where a figure is hidden."""

from collections.abc import Mapping
from decimal import Decimal

from django.http import HttpResponse

from suixin.regions.table import WHOLE, Figure, Table
from suixin.reporting.sheet import Field, Value
from suixin.server.pages import sheets
from suixin.server.pages.regionmaps import MEASURES, Measure
from suixin.server.regions import documents
from suixin.server.regions.models import Publication

HIDDEN = "不足10户* fewer than 10*"
ABSENT = "本月无此数字 none this month"


def workbook(month: Publication) -> HttpResponse:
    """The month as a download; what is hidden on the map is hidden here, and a measure that the month lacks says so."""
    tables = documents.read(month.tables)
    names: dict[str, str] = {WHOLE: "全县 county", **month.tables["names"]}
    fields: list[Field[str]] = [
        Field("代码\ncode", "text", 14, lambda area: area or "–"),
        Field("乡镇\ntownship", "text", 18, lambda area: names.get(area, area)),
    ]
    for measure in MEASURES:
        fields += _pair(measure, tables.get(measure.table))
    return sheets.workbook(f"county-{month}", fields, next(iter(tables.values())).areas)


def _pair(measure: Measure, table: Table | None) -> list[Field[str]]:
    held: Mapping[str, Figure | None] = {} if table is None else table.columns[measure.key]
    unsaid = ABSENT if table is None else HIDDEN

    def people(area: str) -> Value:
        figure = held.get(area)
        return unsaid if figure is None else figure.people

    def amount(area: str) -> Value:
        figure = held.get(area)
        return unsaid if figure is None else Decimal(figure.minor).scaleb(-2)

    return [
        Field(f"{measure.zh}：{measure.people_zh}\n{measure.en}: {measure.people_en}", "count", 16, people),
        Field(f"{measure.zh}（元）\n{measure.en}, yuan", "money", 20, amount),
    ]
