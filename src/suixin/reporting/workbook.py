"""book.xlsx: the decision book for a credit committee, in Chinese and English, ready to print."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.workbook import Workbook

from suixin.errors import BookError
from suixin.features.registry import FEATURES
from suixin.reporting.book import Book
from suixin.reporting.columns import COLUMNS
from suixin.reporting.sheet import LAST_ROW, Field, Styles, write_table
from suixin.reporting.sheetfields import ReasonRow, cost_fields, decision_fields, reason_fields
from suixin.reporting.summarysheet import write_summary
from suixin.reporting.wording import both, words
from suixin.underwriting.decision import Decision

ALL_REASONS = 5_000
"""Of a larger book the sheet of reasons keeps checks and rules, and of the card's items the `WORST` of each merchant."""

WORST = 3

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_TRIMMED = (
    "The sheet of reasons has every check and rule, and of each merchant the three card items that cost most."
)
_FULL = "A worksheet is full: what lies beyond its last row is only in decisions.parquet."


def write_workbook(book: Book, path: Path) -> None:
    """Write book.xlsx: sheets summary, decisions, reasons, costs and dictionary; BookError if it cannot be written.

    Money is in major units, rates and shares are fractions shown as percentages, dates are dates; text from data
    never becomes a formula or a link.
    """
    try:
        path.open("wb").close()  # before the work, not after it
        with TemporaryDirectory() as folder:
            workbook = xlsxwriter.Workbook(str(path), {**_OPTIONS, "tmpdir": folder})
            _fill(workbook, book)
            workbook.close()
    except (OSError, FileCreateError) as error:
        raise BookError(f"{path}: cannot be written: {getattr(error, 'strerror', None) or error}") from error


def _fill(workbook: Workbook, book: Book) -> None:
    styles = Styles(workbook)
    reasons = _reason_rows(book.decisions)
    costs = [
        (decision, item) for decision in book.decisions if decision.terms for item in decision.terms.costs
    ]
    notes = [_TRIMMED] if len(book.decisions) > ALL_REASONS else []
    if max(len(reasons), len(costs), len(book.decisions)) > LAST_ROW:
        notes.append(_FULL)
    write_summary(workbook, styles, book, notes)
    write_table(workbook, styles, "decisions", decision_fields(book), book.decisions[:LAST_ROW], printed=13)
    write_table(workbook, styles, "reasons", reason_fields(book), reasons[:LAST_ROW], printed=9)
    write_table(workbook, styles, "costs", cost_fields(), costs[:LAST_ROW], printed=7)
    write_table(workbook, styles, "dictionary", _DICTIONARY, _dictionary_rows(), printed=6)


def _reason_rows(decisions: Sequence[Decision]) -> list[ReasonRow]:
    if len(decisions) <= ALL_REASONS:
        return [(decision, reason) for decision in decisions for reason in decision.reasons]
    rows: list[ReasonRow] = []
    for decision in decisions:
        against = sorted(
            (r for r in decision.reasons if not r.outcome and r.points < 0), key=lambda r: r.points
        )
        rows += [(decision, reason) for reason in decision.reasons if reason.outcome]
        rows += [(decision, reason) for reason in against[:WORST]]
    return rows


_DICTIONARY: list[Field[tuple[str, str, str, str]]] = [
    Field("名称\nname", "text", 26, lambda row: row[0]),
    Field("标签\nlabel (zh)", "text", 24, lambda row: words("zh").text(row[1])),
    Field("标签\nlabel (en)", "text", 30, lambda row: row[1]),
    Field("单位\nunit", "text", 28, lambda row: both(row[2])),
    Field("说明\nmeaning (zh)", "wrapped", 52, lambda row: words("zh").text(row[3])),
    Field("说明\nmeaning (en)", "wrapped", 62, lambda row: row[3]),
]


def _dictionary_rows() -> list[tuple[str, str, str, str]]:
    columns = [(name, column.label, column.unit, column.about) for name, column in COLUMNS.items()]
    features = [(each.name, each.label, each.unit.value, each.sentence) for each in FEATURES.values()]
    return columns + features
