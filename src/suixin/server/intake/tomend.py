"""The file that a person mends: the rows as they came, each with its place, its reason and its mend.

Columns whose heading begins with # are ours; the others are the source's own. Text stays text: a workbook's cells are
strings, and a CSV's cell that a spreadsheet would run gets an apostrophe, which is taken off again when it comes back.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence

import xlsxwriter

from suixin.lake.tables import TABLES
from suixin.server.intake.aside import Aside
from suixin.server.origination.workbook import MOST_CELLS

FILE, ROW = "#file", "#row"
_OURS = (FILE, ROW, "#column", "#reason", "#mend")
_RAW = "#line"
MOST_ROWS = 1_000
_RUNS = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
Words = Callable[[Aside], tuple[str, str]]
"""(reason, mend) of a row in the reader's language."""


def grid(table: str, rows: Sequence[Aside], words: Words) -> list[list[str]]:
    """Heading and rows."""
    columns = _columns(table, rows)
    return [[*_OURS, *columns, _RAW], *(_line(one, columns, words) for one in rows)]


def fitting(table: str, rows: Sequence[Aside]) -> Sequence[Aside]:
    """The first of the rows, as many as a file may bring back."""
    first = rows[:MOST_ROWS]
    return first[: MOST_CELLS // (len(_columns(table, first)) + len(_OURS) + 1) - 1]


def _columns(table: str, rows: Iterable[Aside]) -> list[str]:
    """Those of the data standard, then what the source has besides."""
    known = [one.name for one in TABLES[table].columns]
    seen = dict.fromkeys(name for one in rows for name in one.values if not name.startswith("#"))
    return [*known, "known_at", *(name for name in seen if name not in {*known, "known_at"})]


def _line(one: Aside, columns: Sequence[str], words: Words) -> list[str]:
    values = one.values
    reason, mend = words(one)
    cells = [values.get(name, "") for name in columns]
    return [one.file, str(one.row), one.column, reason, mend, *cells, "" if values else one.raw]


def as_csv(lines: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with its mark, so that a spreadsheet reads Chinese."""
    held = io.StringIO()
    csv.writer(held).writerows([_harmless(cell) for cell in line] for line in lines)
    return held.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if _RUNS.match(cell) and not _NUMBER.fullmatch(cell) else cell


def as_it_was(cell: str) -> str:
    """A cell without the apostrophe that made it harmless."""
    return cell[1:] if cell.startswith("'") and _RUNS.match(cell[1:]) else cell


def as_workbook(lines: Iterable[Sequence[str]]) -> bytes:
    """One sheet of strings."""
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, _OPTIONS)
    sheet = book.add_worksheet("rows")
    plain = book.add_format({"num_format": "@"})
    for number, line in enumerate(lines):
        for index, cell in enumerate(line):
            sheet.write_string(number, index, cell, plain)
    sheet.freeze_panes(1, 2)
    book.close()
    return held.getvalue()
