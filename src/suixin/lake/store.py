"""A lake on disk: opening it, reading a snapshot, verifying it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from suixin.calendar import date_to_day
from suixin.lake import ingests, marks, snapshots
from suixin.lake import manifest as manifests
from suixin.lake.contract import Table, day_name
from suixin.lake.files import file_hash
from suixin.lake.manifest import DataFile, Manifest
from suixin.lake.tables import table

GLOBAL_BUCKET = 0
OF_NOBODY = frozenset({"regions", "prices", "weather", "crop_calendar"})
"""Tables that tell of places and markets, and of no person."""
STANDING = frozenset({"merchants", "loans"})
"""Tables of merchants that tell what is, however long ago it began; the others tell what happened on a day."""


@dataclass(frozen=True, slots=True)
class Lake:
    """One snapshot of a lake, read-only.

    Attributes:
        root: the lake's folder.
        manifest: what the snapshot consists of.
        since_day: of what merchants did, only rows from this day on are there; None for all.
    """

    root: Path
    manifest: Manifest
    since_day: int | None = None

    @classmethod
    def open(cls, root: Path, sequence: int | None = None) -> "Lake":
        """The current snapshot, or an older one by its number.

        LakeError if there is none: no lake, no such snapshot, or one that was expired.
        """
        snapshots.require(root)
        manifest = manifests.load(root)
        if manifest is None:
            raise snapshots.empty(root)
        return cls(root, manifest if sequence is None else snapshots.open_one(root, manifest, sequence))

    def narrowed(self, tables: Collection[str], since: date) -> "Lake":
        """The same snapshot for a reader who may read these tables about people, and nothing that happened before a day."""
        kept = {
            name: state for name, state in self.manifest.tables.items() if name in OF_NOBODY or name in tables
        }
        return Lake(self.root, replace(self.manifest, tables=kept), date_to_day(since))

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
        return self._since(latest(rows, contract) if bucket in state.superseded else rows, contract)

    def versions(
        self, name: str, bucket: int = GLOBAL_BUCKET, routes: Iterable[str] | None = None
    ) -> pl.LazyFrame:
        """Every row version of one bucket, oldest file first; of a narrowed lake, none of what was moved out of its days."""
        state = self.manifest.tables.get(name)
        files = state.buckets.get(bucket, ()) if state else ()
        contract = table(name)
        rows = scan_files(self.root, files, contract, routes)
        inside = self._since(rows, contract)
        if inside is rows or not self.superseded(name, bucket):
            return inside
        keys = list(contract.key)
        still = self._since(latest(rows, contract), contract).select(keys)
        return inside.join(still, on=keys, how="semi", maintain_order="left")

    def _since(self, rows: pl.LazyFrame, contract: Table) -> pl.LazyFrame:
        if self.since_day is None or not contract.per_merchant or contract.name in STANDING:
            return rows
        return rows.filter(pl.col(day_name(contract.happened)) >= self.since_day)

    def superseded(self, name: str, bucket: int = GLOBAL_BUCKET) -> bool:
        """Whether the bucket holds rows that a later version replaces."""
        state = self.manifest.tables.get(name)
        return state is not None and bucket in state.superseded

    def facts(self, name: str) -> int:
        """How many rows the table has when each counts once, whatever its versions."""
        contract = table(name)
        state = self.manifest.tables.get(name)
        counted = 0
        for bucket, files in state.buckets.items() if state else ():
            if not self.superseded(name, bucket):
                counted += sum(file.rows for file in files)
                continue
            keys = self.versions(name, bucket).select(contract.key).unique().select(pl.len())
            with reading(self.root):
                counted += int(keys.collect().item())
        return counted

    def forgotten(self, identifier: str) -> bool:
        """Whether the merchant or party of this identifier was forgotten.

        LakeError if somebody was forgotten and the lake's key, by which they are known again, is lost.
        """
        return bool(self.manifest.forgotten) and marks.of(self.root, self.manifest).has(identifier)

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
        faults += ingests.faults(self.root, self.manifest)
        return faults + marks.faults(self.root, self.manifest)


def scan_files(
    root: Path, files: Iterable[DataFile], contract: Table, routes: Iterable[str] | None = None
) -> pl.LazyFrame:
    """The rows of data files in order, only of the given routes."""
    held = tuple(files)
    if not held:
        return pl.LazyFrame(schema=contract.stored)
    allowed = None if routes is None else set(routes)
    parts = []
    for file, rows in zip(held, scan_each(root, held, contract.stored), strict=True):
        if allowed is not None and not set(file.routes) <= allowed:
            parts.append(rows.filter(pl.col("route").is_in(sorted(allowed))))
        else:
            parts.append(rows)
    return pl.concat(parts)


def scan_each(
    root: Path, files: Iterable[DataFile], schema: Mapping[str, pl.DataType]
) -> Iterator[pl.LazyFrame]:
    """The rows of each data file; LakeError if one is missing or has not the length it was written with.

    A column that the contract has gained since the file was written is null.
    """
    for file in files:
        path = root / file.path
        try:
            size = path.stat().st_size
        except OSError as error:
            raise manifests.damaged(root, f"{file.path}: {error.strerror or error}") from error
        if size != file.bytes:
            raise manifests.damaged(root, f"{file.path} has {size} bytes instead of {file.bytes}")
        yield pl.scan_parquet(
            path, glob=False, hive_partitioning=False, schema=dict(schema), missing_columns="insert"
        )


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
