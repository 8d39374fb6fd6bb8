"""Compact: the many small files of many ingests become one sorted file a bucket, with the same row versions."""

import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from suixin.lake.manifest import Manifest, TableState
from suixin.lake.quarantine import STORED
from suixin.lake.rewrite import (
    ROWS_A_FILE,
    Progress,
    Report,
    commit,
    has_versions,
    merge_quarantine,
    put_rows,
    read_rows,
    report,
    silent,
)
from suixin.lake.tables import TABLES
from suixin.lake.writing import changing


def compact(root: Path, *, now: datetime, wait_seconds: float = 60.0, progress: Progress = silent) -> Report:
    """Merge the files of each bucket into one sorted file, a bucket of a table in memory at a time.

    Row versions are all kept, because older as-of dates read them; marks of buckets with superseded rows are
    found anew; files of quarantined rows are merged too. Readers of older snapshots keep their files.

    Args:
        root: the lake.
        now: the time of the new snapshot, aware.
        wait_seconds: how long to wait for another writer.
        progress: told what is being done.

    Raises:
        LakeBusyError: another writer held the lake for longer.
        LakeError: the lake is missing or damaged, or the disk refuses; nothing is changed then.
    """
    began = time.perf_counter()
    with changing(root, wait_seconds, now) as base:
        states = dict(base.tables)
        work = _work(base)
        for done, (name, bucket) in enumerate(work):
            progress(f"compacting {name}", done, len(work))
            states[name] = _compacted(root, states[name], name, bucket)
        for name, state in states.items():
            states[name] = merge_quarantine(root, state, STORED, name)
        after = commit(root, base, states, "compact", now)
    return report("compact", base, after, began)


def plan(base: Manifest) -> dict[str, int]:
    """Table -> files that `compact` would merge."""
    merged = dict.fromkeys(base.tables, 0)
    for name, bucket in _work(base):
        merged[name] += len(base.tables[name].buckets[bucket])
    for name, state in base.tables.items():
        merged[name] += len(state.quarantine) if len(state.quarantine) > 1 else 0
    return {name: files for name, files in merged.items() if files}


def _work(base: Manifest) -> list[tuple[str, int]]:
    """The buckets worth rewriting: several files of which two would fit into one."""
    return [
        (name, bucket)
        for name, state in base.tables.items()
        for bucket, files in sorted(state.buckets.items())
        if len(files) > 1 + sum(file.rows for file in files) // ROWS_A_FILE
    ]


def _compacted(root: Path, state: TableState, name: str, bucket: int) -> TableState:
    contract = TABLES[name]
    rows = read_rows(root, state.buckets[bucket], contract)
    marked = set(state.superseded) - {bucket}
    if has_versions(rows.select(contract.key)):
        marked.add(bucket)
    files = put_rows(rows, root, contract, bucket)
    return replace(state, buckets={**state.buckets, bucket: files}, superseded=tuple(sorted(marked)))
