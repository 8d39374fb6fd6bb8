"""The embedded engine: every feature of every subject, bucket by bucket, one process a core.

What lies around the merchants is found first, for all at once. Then the buckets are computed a few at a time, as many
as hold 400,000 orders: memory stays flat however large the lake grows. Each worker runs Polars on one thread, which makes the sums come out the same
whatever the number of processes.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from suixin.calendar import day_to_date
from suixin.errors import LakeError
from suixin.features.definition import of_county, of_merchants, present
from suixin.features.feature import Family, Rows
from suixin.features.registry import FAMILIES, OWN
from suixin.identifiers import bucket_of
from suixin.lake.manifest import Manifest
from suixin.lake.store import Lake, reading
from suixin.lake.tables import TABLES

SUBJECTS = {"subject": pl.Int64(), "merchant_id": pl.String(), "as_of_day": pl.Int32()}
SERIES = {"subject": pl.Int64(), "source": pl.String(), "month": pl.Int64(), "net_fen": pl.Int64()}
EVIDENCE = {"subject": pl.Int64(), "order_id": pl.String(), "sign": pl.String()}

ORDERS_AT_ONCE = 400_000

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Built:
    """What the builder found.

    Attributes:
        features: subject, merchant_id, as_of_day and a Float64 column a feature; null where it is unknown.
        series: net sales, long (see `suixin.features.series`).
        evidence: subject, order_id, sign: the orders that count as self-dealing, a row a sign.
        absent: families that were not asked for, or that the lake has no table for, or none by an allowed route.
    """

    features: pl.DataFrame
    series: pl.DataFrame
    evidence: pl.DataFrame
    absent: tuple[str, ...]


class PolarsEngine:
    """Polars over some buckets of a lake, or over all of them where none is named."""

    def __init__(
        self, lake: Lake, routes: tuple[str, ...] | None, buckets: Iterable[int] | None = None
    ) -> None:
        self._lake, self._routes = lake, routes
        self._chosen = None if buckets is None else frozenset(buckets)
        self.tables = tables_by_route(lake, routes)

    def scan(self, table: str) -> Rows:
        """All row versions of a table."""
        parts = [self._lake.versions(table, bucket, self._routes) for bucket in self._buckets(table)]
        return nw.from_native(pl.concat(parts) if parts else pl.LazyFrame(schema=TABLES[table].stored))

    def superseded(self, table: str) -> bool:
        """Whether some versions are replaced."""
        return any(self._lake.superseded(table, bucket) for bucket in self._buckets(table))

    def keep(self, rows: Rows) -> Rows:
        """The rows, held in memory."""
        with reading(self._lake.root):
            held: pl.DataFrame = rows.to_native().collect()
        return nw.from_native(held.lazy())

    def cut(self, rows: Rows) -> Rows:
        """The rows as they are: Polars plans all at once, and shares what is read twice."""
        return rows

    def _buckets(self, table: str) -> list[int]:
        held = self._lake.buckets(table)
        if self._chosen is None or not TABLES[table].per_merchant:
            return held
        return [bucket for bucket in held if bucket in self._chosen]


@dataclass(frozen=True, slots=True)
class _Whole:
    root: Path
    manifest: Manifest
    subjects: pl.DataFrame
    routes: tuple[str, ...] | None
    only: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class _County:
    features: pl.DataFrame
    shared: dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class _Task:
    root: Path
    manifest: Manifest
    buckets: tuple[int, ...]
    subjects: pl.DataFrame
    shared: Mapping[str, pl.DataFrame]
    routes: tuple[str, ...] | None
    only: frozenset[str] | None
    check_self_dealing: bool


_Part = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]


def build(
    lake: Lake,
    subjects: pl.DataFrame,
    *,
    routes: Iterable[str] | None = None,
    processes: int | None = None,
    only: Iterable[str] | None = None,
    check_self_dealing: bool = True,
    progress: Progress | None = None,
) -> Built:
    """Compute every feature that the lake's tables allow, for every subject.

    Args:
        lake: a snapshot.
        subjects: one row each, with columns `subject` (unique), `merchant_id`, `as_of_day`.
        routes: only rows that came by these routes; None for all.
        processes: how many; None for one a core, 0 for none but this one.
        only: families to compute; None for all.
        check_self_dealing: False takes every order as genuine, to show what the check is worth.
        progress: told after each bucket.
    """
    allowed = None if routes is None else tuple(sorted(routes))
    wanted = None if only is None else frozenset(only)
    asking = with_month(subjects)
    engine = PolarsEngine(lake, allowed)
    parts: list[_Part] = []
    with _workers(processes, lake.manifest.bucket_count) as run:
        if progress:
            progress("computing features", 0, 1)
        county = _County(asking.select("subject"), {})
        if check_self_dealing or _reads_county(present(FAMILIES, engine, wanted)):
            county = next(run(_compute_county, [_Whole(lake.root, lake.manifest, asking, allowed, wanted)]))
        tasks = list(
            _tasks(lake, asking, county.shared, allowed, wanted, check_self_dealing=check_self_dealing)
        )
        for done, part in enumerate(run(_compute_buckets, tasks), start=1):
            parts.append(part)
            if progress:
                progress("computing features", done, len(tasks))
    names = [feature.name for family in present(OWN, engine, wanted) for feature in family.features]
    empty = pl.DataFrame(schema={"subject": pl.Int64(), **dict.fromkeys(names, pl.Float64())})
    own = pl.concat([*(part[0] for part in parts), empty])
    whole = asking.select(*SUBJECTS).join(own, on="subject").join(county.features, on="subject")
    series = pl.concat([*(part[1] for part in parts), pl.DataFrame(schema=SERIES)])
    evidence = pl.concat([*(part[2] for part in parts), pl.DataFrame(schema=EVIDENCE)])
    held = present(FAMILIES, engine, wanted)
    return Built(
        whole.sort("subject"),
        series.sort("subject", "source", "month"),
        evidence.sort("subject", "order_id", "sign"),
        tuple(family.name for family in FAMILIES if family not in held),
    )


def with_month(subjects: pl.DataFrame) -> pl.DataFrame:
    """The subjects in their types, with `as_of_month`, the calendar month of the as-of date (1 to 12)."""
    typed = subjects.select(pl.col(name).cast(kind) for name, kind in SUBJECTS.items())
    months = [day_to_date(day).month for day in typed["as_of_day"]]
    return typed.with_columns(as_of_month=pl.Series(months, dtype=pl.Int64))


def tables_by_route(lake: Lake, routes: tuple[str, ...] | None) -> frozenset[str]:
    """The tables of which any row came by an allowed route."""
    found = set()
    for name, state in lake.manifest.tables.items():
        files = [file for held in state.buckets.values() for file in held]
        if any(routes is None or set(file.routes) & set(routes) for file in files):
            found.add(name)
    return frozenset(found)


def _tasks(
    lake: Lake,
    subjects: pl.DataFrame,
    shared: Mapping[str, pl.DataFrame],
    routes: tuple[str, ...] | None,
    only: frozenset[str] | None,
    *,
    check_self_dealing: bool,
) -> Iterator[_Task]:
    """A task a group of buckets. The groups follow from the lake alone, never from the number of processes."""
    count = lake.manifest.bucket_count
    placed = subjects.with_columns(
        pl.Series("_bucket", [bucket_of(m, count) for m in subjects["merchant_id"]], pl.Int64)
    )
    for group in _groups(lake):
        part = placed.filter(pl.col("_bucket").is_in(group)).drop("_bucket")
        if part.is_empty():
            continue
        mine = {
            name: rows.join(part, on="subject", how="semi") if "subject" in rows.columns else rows
            for name, rows in shared.items()
        }
        yield _Task(lake.root, lake.manifest, group, part, mine, routes, only, check_self_dealing)


def _groups(lake: Lake) -> Iterator[tuple[int, ...]]:
    """All buckets in order, as many together as hold so many orders (or rows of invoices or cash flows)."""
    weigh = [name for name in ("orders", "invoices", "cashflows") if lake.holds(name)]
    group: list[int] = []
    held = 0
    for bucket in range(lake.manifest.bucket_count):
        sizes = [
            sum(file.rows for file in lake.manifest.tables[name].buckets.get(bucket, ())) for name in weigh
        ]
        size = max(sizes, default=0)
        if group and held + size > ORDERS_AT_ONCE:
            yield tuple(group)
            group, held = [], 0
        group.append(bucket)
        held += size
    yield tuple(group)


_Run = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]


@contextmanager
def _workers(processes: int | None, most: int) -> Iterator[_Run]:
    """A `map` over worker processes of one thread each; over this process itself for 0."""
    workers = min(most, processes if processes is not None else os.cpu_count() or 1)
    if workers == 0:
        yield map
        return
    before = os.environ.get("POLARS_MAX_THREADS")
    os.environ["POLARS_MAX_THREADS"] = "1"  # read by each worker when it starts
    try:
        # A fork after Polars has started its threads may hang: workers are forked from a server that has only imported.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["suixin.features.build"])
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            yield pool.map
    except BrokenProcessPool as error:
        raise LakeError(
            "a worker process was killed, most likely for want of memory; try --processes 1"
        ) from error
    finally:
        if before is None:
            del os.environ["POLARS_MAX_THREADS"]
        else:
            os.environ["POLARS_MAX_THREADS"] = before


def _reads_county(families: Iterable[Family]) -> bool:
    """Whether a family reads more than its merchant's own rows; to find what lies around takes as long as a bucket."""
    return any(
        name == "merchants" or not TABLES[name].per_merchant for family in families for name in family.tables
    )


def _compute_county(task: _Whole) -> _County:
    engine = PolarsEngine(Lake(task.root, task.manifest), task.routes)
    found = of_county(engine, nw.from_native(task.subjects.lazy()), task.only)
    shared = {name: rows.to_native().collect() for name, rows in found.shared.items()}
    return _County(found.features.to_native().collect(), shared)


def _compute_buckets(task: _Task) -> _Part:
    engine = PolarsEngine(Lake(task.root, task.manifest), task.routes, task.buckets)
    subjects = nw.from_native(task.subjects.lazy())
    shared = {name: nw.from_native(rows.lazy()) for name, rows in task.shared.items()}
    found = of_merchants(engine, subjects, shared, task.only, check_self_dealing=task.check_self_dealing)
    features = found.features.to_native().collect()
    series, evidence = pl.DataFrame(schema=SERIES), pl.DataFrame(schema=EVIDENCE)
    if found.series is not None:
        series = found.series.to_native().collect().select(*SERIES)
    if found.evidence is not None:
        evidence = found.evidence.to_native().collect().select(*EVIDENCE)
    return features, series, evidence
