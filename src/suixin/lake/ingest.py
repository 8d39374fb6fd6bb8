"""Ingest: a source's files checked row by row and committed to the lake as one snapshot, or not at all."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from suixin.calendar import date_to_day
from suixin.errors import LakeError
from suixin.lake import ingests
from suixin.lake import manifest as manifests
from suixin.lake.manifest import IngestRecord, Manifest, TableState
from suixin.lake.settle import settle
from suixin.lake.source import Source
from suixin.lake.staging import Progress, TableReport, stage
from suixin.lake.writing import STAGING, stamp, writing

FEWEST_BUCKETS = 16
ROWS_A_BUCKET = 500_000
BYTES_AN_ORDER = 25
WAIT_SECONDS = 60.0


@dataclass(slots=True)
class IngestReport:
    """What an ingest did.

    Attributes:
        tables: table -> counts.
        snapshot: the lake's snapshot after it; None for a dry run on no lake.
        committed: whether it made that snapshot.
        seconds: how long it took.
        sequence: the number of the snapshot that it made, by which the lake knows this ingest; 0 if it made none.
        aside: table -> the rows that were set aside, raw; only where it was asked for.
    """

    tables: dict[str, TableReport]
    snapshot: str | None
    committed: bool
    seconds: float
    sequence: int = 0
    aside: dict[str, pl.DataFrame] = field(default_factory=dict)


def ingest(
    source: Source,
    root: Path,
    *,
    now: datetime,
    dry_run: bool = False,
    wait_seconds: float = WAIT_SECONDS,
    progress: Progress | None = None,
    keep_aside: bool = False,
) -> IngestReport:
    """Read a source into the lake at `root`, which is made if it does not exist.

    Args:
        source: what the adapter found.
        root: the lake's folder.
        now: the time of the ingest, aware; facts after its civil day lie in the future.
        dry_run: check everything, write nothing.
        wait_seconds: how long to wait for another writer.
        progress: told what is being done.
        keep_aside: hand the rows that were set aside back, too; for sources that fit into memory.

    Raises:
        SourceError: a file is not readable or lacks a required column.
        LakeBusyError: another writer held the lake for longer than `wait_seconds`.
        LakeError: the lake is damaged, of another currency or zone, or the disk refuses.
    """
    began = time.perf_counter()
    tell = progress or (lambda *_: None)
    with nullcontext(manifests.load(root)) if dry_run else writing(root, wait_seconds, now) as current:
        base = current or _first_manifest(source)
        _refuse_other_terms(root, base, source)
        with _staging(root, dry_run=dry_run) as staging:
            staged = stage(source, root, base, staging, today=_civil_day(now, source.zone), tell=tell)
            states = settle(staged, root, base, source.route, tell=tell, dry_run=dry_run)
            aside = {name: pl.concat(staged.aside(name)) for name in staged.reports} if keep_aside else {}
        committed = not dry_run and states != base.tables
        after = _next(base, states, source, now) if committed else base
        if committed:
            tell("committing", 0, 1)
            ingests.keep(root, after.sequence, staged.reports)
            manifests.save(root, after)
    snapshot = after.snapshot if after.sequence else None
    seconds, made = time.perf_counter() - began, after.sequence if committed else 0
    return IngestReport(staged.reports, snapshot, committed, seconds, made, aside)


def _civil_day(now: datetime, zone: str) -> int:
    return date_to_day(now.astimezone(ZoneInfo(zone)).date())


def _first_manifest(source: Source) -> Manifest:
    size = sum(stream.path.stat().st_size for stream in source.streams if stream.table == "orders")
    buckets = FEWEST_BUCKETS
    while buckets * ROWS_A_BUCKET * BYTES_AN_ORDER < size:
        buckets *= 2
    return Manifest(sequence=0, zone=source.zone, currency=source.currency, bucket_count=buckets, tables={})


def _refuse_other_terms(root: Path, base: Manifest, source: Source) -> None:
    for what, held, offered in (
        ("currency", base.currency, source.currency),
        ("civil zone", base.zone, source.zone),
    ):
        if held != offered:
            raise LakeError(
                f"{root}: the lake's {what} is {held}, the source's is {offered}; use another lake for it"
            )


def _next(base: Manifest, states: dict[str, TableState], source: Source, now: datetime) -> Manifest:
    after = manifests.successor(base, states, verb="ingest", made_at=stamp(now))
    return replace(after, ingests=(*base.ingests, _record(source, now, after.sequence)))


def _record(source: Source, now: datetime, sequence: int) -> IngestRecord:
    return IngestRecord(
        adapter=source.adapter,
        source=source.name,
        route=source.route,
        authorisation=source.authorisation,
        purpose=source.purpose,
        assumptions=source.assumptions,
        ingested_at=stamp(now),
        sequence=sequence,
    )


@contextmanager
def _staging(root: Path, *, dry_run: bool) -> Iterator[Path]:
    """A folder for checked rows on their way to the buckets, gone when the ingest is."""
    folder = Path(tempfile.mkdtemp(prefix=STAGING, dir=None if dry_run else root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
