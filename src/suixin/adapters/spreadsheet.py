"""A workbook made from the Chinese template (`suixin adapter template`), filled in by a merchant or a co-op.

One sheet a table, headings in Chinese or English, choices in either; a row that is set aside is named by its
sheet, by its row as Excel numbers it, and by the heading above its column.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from python_calamine import CalamineError, CalamineWorkbook

from suixin.adapters import standard
from suixin.adapters.sheets import CHOICES, NOTES, ROUTE_WORDS, SHEETS, TERMS, column_of, is_hints, table_of
from suixin.adapters.standard import terms
from suixin.errors import SourceError
from suixin.lake.contract import Kind
from suixin.lake.quarantine import relative
from suixin.lake.readers import ROW, Batch, Reject, cell_text, first_line, orjson_list
from suixin.lake.source import Reader, Shape, Source, Stream
from suixin.lake.tables import TABLES

NAME = "spreadsheet"
ABOUT = "a workbook made by `suixin adapter template`, or a folder of them: one sheet a table, in Chinese"
ENDING = ".xlsx"
ASSUMPTIONS = (
    *standard.ASSUMPTIONS,
    "a formula counts as the value that the spreadsheet program saved with it",
    "an amount such as 1,234.50 or ¥1234.5 is the number without its signs",
)
_GROUPED = r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$"


def open_source(path: Path) -> Source:
    """Find the sheets that feed tables.

    Raises:
        SourceError: no workbook, no sheet of the template, two headings alike, or a required column is missing.
    """
    streams: list[Stream] = []
    not_read: list[str] = []
    said: dict[str, str] = {}
    for file in _workbooks(path):
        book = _open(file)
        for sheet in book.sheet_names:
            label = f"{relative(file, path)}[{sheet}]"
            if table := table_of(sheet):
                streams.append(_stream(table, file, sheet, label, book))
            elif sheet.strip() == NOTES:
                said |= _declared(file, _rows(file, book, sheet))
            else:
                not_read.append(label)
    if not streams:
        raise SourceError(
            f"{path}: no sheet is called after the template ({', '.join(SHEETS.values())}); "
            "make one with: suixin adapter template --out FILE.xlsx"
        )
    return Source(
        adapter=NAME,
        folder=path,
        streams=tuple(streams),
        assumptions=ASSUMPTIONS,
        not_read=tuple(not_read),
        **{"name": path.resolve().stem, **said},
    )


def fits(path: Path) -> bool:
    """Whether `path` is one workbook with a sheet of the template."""
    if not path.is_file() or path.suffix.lower() != ENDING:
        return False
    try:
        return any(sheet in SHEETS.values() for sheet in _open(path).sheet_names)
    except SourceError:
        return False


def _workbooks(path: Path) -> list[Path]:
    files = [path] if path.is_file() else sorted(p for p in path.iterdir() if p.suffix.lower() == ENDING)
    files = [p for p in files if p.is_file() and not p.name.startswith(("~$", "."))]  # Excel's lock files
    if not files or any(p.suffix.lower() != ENDING for p in files):
        raise SourceError(
            f"{path}: is no workbook {ENDING}, nor a folder of them; save it as {ENDING}, without macros"
        )
    return files


def _open(file: Path) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(str(file))
    except (OSError, CalamineError) as error:
        raise SourceError(f"{file}: is not a readable workbook: {first_line(error)}") from error


def _rows(file: Path, book: CalamineWorkbook, sheet: str) -> list[list[str]]:
    """All cells of a sheet as text, from its first row and column on."""
    try:
        found = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise SourceError(f"{file}: the sheet {sheet} is not readable: {first_line(error)}") from error
    return [[cell_text(value).strip() for value in row] for row in found]


def _declared(file: Path, rows: list[list[str]]) -> dict[str, str]:
    """What the sheet of notes says of the source: a label in the first column, its value in the second."""
    keys = {label: name for name, label in TERMS.items()}
    said = {keys[row[0]]: row[1] for row in rows if len(row) > 1 and row[0] in keys and row[1]}
    routes = {word: route for route, word in ROUTE_WORDS.items()}
    if "route" in said:
        said["route"] = routes.get(said["route"], said["route"])
    return terms(file, said)


def _stream(table: str, file: Path, sheet: str, label: str, book: CalamineWorkbook) -> Stream:
    rows = _rows(file, book, sheet)
    headings = _headings(label, rows)
    named = {heading: column_of(table, heading) for heading in headings}
    columns = {name: heading for heading, name in named.items() if name}
    _refuse(table, label, headings, columns, named)
    return Stream(table, file, _shape(table, columns), _reader(headings, sheet), label, columns)


def _headings(label: str, rows: list[list[str]]) -> list[str]:
    headings = list(rows[0]) if rows else []
    while headings and not headings[-1]:
        headings.pop()
    double = sorted({name for name in headings if name and headings.count(name) > 1})
    if double:
        raise SourceError(f"{label}: the heading {double[0]} stands there more than once")
    return [name or f"（第{n}列）" for n, name in enumerate(headings, start=1)]


def _refuse(
    table: str, label: str, headings: list[str], columns: dict[str, str], named: dict[str, str | None]
) -> None:
    meant = [name for name in named.values() if name]
    if len(meant) > len(columns):
        twice = next(name for name in meant if meant.count(name) > 1)
        both = [heading for heading, name in named.items() if name == twice]
        raise SourceError(f"{label}: the headings {' and '.join(both)} mean the same column {twice}")
    lacking = [f"{c.zh} ({c.name})" for c in TABLES[table].columns if c.required and c.name not in columns]
    if lacking:
        raise SourceError(
            f"{label}: lacks the columns {', '.join(lacking)}; it has {', '.join(headings) or 'none'}"
        )


def _reader(headings: list[str], sheet: str) -> Reader:
    """Rows below the headings, numbered as in Excel; blank rows and the line of hints are none."""

    def read(path: Path, _: str | None) -> Iterator[Batch]:
        good: list[list[str]] = []
        numbers: list[int] = []
        rejects: list[Reject] = []
        for number, row in enumerate(_rows(path, _open(path), sheet)[1:], start=2):
            if not any(row) or (number == 2 and is_hints(row)):
                continue
            if any(row[len(headings) :]):
                rejects.append(Reject(number, "extra_column", orjson_list(row)))
            else:
                good.append((row + [""] * len(headings))[: len(headings)])
                numbers.append(number)
        columns = (
            dict(zip(headings, zip(*good, strict=True), strict=True)) if good else dict.fromkeys(headings, ())
        )
        frame = pl.DataFrame(columns, schema=dict.fromkeys(headings, pl.String))
        yield Batch(frame.with_columns(pl.Series(ROW, numbers, pl.Int64)), rejects)

    return read


def _shape(table: str, columns: dict[str, str]) -> Shape:
    """The sheet's columns under their standard names, choices as codes, amounts without their signs."""

    def shape(frame: pl.DataFrame) -> pl.DataFrame:
        known = frame.rename({heading: name for name, heading in columns.items()})
        return known.with_columns(_value(table, name) for name in columns)

    return shape


def _value(table: str, name: str) -> pl.Expr:
    value = pl.col(name)
    if words := CHOICES.get((table, name)):
        return value.replace({word: code for code, word in words.items()})
    if name == "known_at" or TABLES[table].column(name).kind not in (Kind.MONEY, Kind.COUNT, Kind.NUMBER):
        return value
    plain = (
        value.str.replace_all("，", ",").str.replace(r"^([+-]?)\s*[¥￥]\s*", "$1").str.replace(r"\s*元$", "")
    )
    return (
        pl.when(plain.str.contains(_GROUPED))
        .then(plain.str.replace_all(",", ""))
        .otherwise(plain)
        .alias(name)
    )
