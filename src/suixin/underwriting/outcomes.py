"""Past hits and misses: at which probability the P10 has to be read so that one month in ten lies below it.

Each merchant's last year is forecast from what lay before it. Where a month came out is the probability that the
forecast gave to at most that much. If the law held, these would be uniform; how they really lie, by length of history,
by how uncertain a month is and by how far ahead it is, tells which probability to read (recalibration after Kuleshov,
Fenner & Ermon 2018). Counts are of outcomes known on a merchant's as-of date, and are blended with those of wider
classes, and at last with the law itself, as many as the policy says. How shops of two months went on says little of
shops of two years: what other lengths of history showed is believed by a quarter.
"""

from collections.abc import Sequence

import numpy as np

from suixin.underwriting.policy_parts import Forecasting
from suixin.underwriting.seasonal import YEAR, Fitted, Floats, Ints

NOMINAL = (0.1, 0.5, 0.9)
_BINS = 50
_LENGTHS = (6, 12, 24)  # months of history that divide new shops, thin files, one year, two and more
_OTHERS = 0.25  # of what shops of other lengths showed, where a length has no outcomes of its own; the rest is the law
_VARIANCES = (
    0.3,
    0.8,
    2.0,
)  # relative, of a month: fairly sure, uncertain, very uncertain, nearly always empty
_THIRDS = 3
_CLASSES = (len(_LENGTHS) + 1, len(_VARIANCES) + 1, _THIRDS)


def corrected(
    past: Fitted,
    past_known: Ints,
    came: Floats,
    now: Fitted,
    known: Ints,
    days: Ints,
    terms: Forecasting,
    nominal: Sequence[float] = NOMINAL,
) -> Floats:
    """The probabilities at which P10, P50 and P90 of the coming months are read; n × 12 × 3.

    Args:
        past: the forecast of the last year from what lay before it.
        past_known: months known of that.
        came: what came, fen, first month first; n × 12.
        now: the forecast of the coming year.
        known: months known now.
        days: as-of days; an outcome counts for those who ask on its day or later.
        terms: the policy's figures.
        nominal: other probabilities than a tenth, half and nine tenths, rising.
    """
    dates, date = np.unique(days, return_inverse=True)
    counts = np.zeros((len(dates), *_CLASSES, _BINS), dtype=np.int64)
    split = (
        np.arange(YEAR) * 7 % YEAR + 0.5
    ) / YEAR  # empty months are spread evenly over what was given to empty ones
    tried = (past_known > 0) & (past.mean.sum(axis=1) > 0)
    where = np.minimum((past.level_of(came, split) * _BINS).astype(np.int64), _BINS - 1)
    length, certainty, third = _classes(past, past_known)
    place = (
        np.broadcast_to(date[:, None], where.shape)[tried],
        length[tried],
        certainty[tried],
        third[tried],
    )
    np.add.at(counts, (*place, where[tried]), 1)
    table = _levels(np.cumsum(counts, axis=0), terms.fewest_outcomes.value, nominal)
    length, certainty, third = _classes(now, known)
    return table[date[:, None], length, certainty, third]


def _classes(fitted: Fitted, known: Ints) -> tuple[Ints, Ints, Ints]:
    """Length of history, certainty and third of the year of each month; n × 12 each."""
    size = fitted.mean.shape
    length = np.broadcast_to(np.searchsorted(_LENGTHS, known, side="right")[:, None], size)
    third = np.broadcast_to(np.minimum(np.arange(size[1]) * _THIRDS // YEAR, _THIRDS - 1), size)
    return length, np.searchsorted(_VARIANCES, fitted.variance, side="right"), third


def _levels(counts: Ints, weight: int, nominal: Sequence[float]) -> Floats:
    """Dates × classes × nominal: the probabilities below which such parts of the outcomes lay."""
    even = np.full(_BINS, 1.0 / _BINS)
    everyone = _blend(counts.sum(axis=(1, 2, 3), keepdims=True), even, weight)
    elsewhere = _OTHERS * everyone + (1.0 - _OTHERS) * even
    by_length = _blend(counts.sum(axis=(2, 3), keepdims=True), elsewhere, weight)
    by_certainty = _blend(counts.sum(axis=3, keepdims=True), by_length, weight)
    share = _blend(counts, by_certainty, weight)
    below = np.concatenate([np.zeros((*share.shape[:-1], 1)), np.cumsum(share, axis=-1)], axis=-1)
    edges = np.arange(_BINS + 1) / _BINS
    flat = below.reshape(-1, _BINS + 1)
    read = np.array([np.interp(nominal, row, edges) for row in flat])
    return read.reshape(*counts.shape[:-1], len(nominal))


def _blend(counts: Ints, wider: Floats, weight: int) -> Floats:
    """Shares of the outcomes, with so many more that lie as in the wider class."""
    return np.asarray((counts + weight * wider) / (counts.sum(axis=-1, keepdims=True) + weight))
