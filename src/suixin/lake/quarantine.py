"""Rows set aside, each with file, row number, column, rule and its raw text; kept private, shown masked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from suixin.identifiers import mask_row
from suixin.lake.checks import in_calendar
from suixin.lake.readers import Reject
from suixin.lake.store import Lake, reading, scan_each

SCHEMA = {
    "file": pl.String(),
    "row": pl.Int64(),
    "column": pl.String(),
    "rule": pl.String(),
    "raw": pl.String(),
}
STORED = SCHEMA | {"ingest": pl.Int64()}
"""As files hold it: with the ingest that set the row aside, null for one of a release before that was kept."""

RULES = {
    "empty_line": "the line is empty",
    "extra_column": "the row has more fields than the header",
    "missing_column": "the row has fewer fields than the header",
    "bad_encoding": "the row holds bytes that are no text in the file's encoding",
    "open_quote": "a quotation mark in the line is not closed",
    "missing_value": "a required value is missing",
    "wrong_type": "the value cannot be read as the column's type",
    "inexact_identifier": "the identifier came as a number that has lost digits",
    "too_many_decimals": "money has at most two digits after the point",
    "negative_amount": "the amount may not be negative",
    "absurd_amount": "the amount is beyond one thousand million",
    "out_of_range": "the number is outside the column's bounds",
    "unknown_code": "the code is not in the column's list",
    "wrong_order": "the time lies before the one it must follow",
    "absurd_date": "the date lies before 1990 (a first day: before 1900) or after 2100",
    "future_date": "the date lies in the future",
    "unknown_merchant": "no merchant of this number is known",
    "wrong_currency": "the row is in another currency than the lake",
    "formula_text": "the text would run as a formula in a spreadsheet",
    "markup_text": "the text holds markup that would run in a page",
    "control_character": "the text holds control characters",
    "too_long": "the text is longer than the column allows",
    "forgotten": "the row is about somebody whom the lake has forgotten; nothing of it is kept",
    "conflict": "the same key, known at the same time, was given with other values",
}
"""Every rule that sends a row to quarantine, and what it means."""


def from_rejects(file: str, rejects: list[Reject]) -> pl.DataFrame:
    """Unreadable rows as quarantine rows."""
    rows = [(file, r.row, r.column, r.rule, r.raw) for r in rejects]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def from_rows(file: str, raw: pl.DataFrame, bad: pl.DataFrame) -> pl.DataFrame:
    """Rows that failed a check as quarantine rows; `bad` has `_row`, `rule` and `column`."""
    if bad.height == 0:
        return pl.DataFrame(schema=SCHEMA)
    faulty = raw.join(bad.select("_row"), on="_row", how="semi").sort("_row")
    rows = _showable(faulty.drop("_row")).iter_rows(named=True)
    texts = pl.Series("raw", [as_json(row) for row in rows], pl.String)
    named = bad.sort("_row").rename({"_row": "row"}).with_columns(pl.lit(file).alias("file"), texts)
    return named.select(*SCHEMA)


def _showable(rows: pl.DataFrame) -> pl.DataFrame:
    """Dates and times beyond the calendar as the numbers that the file holds."""
    dated = {name: kind for name, kind in rows.schema.items() if isinstance(kind, pl.Date | pl.Datetime)}
    beyond = [
        name for name, kind in dated.items() if not rows.select(in_calendar(pl.col(name), kind).all()).item()
    ]
    return rows.with_columns(pl.col(name).to_physical() for name in beyond)


def as_json(row: dict[str, object]) -> str:
    """A row as JSON text; what JSON has no type for as its text."""
    try:
        return orjson.dumps(row, default=str).decode()
    except TypeError:  # a whole number beyond 64 bits
        return orjson.dumps({name: str(value) for name, value in row.items()}).decode()


def stored(lake: Lake, table: str) -> pl.DataFrame:
    """The quarantined rows of one table, oldest first, raw."""
    with reading(lake.root):
        return pl.concat([pl.DataFrame(schema=STORED), *(rows.collect() for rows in _files(lake, table))])


def of_ingest(lake: Lake, table: str, number: int) -> pl.DataFrame:
    """The rows of one table that one ingest set aside, raw, by file and row; without those of whom the lake forgot."""
    mine = (rows.filter(pl.col("ingest") == number) for rows in _files(lake, table))
    with reading(lake.root):
        found = pl.concat([pl.DataFrame(schema=STORED), *(rows.collect() for rows in mine)])
    return found.sort("file", "row", maintain_order=True)


def unnumbered(lake: Lake) -> int:
    """How many rows were set aside by ingests of a release that did not keep which."""
    with reading(lake.root):
        found = [
            rows.select(pl.col("ingest").null_count()).collect().item()
            for name in lake.manifest.tables
            for rows in _files(lake, name)
        ]
    return sum(found)


def _files(lake: Lake, table: str) -> Iterator[pl.LazyFrame]:
    state = lake.manifest.tables.get(table)
    return scan_each(lake.root, state.quarantine if state else (), STORED)


def only_new(lake: Lake, table: str, found: pl.DataFrame) -> pl.DataFrame:
    """The rows of `found` that are not set aside already; the lake's are read a file at a time."""
    on = list(SCHEMA)
    for held in _files(lake, table) if found.height else ():
        with reading(lake.root):
            same = held.join(found.lazy(), on=on, how="semi", nulls_equal=True).collect()
        found = found.join(same, on=on, how="anti", nulls_equal=True, maintain_order="left")
    return found


def shown(lake: Lake, tables: list[str], file: str | None = None) -> Iterator[dict[str, object]]:
    """Quarantined rows for people: the raw text masked, the rule in words; of one file of a source if it is named."""
    for name in tables:
        for row in _rows(lake, name, file):
            row["raw"] = masked(row["raw"])
            yield {"table": name, **row, "meaning": RULES.get(row["rule"], "")}


def masked(raw: str) -> str:
    """The raw text of a row as it may be shown."""
    return orjson.dumps(mask_row({"raw": parsed(raw)})["raw"]).decode()


def _rows(lake: Lake, table: str, file: str | None = None) -> Iterator[dict[str, Any]]:
    for held in _files(lake, table):
        with reading(lake.root):
            rows = (held if file is None else held.filter(pl.col("file") == file)).collect()
        yield from rows.iter_rows(named=True)


def parsed(raw: str) -> object:
    """A raw row as it was kept: JSON, or the line itself where it was no JSON."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return raw


def relative(path: Path, source: Path) -> str:
    """The file's name as quarantine shows it: below the source folder, or its own name."""
    return path.relative_to(source).as_posix() if source.is_dir() else path.name
