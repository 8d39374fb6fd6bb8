"""Logistic regression with a ridge and with signs that are kept: the maths behind scorecard, thin-file model and Platt."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Logistic:
    """Log-odds = intercept + x @ weights."""

    intercept: float
    weights: Floats

    def raw(self, x: Floats) -> Floats:
        """Log-odds of each row of x, (n, k) -> (n,)."""
        return np.asarray(self.intercept + (x * self.weights).sum(axis=1))


def fit(x: Floats, y: ArrayLike, *, ridge: float, signs: ArrayLike) -> Logistic:
    """Minimise the negative log-likelihood + ridge / 2 x |weights|^2; the intercept is free.

    Args:
        x: (n, k), no NaN.
        y: (n,) in 0 to 1; fractions are weights of both answers (Platt's targets).
        ridge: at least 0; in units of one row's information.
        signs: (k,) +1 for a weight that may not be negative, -1 for one that may not be positive, 0 for a free one.
    """
    target, ones = np.asarray(y, dtype=np.float64), np.ones((len(x), 1))
    design = np.hstack([x, ones])

    def loss(w: Floats) -> tuple[float, Floats]:
        # Plain sums: the last bit of a matrix product may hang on where an array lies in memory.
        z = (design * w).sum(axis=1)
        gradient = (design * (expit(z) - target)[:, None]).sum(axis=0)
        gradient[:-1] += ridge * w[:-1]
        value = (np.logaddexp(0.0, z) - target * z).sum() + ridge / 2 * (w[:-1] ** 2).sum()
        return float(value), gradient

    rate = float(np.clip(target.mean(), 1e-6, 1 - 1e-6))
    start = np.r_[np.zeros(x.shape[1]), np.log(rate / (1 - rate))]
    bounds = [{1: (0.0, None), -1: (None, 0.0), 0: (None, None)}[int(sign)] for sign in np.asarray(signs)]
    found = minimize(
        loss, start, jac=True, bounds=[*bounds, (None, None)], method="L-BFGS-B", options={"ftol": 1e-13}
    )
    return Logistic(float(found.x[-1]), found.x[:-1])
