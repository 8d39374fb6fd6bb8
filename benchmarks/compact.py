"""What many small ingests cost, and what compact makes of them.

    .venv/bin/python benchmarks/compact.py --ingests 1000 --rows 1000 --runs 5

The same orders enter one lake in many small ingests and another at once. Then the first is compacted, and both are
read bucket by bucket as features read them. The small ingests are timed in quarters, to show whether they slow down.
"""

import argparse
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl

from suixin.adapters import open_source
from suixin.lake.compact import compact
from suixin.lake.ingest import ingest
from suixin.lake.store import Lake
from suixin.lake.tables import ORDERS

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MERCHANTS = 500
SINCE = 1_577_836_800  # 2020-01-01


def orders(first: int, rows: int, draw: np.random.Generator) -> pl.DataFrame:
    """Orders of random merchants in one week, numbered from `first`."""
    at = pl.Series(draw.integers(0, 7 * 86_400, rows)) + SINCE + first // rows * 86_400
    return pl.DataFrame(
        {
            "order_id": [f"o{n:09}" for n in range(first, first + rows)],
            "merchant_id": [f"m{n:04}" for n in draw.integers(0, MERCHANTS, rows)],
            "buyer_id": [f"b{n:06}" for n in draw.integers(0, 100_000, rows)],
            "ordered_at": pl.from_epoch(at, time_unit="s"),
            "amount": draw.integers(1, 1000, rows).astype(float),
        }
    )


def scan(lake: Lake, column: str | None) -> float:
    """Seconds to read the orders bucket by bucket: one sum, or every column."""
    began = time.perf_counter()
    for bucket in lake.buckets("orders"):
        rows = lake.scan("orders", bucket)
        (rows.select(pl.col(column).sum()) if column else rows).collect()
    return time.perf_counter() - began


def files(root: Path) -> tuple[int, float]:
    """Files of orders that the current snapshot names, and megabytes of the whole folder."""
    held = Lake.open(root).manifest.tables["orders"].buckets.values()
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    return sum(map(len, held)), size / 1e6


def main() -> None:
    """Fill, compact, read, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ingests", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    draw = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        source, once, many = work / "source", work / "once", work / "many"
        source.mkdir()
        shops = pl.DataFrame(
            {"merchant_id": [f"m{n:04}" for n in range(MERCHANTS)], "opened_on": "2019-01-01"}
        )
        parts = [orders(n * arguments.rows, arguments.rows, draw) for n in range(arguments.ingests)]
        shops.write_parquet(source / "merchants.parquet")
        pl.concat(parts).write_parquet(source / "orders.parquet")
        began = time.perf_counter()
        ingest(open_source("standard", source), once, now=NOW)
        print(
            f"at once: {time.perf_counter() - began:.1f} s, {files(once)[0]} files, {files(once)[1]:.0f} MB"
        )
        (source / "orders.parquet").unlink()
        ingest(open_source("standard", source), many, now=NOW)
        (source / "merchants.parquet").unlink()
        spent = []
        for part in parts:
            part.write_parquet(source / "orders.parquet")
            began = time.perf_counter()
            ingest(open_source("standard", source), many, now=NOW)
            spent.append(time.perf_counter() - began)
        quarter = max(len(spent) // 4, 1)
        for n in range(0, len(spent), quarter):
            print(
                f"ingests {n + 1:>5} to {n + quarter:>5}: median {median(spent[n : n + quarter]) * 1000:.0f} ms"
            )
        print(f"many: {sum(spent):.1f} s, {files(many)[0]} files, {files(many)[1]:.0f} MB")
        before = Lake.open(many)
        began = time.perf_counter()
        compact(many, now=NOW)
        print(f"compact: {time.perf_counter() - began:.1f} s, {files(many)[0]} files")
        one, other = Lake.open(once), Lake.open(many)
        same = one.whole("orders").collect().sort(ORDERS.sort_by)
        assert other.whole("orders").collect().sort(ORDERS.sort_by).equals(same)
        for what, column in (("every column", None), ("one column", "amount_fen")):
            times: dict[str, list[float]] = {"once": [], "compacted": [], "before": []}
            for _ in range(arguments.runs):  # in turn, so that a busy moment hits all alike
                for name, lake in (("once", one), ("compacted", other), ("before", before)):
                    times[name].append(scan(lake, column))
            at_once, compacted, small = (median(times[n]) for n in ("once", "compacted", "before"))
            print(
                f"{what}: at once {at_once * 1000:.0f} ms, compacted {compacted * 1000:.0f} ms "
                f"(ratio {compacted / at_once:.2f}), before {small * 1000:.0f} ms (ratio {small / at_once:.2f})"
            )


if __name__ == "__main__":
    main()
