"""Rows set aside, each with file, row number, column, rule and its raw text; kept private, shown masked."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import polars as pl

from suixin.identifiers import mask_row
from suixin.lake.readers import Reject
from suixin.lake.store import Lake

SCHEMA = {
    "file": pl.String(),
    "row": pl.Int64(),
    "column": pl.String(),
    "rule": pl.String(),
    "raw": pl.String(),
}

RULES = {
    "empty_line": "the line is empty",
    "extra_column": "the row has more fields than the header",
    "missing_column": "the row has fewer fields than the header",
    "bad_encoding": "the row holds bytes that are no text in the file's encoding",
    "missing_value": "a required value is missing",
    "wrong_type": "the value cannot be read as the column's type",
    "too_many_decimals": "money has at most two digits after the point",
    "negative_amount": "the amount may not be negative",
    "absurd_amount": "the amount is beyond one thousand million",
    "out_of_range": "the number is outside the column's bounds",
    "unknown_code": "the code is not in the column's list",
    "wrong_order": "the time lies before the one it must follow",
    "future_date": "the date lies in the future",
    "unknown_merchant": "no merchant of this number is known",
    "wrong_currency": "the row is in another currency than the lake",
    "formula_text": "the text would run as a formula in a spreadsheet",
    "markup_text": "the text holds markup that would run in a page",
    "control_character": "the text holds control characters",
    "too_long": "the text is longer than the column allows",
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
    texts = pl.Series("raw", [_json(row) for row in faulty.drop("_row").iter_rows(named=True)], pl.String)
    named = bad.sort("_row").rename({"_row": "row"}).with_columns(pl.lit(file).alias("file"), texts)
    return named.select(*SCHEMA)


def _json(row: dict[str, object]) -> str:
    return orjson.dumps(row, default=str).decode()


def stored(lake: Lake, table: str) -> pl.DataFrame:
    """The quarantined rows of one table, oldest first, raw."""
    state = lake.manifest.tables.get(table)
    if state is None or not state.quarantine:
        return pl.DataFrame(schema=SCHEMA)
    return pl.concat([pl.read_parquet(lake.root / file.path) for file in state.quarantine])


def only_new(held: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The rows of `found` that are not set aside already."""
    return found.join(held, on=list(SCHEMA), how="anti", nulls_equal=True)


def shown(lake: Lake, tables: list[str]) -> Iterator[dict[str, object]]:
    """Quarantined rows for people: the raw text masked, the rule in words."""
    for name in tables:
        for row in stored(lake, name).iter_rows(named=True):
            row["raw"] = orjson.dumps(mask_row({"raw": _parsed(row["raw"])})["raw"]).decode()
            yield {"table": name, **row, "meaning": RULES.get(row["rule"], "")}


def _parsed(raw: str) -> object:
    """A raw row as it was kept: JSON, or the line itself where it was no JSON."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return raw


def relative(path: Path, source: Path) -> str:
    """The file's name as quarantine shows it: below the source folder, or its own name."""
    return path.relative_to(source).as_posix() if source.is_dir() else path.name
