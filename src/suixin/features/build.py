"""The embedded engine: every feature of every subject, bucket by bucket, one process a core.

What lies around the merchants is found first, for all at once. Then the buckets are computed a few at a time, as many
as hold 400,000 orders: memory stays flat however large the lake grows. Each worker runs Polars on one thread, which
makes the sums come out the same whatever the number of processes.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl

from suixin.calendar import day_to_date
from suixin.features.coverage import known_tables
from suixin.features.definition import of_county, of_merchants, present, reads_county
from suixin.features.feature import Rows
from suixin.features.registry import FAMILIES, OWN
from suixin.features.workers import workers
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
    """Polars over all that a manifest names.

    Attributes:
        tables: as `suixin.features.coverage.known_tables` finds them.
    """

    def __init__(self, lake: Lake, routes: tuple[str, ...] | None, tables: Mapping[str, int | None]) -> None:
        self._lake, self._routes = lake, routes
        self.tables = tables

    def scan(self, table: str) -> Rows:
        """All row versions of a table."""
        buckets = self._lake.buckets(table)
        parts = [self._lake.versions(table, bucket, self._routes) for bucket in buckets]
        return nw.from_native(pl.concat(parts) if parts else pl.LazyFrame(schema=TABLES[table].stored))

    def superseded(self, table: str) -> bool:
        """Whether some versions are replaced."""
        return any(self._lake.superseded(table, bucket) for bucket in self._lake.buckets(table))

    def keep(self, rows: Rows) -> Rows:
        """The rows, held in memory."""
        with reading(self._lake.root):
            held: pl.DataFrame = rows.to_native().collect()
        return nw.from_native(held.lazy())

    def cut(self, rows: Rows) -> Rows:
        """The rows as they are: Polars plans all at once, and shares what is read twice."""
        return rows


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for, of the whole lake or of the buckets that are left in the manifest."""

    root: Path
    manifest: Manifest
    tables: Mapping[str, int | None]
    routes: tuple[str, ...] | None
    only: frozenset[str] | None
    check_self_dealing: bool
    subjects: pl.DataFrame
    since_day: int | None = None

    @property
    def engine(self) -> PolarsEngine:
        """The engine over that part of the lake."""
        return PolarsEngine(Lake(self.root, self.manifest, self.since_day), self.routes, self.tables)


@dataclass(frozen=True, slots=True)
class _County:
    features: pl.DataFrame
    shared: dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class _Task:
    """A group of buckets, and what lies around its merchants."""

    asked: _Asked
    shared: Mapping[str, pl.DataFrame]


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
    asking = with_month(subjects)
    allowed = None if routes is None else tuple(sorted(routes))
    wanted = None if only is None else frozenset(only)
    asked = _Asked(
        root=lake.root,
        manifest=lake.manifest,
        tables=known_tables(lake, allowed, asking["as_of_day"]),
        routes=allowed,
        only=wanted,
        check_self_dealing=check_self_dealing,
        subjects=asking,
        since_day=lake.since_day,
    )
    held = present(FAMILIES, asked.tables, wanted)
    parts: list[_Part] = []
    with workers(processes, lake.manifest.bucket_count) as run:
        if progress:
            progress("computing features", 0, 1)
        county = _County(asking.select("subject"), {})
        if check_self_dealing or reads_county(held):
            county = next(run(_compute_county, [asked]))
        tasks = list(_tasks(asked, county.shared))
        for done, part in enumerate(run(_compute_buckets, tasks), start=1):
            parts.append(part)
            if progress:
                progress("computing features", done, len(tasks))
    names = [feature.name for family in held if family in OWN for feature in family.features]
    empty = pl.DataFrame(schema={"subject": pl.Int64(), **dict.fromkeys(names, pl.Float64())})
    own = pl.concat([*(part[0] for part in parts), empty])
    whole = asking.select(*SUBJECTS).join(own, on="subject").join(county.features, on="subject")
    series = pl.concat([*(part[1] for part in parts), pl.DataFrame(schema=SERIES)])
    evidence = pl.concat([*(part[2] for part in parts), pl.DataFrame(schema=EVIDENCE)])
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


def _tasks(asked: _Asked, shared: Mapping[str, pl.DataFrame]) -> Iterator[_Task]:
    """A task a group of buckets. The groups follow from the lake alone, never from the number of processes."""
    count = asked.manifest.bucket_count
    placed = asked.subjects.with_columns(
        pl.Series("_bucket", [bucket_of(m, count) for m in asked.subjects["merchant_id"]], pl.Int64)
    )
    for group in _groups(asked.manifest):
        part = placed.filter(pl.col("_bucket").is_in(group)).drop("_bucket")
        if part.is_empty():
            continue
        mine = {
            name: rows.join(part, on="subject", how="semi") if "subject" in rows.columns else rows
            for name, rows in shared.items()
        }
        yield _Task(replace(asked, manifest=_of_buckets(asked.manifest, group), subjects=part), mine)


def _of_buckets(manifest: Manifest, group: Collection[int]) -> Manifest:
    """What the manifest says of the merchants' tables in these buckets: all that a task needs to be sent."""
    tables = {
        name: replace(
            state, buckets={n: state.buckets[n] for n in group if n in state.buckets}, quarantine=()
        )
        for name, state in manifest.tables.items()
        if TABLES[name].per_merchant
    }
    return replace(manifest, tables=tables, ingests=(), forgotten=())


def _groups(manifest: Manifest) -> list[tuple[int, ...]]:
    """All buckets in order, in as few groups of about one size as hold so many orders (or invoices, or cash flows)."""
    weigh = [manifest.tables[n].buckets for n in ("orders", "invoices", "cashflows") if n in manifest.tables]
    sizes = [
        max((sum(file.rows for file in held.get(n, ())) for held in weigh), default=0)
        for n in range(manifest.bucket_count)
    ]
    groups = max(1, math.ceil(sum(sizes) / ORDERS_AT_ONCE))
    share = sum(sizes) / groups or 1.0
    placed: dict[int, list[int]] = {}
    for bucket, (before, size) in enumerate(zip(accumulate(sizes, initial=0), sizes, strict=False)):
        middle = before + size / 2
        placed.setdefault(min(int(middle / share), groups - 1), []).append(bucket)
    return [tuple(held) for held in placed.values()]


def _compute_county(asked: _Asked) -> _County:
    found = of_county(asked.engine, nw.from_native(asked.subjects.lazy()), asked.only)
    shared = {name: rows.to_native().collect() for name, rows in found.shared.items()}
    return _County(found.features.to_native().collect(), shared)


def _compute_buckets(task: _Task) -> _Part:
    asked = task.asked
    subjects = nw.from_native(asked.subjects.lazy())
    shared = {name: nw.from_native(rows.lazy()) for name, rows in task.shared.items()}
    found = of_merchants(
        asked.engine, subjects, shared, asked.only, check_self_dealing=asked.check_self_dealing
    )
    features = found.features.to_native().collect()
    series, evidence = pl.DataFrame(schema=SERIES), pl.DataFrame(schema=EVIDENCE)
    if found.series is not None:
        series = found.series.to_native().collect().select(*SERIES)
    if found.evidence is not None:
        evidence = found.evidence.to_native().collect().select(*EVIDENCE)
    return features, series, evidence
