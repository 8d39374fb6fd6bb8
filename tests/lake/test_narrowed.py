"""A lake of which only some tables and days may be read."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from samples import write_csv
from suixin.lake.ingest import IngestReport
from suixin.lake.store import Lake

Load = Callable[..., IngestReport]
COLUMNS = ["order_id", "merchant_id", "ordered_at", "amount", "known_at"]


def orders(lake: Lake) -> list[tuple[str, str]]:
    """Each version's order and amount, and that the current rows are among them."""
    told = pl.concat([lake.versions("orders", bucket) for bucket in lake.buckets("orders")]).collect()
    current = lake.whole("orders").select("order_id", "amount_fen").collect().rows()
    assert set(current) <= set(told.select("order_id", "amount_fen").rows())
    return sorted((row["order_id"], str(row["amount_fen"])) for row in told.to_dicts())


def test_what_was_moved_out_of_the_days_is_not_read(source: Path, load: Load, lake: Path) -> None:
    """Protects the consent and the sum: an order that turned out to be of an earlier day is none of the later days'."""
    first = [
        ["kept", "m1", "2025-04-10 08:00:00", "1.00", "2025-04-10 09:00:00"],
        ["moved", "m1", "2025-04-11 08:00:00", "2.00", "2025-04-11 09:00:00"],
        ["mended", "m1", "2025-04-12 08:00:00", "3.00", "2025-04-12 09:00:00"],
        ["brought", "m1", "2025-03-12 08:00:00", "4.00", "2025-03-12 09:00:00"],
    ]
    second = [
        ["moved", "m1", "2025-03-11 08:00:00", "2.00", "2025-04-20 09:00:00"],
        ["mended", "m1", "2025-04-12 08:00:00", "3.50", "2025-04-20 09:00:00"],
        ["brought", "m1", "2025-04-12 08:00:00", "4.00", "2025-04-20 09:00:00"],
    ]
    for rows in (first, second):
        write_csv(source / "orders.csv", [COLUMNS, *rows])
        load(source)
    narrow = Lake.open(lake).narrowed({"orders"}, date(2025, 4, 1))
    assert orders(narrow) == [("brought", "400"), ("kept", "100"), ("mended", "300"), ("mended", "350")]
    assert narrow.whole("orders").collect()["amount_fen"].sort().to_list() == [100, 350, 400]
