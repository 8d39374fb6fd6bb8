"""How ingest and features grow with the lake, and the page that says so.

    .venv/bin/python benchmarks/grow.py --merchants 2000 5000 20000 --results growth.json --page
    .venv/bin/python benchmarks/grow.py --lake LAKE --ingest-report INGEST.json --results growth.json --page

A county of each size is simulated, ingested and gone through for the features of `benchmarks/features.py`; the source and
the lake are deleted afterwards. A lake that is there already (`--lake`) is only gone through; what `suixin ingest --json`
said of it gives the ingest's seconds. Figures are added to the results file, one line a size; `--page` writes them into
docs/explanation/scale.md, between its markers, with what a thousand million orders would take if it went on like that.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from feature_peers.running import HERE, Cost, timed, write_job
from suixin.lake.store import Lake

PAGE = HERE.parents[1] / "docs" / "explanation" / "scale.md"
BEGIN, END = "<!-- growth: written by benchmarks/grow.py -->\n", "<!-- growth: end -->\n"
A_BILLION = 1_000_000_000
CORES_MEASURED = 2
CORES = (2, 32, 256)


@dataclass(frozen=True)
class Size:
    """What one size took; `ingest_peak_mb` is None where it was not measured."""

    merchants: int
    orders: int
    rows: int
    bytes: int
    ingest_s: float
    ingest_peak_mb: float | None
    features_s: float
    features_cpu_s: float
    features_peak_mb: float

    @property
    def us_an_order(self) -> float:
        """Microseconds of wall time of the features, an order."""
        return self.features_s / self.orders * 1e6


def grown(merchants: int, months: int, runs: int) -> Size:
    """Make a county of a size, measure, delete it."""
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        mine = [sys.executable, "-m", "suixin"]
        source, lake = folder / "source", folder / "lake"
        timed(*mine, "simulate", source, "--merchants", str(merchants), "--months", str(months), "--json")
        ingest = timed(*mine, "ingest", source, "--lake", lake, "--json")
        shutil.rmtree(source)
        return measured(lake, ingest.wall, ingest.peak_mb, runs)


def measured(lake: Path, ingest_s: float, ingest_peak_mb: float | None, runs: int) -> Size:
    """The features of a lake."""
    states = Lake.open(lake).manifest.tables
    with tempfile.TemporaryDirectory() as held:
        job = write_job(lake, Path(held))
        costs = [timed(sys.executable, HERE / "product.py", job.file) for _ in range(runs)]
    cost = Cost(median(c.wall for c in costs), median(c.cpu for c in costs), max(c.peak_mb for c in costs))
    return Size(
        merchants=job.merchants,
        orders=job.orders,
        rows=sum(state.rows for state in states.values()),
        bytes=sum(
            file.bytes for state in states.values() for held in state.buckets.values() for file in held
        ),
        ingest_s=ingest_s,
        ingest_peak_mb=ingest_peak_mb,
        features_s=cost.wall,
        features_cpu_s=cost.cpu,
        features_peak_mb=cost.peak_mb,
    )


def table(sizes: list[Size]) -> Iterator[str]:
    """The measured sizes, and what follows from the largest."""
    yield (
        "| orders | merchants | rows, all tables | bytes a row | ingest, s a million rows | ingest, peak MB "
        "| features, s | features, µs an order | features, CPU s | features, peak MB |\n"
    )
    yield "|--:" * 10 + "|\n"
    for size in sizes:
        peak = "–" if size.ingest_peak_mb is None else f"{size.ingest_peak_mb:,.0f}"
        yield (
            f"| {size.orders:,} | {size.merchants:,} | {size.rows:,} | {size.bytes / size.rows:.1f} "
            f"| {size.ingest_s / size.rows * 1e6:.1f} | {peak} | {size.features_s:,.1f} | {size.us_an_order:.2f} "
            f"| {size.features_cpu_s:,.1f} | {size.features_peak_mb:,.0f} |\n"
        )
    yield "\n**Extrapolated, not measured:** a thousand million orders, in a straight line from the largest size above.\n\n"
    yield "| | disk, GB | ingest, hours | features, hours |\n|---|--:|--:|--:|\n"
    last = sizes[-1]
    times = A_BILLION / last.orders
    for cores in CORES:
        faster = cores / CORES_MEASURED
        ingest = (
            "as one process: the same" if cores > CORES_MEASURED else f"{last.ingest_s * times / 3600:,.1f}"
        )
        yield (
            f"| {cores} cores | {last.bytes * times / 1e9:,.0f} | {ingest} "
            f"| {last.features_s * times / faster / 3600:,.2f} |\n"
        )


def write_page(sizes: list[Size]) -> None:
    """Put the tables between the page's markers."""
    before, rest = PAGE.read_text().split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(before + BEGIN + "\n" + "".join(table(sizes)) + "\n" + END + after)


def main() -> None:
    """Measure what is asked for, add it to the results, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--merchants", type=int, nargs="*", default=[])
    parser.add_argument("--months", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--lake", type=Path, help="a lake that is there already")
    parser.add_argument("--ingest-report", type=Path, help="what its ingest printed with --json")
    parser.add_argument("--ingest-peak-mb", type=float, help="the peak of its ingest, if it was measured")
    parser.add_argument("--results", type=Path, help="JSON lines, kept from call to call")
    parser.add_argument("--page", action="store_true", help="write the tables into docs/explanation/scale.md")
    arguments = parser.parse_args()
    if not arguments.merchants and not arguments.lake and not arguments.page:
        arguments.merchants = [2000, 5000]
    sizes = [Size(**line) for line in _lines(arguments.results)]
    for merchants in arguments.merchants:
        sizes.append(grown(merchants, arguments.months, arguments.runs))
        _keep(arguments.results, sizes)
    if arguments.lake:
        seconds = json.loads(arguments.ingest_report.read_text())["seconds"]
        sizes.append(measured(arguments.lake, seconds, arguments.ingest_peak_mb, arguments.runs))
        _keep(arguments.results, sizes)
    sizes.sort(key=lambda size: size.orders)
    print("".join(table(sizes)))
    if arguments.page:
        write_page(sizes)


def _lines(file: Path | None) -> list[dict[str, Any]]:
    if file is None or not file.exists():
        return []
    return [json.loads(line) for line in file.read_text().splitlines()]


def _keep(file: Path | None, sizes: list[Size]) -> None:
    if file:
        file.write_text("".join(json.dumps(asdict(size)) + "\n" for size in sizes))


if __name__ == "__main__":
    main()
