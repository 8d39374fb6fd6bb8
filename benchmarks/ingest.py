"""How fast a source becomes a lake, against a bare Polars copy of the same files that checks nothing.

    .venv/bin/python benchmarks/ingest.py --merchants 2000 --runs 3

Three sources: the simulated county as Parquet, its orders as CSV, and the county once more into the same lake.
The peer reads the same files, sorts them by merchant and writes them as zstd Parquet: no check, no bucket, no
duplicate looked for, no commit. The ratio says what the checks and the commit cost.
"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import polars as pl

from _measure import Measured, measure, middle, suixin

PEER = """
import sys
from pathlib import Path
import polars as pl

source, target = Path(sys.argv[1]), Path(sys.argv[2])
target.mkdir(exist_ok=True)
for table in sorted({p.stem if p.parent == source else p.parent.name for p in source.rglob("*") if p.suffix in (".parquet", ".csv")}):
    files = [p for p in source.rglob("*") if p.stem == table or p.parent.name == table]
    for file in files:
        rows = pl.read_csv(file, try_parse_dates=True) if file.suffix == ".csv" else pl.read_parquet(file)
        key = "merchant_id" if "merchant_id" in rows.columns else rows.columns[0]
        rows.sort(key).write_parquet(target / f"{table}-{file.stem}.parquet", compression="zstd", compression_level=1)
"""


def ingest(source: Path, lake: Path, *, fresh: bool) -> Measured:
    """One ingest, into a new lake or the same."""
    if fresh:
        shutil.rmtree(lake, ignore_errors=True)
    return measure(*suixin("ingest", source, "--lake", lake, "--json"))


def rows_of(run: Measured) -> int:
    """How many rows an ingest read."""
    return sum(table["read"] for table in json.loads(run.output)["tables"].values())


def main() -> None:
    """Make the sources, run, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--merchants", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        county, text, lake = work / "county", work / "text", work / "lake"
        measure(*suixin("simulate", county, "--merchants", str(arguments.merchants), "--json"))
        text.mkdir()
        pl.scan_parquet(county / "merchants" / "*.parquet").collect().write_csv(text / "merchants.csv")
        pl.scan_parquet(county / "orders" / "*.parquet").collect().write_csv(text / "orders.csv")
        print(f"{'':24}{'rows':>12}{'seconds':>10}{'rows/s':>12}{'peak MB':>10}{'peer s':>10}{'ratio':>8}")
        for name, source, fresh in (
            ("Parquet", county, True),
            ("Parquet, once more", county, False),
            ("CSV", text, True),
        ):
            run = middle(arguments.runs, lambda s=source, f=fresh: ingest(s, lake, fresh=f))
            peer = middle(
                arguments.runs, lambda s=source: measure(sys.executable, "-c", PEER, s, work / "peer")
            )
            rows = rows_of(run)
            ratio = run.seconds / peer.seconds
            print(
                f"{name:24}{rows:>12,}{run.seconds:>10.2f}{rows / run.seconds:>12,.0f}{run.peak_mb:>10,.0f}"
                f"{peer.seconds:>10.2f}{ratio:>8.1f}"
            )


if __name__ == "__main__":
    main()
