"""Points from data: a discrete-time hazard of default over loan-weeks, in whole points a band."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize

from suixin.scoring.watch.level import signal_points, steps
from suixin.scoring.watch.rules import Rules

DOUBLING = 10  # points that double the odds
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Points by signal and band, and the scale that they are on: log-odds = intercept + weight × points."""

    points: dict[str, list[int]]
    intercept: float
    weight: float


def fit(
    measured: pl.DataFrame,
    bad: NDArray[np.bool_],
    rules: Rules,
    *,
    fixed: Collection[str] = (),
    penalty: float = 3.0,
) -> Fitted:
    """Fit the points of every band by penalised logistic regression on loan-weeks.

    A band adds to the one before, never takes away: each step's coefficient is held at or above zero, so that a graver
    band has at least the points of a milder one. Weeks of one loan hang together, so nothing is read from the
    likelihood; figures of quality come from other counties.

    Args:
        measured: a column a signal; n loan-weeks.
        bad: whether a default came within the scale's days of the week; n.
        rules: signals and bands.
        fixed: signals that keep the points that the rules give them; the others are fitted beside them.
        penalty: of half the square of each coefficient.
    """
    weight = float(np.log(2.0) / DOUBLING)
    names, columns = [], []
    for signal in (signal for signal in rules.signals if signal.code not in fixed):
        reached = steps(measured[signal.code].fill_null(np.nan).to_numpy(), signal)
        for number in range(len(signal.bands)):
            names.append(signal.code)
            columns.append(reached > number)
    given = signal_points(measured, rules).select(
        signal.code for signal in rules.signals if signal.code in fixed
    )
    offset = weight * given.sum_horizontal().to_numpy() if given.width else np.zeros(measured.height)
    design = np.stack(columns, axis=1).astype(np.float64)
    coefficients, intercept = _logistic(design, bad.astype(np.float64), offset, penalty)
    found: dict[str, list[int]] = {code: [] for code in dict.fromkeys(names)}
    added = dict.fromkeys(found, 0.0)
    for code, coefficient in zip(names, coefficients, strict=True):
        added[code] += float(coefficient)
        found[code].append(max(round(added[code] / weight), 0))
    return Fitted(found, intercept, weight)


def _logistic(design: Floats, bad: Floats, offset: Floats, penalty: float) -> tuple[Floats, float]:
    """Coefficients at or above zero and the intercept, by L-BFGS-B; `offset` is added to the log-odds of each row."""
    width = design.shape[1]

    def loss(at: Floats) -> tuple[float, Floats]:
        margin = design @ at[:width] + at[width] + offset
        gap = 1.0 / (1.0 + np.exp(-margin)) - bad
        value = float(np.logaddexp(0.0, margin).sum() - bad @ margin)
        value += penalty / 2.0 * float(at[:width] @ at[:width])
        return value, np.append(design.T @ gap + penalty * at[:width], gap.sum())

    rate = np.clip(bad.mean(), 1e-6, 1 - 1e-6)
    start = np.append(np.zeros(width), np.log(rate / (1 - rate)))
    bounds = [(0.0, None)] * width + [(None, None)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500})
    return found.x[:width], float(found.x[width])
