"""What the features cost: the product against the same features by hand in Polars and pandas, and against bare scans.

    .venv/bin/python benchmarks/features.py --pandas-python PATH
    .venv/bin/python benchmarks/features.py --lake FOLDER --pandas-python PATH --spark --large LAKE --json

The 35 gross features of sales, customers, products, fulfilment, reviews and refunds (and the 17 genuine ones, which are
equal here) for every merchant, each on an as-of date of its own in the last 120 days. Twice: over a lake without
corrections, and with one order in a hundred corrected later. Every engine masks what was not known yet, resolves the
corrections, and its values are compared with the product's to 1e-9 in the same run. Engines take turns, each in
processes of its own, and what computes every feature runs once; CPU seconds and memory are summed over them; medians, but of memory the most.

`--lake FOLDER` holds `source`, `lake` and `lake-corrected`; what is missing there is made. pandas runs where
`--pandas-python` has pandas and pyarrow, and is left out without it. `--large` is a lake of ten times the size.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from feature_peers.running import HERE, Cost, Job, correct, differing, jobs, make_lake, middle, timed

PRODUCT = "suixin"
WHOLE = "suixin, every feature"
POLARS = "Polars by hand"
PANDAS = "pandas by hand"
SCANS = "three bare scans"
SPARK = "suixin on PySpark, local[2]"
ONCE = (WHOLE, SPARK)  # beside the comparison, not in it

Found = dict[str, Cost]


def commands(pandas_python: str | None, *, spark: bool) -> dict[str, list[str | Path]]:
    """How each engine is run; the job file comes third."""
    mine = sys.executable
    found: dict[str, list[str | Path]] = {
        PRODUCT: [mine, HERE / "product.py"],
        POLARS: [mine, HERE / "by_hand_polars.py"],
        SCANS: [mine, HERE / "bare_scan.py"],
        WHOLE: [mine, HERE / "product.py", "all"],
    }
    if pandas_python:
        found[PANDAS] = [pandas_python, HERE / "by_hand_pandas.py"]
    if spark:
        found[SPARK] = [mine, HERE / "on_spark.py"]
    return found


def run(command: Sequence[str | Path], job: Job) -> Cost:
    """One engine once."""
    job.out.unlink(missing_ok=True)
    return timed(*command[:2], job.file, *command[2:])


def compare(
    lake: Path, engines: dict[str, list[str | Path]], runs: int
) -> tuple[Job, Found, dict[str, list[str]]]:
    """All engines in turns; costs, and the features in which each differs from the product."""
    costs: dict[str, list[Cost]] = {name: [] for name in engines}
    apart: dict[str, list[str]] = {}
    with jobs(lake) as job:
        for turn in range(runs):
            values: dict[str, pl.DataFrame] = {}
            for name, command in engines.items():
                if name in ONCE and turn:
                    continue
                costs[name].append(run(command, job))
                if job.out.exists():
                    values[name] = pl.read_parquet(job.out)
            for name, mine in ((POLARS, PRODUCT), (PANDAS, PRODUCT), (SPARK, PRODUCT)):
                if name in values:
                    apart[name] = sorted({*apart.get(name, []), *differing(values[mine], values[name])})
    return job, {name: middle(held) for name, held in costs.items()}, apart


def verdicts(found: Found) -> list[tuple[str, float, str, bool]]:
    """What is compared, the figure, the target, whether it is met."""
    ours, rows = found[PRODUCT], []
    if POLARS in found:
        rows.append(_at_most("wall time, suixin / Polars by hand", ours.wall / found[POLARS].wall, 1.3))
    if SCANS in found:
        rows.append(_at_most("CPU, suixin / three bare scans", ours.cpu / found[SCANS].cpu, 3.0))
    if PANDAS in found:
        speed = found[PANDAS].wall / ours.wall
        rows.append(("wall time, pandas / suixin", speed, ">= 3.0", speed >= 3.0))
        rows.append(_at_most("peak memory, suixin / pandas", ours.peak_mb / found[PANDAS].peak_mb, 0.5))
    return rows


def against_large(small: Job, base: Cost, large: Job, cost: Cost) -> list[tuple[str, float, str, bool]]:
    """How time and memory grow."""
    times = (cost.wall / large.orders) / (base.wall / small.orders)
    return [
        _at_most(f"time an order, {large.orders:,} / {small.orders:,} orders", times, 1.3),
        _at_most("peak memory, the same", cost.peak_mb / base.peak_mb, 1.5),
        _at_most("peak memory of the large run, GB", cost.peak_mb / 1e3, 1.5),
    ]


def _at_most(name: str, figure: float, target: float) -> tuple[str, float, str, bool]:
    return name, figure, f"<= {target}", figure <= target


def show(
    title: str, found: Found, judged: list[tuple[str, float, str, bool]], apart: dict[str, list[str]]
) -> None:
    """Print one variant."""
    print(f"\n{title}")
    print(f"{'':24}{'wall s':>10}{'CPU s':>10}{'peak MB':>10}   values")
    for name, cost in found.items():
        equal = (
            "" if name not in apart else ("equal" if not apart[name] else f"DIFFER: {', '.join(apart[name])}")
        )
        print(f"{name:24}{cost.wall:>10.2f}{cost.cpu:>10.2f}{cost.peak_mb:>10,.0f}   {equal}")
    for name, figure, target, met in judged:
        print(f"  {name:48}{figure:>8.2f}  target {target:8} {'met' if met else 'NOT MET'}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lake", type=Path, help="folder that keeps source, lake and lake-corrected")
    parser.add_argument("--merchants", type=int, default=20_000)
    parser.add_argument("--months", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--pandas-python", help="a Python that has pandas and pyarrow")
    parser.add_argument("--spark", action="store_true", help="run PySpark too, once")
    parser.add_argument("--engines", help="only these, by comma, such as 'suixin,Polars by hand'")
    parser.add_argument("--large", type=Path, help="a lake of ten times the size")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    return parser.parse_args()


def main() -> None:
    """Make what is missing, run, print."""
    arguments = _arguments()
    engines = commands(arguments.pandas_python, spark=arguments.spark)
    if arguments.engines:
        engines = {name: engines[name] for name in arguments.engines.split(",")}
    if not arguments.pandas_python:
        print("pandas is left out: name a Python that has it with --pandas-python", file=sys.stderr)
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.lake or Path(scratch)
        source, clean = make_lake(folder, arguments.merchants, arguments.months)
        corrected = folder / "lake-corrected"
        if not corrected.exists():
            shutil.copytree(clean, corrected)
            correct(source, corrected, Path(scratch))
        report: dict[str, Any] = {}
        base: tuple[Job, Cost] | None = None
        for title, lake in (("no corrections", clean), ("1 % of the orders corrected", corrected)):
            job, found, apart = compare(lake, engines, arguments.runs)
            base = base or (job, found[PRODUCT])
            judged = verdicts(found)
            report[title] = _as_json(job, found, judged, apart)
            if not arguments.json:
                size = f"{job.orders:,} order rows, {job.merchants:,} merchants"
                show(f"{title}: {size}, median of {arguments.runs}", found, judged, apart)
        if arguments.large and base:
            only = {PRODUCT: engines[PRODUCT]}
            job, found, _ = compare(arguments.large, only, arguments.runs)
            judged = against_large(*base, job, found[PRODUCT])
            report["large"] = _as_json(job, found, judged, {})
            if not arguments.json:
                show(f"large: {job.orders:,} order rows, {job.merchants:,} merchants", found, judged, {})
    if arguments.json:
        print(json.dumps(report, indent=2))


def _as_json(
    job: Job, found: Found, judged: list[tuple[str, float, str, bool]], apart: dict[str, list[str]]
) -> dict[str, Any]:
    return {
        "order_rows": job.orders,
        "merchants": job.merchants,
        "engines": {name: asdict(cost) for name, cost in found.items()},
        "verdicts": [dict(zip(("name", "figure", "target", "met"), row, strict=True)) for row in judged],
        "differing": apart,
    }


if __name__ == "__main__":
    main()
