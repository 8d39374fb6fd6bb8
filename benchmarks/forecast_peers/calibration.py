"""Is the forecast calibrated where months may be empty? The randomised probability integral transform.

A month of nothing has a probability of its own. Where that is over a tenth the P10 is nothing, no month can lie below it,
and the closed interval from P10 to P90 holds nine months in ten of a perfect forecast, not eight. The statement that is
right for a law with an atom is that u is uniform, u drawn between F(y-) and F(y) (Smith 1985; Czado, Gneiting & Held,
"Predictive model assessment for count data", Biometrics 65, 2009). Here no u is drawn: each month adds the part of its
interval that lies in each class, their mean histogram.

Months with sales have no atom, so of them a plain count says enough: how many lie between a tenth and nine tenths of the law
of a month with sales. How often a month is empty is another question, and has its own figure.

F is read from quantiles at every half per cent, so the probability of an empty month is known to a quarter per cent.
"""

import numpy as np

GRID = tuple(number / 200 for number in range(1, 200))
NOMINAL_AT = tuple(GRID.index(level) for level in (0.1, 0.5, 0.9))
CLASSES = 10


def bounds(came: np.ndarray, quantiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """F(y-) and F(y) of each month, to half a step of the grid.

    Args:
        came: what came; n × months, nothing below 0.
        quantiles: at the levels of `GRID`; n × months × levels.
    """
    edges = np.array([0.0, *GRID, 1.0])
    below = (quantiles < came[:, :, None]).sum(axis=2)
    to = (quantiles <= came[:, :, None]).sum(axis=2)
    low, high = edges[below], edges[np.minimum(to + 1, len(edges) - 1)]
    atom = (edges[to] + high) / 2.0  # the next quantile lies above 0, so the atom ends between the two
    nothing = came <= 0
    return np.where(nothing, 0.0, low), np.where(nothing, atom, high)


def likely_empty(quantiles: np.ndarray) -> np.ndarray:
    """The probability of an empty month, as `bounds` reads it; n × months."""
    return bounds(np.zeros(quantiles.shape[:2]), quantiles)[1]


def histogram(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The mean share of each tenth in the months' intervals; 0.1 each if the forecast is calibrated."""
    steps = np.linspace(0.0, 1.0, CLASSES + 1)
    width = np.maximum(high - low, 1e-9)
    reached = np.clip((steps - low.ravel()[:, None]) / width.ravel()[:, None], 0.0, 1.0)
    return np.asarray(np.diff(reached, axis=1).mean(axis=0))


def of_sold(came: np.ndarray, low: np.ndarray, high: np.ndarray, nothing: np.ndarray) -> np.ndarray:
    """Of each month with sales, whether it lies between a tenth and nine tenths of the law of such months.

    Args:
        came: as in `bounds`.
        low: F(y-), and
        high: F(y), as that gives them.
        nothing: as `likely_empty` gives it.
    """
    sold = came > 0
    some = 1.0 - nothing[sold]
    inside = [(nothing[sold] + level * some - low[sold]) / (high - low)[sold] for level in (0.9, 0.1)]
    return np.clip(inside[0], 0.0, 1.0) - np.clip(inside[1], 0.0, 1.0)


def if_calibrated(quantiles: np.ndarray) -> float:
    """What the closed interval from P10 to P90 would cover if the forecast were perfect; n × months × (P10, P50, P90)."""
    p10, p90 = quantiles[:, :, 0], quantiles[:, :, 2]
    return float(np.where(p10 > 0, 0.8, np.where(p90 > 0, 0.9, 1.0)).mean())
