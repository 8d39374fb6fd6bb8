"""Boosted shapes: what each bin of a feature adds, in its direction, and what a card makes of them."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from borrowers import DIRECTED, drawn, many
from suixin.scoring.points import ROUNDING_SHARE
from suixin.scoring.ranks import rank_edges
from suixin.scoring.scorecard import ScorecardSettings, fit_scorecard
from suixin.scoring.shapes import shapes
from suixin.scoring.steps import bins_of

HALF = ScorecardSettings(3.0, 1.0, straight=1.0, shaped=0.5)


def test_bins_of_one_value_each_give_the_model_back():
    """Where every value has a bin of its own the shapes add up to a boosted model that ranks, and no bin is averaged."""
    sample = many()
    columns = [sample.names.index(name) for name in DIRECTED]
    rounded = replace(sample, x=np.round(sample.x / np.nanstd(sample.x, axis=0), 0))
    values = [np.unique(rounded.x[~np.isnan(rounded.x[:, j]), j]) for j in columns]
    bins = [bins_of(rounded.x[:, j], seen[1:].tolist()) for j, seen in zip(columns, values, strict=True)]
    counts = [np.bincount(found, minlength=len(seen) + 1) for found, seen in zip(bins, values, strict=True)]
    found, average = shapes(rounded, columns, list(DIRECTED.values()), bins, counts)
    for shape, count, sign in zip(found, counts, DIRECTED.values(), strict=True):
        assert all(sign * (upper - lower) >= -1e-12 for lower, upper in pairwise(shape[:-1]))
        # contributions are measured from the mean over the trees' own rows, a sample of these
        assert (shape * count).sum() / count.sum() == pytest.approx(0.0, abs=0.05)
    rate = sample.y.mean()
    assert average == pytest.approx(np.log(rate / (1 - rate)), abs=0.3)


def test_an_empty_bin_is_like_the_one_below():
    """Edges between which nobody lies: the shape does not fall back to nothing there."""
    sample = many()
    column = sample.names.index("debt_to_sales")
    middle = float(np.nanmedian(sample.x[:, column]))
    edges = [middle, middle + 1e-9]
    bins = bins_of(sample.x[:, column], edges)
    counts = np.bincount(bins, minlength=4) * np.array([1, 0, 1, 1])
    bins = np.where(bins == 1, 2, bins)
    (shape,), _ = shapes(sample, [column], [1], [bins], [counts])
    assert shape[1] == shape[0] < shape[2]


def test_a_shaped_card_keeps_directions_and_its_bound():
    """Half of the points from shapes: every feature goes one way, rounding reverses as little as ever."""
    card = fit_scorecard(many(), HALF)
    for item in card.items:
        steps = np.diff(item.exact[:-1])
        sign = DIRECTED.get(item.feature)
        assert (-sign * steps >= -1e-9).all() if sign else (steps >= 0).all() or (steps <= 0).all()
    assert card.rounding.share <= ROUNDING_SHARE


def test_half_of_the_points_are_the_mean_of_two_cards():
    """The same items, with nothing and with all from shapes: half way between them, the score and each bin."""
    none, half, full = (fit_scorecard(drawn(300), replace(HALF, shaped=part)) for part in (0.0, 0.5, 1.0))
    for one, mean, other in zip(none.items, half.items, full.items, strict=True):
        straight, mixed, shaped = (
            np.array(item.exact) / card.rounding.points_a_unit
            for item, card in ((one, none), (mean, half), (other, full))
        )
        np.testing.assert_allclose(mixed, (straight + shaped) / 2, atol=1e-12)


def test_the_few_at_either_end_have_bins_of_their_own():
    """97 of 100 had no inquiry: ten bins of equal rows cannot tell, the outermost fiftieth can."""
    values = np.r_[np.zeros(97), 1.0, 2.0, 3.0]
    assert rank_edges(values, 10) == []
    assert rank_edges(values, 10, tails=True) == [2.0]
    assert rank_edges(np.arange(100.0), 4, tails=True) == [2.0, 5.0, 25.0, 50.0, 75.0, 95.0, 98.0]
