"""That the columns the definition does not hold are those that no family reads, and all of those."""

from collections.abc import Collection
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest

from suixin.features import definition
from suixin.features.definition import UNREAD, of_merchants
from suixin.features.feature import Rows
from suixin.features.point_in_time import known_before
from suixin.features.registry import OWN
from suixin.lake.tables import TABLES

ASKING = {"subject": pl.Int64(), "merchant_id": pl.String(), "as_of_day": pl.Int32()}
SHARED = {
    "contacts": {"subject": pl.Int64(), "as_of_day": pl.Int32(), "party_id": pl.String(), "kind": pl.String(), "core": pl.Int64()},
    "homes": {"subject": pl.Int64(), "as_of_day": pl.Int32(), "region_code": pl.String(), "level_up": pl.Int64(), "level": pl.String(), "lon": pl.Float64(), "lat": pl.Float64()},
    "places": {"region_code": pl.String(), "lon": pl.Float64(), "lat": pl.Float64(), "known_day": pl.Int32(), "until_day": pl.Int32()},
}  # fmt: skip
READ = {name for family in OWN for name in (*family.tables, *family.optional) if TABLES[name].per_merchant}


class Nothing:
    """An engine over a lake in which every table is there and has no row."""

    tables: Collection[str] = tuple(TABLES)

    def scan(self, table: str) -> Rows:
        return _none(dict(TABLES[table].stored))

    def superseded(self, table: str) -> bool:
        del table
        return False

    def keep(self, rows: Rows) -> Rows:
        return nw.from_native(rows.to_native().collect().lazy())

    def cut(self, rows: Rows) -> Rows:
        return self.keep(rows)


def _none(schema: dict[str, Any]) -> Rows:
    return nw.from_native(pl.LazyFrame(schema=schema))


def _compute() -> None:
    found = of_merchants(Nothing(), _none(ASKING), {name: _none(held) for name, held in SHARED.items()})
    assert found.series is not None
    assert found.evidence is not None
    for rows in (found.features, found.series, found.evidence):
        rows.to_native().collect()


def _held(table: str) -> list[str]:
    rows = known_before(Nothing().scan(table), TABLES[table], _none(ASKING), versions=False)
    always = ("subject", "as_of_day", "age")
    return [name for name in rows.collect_schema().names() if name not in (*always, *UNREAD.get(table, ()))]


def test_every_family_computes_without_the_unread_columns() -> None:
    _compute()


def test_only_what_is_read_by_a_family_is_named() -> None:
    assert set(UNREAD) <= READ


@pytest.mark.parametrize(
    ("table", "column"), [(table, name) for table in sorted(READ) for name in _held(table)]
)
def test_every_column_that_is_held_is_read(table: str, column: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = {**UNREAD, table: (*UNREAD.get(table, ()), column)}
    monkeypatch.setattr(definition, "UNREAD", fewer)
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        _compute()
