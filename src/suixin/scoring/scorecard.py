"""The points scorecard: monotone bins (optbinning), weight of evidence, whole points whose rounding is bounded.

raw = intercept - sum of weight x WoE; points of a bin = round(scale x what it takes off the log-odds of default), and
rounding is bounded (`suixin.scoring.points`).

The weights of evidence of a feature's bins may be straightened (`suixin.scoring.bins`). How far is one of the settings
that cross-validation chooses, and another is how much of the points comes from the shapes that boosting finds for the same
items (`suixin.scoring.shapes`): the mean of two cards is a card. Where there are enough rows, a few pairs of the items may
have a table of points of their own beside them (`suixin.scoring.crossings`).
Sources: Siddiqi (2017) chapters 6 and 7.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from suixin.scoring.bins import Binned, counted, straightened
from suixin.scoring.crossings import crossed_shapes
from suixin.scoring.logistic import Logistic, fit
from suixin.scoring.metrics import auc
from suixin.scoring.points import InseparableError, Scorecard, rounded
from suixin.scoring.sample import Sample
from suixin.scoring.shapes import shapes

Floats = NDArray[np.float64]

MOST_LOOKED_AT = 40
MOST_ITEMS = 20
_FEWEST_IV = 0.02  # information value below which a feature is noise (Siddiqi)
_LEAST_WEIGHT = 0.05


@dataclass(frozen=True, slots=True)
class ScorecardSettings:
    """What the small search varies.

    Attributes:
        prior: defaults, with as many good borrowers as the average odds ask for, that each bin is thought to hold
            beside its own rows: few defaults make extreme bins by chance.
        ridge: how strongly weights are held to 0, in units of one borrower's information.
        straight: 0 for weights of evidence as counted, 1 for the line through them.
        shaped: the part of the points that comes from boosted shapes, 0 to 1.
        crossed: how many pairs of items may have a table of their own in that part.
    """

    prior: float
    ridge: float
    straight: float = 0.0
    shaped: float = 0.0
    crossed: int = 0


SEARCHED = (
    ScorecardSettings(0.5, 2.0),
    ScorecardSettings(5.0, 10.0),
    ScorecardSettings(10.0, 30.0),
    ScorecardSettings(10.0, 1.0, straight=1.0),
    ScorecardSettings(3.0, 1.0, straight=1.0, shaped=0.5),
    ScorecardSettings(3.0, 1.0, straight=1.0, shaped=2 / 3, crossed=6),
)
_ROWS_TO_CROSS = 4_000  # below, with few defaults, pairs are found by chance


def searched(rows: int) -> tuple[ScorecardSettings, ...]:
    """The settings that are tried for so many rows: shapes with pairs where there are enough, else without."""
    enough = rows >= _ROWS_TO_CROSS
    return tuple(one for one in SEARCHED if not one.shaped or bool(one.crossed) == enough)


def fit_scorecard(sample: Sample, settings: ScorecardSettings) -> Scorecard:
    """Bin, weigh and round.

    Raises:
        InseparableError: no feature tells anything.
        UsageError: optbinning is not installed.
    """
    looked = [counted(sample, j, settings.prior) for j in _promising(sample)]
    binned = [found for found in looked if found and found.iv >= _FEWEST_IV]
    if not binned:
        raise InseparableError(
            "no feature separates defaults from good borrowers; a scorecard would be one constant"
        )
    if settings.straight:
        binned = [straightened(sample, one, settings.straight) for one in binned]
    chosen, fitted = _select(sample, binned, settings.ridge)
    items = [-weight * one.woe for weight, one in zip(fitted.weights, chosen, strict=True)]
    if not settings.shaped:
        return rounded(sample, chosen, items, fitted.intercept)
    return _mixed(sample, chosen, items, fitted.intercept, settings)


def _mixed(
    sample: Sample,
    chosen: Sequence[Binned],
    items: Sequence[Floats],
    intercept: float,
    settings: ScorecardSettings,
) -> Scorecard:
    """The mean of the weighed evidence and the boosted shapes, each in the direction of its weights of evidence."""
    asked = (
        [one.column for one in chosen],
        [one.sign for one in chosen],
        [one.rows(sample.x) for one in chosen],
        [one.counts for one in chosen],
    )
    if settings.crossed:
        shaped, crossings, average = crossed_shapes(sample, *asked, settings.crossed)
    else:
        (shaped, average), crossings = shapes(sample, *asked), []
    part = settings.shaped
    mixed = [(1 - part) * item + part * shape for item, shape in zip(items, shaped, strict=True)]
    crossings = [replace(one, added=part * one.added) for one in crossings]
    return rounded(sample, chosen, mixed, (1 - part) * intercept + part * average, crossings)


def _promising(sample: Sample) -> list[int]:
    """The columns that rank best alone, in their own direction: binning all would take long and find noise."""
    merit = []
    for j, sign in enumerate(sample.signs):
        known = ~np.isnan(sample.x[:, j])
        alone = auc(sample.y[known], sample.x[known, j]) - 0.5
        merit.append(-1.0 if np.isnan(alone) else sign * alone if sign else abs(alone))
    order = np.argsort(-np.array(merit), kind="stable")[:MOST_LOOKED_AT]
    return [int(j) for j in order if merit[j] > 0]


def _select(sample: Sample, binned: Sequence[Binned], ridge: float) -> tuple[list[Binned], Logistic]:
    """Weights that may not turn a feature around; the weak ones go, then the fit is made anew."""
    chosen = list(binned)
    while True:
        fitted = _fit(sample, chosen, ridge)
        spread = fitted.weights * np.array([one.woe[one.rows(sample.x)].std() for one in chosen])
        strong = np.argsort(-spread, kind="stable")[:MOST_ITEMS]
        kept = [chosen[j] for j in sorted(strong) if fitted.weights[j] > _LEAST_WEIGHT]
        if not kept or len(kept) == len(chosen):
            return chosen, fitted
        chosen = kept


def _fit(sample: Sample, chosen: Sequence[Binned], ridge: float) -> Logistic:
    design = np.column_stack([-one.woe[one.rows(sample.x)] for one in chosen])
    return fit(design, sample.y, ridge=ridge, signs=np.ones(len(chosen)))
