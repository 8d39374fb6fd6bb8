"""How good a score is: rank, distance, calibration. Pure functions on arrays; `risk` rises with the risk, `y` is 0 or 1."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from suixin.scoring.ranks import average_ranks

Floats = NDArray[np.float64]

BINS = 10


def auc(y: ArrayLike, risk: ArrayLike) -> float:
    """Area under the ROC curve: the share of (default, good) pairs in the right order, ties counting half.

    NaN where there is only one class. Source: Mann & Whitney (1947), Hanley & McNeil (1982).
    """
    outcome, ranks = np.asarray(y), average_ranks(risk)
    bad = int(outcome.sum())
    good = outcome.size - bad
    if not bad or not good:
        return float("nan")
    return float((ranks[outcome == 1].sum() - bad * (bad + 1) / 2) / (bad * good))


def auc_difference(y: ArrayLike, one: ArrayLike, other: ArrayLike) -> tuple[float, float]:
    """AUC of one score less that of the other on the same borrowers, and its standard error.

    NaN where there are not two of either class. Source: DeLong, DeLong & Clarke-Pearson (1988).
    """
    outcome = np.asarray(y)
    bad, good = (a - b for a, b in zip(_placed(outcome, one), _placed(outcome, other), strict=True))
    if min(bad.size, good.size) < 2:
        return float("nan"), float("nan")
    return float(bad.mean()), float(np.sqrt(bad.var(ddof=1) / bad.size + good.var(ddof=1) / good.size))


def _placed(y: Floats, risk: ArrayLike) -> tuple[Floats, Floats]:
    """Of each default the share of good borrowers below it, of each good borrower the share of defaults above it."""
    values = np.asarray(risk, dtype=np.float64)
    bad, good = y == 1, y == 0
    ranks = average_ranks(values)
    below = (ranks[bad] - average_ranks(values[bad])) / max(int(good.sum()), 1)
    above = 1.0 - (ranks[good] - average_ranks(values[good])) / max(int(bad.sum()), 1)
    return below, above


def ks(y: ArrayLike, risk: ArrayLike) -> float:
    """Kolmogorov-Smirnov: the largest distance between the distributions of defaults and of good borrowers, 0 to 1."""
    outcome, values = np.asarray(y), np.asarray(risk, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    sorted_y, sorted_v = outcome[order], values[order]
    last = np.r_[sorted_v[1:] != sorted_v[:-1], True]
    bad = np.cumsum(sorted_y) / max(sorted_y.sum(), 1)
    good = np.cumsum(1 - sorted_y) / max((1 - sorted_y).sum(), 1)
    return float(np.abs(bad - good)[last].max())


def brier(y: ArrayLike, pd: ArrayLike) -> float:
    """Mean squared distance of the probability from the outcome (Brier 1950)."""
    return float(np.mean((np.asarray(pd) - np.asarray(y)) ** 2))


def log_loss(y: ArrayLike, pd: ArrayLike) -> float:
    """Mean negative log-likelihood of the outcomes, nats."""
    p = np.clip(np.asarray(pd, dtype=np.float64), 1e-12, 1 - 1e-12)
    return float(-np.mean(np.where(np.asarray(y) == 1, np.log(p), np.log1p(-p))))


def calibration_curve(y: ArrayLike, pd: ArrayLike, bins: int = BINS) -> Floats:
    """Mean probability, observed rate and rows of bins of equal count, by rising probability; (bins, 3).

    With fewer rows than bins there is a bin a row.
    """
    p, outcome = np.asarray(pd, dtype=np.float64), np.asarray(y, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    parts = np.array_split(order, min(bins, p.size))
    return np.array([[p[part].mean(), outcome[part].mean(), part.size] for part in parts])


def ece(y: ArrayLike, pd: ArrayLike, bins: int = BINS) -> float:
    """Expected calibration error: mean distance of probability and observed rate over bins of equal count."""
    mean, rate, rows = calibration_curve(y, pd, bins).T
    return float(np.sum(rows * np.abs(mean - rate)) / rows.sum())


def ece_floor(pd: ArrayLike, bins: int = BINS, draws: int = 400, seed: int = 0) -> float:
    """The calibration error that a perfect model of these probabilities would show by chance: mean over drawn outcomes."""
    p = np.asarray(pd, dtype=np.float64)
    random = np.random.default_rng(seed)
    return float(np.mean([ece(random.random(p.size) < p, p, bins) for _ in range(draws)]))


def interval(values: ArrayLike, test_share: float, level: float = 0.90) -> tuple[float, float, float]:
    """Mean of a figure over overlapping splits, and its interval: (mean, low, high).

    Args:
        values: one figure a split; NaN is left out.
        test_share: rows tested on over rows trained on; 0 for independent figures (the plain t interval).
        level: of the interval.

    Source: the corrected resampled t-test of Nadeau & Bengio (2003); training sets overlap, so the plain standard
    error would be too small.
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    if not known.size:
        return float("nan"), float("nan"), float("nan")
    mean = float(known.mean())
    if known.size == 1:
        return mean, float("nan"), float("nan")
    error = np.sqrt((1 / known.size + test_share) * known.var(ddof=1))
    width = float(stdtrit(known.size - 1, 0.5 + level / 2) * error)
    return mean, mean - width, mean + width
