"""One set forecast at several origins: how far its coverage may lie from what was counted.

A single origin is one draw of what all sellers share (a good autumn, a month in which the market shrank), so a forecast is
judged at several (Tashman, "Out-of-sample tests of forecasting accuracy", International Journal of Forecasting 16, 2000).
Their months overlap and a seller's months hang together: whole sellers are drawn anew, with all that is scored of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast_peers.calibration import bounds
from forecast_peers.holdout import Holdout

DRAWS, SEED = 2_000, 1
LOW, HIGH = 0.1, 0.9


@dataclass(frozen=True)
class Rolled:
    """One origin: what came, and what was forecast (see `holdout.scores`)."""

    held: Holdout
    quantiles: np.ndarray
    grid: np.ndarray


@dataclass(frozen=True)
class Interval:
    """Of one span of history.

    Attributes:
        sellers: who was scored at one origin or more.
        closed, transformed: 90 % bootstrap intervals over sellers of the two coverages.
    """

    sellers: int
    closed: tuple[float, float]
    transformed: tuple[float, float]


def interval(origins: Sequence[Rolled], span: str) -> Interval:
    """How far coverage may lie from what was counted."""
    sums: dict[str, np.ndarray] = {}
    for origin in origins:
        rows = dict(origin.held.spans())[span]
        came = origin.held.came[rows]
        p10, p90 = origin.quantiles[rows][:, :, 0], origin.quantiles[rows][:, :, 2]
        closed = ((came >= p10) & (came <= p90)).sum(axis=1)
        low, high = bounds(came, origin.grid[rows])
        width = np.maximum(high - low, 1e-9)
        inside = np.clip((HIGH - low) / width, 0.0, 1.0) - np.clip((LOW - low) / width, 0.0, 1.0)
        facts = np.stack([closed, inside.sum(axis=1), np.full(len(came), came.shape[1])], axis=1)
        for who, fact in zip(np.array(origin.held.who)[rows], facts, strict=True):
            sums[who] = sums.get(who, 0.0) + fact
    table = np.stack([sums[who] for who in sorted(sums)])
    drawn = np.random.default_rng(SEED).integers(0, len(table), (DRAWS, len(table)))
    whole = table[drawn].sum(axis=1)
    shares = whole[:, :2] / whole[:, 2:]
    low, high = np.quantile(shares, (0.05, 0.95), axis=0).round(4)
    closed, transformed = ((float(low[at]), float(high[at])) for at in range(2))
    return Interval(len(table), closed, transformed)
