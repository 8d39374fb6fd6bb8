"""That the columns which a family says it reads are those that it reads: no other column of a lake is held."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest

from suixin.features import self_dealing, series
from suixin.features.feature import Family, Frames, Rows
from suixin.features.point_in_time import known_before
from suixin.features.registry import OWN
from suixin.features.self_dealing import evidence
from suixin.features.series import net_sales
from suixin.lake.tables import TABLES

ASKING = {"subject": pl.Int64(), "merchant_id": pl.String(), "as_of_day": pl.Int32()}
SHARED = {
    "contacts": {"subject": pl.Int64(), "as_of_day": pl.Int32(), "party_id": pl.String(), "kind": pl.String(), "core": pl.Int64()},
    "homes": {"subject": pl.Int64(), "as_of_day": pl.Int32(), "region_code": pl.String(), "level_up": pl.Int64(), "level": pl.String(), "lon": pl.Float64(), "lat": pl.Float64()},
    "places": {"region_code": pl.String(), "lon": pl.Float64(), "lat": pl.Float64(), "known_day": pl.Int32(), "until_day": pl.Int32()},
}  # fmt: skip


def _none(schema: Mapping[str, Any]) -> Rows:
    return nw.from_native(pl.LazyFrame(schema=dict(schema)))


def _frame(table: str, columns: Iterable[str], *, genuine: bool) -> Rows:
    """No row of a table, as known before a date, with these columns alone."""
    rows = known_before(_none(TABLES[table].stored), TABLES[table], _none(ASKING), versions=False)
    held = rows.select("subject", "as_of_day", "age", *columns)
    return held.with_columns(genuine=nw.lit(value=True)) if genuine and table == "orders" else held


Reads = Mapping[str, tuple[str, ...]]
Reader = Callable[[Frames], Rows]


def _but(reads: Reads, table: str) -> Reads:
    return {name: columns for name, columns in reads.items() if name != table}


READERS: dict[str, tuple[Reader, Reads]] = {
    **{family.name: (family.compute, family.reads) for family in OWN},
    "series": (lambda frames: net_sales(frames, dict.fromkeys(frames)), _but(series.READS, "cashflows")),
    "series of an account": (
        lambda frames: net_sales(frames, dict.fromkeys(frames)),
        {"cashflows": series.READS["cashflows"]},
    ),
    "evidence": (
        lambda frames: evidence(frames, lambda rows: rows, lambda rows: rows),
        _but(self_dealing.READS, "order_items"),
    ),
}
"""Whoever reads rows of merchants, and the columns that he says he reads."""


def _read(name: str, reads: Reads) -> int:
    """Compute over frames of these columns alone; how many columns come of it."""
    compute, _ = READERS[name]
    frames = {table: _none(held) for table, held in SHARED.items()}
    for table, columns in reads.items():
        frames[table] = _frame(table, columns, genuine=name not in ("series", "evidence"))
    return compute(frames).to_native().collect().width


@pytest.mark.parametrize("name", READERS)
def test_what_is_said_to_be_read_is_enough(name: str) -> None:
    """A column that is read and not named would not be there when the whole lake is computed."""
    assert _read(name, READERS[name][1]) > 1


CASES = [
    (name, table, column)
    for name, (_, reads) in READERS.items()
    for table, columns in reads.items()
    for column in columns
]


@pytest.mark.parametrize(("name", "table", "column"), CASES)
def test_what_is_said_to_be_read_is_read(name: str, table: str, column: str) -> None:
    """A column that nobody reads would be held for nothing."""
    reads = READERS[name][1]
    fewer = {**reads, table: tuple(one for one in reads[table] if one != column)}
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        _read(name, fewer)


@pytest.mark.parametrize("family", OWN, ids=lambda family: family.name)
def test_a_family_reads_the_tables_that_it_names(family: Family) -> None:
    """What it reads of merchants' rows are its tables, and some that it reads where they are there."""
    own = {name for name in family.tables if TABLES[name].per_merchant and name != "merchants"}
    assert own <= set(family.reads) <= own | set(family.optional)


def test_what_hangs_on_an_order_names_it() -> None:
    """Rows of an order that counts as self-dealing are found by its number."""
    assert {name for name in self_dealing.HANG_ON if "order_id" not in self_dealing.READS[name]} == set()
