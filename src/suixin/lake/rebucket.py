"""Rebucket: the merchants of a lake spread over another number of buckets, with the same row versions."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from suixin.errors import UsageError
from suixin.lake.contract import Table
from suixin.lake.layout import Buckets, Layout, laid_out, parts, read_part
from suixin.lake.manifest import DataFile, Manifest, TableState
from suixin.lake.rewrite import (
    ROWS_A_SLICE,
    Progress,
    Report,
    commit,
    has_versions,
    put_rows,
    report,
    silent,
)
from suixin.lake.store import reading, scan_files
from suixin.lake.tables import TABLES
from suixin.lake.writing import STAGING, changing

MOST_BUCKETS = 9_999
ORDERS_A_BUCKET = 1_000_000


def rebucket(
    root: Path, buckets: int, *, now: datetime, wait_seconds: float = 60.0, progress: Progress = silent
) -> Report:
    """Rewrite every table that is kept by merchant into `buckets` buckets.

    Rows are read half a million at a time and laid out on the disk; then each new bucket is sorted in memory on
    its own. The disk needs room for the lake once more, and in passing for a table unpacked.

    Args:
        root: the lake.
        buckets: how many buckets, from 1 to 9,999.
        now: the time of the new snapshot, aware.
        wait_seconds: how long to wait for another writer.
        progress: told what is being done.

    Raises:
        UsageError: another number of buckets.
        LakeBusyError: another writer held the lake for longer.
        LakeError: the lake is missing or damaged, or the disk refuses; nothing is changed then.
    """
    began = time.perf_counter()
    refuse_number(buckets)
    with changing(root, wait_seconds, now) as base:
        states = dict(base.tables)
        if buckets != base.bucket_count:
            names = [name for name in states if TABLES[name].per_merchant]
            for done, name in enumerate(names):
                progress(f"rebucketing {name}", done, len(names))
                states[name] = _rebucketed(root, states[name], TABLES[name], buckets)
        after = commit(root, base, states, "rebucket", now, buckets=buckets)
    return report("rebucket", base, after, began)


def refuse_number(buckets: int) -> None:
    """UsageError for a number of buckets that no lake has."""
    if not 1 <= buckets <= MOST_BUCKETS:
        raise UsageError(f"{buckets} buckets are not from 1 to {MOST_BUCKETS}")


def proposed(manifest: Manifest) -> int | None:
    """The number of buckets that leaves none with more than a million orders; None if none has."""
    state = manifest.tables.get("orders")
    largest = max((sum(f.rows for f in files) for files in state.buckets.values()), default=0) if state else 0
    buckets = manifest.bucket_count
    while largest > ORDERS_A_BUCKET and buckets * 2 <= MOST_BUCKETS:
        largest, buckets = largest // 2, buckets * 2
    return buckets if buckets != manifest.bucket_count else None


def _rebucketed(root: Path, state: TableState, contract: Table, buckets: int) -> TableState:
    held: dict[int, tuple[DataFile, ...]] = {}
    marked = []
    with _staging(root) as folder:
        layout = Layout(contract, folder, Buckets(buckets))
        # A merchant's rows all come from one old bucket, so their order stays.
        for number in sorted(state.buckets):
            for file in state.buckets[number]:
                for rows in _slices(root, file, contract):
                    layout.add(rows)
        layout.write()
        for number in laid_out(folder, contract.name):
            rows = pl.concat(read_part(part) for part in parts(folder, contract.name, number))
            held[number] = put_rows(rows, root, contract, number)
            if has_versions(rows.select(contract.key)):
                marked.append(number)
    return replace(state, buckets=held, superseded=tuple(marked))


def _slices(root: Path, file: DataFile, contract: Table) -> Iterator[pl.DataFrame]:
    for start in range(0, file.rows, ROWS_A_SLICE):
        with reading(root):
            yield scan_files(root, [file], contract).slice(start, ROWS_A_SLICE).collect()


@contextmanager
def _staging(root: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=STAGING, dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
