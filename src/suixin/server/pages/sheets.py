"""A list as a workbook to take away."""

from collections.abc import Sequence
from io import BytesIO
from typing import TypeVar

import xlsxwriter
from django.http import HttpResponse

from suixin.reporting.sheet import Field, Styles, write_table

Row = TypeVar("Row")
MOST_ROWS = 50_000
"""The most rows of a list that a workbook takes away; the first of them, in the order of the list."""
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(name: str, fields: Sequence[Field[Row]], rows: Sequence[Row]) -> HttpResponse:
    """One sheet of that name as a download; text from data stays text, money is in yuan."""
    held = BytesIO()
    made = xlsxwriter.Workbook(held, _OPTIONS)
    write_table(made, Styles(made), name, fields, rows, printed=len(fields))
    made.close()
    answer = HttpResponse(held.getvalue(), content_type=_XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer
