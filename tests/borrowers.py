"""Drawn borrowers with outcomes, and models of every family fitted on them: what the tests of training share."""

from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
from scipy.special import expit, ndtr

from suixin.scoring.calibration import Calibration, calibrate
from suixin.scoring.families import Fitted, Kind, fit_families
from suixin.scoring.model import Model
from suixin.scoring.sample import Sample, sample_of

DIRECTED = {
    "genuine_trading_days": -1,
    "debt_to_sales": 1,
    "late_handover_share_180d": 1,
    "refund_share_365d": 1,
}
"""The features with a registered direction; `genuine_ticket_365d` is registered as neutral, `noise` not at all."""
FIRST_DAY = 20_000


def borrowers(rows: int = 600, seed: int = 0, nulls: float = 0.1, level: float = -1.9) -> pl.DataFrame:
    """A row a borrower: four features that tell, two that do not, an as-of day and whether they defaulted."""
    draw = np.random.default_rng(seed)
    z = draw.normal(size=(rows, 6))
    log_odds = level - 0.9 * z[:, 0] + 0.8 * z[:, 1] + 0.6 * z[:, 2] + 0.5 * z[:, 3]
    columns = {
        "genuine_trading_days": np.round(600 * np.exp(0.6 * z[:, 0])),
        "debt_to_sales": np.round(0.3 * np.exp(0.7 * z[:, 1]), 3),
        "late_handover_share_180d": np.round(0.3 * ndtr(z[:, 2]), 3),
        "refund_share_365d": np.round(0.2 * ndtr(z[:, 3]), 3),
        "genuine_ticket_365d": np.round(80 * np.exp(z[:, 4]), 2),
        "noise": np.round(z[:, 5], 2),
    }
    known = {
        name: [
            None if gone else float(value) for value, gone in zip(x, draw.random(rows) < nulls, strict=True)
        ]
        for name, x in columns.items()
    }
    return pl.DataFrame(
        {**known, "day": FIRST_DAY + np.arange(rows), "defaulted": draw.random(rows) < expit(log_odds)}
    )


@cache
def drawn(rows: int = 600, seed: int = 0, level: float = -1.9) -> Sample:
    """Drawn borrowers as a sample, dated."""
    return sample_of(borrowers(rows, seed, level=level), day="day")


@cache
def many() -> Sample:
    """Enough borrowers, a third of whom defaulted, for isotonic calibration."""
    return drawn(2_000, 1, -0.9)


@cache
def families() -> dict[Kind, Fitted]:
    """Every family, fitted on `many`."""
    return fit_families(many(), 0)


@cache
def model(kind: Kind, method: str = "isotonic", horizon_days: int = 365) -> Model:
    """A model of a family, calibrated by a method, of outcomes within a horizon."""
    fitted = families()[kind]
    if method == "platt":
        fitted = replace(fitted, calibration=platt(fitted))
    return Model.of(fitted, many(), horizon_days)


def platt(fitted: Fitted) -> Calibration:
    """What the first 900 rows give, too few for isotonic regression."""
    return calibrate(many().y[:900], fitted.crossed[:900])
