"""From a raw score to a probability: a rising, piecewise linear function of the log-odds, as simple as the sample is small.

Few defaults: two figures (Platt 1999). Many: isotonic regression on bins, joined by straight lines. It is fitted on
cross-fitted scores, never on those of the rows that the model learned from.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression
from scipy.special import expit, logit

from suixin.scoring.logistic import fit

Floats = NDArray[np.float64]

ISOTONIC_FROM = 500  # defaults
_LEAST_SLOPE = 1e-3


@dataclass(frozen=True, slots=True)
class Calibration:
    """Log-odds of default as a function of the raw score.

    Attributes:
        raw, log_odds: the knots, both strictly ascending; straight lines between and beyond them.
        method: 'platt' or 'isotonic'.

    Raises:
        ValueError: fewer than two knots, or knots that do not ascend.
    """

    raw: tuple[float, ...]
    log_odds: tuple[float, ...]
    method: str

    def __post_init__(self) -> None:
        knots = np.array([self.raw, self.log_odds])
        if len(self.raw) < 2 or knots.shape != (2, len(self.raw)) or not np.isfinite(knots).all():
            raise ValueError("a calibration needs two or more knots of finite numbers")
        if not (np.diff(knots) > 0).all():
            raise ValueError("the knots of a calibration must ascend: a higher raw score is a higher risk")

    def apply(self, raw: ArrayLike) -> Floats:
        """Calibrated log-odds of default."""
        return _line(np.asarray(raw, dtype=np.float64), self.raw, self.log_odds)

    def invert(self, log_odds: ArrayLike) -> Floats:
        """The raw score of calibrated log-odds."""
        return _line(np.asarray(log_odds, dtype=np.float64), self.log_odds, self.raw)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"method": self.method, "raw": list(self.raw), "log_odds": list(self.log_odds)}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Calibration":
        """What `to_json` wrote; ValueError if it is something else."""
        if set(document) != {"method", "raw", "log_odds"}:
            raise ValueError("a calibration has method, raw and log_odds")
        return cls(tuple(document["raw"]), tuple(document["log_odds"]), str(document["method"]))


def _line(x: Floats, at: tuple[float, ...], to: tuple[float, ...]) -> Floats:
    knots, values = np.array(at), np.array(to)
    part = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, knots.size - 2)
    slope = (values[part + 1] - values[part]) / (knots[part + 1] - knots[part])
    return np.asarray(values[part] + slope * (x - knots[part]))


def calibrate(y: ArrayLike, raw: ArrayLike) -> Calibration:
    """Fit on outcomes and cross-fitted raw scores; the method follows from the number of defaults."""
    outcome, scores = np.asarray(y, dtype=np.float64), np.asarray(raw, dtype=np.float64)
    if min(outcome.sum(), (1 - outcome).sum()) >= ISOTONIC_FROM:
        found = _isotonic(outcome, scores)
        if found is not None:
            return found
    return _platt(outcome, scores)


def _platt(y: Floats, raw: Floats) -> Calibration:
    bad, good = y.sum(), (1 - y).sum()
    target = np.where(y == 1, (bad + 1) / (bad + 2), 1 / (good + 2))
    centre, spread = float(raw.mean()), float(raw.std()) or 1.0
    found = fit(((raw - centre) / spread)[:, None], target, ridge=1e-6, signs=[1])
    slope = max(float(found.weights[0]), _LEAST_SLOPE)
    ends = np.array([centre - spread, centre + spread])
    return Calibration(tuple(ends.tolist()), (found.intercept - slope, found.intercept + slope), "platt")


def _isotonic(y: Floats, raw: Floats) -> Calibration | None:
    """Bins of at least 50 defaults a bin on average, pooled until they rise."""
    order = np.argsort(raw, kind="stable")
    parts = np.array_split(order, int(np.clip(y.sum() // 50, 10, 50)))
    x = np.array([raw[part].mean() for part in parts])
    weight = np.array([part.size for part in parts], dtype=np.float64)
    rate = np.array([(y[part].sum() + 0.5 * y.mean()) / (part.size + 0.5) for part in parts])
    pooled = np.asarray(isotonic_regression(rate, weights=weight).x)
    levels = np.unique(pooled)
    knots = np.array([np.average(x[pooled == level], weights=weight[pooled == level]) for level in levels])
    if levels.size < 2 or not (np.diff(knots) > 0).all():
        return None
    return Calibration(tuple(knots.tolist()), tuple(logit(levels).tolist()), "isotonic")


def probability(log_odds: ArrayLike) -> Floats:
    """Log-odds to probability."""
    return np.asarray(expit(np.asarray(log_odds, dtype=np.float64)))
