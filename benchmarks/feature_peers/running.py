"""What the feature benchmarks share: a lake, the job that every engine is given, a run timed, values compared."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl
import psutil

from suixin.lake.store import Lake

HERE = Path(__file__).parent
TABLES = ("orders", "order_items", "reviews", "refunds")
SAMPLE_SECONDS = 0.05
AS_OF_SPREAD = 120  # days over which the as-of dates lie
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Cost:
    """Wall seconds, CPU seconds and peak megabytes, both summed over all processes of the run.

    Memory is what a process holds alone and its part of what several share (PSS), so that nothing counts twice.
    """

    wall: float
    cpu: float
    peak_mb: float


@dataclass(frozen=True)
class Job:
    """What an engine is asked for: the JSON file that says so, and where the values go."""

    file: Path
    out: Path
    orders: int
    merchants: int
    corrected: bool


def timed(*command: str | Path) -> Cost:
    """Run a command in a process of its own; it must succeed.

    CPU seconds are the larger of what the system charges to the process and those it waited for, and of what was seen
    of the process tree: a Java machine started by Python is never waited for.
    """
    seen: dict[int, float] = {}
    peak = 0
    began = time.perf_counter()
    child = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
    watched = psutil.Process(child.pid)
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        peak = max(peak, _sample(watched, seen))
        time.sleep(SAMPLE_SECONDS)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed with {child.returncode}")
    charged = usage.ru_utime + usage.ru_stime
    return Cost(wall, max(charged, sum(seen.values())), peak / 1e6)


def _sample(watched: psutil.Process, seen: dict[int, float]) -> int:
    """Bytes held by a process and all below it; notes their CPU seconds."""
    total = 0
    try:
        for one in [watched, *watched.children(recursive=True)]:
            times = one.cpu_times()
            seen[one.pid] = times.user + times.system
            total += one.memory_full_info().pss
    except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
        return total
    return total


def middle(costs: list[Cost]) -> Cost:
    """The median of each figure, and the largest of the peaks."""
    return Cost(
        median(cost.wall for cost in costs),
        median(cost.cpu for cost in costs),
        max(cost.peak_mb for cost in costs),
    )


def make_lake(folder: Path, merchants: int, months: int) -> tuple[Path, Path]:
    """A simulated county and its lake below the folder: source and lake; made only if they are not there."""
    source, lake = folder / "source", folder / "lake"
    if not (lake / "CURRENT").exists():
        _suixin("simulate", source, "--merchants", str(merchants), "--months", str(months), "--json")
        _suixin("ingest", source, "--lake", lake, "--json")
    return source, lake


def correct(source: Path, lake: Path, scratch: Path) -> None:
    """Ingest one order in a hundred once more: known 1 to 60 days later, with another amount."""
    again = scratch / "corrections"
    (again / "orders").mkdir(parents=True)
    (again / "source.yaml").write_text((source / "source.yaml").read_text())
    pick = pl.col("order_id").hash(seed=1)
    rows = pl.scan_parquet(source / "orders" / "*.parquet").filter(pick % 100 == 0)
    later = rows.with_columns(
        known_at=pl.col("ordered_at") + pl.duration(days=1 + (pick // 100) % 60),
        amount=(pl.col("amount") * 1.1).round(2).cast(pl.Decimal(18, 2)),
    )
    last = (
        pl.scan_parquet(source / "orders" / "*.parquet").select(pl.col("ordered_at").max()).collect().item()
    )
    later.filter(pl.col("known_at") <= last).collect().write_parquet(again / "orders" / "part-00000.parquet")
    _suixin("ingest", again, "--lake", lake, "--json")


def _suixin(*words: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "suixin", *map(str, words)], check=True, stdout=subprocess.DEVNULL)


@contextmanager
def jobs(lake: Path) -> Iterator[Job]:
    """The job over the current snapshot of a lake: every merchant, on one of the last 120 days of its events."""
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        yield write_job(lake, folder)


def write_job(lake: Path, folder: Path) -> Job:
    """Write subjects and job below the folder."""
    opened = Lake.open(lake)
    states = opened.manifest.tables
    last = pl.Series([states["orders"].last_on]).str.to_date().dt.epoch("d").item() + 1
    merchants = opened.whole("merchants").select("merchant_id").unique().sort("merchant_id").collect()
    subjects = merchants.with_row_index("subject").select(
        pl.col("subject").cast(pl.Int64),
        "merchant_id",
        as_of_day=(last - (pl.col("subject").cast(pl.Int64) * 37) % AS_OF_SPREAD).cast(pl.Int32),
    )
    subjects.write_parquet(folder / "subjects.parquet")
    job: dict[str, Any] = {
        "lake": str(lake.resolve()),
        "subjects": str(folder / "subjects.parquet"),
        "out": str(folder / "out.parquet"),
        "files": {
            name: [
                str((lake / file.path).resolve()) for held in states[name].buckets.values() for file in held
            ]
            for name in TABLES
        },
        "superseded": [name for name in TABLES if states[name].superseded],
    }
    (folder / "job.json").write_text(json.dumps(job))
    return Job(
        folder / "job.json",
        folder / "out.parquet",
        states["orders"].rows,
        subjects.height,
        bool(job["superseded"]),
    )


def differing(ours: pl.DataFrame, theirs: pl.DataFrame) -> list[str]:
    """The features of both whose values differ by more than 1e-9 (relative, absolute below one), or in what is null."""
    names = [name for name in theirs.columns if name != "subject"]
    both = ours.select("subject", *names).join(theirs, on="subject", how="full", suffix=":theirs")
    found = []
    for name in names:
        one, other = pl.col(name), pl.col(f"{name}:theirs").fill_nan(None)
        apart = (one - other).abs() > TOLERANCE * pl.max_horizontal(one.abs(), pl.lit(1.0))
        wrong = apart.fill_null(value=False) | (one.is_null() != other.is_null())
        if both.select(wrong.any()).item():
            found.append(name)
    return found
