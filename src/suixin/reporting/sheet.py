"""A sheet of the workbook: formats, and a table with frozen header, filter, widths and print set-up."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

Row = TypeVar("Row")
Value = str | float | date | Decimal | None

LAST_ROW = 1_048_575
"""The last row of a worksheet, the header being row 0."""

_CHARACTERS = 32_767  # that a cell holds
_A4 = 9
_GREEN, _STRAW, _RULE, _SOFT = "#1E4D3A", "#F5ECD2", "#DDD5C1", "#59635B"
_BODY: dict[str, Any] = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
_FORMATS: dict[str, dict[str, Any]] = {
    "text": {},
    "wrapped": {"text_wrap": True},
    "money": {"num_format": "#,##0.00;[Red]-#,##0.00"},
    "rate": {"num_format": "0.00%"},
    "share": {"num_format": "0%"},
    "points": {"num_format": "0.0"},
    "number": {"num_format": "#,##0.####"},
    "count": {"num_format": "#,##0"},
    "date": {"num_format": "yyyy-mm-dd", "align": "left"},
    "header": {
        "bold": True,
        "font_color": _GREEN,
        "bg_color": _STRAW,
        "bottom": 2,
        "bottom_color": _GREEN,
        "text_wrap": True,
    },
    "title": {"bold": True, "font_size": 20, "font_color": _GREEN},
    "section": {"bold": True, "font_size": 13, "font_color": _GREEN, "bottom": 1, "bottom_color": _GREEN},
    "note": {"font_color": _SOFT, "italic": True},
}


@dataclass(frozen=True, slots=True)
class Field(Generic[Row]):
    """A column of a table: header, a format's name, width in characters, and where its values come from."""

    header: str
    style: str
    width: float
    of: Callable[[Row], Value]


class Styles:
    """The workbook's formats, by name."""

    def __init__(self, workbook: Workbook) -> None:
        self._formats = {name: workbook.add_format(_BODY | extra) for name, extra in _FORMATS.items()}

    def __getitem__(self, name: str) -> Format:
        return self._formats[name]


def write_cell(sheet: Worksheet, row: int, column: int, value: Value, style: Format) -> None:
    """Write one value; text stays text, and what is unknown or no number stays blank."""
    if isinstance(value, str):
        sheet.write_string(row, column, value[:_CHARACTERS], style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, style)
    elif value is None or not math.isfinite(value):
        sheet.write_blank(row, column, None, style)
    else:
        sheet.write_number(row, column, float(value), style)


def write_table(
    workbook: Workbook,
    styles: Styles,
    name: str,
    fields: Sequence[Field[Row]],
    rows: Sequence[Row],
    printed: int,
) -> None:
    """Write a sheet with one table; the first `printed` columns fit the width of a page."""
    sheet = workbook.add_worksheet(name)
    for index, field in enumerate(fields):
        sheet.set_column(index, index, field.width)
    sheet.set_row(0, 48)
    for index, field in enumerate(fields):
        sheet.write_string(0, index, field.header, styles["header"])
    for number, row in enumerate(rows, start=1):
        for index, field in enumerate(fields):
            write_cell(sheet, number, index, field.of(row), styles[field.style])
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(rows), len(fields) - 1)
    sheet.repeat_rows(0)
    sheet.print_area(0, 0, len(rows), min(printed, len(fields)) - 1)
    set_print(sheet, name)


def set_print(sheet: Worksheet, name: str, *, landscape: bool = True) -> None:
    """A4, one page wide, with page numbers."""
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.hide_gridlines(2)
    sheet.set_footer(f"&L穗信 Suixin · {name}&R&P / &N")
