"""A civil day that has no midnight: where summer time begins at twelve, the day begins at one."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from samples import write_csv
from suixin.adapters import open_source
from suixin.lake.ingest import ingest
from suixin.lake.store import Lake

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FIRST = datetime(2017, 10, 15, 3, tzinfo=UTC)  # one o'clock in São Paulo, two hours behind since that instant


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_day_without_midnight_has_a_first_instant(ending: str, tmp_path: Path) -> None:
    """A merchant who opened on that day is known from then, an order dated without a time is of that day."""
    folder = tmp_path / "source"
    write_csv(folder / "source.yaml", [["zone: America/Sao_Paulo"]])
    merchants = pl.DataFrame({"merchant_id": ["m1"], "opened_on": ["2017-10-15"]})
    orders = pl.DataFrame(
        {"order_id": ["o1"], "merchant_id": ["m1"], "ordered_at": ["2017-10-15"], "amount": ["1"]}
    )
    if ending == ".csv":
        merchants.write_csv(folder / "merchants.csv")
        orders.write_csv(folder / "orders.csv")
    else:
        merchants.with_columns(pl.col("opened_on").str.to_date()).write_parquet(folder / "merchants.parquet")
        orders.with_columns(pl.col("ordered_at").str.to_date()).write_parquet(folder / "orders.parquet")
    ingest(open_source("standard", folder), tmp_path / "lake", now=NOW)
    lake = Lake.open(tmp_path / "lake")
    assert lake.whole("merchants").collect()["known_at"].to_list() == [FIRST]
    assert lake.whole("orders").collect().select("ordered_at", "ordered_day").rows() == [(FIRST, 17_454)]
