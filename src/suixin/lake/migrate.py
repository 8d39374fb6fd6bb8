"""Migrate: files that were written under an older contract become files of today's, under a new snapshot."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from suixin.lake.contract import Table
from suixin.lake.manifest import DataFile, Manifest
from suixin.lake.rewrite import Progress, Report, bucket_folder, commit, put, read_rows, report, silent
from suixin.lake.store import reading, scan_each
from suixin.lake.tables import TABLES
from suixin.lake.writing import changing


def migrate(root: Path, *, now: datetime, wait_seconds: float = 60.0, progress: Progress = silent) -> Report:
    """Give every data file of the current snapshot the columns of its contract, a file in memory at a time.

    A lake of the release before opens and is read without this; a column that it lacks is null. Afterwards no
    file is of an older shape, and the manifest is of this release.

    Args:
        root: the lake.
        now: the time of the new snapshot, aware.
        wait_seconds: how long to wait for another writer.
        progress: told what is being done.

    Raises:
        LakeBusyError: another writer held the lake for longer.
        LakeError: the lake is missing, damaged or of a newer release, or the disk refuses; nothing is changed then.
    """
    began = time.perf_counter()
    with changing(root, wait_seconds, now) as base:
        states = dict(base.tables)
        older = list(outdated(root, base))
        for done, (name, bucket, file) in enumerate(older):
            progress(f"migrating {name}", done, len(older))
            buckets = dict(states[name].buckets)
            new = _migrated(root, file, TABLES[name], bucket)
            buckets[bucket] = tuple(new if held == file else held for held in buckets[bucket])
            states[name] = replace(states[name], buckets=buckets)
        after = commit(root, base, states, "migrate", now)
    return report("migrate", base, after, began)


def outdated(root: Path, base: Manifest) -> Iterator[tuple[str, int, DataFile]]:
    """The data files of the snapshot that are not of their contract's shape, with table and bucket."""
    for name, state in base.tables.items():
        for bucket, files in state.buckets.items():
            for file in files:
                if not _fits(root, file, TABLES[name]):
                    yield name, bucket, file


def _fits(root: Path, file: DataFile, contract: Table) -> bool:
    list(scan_each(root, [file], contract.stored))  # it is there, and of its length
    with reading(root), (root / file.path).open("rb") as handle:
        return dict(pl.read_parquet_schema(handle)) == contract.stored


def _migrated(root: Path, file: DataFile, contract: Table, bucket: int) -> DataFile:
    rows = read_rows(root, [file], contract)
    return put(rows.select(*contract.stored), root, bucket_folder(contract, bucket), file.routes)
