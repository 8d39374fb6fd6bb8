"""What is counted of a table bucket by bucket, so that memory does not grow with the lake.

Everything adds up over buckets: rows, nulls, histograms of days, and histograms of values by month. Medians come
from histograms: exact for days, within a tenth for amounts.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from suixin.lake.contract import Column, Kind, Table, day_name

_STEPS = 10  # bins a factor of e
_COARSE = 5  # fine bins in one bin of the stability index
_LEAST = 1e-4  # share that stands for an empty bin in the stability index
OPEN_DAYS = {"paid_at": 7, "handed_at": 30, "township_at": 30, "county_at": 30, "delivered_at": 60}
"""After how many days a late column of an order or parcel should be filled."""
_WATCHED = ("orders", "shipments")


@dataclass
class Tally:
    """Counts of one table.

    Attributes:
        rows: current rows; nulls: stored column -> rows without it.
        lags: days from happened to known -> rows.
        open: late column -> (rows that are open too long, rows that are old enough).
        months: month (year × 12 + month - 1) -> rows.
        values: (watched column, bin, month) -> rows.
        added: (watched column, bin, whether the last ingest brought it) -> row versions.
        merchants: a frame a bucket: merchant, rows, newest day, nulls of each optional column.
    """

    contract: Table
    rows: int = 0
    nulls: Counter[str] = field(default_factory=Counter)
    lags: Counter[int] = field(default_factory=Counter)
    open: dict[str, tuple[int, int]] = field(default_factory=dict)
    months: Counter[int] = field(default_factory=Counter)
    values: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    added: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    merchants: list[pl.DataFrame] = field(default_factory=list)

    def add(self, rows: pl.LazyFrame, last_day: int) -> None:
        """Count the current rows of one bucket; `last_day` is the lake's last day number."""
        happened = pl.col(day_name(self.contract.happened))
        month = happened.cast(pl.Date).dt.year().cast(pl.Int64) * 12 + happened.cast(pl.Date).dt.month() - 1
        frames = [
            rows.select(pl.all().null_count(), pl.len().alias(":rows")),
            rows.group_by(lag=(pl.col("known_day") - happened).clip(0)).len(),
            rows.select(*self._open(last_day)),
            *(self._histogram(rows.with_columns(_by=month), column) for column in watched(self.contract)),
            rows.group_by(_by=month).len(),
        ]
        if self.contract.per_merchant:
            frames.append(self._by_merchant(rows, happened))
        nulls, lags, late, *values = pl.collect_all(frames)
        counted = nulls.row(0, named=True)
        self.rows += counted.pop(":rows")
        self.nulls.update(counted)
        self.lags.update({lag: n for lag, n in lags.iter_rows() if lag is not None})
        self._add_open(late)
        if self.contract.per_merchant:
            self.merchants.append(values.pop())
        self.months.update(dict(values.pop().iter_rows()))
        for column, found in zip(watched(self.contract), values, strict=True):
            self.values.update({(column.name, key, by): n for key, by, n in found.iter_rows()})

    def compare(self, rows: pl.LazyFrame, *, new: bool) -> None:
        """Count row versions of one bucket that the last ingest brought, or that were there before."""
        columns = watched(self.contract)
        labelled = rows.with_columns(_by=pl.lit(new))
        for column, found in zip(
            columns, pl.collect_all([self._histogram(labelled, c) for c in columns]), strict=True
        ):
            self.added.update({(column.name, key, by): n for key, by, n in found.iter_rows()})

    def _histogram(self, rows: pl.LazyFrame, column: Column) -> pl.LazyFrame:
        """Rows by bin and `_by`; an amount's bin is a tenth of its logarithm's unit."""
        value = pl.col(stored(column))
        if column.kind in (Kind.MONEY, Kind.NUMBER):
            size = ((value.abs() + 1).log() * _STEPS).floor().cast(pl.Int64)
            value = size * value.sign().cast(pl.Int64)
        return rows.group_by(value.cast(pl.String).fill_null("").alias("_bin"), "_by").len()

    def _by_merchant(self, rows: pl.LazyFrame, happened: pl.Expr) -> pl.LazyFrame:
        empty = [pl.col(stored(c)).null_count().alias(c.name) for c in optional(self.contract)]
        return rows.group_by("merchant_id").agg(
            pl.len().alias(":rows"), happened.max().alias(":newest"), *empty
        )

    def _open(self, last_day: int) -> list[pl.Expr]:
        found = [pl.lit(0).alias(":none")]
        happened = pl.col(day_name(self.contract.happened))
        alive = (
            pl.col("cancelled_day").is_null()
            if "cancelled_day" in self.contract.stored
            else pl.lit(value=True)
        )
        for name in self._late():
            old = (happened < last_day - OPEN_DAYS[name]) & alive
            found += [old.sum().alias(f"{name}:of"), (old & pl.col(name).is_null()).sum().alias(name)]
        return found

    def _late(self) -> list[str]:
        named = [c.name for c in self.contract.columns if c.known_at and c.name in OPEN_DAYS]
        return named if self.contract.name in _WATCHED else []

    def _add_open(self, late: pl.DataFrame) -> None:
        found = late.row(0, named=True)
        for name in self._late():
            count, of = self.open.get(name, (0, 0))
            self.open[name] = (count + found[name], of + found[f"{name}:of"])


def optional(contract: Table) -> list[Column]:
    """The columns that a row may lack and that do not wait for something to happen."""
    return [c for c in contract.columns if not c.required and not c.known_at]


def stored(column: Column) -> str:
    """The stored column that holds the value itself."""
    return next(iter(column.stored))


def watched(contract: Table) -> list[Column]:
    """The columns whose distribution is followed: the first amount or measure, the score, and codes."""
    amounts = [c for c in contract.columns if c.kind is Kind.MONEY]
    amounts += [c for c in contract.columns if c.kind is Kind.NUMBER and c.unit in ("g", "mm")]
    codes = [c for c in contract.columns if c.kind is Kind.CODE and not c.name.endswith(("region", "_code"))]
    return [*amounts[:1], *(c for c in contract.columns if c.unit == "star"), *codes][:3]


def quantile(counts: Counter[int], share: float) -> int | None:
    """The smallest value with at least this share of the rows at or below it; None without rows."""
    total, reached = sum(counts.values()), 0
    for value in sorted(counts):
        reached += counts[value]
        if reached >= share * total:
            return value
    return None


def medians(tally: Tally, column: Column) -> dict[int, float]:
    """The median of an amount or measure in each month, in stored units, within a tenth."""
    by_month: dict[int, Counter[int]] = {}
    for (name, key, month), n in tally.values.items():
        if name == column.name and key:
            by_month.setdefault(month, Counter())[int(key)] += n
    middle = {month: quantile(counts, 0.5) for month, counts in by_month.items()}
    return {
        m: float(np.sign(b) * np.expm1((abs(b) + 0.5) / _STEPS)) for m, b in middle.items() if b is not None
    }


def coarse(column: Column, key: str) -> str:
    """The bin of the stability index: codes as they are, half a unit of an amount's logarithm."""
    return str(int(key) // _COARSE) if key and column.kind in (Kind.MONEY, Kind.NUMBER) else key


def stability(before: Counter[str], after: Counter[str]) -> float | None:
    """The population stability index of two histograms; None if one of them is empty."""
    if not before.total() or not after.total():
        return None
    keys = sorted(before.keys() | after.keys())
    old, new = (_shares(counts, keys) for counts in (before, after))
    return float(((new - old) * np.log(new / old)).sum())


def _shares(counts: Counter[str], keys: Sequence[str]) -> NDArray[np.float64]:
    held = np.array([counts[key] for key in keys], dtype=np.float64)
    return np.asarray(np.maximum(held / held.sum(), _LEAST))


def joined(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Frames one after another; an empty frame if there are none."""
    held = list(frames)
    return pl.concat(held) if held else pl.DataFrame()
