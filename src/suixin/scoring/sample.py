"""What a model learns from: a table of features with a target, checked where it enters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from suixin.errors import UsageError
from suixin.features.feature import Direction
from suixin.features.registry import FEATURES
from suixin.scoring.forbidden import OF_CAPACITY, forbidden

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_DEFAULTS = 10
SIGN = {Direction.SAFER: -1, Direction.RISKIER: 1, Direction.NEUTRAL: 0}


@dataclass(frozen=True, slots=True)
class Sample:
    """Features and outcomes of n borrowers.

    Attributes:
        names: the k features.
        x: (n, k), NaN where unknown.
        y: (n,), 1 for a default.
        signs: for each feature +1 if more of it must not lower the risk, -1 if it must not raise it, 0 if free.
        days: (n,) as-of day numbers, None if the table gives none.
        told: (n,) day numbers on which each outcome became known, None if the table gives none.
        left_out: column -> why it is not among the features.
        indeterminate: rows without a target, which are left out.
    """

    names: tuple[str, ...]
    x: Floats
    y: Ints
    signs: tuple[int, ...]
    days: Ints | None = None
    told: Ints | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    indeterminate: int = 0

    @property
    def defaults(self) -> int:
        """How many defaulted."""
        return int(self.y.sum())

    @property
    def directions(self) -> dict[str, int]:
        """The features that have a direction."""
        return {name: sign for name, sign in zip(self.names, self.signs, strict=True) if sign}

    def rows(self, at: NDArray[Any]) -> "Sample":
        """The same features of some rows (positions or a mask)."""
        return replace(
            self,
            x=self.x[at],
            y=self.y[at],
            days=None if self.days is None else self.days[at],
            told=None if self.told is None else self.told[at],
        )

    def columns(self, at: Sequence[int]) -> "Sample":
        """The same rows with some features (positions)."""
        return replace(
            self,
            names=tuple(self.names[j] for j in at),
            x=self.x[:, list(at)],
            signs=tuple(self.signs[j] for j in at),
        )

    def without(self, reasons: Mapping[str, str]) -> "Sample":
        """The same rows without some features, and why."""
        kept = self.columns([j for j, name in enumerate(self.names) if name not in reasons])
        return replace(kept, left_out={**self.left_out, **reasons})


def sample_of(
    table: Any,
    target: str = "defaulted",
    *,
    features: Sequence[str] | None = None,
    directions: Mapping[str, int] | None = None,
    day: str | None = None,
    told: str | None = None,
) -> Sample:
    """Read a table of any kind: Polars, pandas, or anything that gives its rows as an Arrow stream.

    Args:
        table: a row a borrower.
        target: the column with True or 1 for a default, null where the outcome is not known.
        features: the columns to learn from; None for every numeric column that no model is forbidden to use.
        directions: feature -> +1 (more is riskier), -1 (more is safer), 0; what is not named follows the registry.
        day: the column with the as-of day, a date or a day number.
        told: the column with the day on which the outcome became known; with both, validation out of time is possible.

    Raises:
        UsageError: it is no table, a column is missing, the target is not binary, a chosen feature is the target,
            forbidden or not numeric, no feature is left, fewer than 10 defaults or 10 good borrowers.
    """
    frame = _frame(table)
    wanted = [target, *(name for name in (day, told) if name), *(features or ())]
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise UsageError(f"the table has no column {missing[0]!r}; it has {', '.join(frame.columns[:30])}")
    outcome = _target(frame, target)
    known = ~np.isnan(outcome)
    columns, left_out = _columns(frame, features, {target, day, told} - {None})
    sample = Sample(
        names=tuple(columns),
        x=np.column_stack([column[known] for column in columns.values()])
        if columns
        else np.zeros((int(known.sum()), 0)),
        y=outcome[known].astype(np.int64),
        signs=tuple(_sign(name, directions or {}) for name in columns),
        days=_days(frame, day)[known] if day else None,
        told=_days(frame, told)[known] if told else None,
        left_out=left_out,
        indeterminate=int((~known).sum()),
    )
    _refuse_too_few(sample)
    return _varying(sample)


def _frame(table: Any) -> nw.DataFrame[Any]:
    try:
        return nw.from_native(table, eager_only=True)
    except TypeError as error:
        if not hasattr(table, "__arrow_c_stream__"):
            raise UsageError(
                f"a {type(table).__name__} is no table of rows; give a Polars, pandas or Arrow table (collect a lazy one)"
            ) from error
        return nw.from_native(pl.DataFrame(table), eager_only=True)


def _target(frame: nw.DataFrame[Any], target: str) -> Floats:
    column = frame.get_column(target)
    if not _numeric(column):
        raise UsageError(
            f"the target {target!r} is {column.dtype}; give True or 1 for a default, else False or 0"
        )
    values = _floats(column)
    odd = sorted(set(np.unique(values[~np.isnan(values)]).tolist()) - {0.0, 1.0})
    if odd:
        raise UsageError(
            f"the target {target!r} holds {odd[0]:g}; it must be binary: 1 for a default, else 0"
        )
    return values


def _columns(
    frame: nw.DataFrame[Any], features: Sequence[str] | None, reserved: set[str | None]
) -> tuple[dict[str, Floats], dict[str, str]]:
    found: dict[str, Floats] = {}
    left_out: dict[str, str] = {}
    for name in features if features is not None else frame.columns:
        if features is None and name in reserved:
            continue
        what, column = _unfit(name), frame.get_column(name)
        numeric = _numeric(column)
        if name in reserved:
            raise UsageError(f"column {name!r} is the target or the day; it cannot be a feature too")
        if features is not None and what:
            raise UsageError(f"feature {name!r} is {what}, which no model may use; leave it out")
        if features is not None and not numeric:
            raise UsageError(f"feature {name!r} is {column.dtype}, not a number; encode it or leave it out")
        if what or not numeric:
            left_out[name] = f"forbidden: {what}" if what else "not a number"
            continue
        found[name] = _floats(column)
    return found, left_out


def _unfit(name: str) -> str | None:
    """Why no model may learn from a column; None if it may."""
    return "a figure of what a household can carry" if name in OF_CAPACITY else forbidden(name)


def _numeric(column: nw.Series[Any]) -> bool:
    """Numbers or truths; pandas holds truths with gaps as objects."""
    if column.dtype == nw.Object:
        held = [value for value in column.to_list() if value is not None]
        return bool(held) and all(isinstance(value, bool | int | float) for value in held)
    return column.dtype == nw.Boolean or column.dtype.is_numeric()


def _floats(column: nw.Series[Any]) -> Floats:
    if column.dtype == nw.Object:
        return np.array([np.nan if value is None else float(value) for value in column.to_list()])
    values = column.cast(nw.Float64).to_numpy().astype(np.float64)
    return np.where(np.isinf(values), np.nan, values)


def _days(frame: nw.DataFrame[Any], day: str) -> Ints:
    column = frame.get_column(day)
    if column.dtype == nw.Object and all(isinstance(held, date) for held in column.drop_nulls().to_list()):
        column = nw.from_native(pl.Series(column.to_list()), series_only=True)  # dates as pandas holds them
    if not column.dtype.is_numeric() and column.dtype not in (nw.Date, nw.Datetime):
        raise UsageError(f"the day {day!r} is {column.dtype}; give a date or a day number")
    if column.null_count():
        raise UsageError(
            f"the day {day!r} is missing in {column.null_count()} rows; each row needs its as-of day"
        )
    if column.dtype.is_numeric():
        return column.to_numpy().astype(np.int64)
    if isinstance(column.dtype, nw.Datetime) and column.dtype.time_zone:
        column = column.dt.replace_time_zone(None)  # the civil day of its own zone
    return column.to_numpy().astype("datetime64[D]").astype(np.int64)


def _sign(name: str, directions: Mapping[str, int]) -> int:
    if name in directions:
        return int(np.sign(directions[name]))
    return SIGN[FEATURES[name].direction] if name in FEATURES else 0


def _refuse_too_few(sample: Sample) -> None:
    goods = len(sample.y) - sample.defaults
    if not len(sample.y):
        raise UsageError("no row has a known outcome; a model needs borrowers whose horizon is over")
    if min(sample.defaults, goods) == 0:
        raise UsageError(
            f"all {len(sample.y)} outcomes are {'defaults' if sample.defaults else 'good'}: there is nothing to tell "
            "apart; keep to the policy's expert card"
        )
    if min(sample.defaults, goods) < FEWEST_DEFAULTS:
        what, found = ("defaults", sample.defaults) if sample.defaults < goods else ("good borrowers", goods)
        raise UsageError(
            f"only {found} {what}, and a model needs {FEWEST_DEFAULTS}; keep to the policy's expert card until there "
            "are more"
        )


def _varying(sample: Sample) -> Sample:
    """Without features that are never known or always the same."""
    reasons: dict[str, str] = {}
    for j, name in enumerate(sample.names):
        known = sample.x[~np.isnan(sample.x[:, j]), j]
        if not known.size:
            reasons[name] = "never known"
        elif known.size == len(sample.y) and known.min() == known.max():
            reasons[name] = f"always {known[0]:g}"
    kept = sample.without(reasons)
    refuse_featureless(kept)
    return kept


def refuse_featureless(sample: Sample) -> None:
    """UsageError, with what was left out and why, if there is no feature to learn from."""
    if not sample.names:
        why = "; ".join(f"{name}: {reason}" for name, reason in list(sample.left_out.items())[:5])
        raise UsageError(f"no feature is left to learn from ({why or 'the table has none'})")
