"""Ranks: bins of equal rows and the normal scores of their ranks, a scale that no outlier can stretch; and plain ranks.

Of SciPy the special functions alone are used here and beside: importing its `stats` costs more than most commands do.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]

_TAILS = (0.02, 0.05)  # shares of the rows at either end: what happens to few may tell most
_FARTHEST_SCORE = 2.0  # standard deviations; beyond it more of the same says no more


def rank_edges(values: Floats, most: int, *, tails: bool = False) -> list[float]:
    """Edges of at most so many bins that hold about as many of the known values each; ascending.

    Args:
        values: NaN where unknown.
        most: how many bins.
        tails: whether the outermost fiftieths and twentieths have bins of their own.
    """
    shares = np.linspace(0, 1, most + 1)[1:-1]
    return edges_at(values, np.r_[_TAILS, shares, 1.0 - np.array(_TAILS)] if tails else shares)


def edges_at(values: Floats, shares: Floats) -> list[float]:
    """Edges below which about such shares of the known values lie; ascending, none at the least value.

    Args:
        values: NaN where unknown.
        shares: between 0 and 1.
    """
    known = values[~np.isnan(values)]
    if not known.size:  # of a feature that is known of others than these rows
        return []
    cuts = np.quantile(known, shares, method="higher")
    return [float(cut) for cut in np.unique(cuts) if cut > known.min()]


def normal_scores(counts: NDArray[np.int64]) -> Floats:
    """The normal score of each bin's middle rank; 0 where the feature is unknown (the last)."""
    known = counts[:-1].astype(np.float64)
    middle = (np.cumsum(known) - known / 2) / max(known.sum(), 1.0)
    inside = np.clip(middle, ndtr(-_FARTHEST_SCORE), ndtr(_FARTHEST_SCORE))
    return np.asarray(np.r_[ndtri(inside), 0.0], dtype=np.float64)


def average_ranks(values: ArrayLike) -> Floats:
    """Ranks of the values from 1 on, ties at their mean; NaN all of them if one of the values is NaN."""
    held = np.asarray(values, dtype=np.float64)
    if np.isnan(held).any():
        return np.full(held.shape, np.nan)
    _, place, many = np.unique(held, return_inverse=True, return_counts=True)
    middle = np.cumsum(many) - (many - 1) / 2
    return np.asarray(middle[place], dtype=np.float64)
