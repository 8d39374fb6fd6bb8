"""Many signals, one level: points add up, and only the sum of a loan's signals raises an alert."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from suixin.scoring.watch.rules import Rules, SignalRule

Ints = NDArray[np.int64]


def steps(values: NDArray[np.float64], signal: SignalRule) -> Ints:
    """In which band each value lies: 0 for none (and for NaN), 1 for the mildest."""
    bounds = np.array([band.beyond for band in signal.bands])
    found = np.zeros(len(values), dtype=np.int64)
    for bound in bounds:
        found += (values >= bound) if signal.worse == "higher" else (values <= bound)
    return found


def signal_points(measured: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The points of every signal: an Int64 column a signal of the rules, in their order; 0 where nothing is known."""
    found = {}
    for signal in rules.signals:
        worth = np.array([0, *(band.points for band in signal.bands)], dtype=np.int64)
        values = measured[signal.code].fill_null(np.nan).to_numpy()
        found[signal.code] = worth[steps(values, signal)]
    return pl.DataFrame(found)


def levels(measured: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Points and level of every loan and day.

    Args:
        measured: loan_id, merchant_id, as_of_day and a column a signal, as `measures` gives it.
        rules: the rules.

    Returns:
        loan_id, merchant_id, as_of_day, a column of points a signal, `points` (their sum), `level` (0 none, 1 watch, 2 act,
        3 urgent) and `chance` of default within the scale's days.
    """
    each = signal_points(measured, rules)
    total = each.sum_horizontal().cast(pl.Int64)
    level = np.zeros(len(total), dtype=np.int64)
    for line in rules.levels:
        level += total.to_numpy() >= line.from_points
    scale = rules.scale
    chance = 1.0 / (1.0 + np.exp(-(scale.intercept + scale.weight * total.to_numpy())))
    head = measured.select("loan_id", "merchant_id", "as_of_day")
    return pl.concat(
        [head, each, pl.DataFrame({"points": total, "level": level, "chance": chance})], how="horizontal"
    )
