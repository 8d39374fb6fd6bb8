"""Which tables are known of on which day: a table that is told of later is not there yet, whoever asks today."""

from functools import lru_cache
from pathlib import Path

import polars as pl

from suixin.lake.manifest import DataFile
from suixin.lake.store import Lake, reading, scan_files
from suixin.lake.tables import TABLES


def known_tables(lake: Lake, routes: tuple[str, ...] | None, as_of_days: pl.Series) -> dict[str, int | None]:
    """The tables of which a row by an allowed route is known before some of the as-of dates.

    Args:
        lake: a snapshot.
        routes: only rows that came by these; None for all.
        as_of_days: when it is asked, days since 1970-01-01.

    Returns:
        Table -> the first day on which a row of it was known; None if that lies before every as-of date.
    """
    found: dict[str, int | None] = {}
    if as_of_days.is_empty():
        return found
    earliest, latest = int(as_of_days.min()), int(as_of_days.max())  # type: ignore[arg-type]
    for name in lake.manifest.tables:
        day = _first_known(lake, name, routes, earliest)
        if day is not None and day < latest:
            found[name] = None if day < earliest else day
    return found


def _first_known(lake: Lake, name: str, routes: tuple[str, ...] | None, enough: int) -> int | None:
    """The first day on which a row of a table was known, or any before `enough`: most often one file says so."""
    first: int | None = None
    state = lake.manifest.tables.get(name)
    for file in (file for held in (state.buckets.values() if state else ()) for file in held):
        if routes is not None and not set(file.routes) & set(routes):
            continue
        day = _first_of_file(lake.root, name, file, routes)
        if day is not None and (first is None or day < first):
            first = day
        if first is not None and first < enough:
            break
    return first


@lru_cache(maxsize=4_096)  # a data file never changes, and one merchant after the other asks for the same
def _first_of_file(root: Path, name: str, file: DataFile, routes: tuple[str, ...] | None) -> int | None:
    rows = scan_files(root, [file], TABLES[name], routes)
    with reading(root):
        day: int | None = rows.select(pl.col("known_day").min()).collect().item()
    return day
