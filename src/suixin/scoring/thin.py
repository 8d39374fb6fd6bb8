"""The model for thin files: each feature's rank, weighed in its known direction, and nothing where nothing is known.

A county has a few dozen defaults. Then the shape of a feature's effect cannot be learned, but its sign is known beforehand
and its rank is robust: a ridge regression on normal scores with the registry's signs, a handful of effective parameters.
"""

from dataclasses import dataclass

import numpy as np

from suixin.scoring.logistic import fit
from suixin.scoring.ranks import normal_scores, rank_edges
from suixin.scoring.sample import Sample
from suixin.scoring.steps import bins_of, constant_tree, step_tree
from suixin.scoring.trees import Trees

MOST_BINS = 25


@dataclass(frozen=True, slots=True)
class ThinSettings:
    """How strongly weights are held to 0: `ridges`, in units of one borrower's information; the mean over them is taken."""

    ridges: tuple[float, ...]


def fit_thin(sample: Sample, settings: ThinSettings) -> Trees:
    """Fit the thin-file model; its raw score is the log-odds of default."""
    edges = [rank_edges(sample.x[:, j], MOST_BINS) for j in range(len(sample.names))]
    bins = [bins_of(sample.x[:, j], edge) for j, edge in enumerate(edges)]
    counts = [np.bincount(found, minlength=len(edge) + 2) for found, edge in zip(bins, edges, strict=True)]
    scores = [normal_scores(count) for count in counts]
    design = np.column_stack([score[found] for score, found in zip(scores, bins, strict=True)])
    fits = [fit(design, sample.y, ridge=ridge, signs=sample.signs) for ridge in settings.ridges]
    trees = [constant_tree(float(np.mean([one.intercept for one in fits])), len(sample.y))]
    for j, weight in enumerate(np.mean([one.weights for one in fits], axis=0)):
        if weight:
            trees.append(step_tree(j, edges[j], (weight * scores[j]).tolist(), counts[j].tolist()))
    return Trees(sample.names, tuple(trees))
