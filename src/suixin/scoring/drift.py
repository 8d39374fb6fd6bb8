"""Drift: whether scores, features, ranking and calibration are still those of the reference; pure functions on arrays.

A population stability index is above zero by chance alone. So each comes with the level that it would exceed by chance
in one comparison of a hundred, and what is called drift lies above both that and the usual line.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, chdtri

from suixin.scoring.ranks import average_ranks

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BINS = 10
SMOOTHING = 0.5  # added to the count of every bin, on both sides, so that an empty bin is no infinity
WATCH, BAD = 0.10, 0.25  # the usual lines of a PSI (Siddiqi 2006, Credit Risk Scorecards, ch. 9)
CHANCE = 0.01  # share of comparisons without drift whose index is above the chance level
SLOPE_WEIGHT, SPREAD_WEIGHT = 88.0, 0.5  # of the stability metric


@dataclass(frozen=True, slots=True)
class Shift:
    """How far one distribution lies from its reference.

    Attributes:
        psi: the index; NaN where one side is empty.
        chance: what it exceeds by chance in one of a hundred comparisons, by the numbers of values.
        reference, current: how many values, nulls among them.
        nulls_reference, nulls_current: shares of nulls.
    """

    psi: float
    chance: float
    reference: int
    current: int
    nulls_reference: float
    nulls_current: float

    @property
    def grade(self) -> str:
        """'ok', 'watch' or 'bad': above the usual line and above chance; 'unknown' where nothing can be compared."""
        if math.isnan(self.psi):
            return "unknown"
        if self.psi <= max(WATCH, self.chance):
            return "ok"
        return "bad" if self.psi > max(BAD, self.chance) else "watch"


def shift(reference: Floats, current: Floats, bins: int = BINS, chance: float = CHANCE) -> Shift:
    """The population stability index of values against their reference: Σ (q − p)·ln(q / p) over bins.

    Bins are cut at the quantiles of the reference's values, equal cuts merged; nulls (NaN) are a bin of their own where
    either side has any. Every count is raised by 0.5. Without drift, PSI ÷ (1/n + 1/m) is about chi-square with one
    degree less than bins (Yurdakul and Naranjo 2020, Statistical properties of the population stability index, Journal
    of Risk Model Validation 14(4)): that gives the chance level.

    Args:
        reference: values, NaN for a null; n.
        current: the same; m.
        bins: how many at most.
        chance: share of comparisons without drift that may exceed the chance level.
    """
    n, m = len(reference), len(current)
    nulls = [float(np.isnan(values).mean()) if len(values) else 0.0 for values in (reference, current)]
    if n == 0 or m == 0:
        return Shift(math.nan, math.nan, n, m, *nulls)
    counts = _counts(reference, current, bins)
    psi = index(counts[0], counts[1])
    degrees = counts.shape[1] - 1
    level = float(chdtri(degrees, chance)) * (1.0 / n + 1.0 / m) if degrees else 0.0
    return Shift(psi, level, n, m, *nulls)


def index(reference: Floats, current: Floats) -> float:
    """The population stability index of two rows of counts, each raised by 0.5."""
    p = (reference + SMOOTHING) / (reference.sum() + SMOOTHING * reference.size)
    q = (current + SMOOTHING) / (current.sum() + SMOOTHING * current.size)
    return float(((q - p) * np.log(q / p)).sum())


def _counts(reference: Floats, current: Floats, bins: int) -> Floats:
    """Values by bin, 2 × bins; the last is that of the nulls, if there are any."""
    known = reference[~np.isnan(reference)]
    cuts = np.unique(np.quantile(known, np.arange(1, bins) / bins)) if known.size else np.array([])
    if (
        cuts.size == 1 and known.min() == known.max()
    ):  # one value all over: that value, and what lies on either side
        cuts = np.array([cuts[0], np.nextafter(cuts[0], np.inf)])
    rows = []
    for values in (reference, current):
        held = values[~np.isnan(values)]
        inner = np.bincount(np.searchsorted(cuts, held, side="right"), minlength=cuts.size + 1)
        rows.append([*inner, len(values) - held.size])
    counts = np.array(rows, dtype=np.float64)
    return counts[:, counts.sum(axis=0) > 0]


def gini(score: Floats, bad: Bools) -> float:
    """Gini of a score of which more is safer: 2·AUC − 1, ties counted half; NaN without both classes."""
    goods, bads = int((~bad).sum()), int(bad.sum())
    if not goods or not bads:
        return math.nan
    ranks = average_ranks(score)
    auc = (float(ranks[~bad].sum()) - goods * (goods + 1) / 2.0) / (goods * bads)
    return 2.0 * auc - 1.0


@dataclass(frozen=True, slots=True)
class Stability:
    """Gini over the weeks: its mean, the slope a week of a straight line through it, the spread about that line."""

    mean: float
    slope: float
    spread: float

    @property
    def metric(self) -> float:
        """The stability metric: mean + 88·min(0, slope) − 0.5·spread (Home Credit 2024, Kaggle)."""
        return self.mean + SLOPE_WEIGHT * min(0.0, self.slope) - SPREAD_WEIGHT * self.spread


def stability(weeks: Floats, ginis: Floats) -> Stability:
    """Mean, slope and spread of the weekly Gini.

    Args:
        weeks: numbers of the weeks.
        ginis: of each; NaN where a week has no bad or no good one, which is left out.

    Returns:
        NaN without any week; one week has no slope and no spread.
    """
    known = np.isfinite(ginis)
    if not known.any():
        return Stability(math.nan, math.nan, math.nan)
    x, y = weeks[known].astype(np.float64), ginis[known]
    if np.unique(x).size < 2:
        return Stability(float(y.mean()), 0.0, 0.0)
    slope, level = np.polyfit(x, y, 1)
    return Stability(float(y.mean()), float(slope), float(np.std(y - (slope * x + level))))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Predicted against observed defaults among matured outcomes.

    Attributes:
        count: outcomes; bad: defaults.
        predicted: mean predicted probability.
        low, high: the 95 % interval of the observed rate.
    """

    count: int
    bad: int
    predicted: float
    low: float
    high: float

    @property
    def observed(self) -> float:
        """Share of defaults; NaN without outcomes."""
        return self.bad / self.count if self.count else math.nan

    @property
    def grade(self) -> str:
        """'ok' while the prediction lies in the interval, else 'too_low' or 'too_high'; 'unknown' without outcomes."""
        if not self.count:
            return "unknown"
        return "too_low" if self.predicted < self.low else "too_high" if self.predicted > self.high else "ok"


def calibration(pd: Floats, bad: Bools, level: float = 0.95) -> Calibration:
    """The mean prediction, and the observed rate with its Jeffreys interval (Brown, Cai and DasGupta 2001).

    The ends are quantiles of Beta(k + ½, n − k + ½); the lower is 0 without a default, the upper 1 without a good one.

    Args:
        pd: predicted probabilities; n.
        bad: what came; n.
        level: of the interval.
    """
    n, k = len(pd), int(bad.sum())
    if not n:
        return Calibration(0, 0, math.nan, math.nan, math.nan)
    tail = (1.0 - level) / 2.0
    low = 0.0 if k == 0 else float(betaincinv(k + 0.5, n - k + 0.5, tail))
    high = 1.0 if k == n else float(betaincinv(k + 0.5, n - k + 0.5, 1.0 - tail))
    return Calibration(n, k, float(pd.mean()), low, high)
