"""What every verb that rewrites a lake shares: writing data files, counting, and committing only what adds up."""

import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from suixin.calendar import day_to_date
from suixin.errors import LakeError
from suixin.lake import manifest as manifests
from suixin.lake.contract import Table, day_name
from suixin.lake.files import file_hash, write_parquet
from suixin.lake.manifest import DataFile, Manifest, TableState
from suixin.lake.store import reading, scan_each, scan_files
from suixin.lake.writing import stamp

ROWS_A_FILE = 2_000_000
ROWS_A_SLICE = 500_000

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


def silent(_what: str, _done: int, _total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class TableChange:
    """What a verb did to one table: files and row versions before and after."""

    files_before: int
    files_after: int
    rows_before: int
    rows_after: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a maintenance verb did.

    Attributes:
        verb: its name.
        before, after: the snapshots; equal if there was nothing to do.
        tables: the tables that changed.
        seconds: how long it took.
    """

    verb: str
    before: str
    after: str
    tables: dict[str, TableChange] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def committed(self) -> bool:
        """Whether there is a new snapshot."""
        return self.before != self.after


def put(
    rows: pl.DataFrame, root: Path, folder: Path, routes: Iterable[str] = (), *, private: bool = False
) -> DataFile:
    """Write rows as one new file in a folder of the lake; LakeError if the disk refuses."""
    relative = folder / f"{uuid.uuid4().hex}.parquet"
    path = root / relative
    write_parquet(rows, path, private=private)
    return DataFile(
        relative.as_posix(), rows.height, path.stat().st_size, file_hash(path), tuple(sorted(routes))
    )


def put_rows(rows: pl.DataFrame, root: Path, contract: Table, bucket: int) -> tuple[DataFile, ...]:
    """Write rows of one bucket, sorted; versions of one identity keep their order."""
    ordered = rows.select(*contract.stored).sort(contract.sort_by, maintain_order=True)
    folder = bucket_folder(contract, bucket)
    parts = (ordered.slice(n, ROWS_A_FILE) for n in range(0, ordered.height, ROWS_A_FILE))
    return tuple(put(part, root, folder, part["route"].unique().to_list()) for part in parts)


def bucket_folder(contract: Table, bucket: int) -> Path:
    """Where the files of a bucket lie below the lake."""
    return Path("data") / contract.name / f"{bucket:04d}"


def has_versions(keys: pl.DataFrame) -> bool:
    """Whether any key occurs twice."""
    return bool(keys.select(pl.struct(pl.all()).is_duplicated().any()).item()) if keys.height else False


def read_rows(root: Path, files: Iterable[DataFile], contract: Table) -> pl.DataFrame:
    """Every row version of these files, oldest file first; LakeError if one cannot be read."""
    with reading(root):
        return scan_files(root, files, contract).collect()


def merge_quarantine(root: Path, state: TableState, schema: dict[str, pl.DataType], name: str) -> TableState:
    """The table with its files of quarantined rows made few."""
    if len(state.quarantine) < 2:
        return state
    with reading(root):
        rows = pl.concat(list(scan_each(root, state.quarantine, schema))).collect()
    parts = (rows.slice(n, ROWS_A_SLICE) for n in range(0, rows.height, ROWS_A_SLICE))
    return replace(
        state, quarantine=tuple(put(part, root, Path("quarantine") / name, private=True) for part in parts)
    )


def dated(root: Path, state: TableState, contract: Table) -> TableState:
    """The state with the rows and the first and last fact that its files hold."""
    files = [file for bucket in sorted(state.buckets) for file in state.buckets[bucket]]
    rows = sum(file.rows for file in files)
    if not rows:
        return replace(state, rows=0, first_on="", last_on="", superseded=())
    day = pl.col(day_name(contract.happened))
    with reading(root):
        ends = scan_files(root, files, contract).select(day.min().alias("a"), day.max().alias("z")).collect()
    first, last = (str(day_to_date(int(value))) for value in ends.row(0))
    return replace(state, rows=rows, first_on=first, last_on=last)


def commit(
    root: Path,
    base: Manifest,
    states: dict[str, TableState],
    verb: str,
    now: datetime,
    *,
    buckets: int | None = None,
) -> Manifest:
    """Commit tables that hold the same rows as before in other files; `base` itself if nothing differs.

    Raises:
        LakeError: a table would come out with another number of rows; nothing is committed.
    """
    after = manifests.successor(base, states, verb=verb, made_at=stamp(now))
    after = replace(after, bucket_count=buckets or base.bucket_count)
    if (
        states == base.tables
        and after.bucket_count == base.bucket_count
        and base.schema_version == after.schema_version
    ):
        return base
    for name, state in states.items():
        held = sum(file.rows for files in state.buckets.values() for file in files)
        aside = sum(file.rows for file in state.quarantine)
        old = base.tables[name]
        if (held, state.rows, aside) != (old.rows, old.rows, old.quarantined):
            raise LakeError(
                f"{root}: {verb} would make {held} rows and {aside} set aside of {old.rows} and {old.quarantined} "
                f"in {name}; nothing was changed; run: suixin lake verify {root}"
            )
    manifests.save(root, after)
    return after


def report(verb: str, base: Manifest, after: Manifest, began: float) -> Report:
    """What was done between two snapshots, begun at this reading of the performance counter."""
    changes = {}
    for name in {**base.tables, **after.tables}:
        old, new = base.tables.get(name, TableState()), after.tables.get(name, TableState())
        if old != new:
            changes[name] = TableChange(_files(old), _files(new), old.rows, new.rows)
    return Report(verb, base.snapshot, after.snapshot, changes, time.perf_counter() - began)


def _files(state: TableState) -> int:
    return sum(len(files) for files in state.buckets.values()) + len(state.quarantine)
