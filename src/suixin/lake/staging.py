"""The first half of an ingest: files read, rows checked, good ones laid out by bucket, bad ones noted.

Memory stays flat: one batch of a file at a time, and each checked batch goes to disk.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from suixin.errors import SourceError
from suixin.identifiers import bucket_of
from suixin.lake import quarantine
from suixin.lake.checks import Setting, check, missing_columns, unknown_columns, unreadable_columns
from suixin.lake.contract import Table
from suixin.lake.manifest import Manifest
from suixin.lake.readers import LINE_FORMATS, Batch, first_line, read
from suixin.lake.source import Source, Stream
from suixin.lake.store import GLOBAL_BUCKET, Lake
from suixin.lake.tables import TABLES

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(slots=True)
class TableReport:
    """Rows of one table in one ingest; read = accepted + already_there + quarantined."""

    read: int = 0
    accepted: int = 0
    already_there: int = 0
    quarantined: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    ignored_columns: list[str] = field(default_factory=list)

    def set_aside(self, rows: pl.DataFrame) -> None:
        """Count quarantine rows."""
        self.quarantined += rows.height
        self.rules.update(rows["rule"].to_list())


@dataclass(slots=True)
class Staged:
    """Checked rows on their way to the buckets.

    Attributes:
        folder: where they lie, `<table>/<bucket>/<number>.arrow`.
        files: the source files' names; staged rows carry the position in this list as `_file`.
        quarantined: table -> quarantine rows.
        reports: table -> counts.
    """

    folder: Path
    files: list[str] = field(default_factory=list)
    quarantined: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    reports: dict[str, TableReport] = field(default_factory=dict)

    def parts(self, table: str, bucket: int) -> list[Path]:
        """The staged parts of one bucket, in order of reading."""
        return sorted((self.folder / table / str(bucket)).glob("*.arrow"))

    def buckets(self, table: str) -> list[int]:
        """The buckets for which the table has staged rows."""
        folder = self.folder / table
        return sorted(int(p.name) for p in folder.iterdir()) if folder.exists() else []


def stage(source: Source, root: Path, base: Manifest, folder: Path, *, today: int, tell: Progress) -> Staged:
    """Read every stream of the source, tables that others refer to first."""
    staged = Staged(folder)
    known = _Known(Lake(root, base))
    setting = Setting(source.zone, source.currency, today)
    buckets = _Buckets(base.bucket_count)
    total = sum(stream.path.stat().st_size for stream in source.streams)
    done = 0
    for contract in TABLES.values():
        for stream in (s for s in source.streams if s.table == contract.name):
            name = quarantine.relative(stream.path, source.folder)
            staged.files.append(name)
            size = stream.path.stat().st_size
            for batch in read(stream.path, source.encoding):
                _stage_batch(staged, contract, stream, batch, known.of(contract), setting, buckets)
                known.learn(contract, staged)
                tell(f"reading {name}", done + int(size * batch.share), total)
            done += size
    return staged


def _stage_batch(
    staged: Staged,
    contract: Table,
    stream: Stream,
    batch: Batch,
    known: dict[str, pl.Series],
    setting: Setting,
    buckets: "_Buckets",
) -> None:
    report = staged.reports.setdefault(contract.name, TableReport())
    name = staged.files[-1]
    shaped = _shape(contract, stream, batch.frame) if batch.frame.height else batch.frame
    for column in unknown_columns(contract, shaped.columns):
        if f"{name}: {column}" not in report.ignored_columns:
            report.ignored_columns.append(f"{name}: {column}")
    report.read += batch.rows
    aside = [quarantine.from_rejects(name, batch.rejects)]
    if shaped.height:
        checked = check(contract, shaped, known, setting)
        aside.append(quarantine.from_rows(name, batch.frame, checked.bad))
        good = checked.good.with_columns(pl.lit(len(staged.files) - 1, pl.Int32).alias("_file"))
        buckets.lay_out(good, contract, staged.folder)
    rows = pl.concat(aside)
    report.set_aside(rows)
    staged.quarantined.setdefault(contract.name, []).append(rows)


def _shape(contract: Table, stream: Stream, frame: pl.DataFrame) -> pl.DataFrame:
    """The batch with the standard columns; a file without a required one is refused, a JSON object is not."""
    names = ", ".join(c for c in frame.columns if c != "_row")
    try:
        shaped = stream.shape(frame)
    except pl.exceptions.ColumnNotFoundError as error:
        raise SourceError(f"{stream.path}: lacks a column: {first_line(error)}; it has {names}") from error
    unreadable = unreadable_columns(contract, shaped.schema)
    if unreadable:
        raise SourceError(
            f"{stream.path}: no single value can be read from the columns {', '.join(unreadable)}"
        )
    lacking = missing_columns(contract, shaped.columns)
    if lacking and stream.path.suffix in LINE_FORMATS:
        return shaped.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in lacking)
    if lacking:
        raise SourceError(
            f"{stream.path}: lacks the required columns {', '.join(lacking)} of table {contract.name}; it has {names}"
        )
    return shaped


class _Known:
    """The identifiers that rows of other tables may refer to: those of the lake and of this ingest."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._values: dict[tuple[str, str], pl.Series] = {}

    def of(self, contract: Table) -> dict[str, pl.Series]:
        """Column -> identifiers that exist in the table it refers to."""
        return {column: self._in_lake(table, target) for column, table, target in contract.refers}

    def _in_lake(self, table: str, column: str) -> pl.Series:
        if (table, column) not in self._values:
            held = self._lake.whole(table).select(pl.col(column).unique()).collect().to_series()
            self._values[table, column] = held
        return self._values[table, column]

    def learn(self, contract: Table, staged: Staged) -> None:
        """Add what the last batch of a referred-to table brought."""
        targets = {t for c in TABLES.values() for t in c.refers if t[1] == contract.name}
        for column in {target for _, _, target in targets}:
            parts = [p for b in staged.buckets(contract.name) for p in staged.parts(contract.name, b)]
            new = [pl.scan_ipc(p).select(column).collect().to_series() for p in parts]
            self._values[contract.name, column] = pl.concat(
                [self._in_lake(contract.name, column), *new]
            ).unique()


class _Buckets:
    """Lays checked rows out by bucket; remembers each merchant's bucket."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._of: dict[str, int] = {}
        self._parts = 0

    def lay_out(self, rows: pl.DataFrame, contract: Table, folder: Path) -> None:
        """Write the rows of each bucket as one more part."""
        if rows.height == 0:
            return
        self._parts += 1
        for bucket, part in self._split(rows, contract):
            target = folder / contract.name / str(bucket) / f"{self._parts:08d}.arrow"
            target.parent.mkdir(parents=True, exist_ok=True)
            part.write_ipc(target)

    def _split(self, rows: pl.DataFrame, contract: Table) -> Iterable[tuple[int, pl.DataFrame]]:
        if not contract.per_merchant:
            return [(GLOBAL_BUCKET, rows)]
        for merchant in rows["merchant_id"].unique().to_list():
            if merchant not in self._of:
                self._of[merchant] = bucket_of(merchant, self._count)
        bucket = pl.col("merchant_id").replace_strict(self._of, return_dtype=pl.Int32).alias("_bucket")
        parts = rows.with_columns(bucket).partition_by("_bucket", as_dict=True, include_key=False)
        return [(int(str(key[0])), part) for key, part in sorted(parts.items())]
