"""The model for thin files: each feature's rank, weighed in its known direction, and nothing where nothing is known.

A county has a few dozen defaults. Then the shape of a feature's effect cannot be learned, but its sign is known beforehand
and its rank is robust: a ridge regression on normal scores with the registry's signs, a handful of effective parameters.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from suixin.scoring.logistic import fit
from suixin.scoring.sample import Sample
from suixin.scoring.steps import bins_of, constant_tree, step_tree
from suixin.scoring.trees import Trees

Floats = NDArray[np.float64]

MOST_BINS = 25
_FARTHEST_SCORE = 2.0  # standard deviations; beyond it more of the same says no more


@dataclass(frozen=True, slots=True)
class ThinSettings:
    """How strongly weights are held to 0: `ridge`, in units of one borrower's information."""

    ridge: float


def fit_thin(sample: Sample, settings: ThinSettings) -> Trees:
    """Fit the thin-file model; its raw score is the log-odds of default."""
    edges = [_edges(sample.x[:, j]) for j in range(len(sample.names))]
    bins = [bins_of(sample.x[:, j], edge) for j, edge in enumerate(edges)]
    counts = [np.bincount(found, minlength=len(edge) + 2) for found, edge in zip(bins, edges, strict=True)]
    scores = [_normal_scores(count) for count in counts]
    design = np.column_stack([score[found] for score, found in zip(scores, bins, strict=True)])
    fitted = fit(design, sample.y, ridge=settings.ridge, signs=sample.signs)
    trees = [constant_tree(fitted.intercept, len(sample.y))]
    for j, weight in enumerate(fitted.weights):
        if weight:
            trees.append(step_tree(j, edges[j], (weight * scores[j]).tolist(), counts[j].tolist()))
    return Trees(sample.names, tuple(trees))


def _edges(values: Floats) -> list[float]:
    known = values[~np.isnan(values)]
    if not known.size:  # of a feature that is known of others than these rows
        return []
    cuts = np.quantile(known, np.linspace(0, 1, MOST_BINS + 1)[1:-1], method="higher")
    return [float(cut) for cut in np.unique(cuts) if cut > known.min()]


def _normal_scores(counts: NDArray[np.int64]) -> Floats:
    """The normal score of each bin's middle rank; 0 where the feature is unknown (the last)."""
    known = counts[:-1].astype(np.float64)
    middle = (np.cumsum(known) - known / 2) / max(known.sum(), 1.0)
    inside = np.clip(middle, norm.cdf(-_FARTHEST_SCORE), norm.cdf(_FARTHEST_SCORE))
    return np.asarray(np.r_[norm.ppf(inside), 0.0], dtype=np.float64)
