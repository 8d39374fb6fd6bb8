"""From the arrays of the simulation to the columns of standard files.

Inside, money is whole fen, instants are whole seconds and days whole numbers since 1970, both civil time;
anything at or after the end of the simulation has not happened and becomes null.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from suixin.simulation.streams import Floats, Ints

_NOT_A_TIME = np.iinfo(np.int64).min


def money(fen: Ints) -> pl.Series:
    """Whole fen as Decimal(18, 2) yuan, exactly."""
    return (pl.Series(fen).cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2))


def round_fen(value: Floats) -> Ints:
    """Nearest whole number of fen."""
    return np.rint(value).astype(np.int64)


def instants(seconds: Ints, end_s: int) -> pl.Series:
    """Seconds since 1970 as naive Datetime(us); null from `end_s` on."""
    micro = np.where(seconds < end_s, seconds * 1_000_000, _NOT_A_TIME)
    return pl.Series(micro.view("datetime64[us]"))


def dates(day: Ints, end: int | None = None) -> pl.Series:
    """Day numbers as Date; null from `end` on, if given."""
    shown = day if end is None else np.where(day < end, day, _NOT_A_TIME)
    return pl.Series(shown.astype("datetime64[D]"))


def codes(names: Sequence[str | None], index: Ints) -> pl.Series:
    """The name at each index, as String."""
    return pl.Series(names, dtype=pl.String).gather(pl.Series(index))


def save(frame: pl.DataFrame, path: Path) -> None:
    """Write a Parquet file; OSError if the disk does not take it (Polars wraps that in an error of its own)."""
    try:
        frame.write_parquet(path, compression="lz4")
    except pl.exceptions.ComputeError as error:
        raise OSError(f"cannot write {path}: {error}") from error
