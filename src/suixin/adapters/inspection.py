"""What a source would feed: table by table its files, columns, and how a sample of the rows fares."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

import polars as pl

from suixin.errors import SourceError
from suixin.lake import quarantine
from suixin.lake.checks import Setting, check, missing_columns, unknown_columns, unreadable_columns
from suixin.lake.contract import Table
from suixin.lake.readers import ROW, Batch, first_line
from suixin.lake.source import Source, Stream
from suixin.lake.tables import TABLES

SAMPLE = 10_000
ALIKE = 0.6


@dataclass(slots=True)
class Inspected:
    """One file of a source.

    Attributes:
        table, file: what it feeds, and its name.
        recognised: the standard columns that it fills.
        missing: the required columns that it lacks.
        unknown: its other columns -> the standard column that is probably meant, or an empty text.
        rows: rows looked at.
        set_aside: those of them that would go to quarantine.
        rules: rule -> how many rows broke it first.
        problem: why the file cannot be read; empty if it can.
    """

    table: str
    file: str
    recognised: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    set_aside: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    problem: str = ""

    @property
    def usable(self) -> bool:
        """Whether at least one row of the file would enter a lake."""
        return not self.problem and not self.missing and self.rows > self.set_aside


def inspect(source: Source, *, rows: int = SAMPLE, today: int) -> Iterator[Inspected]:
    """Look at every file of a source without writing anything.

    A row that refers to a merchant is not refused for it: the merchant may lie beyond the sample or in the lake.

    Args:
        source: what an adapter found.
        rows: how many rows of a file to look at.
        today: day number after which a fact lies in the future.
    """
    setting = Setting(source.zone, source.currency, today)
    for name in TABLES:
        for stream in (s for s in source.streams if s.table == name):
            found = Inspected(name, stream.label or quarantine.relative(stream.path, source.folder))
            try:
                for batch in _sample(stream, source.encoding, rows):
                    _look(found, TABLES[name], stream, batch, setting)
            except SourceError as error:
                found.problem = str(error)
            yield found


def _sample(stream: Stream, encoding: str | None, rows: int) -> Iterator[Batch]:
    """The first rows of a file, good and unreadable."""
    left = rows
    for batch in stream.reader(stream.path, encoding):
        frame = batch.frame.head(left)
        rejects = batch.rejects[: left - frame.height]
        yield Batch(frame, rejects)
        left -= frame.height + len(rejects)
        if left <= 0:
            return


def _look(found: Inspected, contract: Table, stream: Stream, batch: Batch, setting: Setting) -> None:
    found.rows += batch.rows
    found.set_aside += len(batch.rejects)
    found.rules.update(reject.rule for reject in batch.rejects)
    names = [name for name in batch.frame.columns if name != ROW]
    if not names:
        return
    try:
        shaped = stream.shape(batch.frame)
    except pl.exceptions.PolarsError as error:
        raise SourceError(f"{stream.path}: {first_line(error)}; it has {', '.join(names)}") from error
    unreadable = unreadable_columns(contract, shaped.schema)
    if unreadable:
        raise SourceError(f"{stream.path}: no single value can be read from {', '.join(unreadable)}")
    known = [column.name for column in contract.columns if column.name in shaped.columns]
    found.recognised = list(dict.fromkeys([*found.recognised, *known]))
    found.missing = missing_columns(contract, [*shaped.columns, *found.recognised])
    taken = {*found.recognised, *(found.unknown.values())}
    for name in unknown_columns(contract, shaped.columns):
        if name not in found.unknown:
            found.unknown[name] = nearest_column(contract, name, taken)
            taken.add(found.unknown[name])
    if not found.missing:
        bad = check(contract, shaped, {}, setting).bad
        found.set_aside += bad.height
        found.rules.update(bad["rule"].to_list())


def nearest_column(contract: Table, name: str, taken: set[str]) -> str:
    """The column that a heading probably means: by its Chinese description, else by its spelling; or an empty text.

    Args:
        contract: the table.
        name: the heading.
        taken: columns that are there already.
    """
    free = {column.name: column for column in contract.columns if column.name not in taken}
    plain = name.strip()
    for column in free.values():
        if plain in (column.zh, column.zh.partition("（")[0]):
            return column.name
    words = {column.zh: column.name for column in free.values()} | {n: n for n in free}
    words |= {column.en: column.name for column in free.values()}
    close = get_close_matches(plain.lower(), words, n=1, cutoff=ALIKE)
    return words[close[0]] if close else ""


def nearest_table(stem: str) -> str:
    """The standard table that a file's name probably means, in English or Chinese; or an empty text."""
    for table in TABLES.values():
        if table.zh.partition("：")[0] in stem:
            return table.name
    close = get_close_matches(stem.lower(), TABLES, n=1, cutoff=ALIKE)
    return close[0] if close else ""
