"""The first half of an ingest: files read, rows checked, good ones laid out by bucket, bad ones noted.

Memory stays flat: one batch of a file at a time, and each checked batch goes to disk.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from suixin.errors import SourceError
from suixin.lake import marks, quarantine
from suixin.lake.checks import Setting, check, missing_columns, unknown_columns, unreadable_columns
from suixin.lake.contract import Table
from suixin.lake.erasing import apart, withheld
from suixin.lake.layout import Buckets, Layout, read_part
from suixin.lake.manifest import Manifest
from suixin.lake.marks import NOBODY, Marks
from suixin.lake.readers import LINE_FORMATS, ROW, Batch, first_line
from suixin.lake.source import Source, Stream
from suixin.lake.store import Lake, reading
from suixin.lake.tables import TABLES

ASIDE = "quarantine"  # no standard table has this name
ASIDE_ROWS_A_PART = 50_000

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(slots=True)
class TableReport:
    """Rows of one table in one ingest; read = accepted + already_there + quarantined.

    `completed` are those of the accepted that fill in a late column of a row that was there; `again` those of the
    quarantined that were set aside before, word for word, and are not kept twice (a dry run counts none).
    """

    read: int = 0
    accepted: int = 0
    already_there: int = 0
    quarantined: int = 0
    completed: int = 0
    again: int = 0
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
        marks: who was forgotten, and shall not come back.
        reports: table -> counts.
    """

    folder: Path
    files: list[str] = field(default_factory=list)
    marks: Marks = NOBODY
    reports: dict[str, TableReport] = field(default_factory=dict)
    _aside: dict[str, list[pl.DataFrame]] = field(default_factory=dict)

    def set_aside(self, table: str, rows: pl.DataFrame) -> None:
        """Count quarantine rows and hold them; many go to the disk."""
        rows = withheld(rows, self.marks)
        self.reports[table].set_aside(rows)
        held = self._aside.setdefault(table, [])
        held.append(rows)
        if sum(part.height for part in held) >= ASIDE_ROWS_A_PART:
            folder = self.folder / ASIDE / table
            folder.mkdir(parents=True, exist_ok=True)
            pl.concat(held).write_ipc(folder / f"{len(list(folder.iterdir())):08d}.arrow")
            held.clear()

    def aside(self, table: str) -> Iterator[pl.DataFrame]:
        """The quarantine rows of a table, some at a time, in order."""
        for part in sorted((self.folder / ASIDE / table).glob("*.arrow")):
            yield read_part(part)
        yield pl.concat([pl.DataFrame(schema=quarantine.SCHEMA), *self._aside.get(table, [])])


def stage(source: Source, root: Path, base: Manifest, folder: Path, *, today: int, tell: Progress) -> Staged:
    """Read every stream of the source, tables that others refer to first."""
    staged = Staged(folder, marks=marks.of(root, base))
    known = _Known(Lake(root, base))
    setting = Setting(source.zone, source.currency, today)
    buckets = Buckets(base.bucket_count)
    total = sum(stream.path.stat().st_size for stream in source.streams)
    done = 0
    for contract in TABLES.values():
        layout = Layout(contract, folder, buckets)
        for stream in (s for s in source.streams if s.table == contract.name):
            name = stream.label or quarantine.relative(stream.path, source.folder)
            staged.files.append(name)
            size = stream.path.stat().st_size
            for batch in stream.reader(stream.path, source.encoding):
                good = _check_batch(staged, contract, stream, batch, known.of(contract), setting)
                known.learn(contract, good)
                layout.add(good)
                tell(f"reading {name}", done + int(size * batch.share), total)
            done += size
        layout.write()
    return staged


def _check_batch(
    staged: Staged,
    contract: Table,
    stream: Stream,
    batch: Batch,
    known: dict[str, pl.Series],
    setting: Setting,
) -> pl.DataFrame:
    """The good rows of a batch; what is wrong with the others is noted in `staged`."""
    report = staged.reports.setdefault(contract.name, TableReport())
    name = staged.files[-1]
    if set(batch.frame.columns) - {ROW}:
        shaped = _shape(contract, stream, batch.frame)
        checked = apart(contract, check(contract, shaped, known, setting), staged.marks)
        good = checked.good.with_columns(pl.lit(len(staged.files) - 1, pl.Int32).alias("_file"))
        found = checked.bad.with_columns(pl.col("column").replace(stream.headings))
        bad = quarantine.from_rows(name, batch.frame, found)
        unknown = [f"{name}: {column}" for column in unknown_columns(contract, shaped.columns)]
        report.ignored_columns += [text for text in unknown if text not in report.ignored_columns]
    else:
        good, bad = pl.DataFrame(), quarantine.from_rejects(name, [])
    report.read += batch.rows
    staged.set_aside(contract.name, pl.concat([quarantine.from_rejects(name, batch.rejects), bad]))
    return good


def _shape(contract: Table, stream: Stream, frame: pl.DataFrame) -> pl.DataFrame:
    """The batch with the standard columns; a file without a required one is refused, a JSON object is not."""
    names = ", ".join(c for c in frame.columns if c != "_row")
    try:
        shaped = stream.shape(frame)
    except pl.exceptions.ColumnNotFoundError as error:
        raise SourceError(f"{stream.path}: lacks a column: {first_line(error)}; it has {names}") from error
    except pl.exceptions.PolarsError as error:
        raise SourceError(
            f"{stream.path}: its columns are not what they should be: {first_line(error)}"
        ) from error
    unreadable = unreadable_columns(contract, shaped.schema)
    if unreadable:
        raise SourceError(
            f"{stream.path}: no single value can be read from the columns {', '.join(unreadable)}"
        )
    lacking = missing_columns(contract, shaped.columns)
    if lacking and stream.path.suffix.lower() in LINE_FORMATS:
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
            with reading(self._lake.root):
                held = self._lake.whole(table).select(pl.col(column).unique()).collect().to_series()
            self._values[table, column] = held
        return self._values[table, column]

    def learn(self, contract: Table, good: pl.DataFrame) -> None:
        """Add what a batch of a referred-to table brought."""
        columns = {c for t in TABLES.values() for _, table, c in t.refers if table == contract.name}
        for column in columns if good.height else ():
            held = self._in_lake(contract.name, column)
            self._values[contract.name, column] = pl.concat([held, good[column]]).unique()
