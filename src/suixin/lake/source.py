"""What an adapter hands to the ingest: streams of files shaped like standard tables, and what is declared of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from suixin.lake.readers import Batch, read

ROUTES = (
    "merchant_export",
    "own_mall",
    "licensed_bureau",
    "cashflow_platform",
    "tax_or_government",
    "public_research_set",
    "simulation",
)
"""The ways by which data may reach a lender; a policy says which of them may feed a decision."""

Shape = Callable[[pl.DataFrame], pl.DataFrame]
Reader = Callable[[Path, str | None], Iterator[Batch]]
"""Reads a file, in an encoding if one is stated, as batches of raw rows with their numbers."""


def unchanged(frame: pl.DataFrame) -> pl.DataFrame:
    """The shape of a file that has the standard columns already."""
    return frame


@dataclass(frozen=True, slots=True)
class Stream:
    """One file that feeds one standard table.

    Attributes:
        table: the standard table.
        path: the file.
        shape: turns a batch of the file's rows into the standard file columns; it keeps `_row`.
        reader: yields the file's rows; no row number occurs twice in a batch.
        label: what quarantine calls the file, where its name does not suffice (a sheet of a workbook).
        headings: standard column -> the column's name in the file, for quarantine.
    """

    table: str
    path: Path
    shape: Shape = unchanged
    reader: Reader = read
    label: str = ""
    headings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A source as an adapter has understood it.

    Attributes:
        adapter: the adapter's name.
        name: what the source is called in the book.
        folder: the source as named by the user, a file or a folder.
        streams: its files.
        currency, zone: of all its amounts and naive times.
        route: one of `ROUTES`.
        authorisation, purpose: as declared; 'not stated' if they are not.
        assumptions: what the adapter had to assume, in words, for the book.
        encoding: of its text files; None to find out.
        not_read: files that look like data and belong to no table, for the report.
    """

    adapter: str
    name: str
    folder: Path
    streams: tuple[Stream, ...]
    currency: str = "CNY"
    zone: str = "Asia/Shanghai"
    route: str = "merchant_export"
    authorisation: str = "not stated"
    purpose: str = "not stated"
    assumptions: tuple[str, ...] = ()
    encoding: str | None = None
    not_read: tuple[str, ...] = ()
