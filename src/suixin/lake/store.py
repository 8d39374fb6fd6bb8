"""A lake on disk: opening it, reading a snapshot, verifying it."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from filelock import FileLock, Timeout

from suixin.errors import LakeBusyError, LakeError, UsageError
from suixin.lake import manifest as manifests
from suixin.lake.contract import Table
from suixin.lake.files import file_hash
from suixin.lake.manifest import DataFile, Manifest
from suixin.lake.tables import table

FOLDERS = ("data", "quarantine", "snapshots")
STAGING = ".staging-"
GLOBAL_BUCKET = 0


@dataclass(frozen=True, slots=True)
class Lake:
    """One snapshot of a lake, read-only.

    Attributes:
        root: the lake's folder.
        manifest: what the snapshot consists of.
    """

    root: Path
    manifest: Manifest

    @classmethod
    def open(cls, root: Path, sequence: int | None = None) -> "Lake":
        """The current snapshot, or an older one by its number; LakeError if there is none."""
        if not root.exists():
            raise LakeError(f"{root}: no such lake; make one with: suixin ingest SOURCE --lake {root}")
        if not root.is_dir():
            raise LakeError(f"{root}: is a file, not a lake")
        if sequence is not None:
            return cls(root, manifests.load_named(root, manifests.file_name(sequence)))
        manifest = manifests.load(root)
        if manifest is None:
            raise LakeError(f"{root}: the lake is empty; fill it with: suixin ingest SOURCE --lake {root}")
        return cls(root, manifest)

    @property
    def snapshot(self) -> str:
        """The snapshot's name: sequence and content hash."""
        return self.manifest.snapshot

    def holds(self, name: str) -> bool:
        """Whether the table has any row."""
        state = self.manifest.tables.get(name)
        return state is not None and state.rows > 0

    def buckets(self, name: str) -> list[int]:
        """The buckets in which the table has rows."""
        state = self.manifest.tables.get(table(name).name)
        return sorted(state.buckets) if state else []

    def scan(
        self, name: str, bucket: int = GLOBAL_BUCKET, routes: Iterable[str] | None = None
    ) -> pl.LazyFrame:
        """The current rows of one bucket of a table, in its stored schema.

        Superseded versions are left out; what was known at an earlier date is `known_before`'s work.

        Args:
            name: a standard table.
            bucket: 0 for a table that is not per merchant.
            routes: only rows that came by these routes; None for all.
        """
        contract = table(name)
        state = self.manifest.tables.get(name)
        files = state.buckets.get(bucket, ()) if state else ()
        if state is None or not files:
            return pl.LazyFrame(schema=contract.stored)
        rows = scan_files(self.root, files, contract, routes)
        return latest(rows, contract) if bucket in state.superseded else rows

    def versions(
        self, name: str, bucket: int = GLOBAL_BUCKET, routes: Iterable[str] | None = None
    ) -> pl.LazyFrame:
        """Every row version of one bucket, oldest file first."""
        state = self.manifest.tables.get(name)
        files = state.buckets.get(bucket, ()) if state else ()
        return scan_files(self.root, files, table(name), routes)

    def superseded(self, name: str, bucket: int = GLOBAL_BUCKET) -> bool:
        """Whether the bucket holds rows that a later version replaces."""
        state = self.manifest.tables.get(name)
        return state is not None and bucket in state.superseded

    def whole(self, name: str) -> pl.LazyFrame:
        """The current rows of all buckets of a table."""
        parts = [self.scan(name, bucket) for bucket in self.buckets(name)]
        return pl.concat(parts) if parts else pl.LazyFrame(schema=table(name).stored)

    def verify(self) -> list[str]:
        """What is wrong with the snapshot's files, one line each; empty if nothing is."""
        faults = [fault for file in self.manifest.files for fault in _faults(self.root, file)]
        for name, state in self.manifest.tables.items():
            held = sum(file.rows for files in state.buckets.values() for file in files)
            if held != state.rows:
                faults.append(f"{name}: the manifest counts {state.rows} rows, its files {held}")
        return faults


def scan_files(
    root: Path, files: Iterable[DataFile], contract: Table, routes: Iterable[str] | None = None
) -> pl.LazyFrame:
    """The rows of data files in order, only of the given routes."""
    held = tuple(files)
    if not held:
        return pl.LazyFrame(schema=contract.stored)
    allowed = None if routes is None else set(routes)
    parts = []
    for file, rows in zip(held, scan_each(root, held), strict=True):
        if allowed is not None and not set(file.routes) <= allowed:
            parts.append(rows.filter(pl.col("route").is_in(sorted(allowed))))
        else:
            parts.append(rows)
    return pl.concat(parts)


def scan_each(root: Path, files: Iterable[DataFile]) -> Iterator[pl.LazyFrame]:
    """The rows of each data file; LakeError if one is missing or has not the length it was written with."""
    for file in files:
        path = root / file.path
        try:
            size = path.stat().st_size
        except OSError as error:
            raise manifests.damaged(root, f"{file.path}: {error.strerror or error}") from error
        if size != file.bytes:
            raise manifests.damaged(root, f"{file.path} has {size} bytes instead of {file.bytes}")
        yield pl.scan_parquet(path, glob=False, hive_partitioning=False)


@contextmanager
def reading(root: Path) -> Iterator[None]:
    """Whatever Polars says of a data file while the block collects rows becomes a LakeError of one line."""
    try:
        yield
    except (OSError, pl.exceptions.PolarsError) as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise manifests.damaged(root, f"a data file cannot be read: {said[0]}") from error


def latest(rows: pl.LazyFrame, contract: Table) -> pl.LazyFrame:
    """One row a key: the version known last, and among equals the one ingested last."""
    ordered = rows.with_row_index("_order").sort("known_at", "_order")
    newest = ordered.unique(subset=list(contract.key), keep="last")
    return newest.sort(*contract.sort_by).drop("_order")


def _faults(root: Path, file: DataFile) -> Iterator[str]:
    path = root / file.path
    if not path.exists():
        yield f"{file.path}: missing"
    elif path.stat().st_size != file.bytes:
        yield f"{file.path}: {path.stat().st_size} bytes instead of {file.bytes}"
    elif file_hash(path) != file.hash:
        yield f"{file.path}: its content has changed"


def refuse_foreign(root: Path) -> None:
    """Refuse to make a lake of a folder that holds something else."""
    if root.is_file():
        raise UsageError(f"{root}: is a file; name a folder for the lake")
    if not root.is_dir() or (root / manifests.POINTER).exists():
        return
    names = sorted(p.name for p in root.iterdir())
    foreign = [name for name in names if name not in (*FOLDERS, "lock") and not name.startswith(STAGING)]
    if foreign:
        raise UsageError(
            f"{root}: the folder is neither empty nor a lake (it holds {foreign[0]!r}); name another one"
        )


@contextmanager
def writing(root: Path, wait_seconds: float) -> Iterator[Manifest | None]:
    """Hold the lake's only write lock; give its current manifest; sweep what a killed writer left behind."""
    refuse_foreign(root)
    made = [p for p in (root, *root.parents) if not p.exists()]
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(root / "lock")
        lock.acquire(timeout=wait_seconds)
    except Timeout as error:
        raise LakeBusyError(
            f"{root}: another process is writing to this lake; waited {wait_seconds:g} s; try again when it is done"
        ) from error
    except OSError as error:
        raise LakeError(f"cannot write {root}: {error.strerror or error}") from error
    try:
        current = manifests.load(root)
        sweep(root, current)
        yield current
    except BaseException:
        if manifests.load(root) is None:
            _unmake(root, made)
        raise
    finally:
        lock.release()


def sweep(root: Path, current: Manifest | None) -> None:
    """Remove data files that no snapshot names: the work of a writer that was killed before its commit.

    Commits only add files, so the current manifest names those of every older snapshot too.
    """
    named = {file.path for file in current.files} if current else set()
    for folder in ("data", "quarantine"):
        for path in (root / folder).rglob("*.parquet"):
            if path.relative_to(root).as_posix() not in named:
                path.unlink()


def _unmake(root: Path, made: list[Path]) -> None:
    """Leave nothing of a lake that was never committed."""
    for folder in [*FOLDERS, *(p.name for p in root.glob(f"{STAGING}*"))]:
        shutil.rmtree(root / folder, ignore_errors=True)
    for path in made:
        (path / "lock").unlink(missing_ok=True)
        if path.is_dir() and not os.listdir(path):  # noqa: PTH208
            path.rmdir()
