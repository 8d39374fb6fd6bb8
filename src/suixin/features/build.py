"""The embedded engine: every feature of every subject, bucket by bucket, one process a core.

All features are per merchant and the lake is laid out by merchant, so a bucket is computed on its own: memory
stays flat however large the lake grows. Each worker runs Polars on one thread, which makes the sums come out
the same whatever the number of processes.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl

from suixin.errors import LakeError
from suixin.features.feature import Family, Frames
from suixin.features.point_in_time import ORDER, known_before
from suixin.features.registry import FAMILIES
from suixin.features.series import net_sales
from suixin.identifiers import bucket_of
from suixin.lake.manifest import Manifest
from suixin.lake.store import Lake, reading
from suixin.lake.tables import TABLES

SUBJECTS = {"subject": pl.Int64(), "merchant_id": pl.String(), "as_of_day": pl.Int32()}
SERIES = {"subject": pl.Int64(), "source": pl.String(), "month": pl.Int64(), "net_fen": pl.Int64()}

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Built:
    """What the builder found.

    Attributes:
        features: subject, merchant_id, as_of_day and a Float64 column a feature; null where it is unknown.
        series: net sales, long (see `suixin.features.series`).
        absent: families that the lake has no table for, or none by an allowed route.
    """

    features: pl.DataFrame
    series: pl.DataFrame
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Task:
    root: Path
    manifest: Manifest
    bucket: int
    subjects: pl.DataFrame
    families: tuple[str, ...]
    routes: tuple[str, ...] | None


def build(
    lake: Lake,
    subjects: pl.DataFrame,
    *,
    routes: Iterable[str] | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Built:
    """Compute every feature that the lake's tables allow, for every subject.

    Args:
        lake: a snapshot.
        subjects: one row each, with columns `subject` (unique), `merchant_id`, `as_of_day`.
        routes: only rows that came by these routes; None for all.
        processes: how many; None for one a core, 0 for none but this one.
        progress: told after each bucket.
    """
    allowed = None if routes is None else tuple(sorted(routes))
    families = [family for family in FAMILIES if all(_feeds(lake, name, allowed) for name in family.tables)]
    tasks = list(_tasks(lake, subjects, tuple(f.name for f in families), allowed))
    features, series = [], []
    for done, (part, sales) in enumerate(_run(tasks, processes), start=1):
        features.append(part)
        series.append(sales)
        if progress:
            progress("computing features", done, len(tasks))
    names = [feature.name for family in families for feature in family.features]
    whole = pl.concat([*features, pl.DataFrame(schema={**SUBJECTS, **dict.fromkeys(names, pl.Float64())})])
    absent = tuple(family.name for family in FAMILIES if family not in families)
    sales = pl.concat([*series, pl.DataFrame(schema=SERIES)]).sort("subject", "source", "month")
    return Built(whole.sort("subject"), sales, absent)


def _feeds(lake: Lake, name: str, routes: tuple[str, ...] | None) -> bool:
    """Whether any row of the table came by an allowed route."""
    state = lake.manifest.tables.get(name)
    files = [file for held in state.buckets.values() for file in held] if state else []
    return any(routes is None or set(file.routes) & set(routes) for file in files)


def _tasks(
    lake: Lake, subjects: pl.DataFrame, families: tuple[str, ...], routes: tuple[str, ...] | None
) -> Iterator[_Task]:
    count = lake.manifest.bucket_count
    buckets = pl.Series("_bucket", [bucket_of(m, count) for m in subjects["merchant_id"]], pl.Int64)
    parts = subjects.select(pl.col(name).cast(kind) for name, kind in SUBJECTS.items()).with_columns(buckets)
    for key, part in sorted(parts.partition_by("_bucket", as_dict=True, include_key=False).items()):
        yield _Task(lake.root, lake.manifest, int(str(key[0])), part, families, routes)


def _run(tasks: list[_Task], processes: int | None) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    workers = min(len(tasks), processes if processes is not None else os.cpu_count() or 1)
    if workers == 0:
        yield from map(_compute_bucket, tasks)
        return
    before = os.environ.get("POLARS_MAX_THREADS")
    os.environ["POLARS_MAX_THREADS"] = "1"  # read by each worker when it starts
    try:
        context = multiprocessing.get_context("spawn")  # a fork after Polars has started its threads may hang
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            yield from pool.map(_compute_bucket, tasks)
    except BrokenProcessPool as error:
        raise LakeError(
            "a worker process was killed, most likely for want of memory; try --processes 1"
        ) from error
    finally:
        if before is None:
            del os.environ["POLARS_MAX_THREADS"]
        else:
            os.environ["POLARS_MAX_THREADS"] = before


def _compute_bucket(task: _Task) -> tuple[pl.DataFrame, pl.DataFrame]:
    families = [family for family in FAMILIES if family.name in task.families]
    frames = _frames(task, families)
    table = task.subjects.lazy()
    for family in families:
        table = table.join(family.compute(frames).to_native(), on="subject", how="left")
    names = [feature.name for family in families for feature in family.features]
    values = table.with_columns(pl.col(names).cast(pl.Float64)).collect()
    sales = net_sales(frames).to_native().collect() if {"orders", "invoices"} & set(frames) else None
    empty = pl.DataFrame(schema=SERIES)
    return values.select(*SUBJECTS, *names), empty if sales is None else sales.select(*SERIES)


def _frames(task: _Task, families: list[Family]) -> Frames:
    """The tables that the families read, as known before each subject's as-of date, held in memory once."""
    lake = Lake(task.root, task.manifest)
    subjects = nw.from_native(task.subjects.lazy())
    frames = {}
    for name in dict.fromkeys(name for family in families for name in family.tables):
        rows = lake.versions(name, task.bucket, task.routes).with_row_index(ORDER)
        known = known_before(
            nw.from_native(rows), TABLES[name], subjects, versions=lake.superseded(name, task.bucket)
        )
        with reading(task.root):
            held = known.to_native().collect()
        frames[name] = nw.from_native(held.lazy())
    return frames
