"""The shape of each feature's effect, found by boosting trees of one split: no interactions, so a card can hold it.

A weight of evidence looks at one feature at a time; a boosted shape is what a feature adds to the others, and its cuts,
drawn at random and averaged, are smooth. Sources: Lou, Caruana & Gehrke (2012), Intelligible models; Geurts, Ernst &
Wehenkel (2006), Extremely randomized trees.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from suixin.scoring.boosted import BoostedSettings, fit_boosted
from suixin.scoring.sample import Sample

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_STUMPS = BoostedSettings(trees=300, leaves=2, depth=1, random_cuts=True, runs=4)
_SEED = 0  # equal samples give equal cards


def shapes(
    sample: Sample, columns: Sequence[int], signs: Sequence[int], bins: Sequence[Ints], counts: Sequence[Ints]
) -> tuple[list[Floats], float]:
    """What each bin of each feature adds to the log-odds of default, and the log-odds of the average borrower.

    Args:
        sample: what is learned from.
        columns: the features.
        signs: +1 where the risk may not fall with the feature, -1 where it may not rise.
        bins: for each feature the bin of each row, the unknown last.
        counts: the rows of each bin.
    """
    some = replace(sample.columns(columns), signs=tuple(signs))
    parts = fit_boosted(some, _STUMPS, _SEED).contributions(some.x)
    known = [mean_of(parts[:, number], bins[number], count) for number, count in enumerate(counts)]
    return known, float(parts[0, -1])


def mean_of(added: Floats, bins: Ints, counts: Ints) -> Floats:
    """The mean of what rows add in each bin.

    That of the bin below where none of the rows is, and nothing for an unknown that never was.
    """
    sums = np.bincount(bins, weights=added, minlength=len(counts))
    found = np.where(counts > 0, sums / np.maximum(counts, 1), 0.0)
    for number in range(1, len(counts) - 1):
        if not counts[number]:
            found[number] = found[number - 1]
    return found
