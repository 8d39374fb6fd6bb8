"""The points scorecard: monotone bins, whole points, and a bound on what rounding may reverse that holds."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borrowers import DIRECTED, drawn, many
from suixin.errors import UsageError
from suixin.scoring.points import ROUNDING_SHARE, ScorecardItem
from suixin.scoring.ranks import normal_scores
from suixin.scoring.sample import Sample
from suixin.scoring.scorecard import SEARCHED, ScorecardSettings, fit_scorecard
from suixin.scoring.steps import bins_of

SETTINGS = ScorecardSettings(5.0, 10.0)
CARD = fit_scorecard(many(), SETTINGS)


def totals(card, sample, column):
    """The sum over items of `points` or `exact`, by looking every row up."""
    found = np.zeros(len(sample.y))
    for item in card.items:
        bins = bins_of(sample.x[:, sample.names.index(item.feature)], item.edges)
        found += np.array(getattr(item, column))[bins]
    return found


def telling(item):
    """Exact and whole points of the bins; of a fine item those that rounding moves farthest up and down, and the ends."""
    bins = sorted(set(zip(np.ravel(item.exact), np.ravel(item.points), strict=True)))
    moved = sorted(bins, key=lambda one: one[1] - one[0])
    return bins if len(bins) <= 5 else sorted({moved[0], moved[-1], bins[0], bins[-1]})


def test_the_points_are_the_score():
    """Base and points looked up by hand are the trees' raw score, on another scale and turned around."""
    points = CARD.base + totals(CARD, many(), "points")
    np.testing.assert_allclose(CARD.trees.raw(many().x), -points / CARD.rounding.points_a_unit, atol=1e-12)
    assert all(isinstance(point, int) for item in CARD.items for point in (CARD.base, *item.points))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("searched", SEARCHED)
def test_the_bound_holds_for_every_merchant_there_can_be(searched, seed):
    """Brute force over all combinations of bins, seen or not: nobody is reversed beyond the bound, which is <= 2 %."""
    sample = drawn(500, seed, -1.2)
    card = fit_scorecard(sample, replace(searched, crossed=min(searched.crossed, 1)))
    cells = [telling(item) for item in (*card.items, *card.crossed)]
    exact, rounded = np.zeros(1), np.zeros(1)
    for item in cells:
        each, points = np.array(item).T
        exact, rounded = ((total[:, None] + one).ravel() for total, one in ((exact, each), (rounded, points)))
    order = np.argsort(exact, kind="stable")
    exact, rounded = exact[order], rounded[order]
    # the largest exact distance of a reversed pair: any earlier (lower) one with more points than a later one
    highest = np.maximum.accumulate(rounded)
    worst = 0.0
    for at in np.flatnonzero(highest > rounded):
        worst = max(worst, exact[at] - exact[: at + 1][rounded[: at + 1] > rounded[at]].min())
    assert worst <= card.rounding.bound + 1e-9
    assert card.rounding.share <= ROUNDING_SHARE


def test_the_share_is_the_bound_over_the_spread():
    """Against the exact score's standard deviation over the rows, in points."""
    exact = totals(CARD, many(), "exact")
    assert CARD.rounding.share == pytest.approx(CARD.rounding.bound / exact.std(), rel=1e-9)
    errors = [np.array(item.points) - np.array(item.exact) for item in CARD.items]
    assert CARD.rounding.bound == pytest.approx(sum(np.ptp(error) for error in errors), abs=1e-9)
    assert all(np.abs(error).max() <= 0.5 for error in errors)


def test_the_reversals_are_counted():
    """The printed reversals and pairs are those of a plain count over all pairs of rows."""
    sample = drawn(400, 5)
    card = fit_scorecard(sample, SETTINGS)
    exact, points = totals(card, sample, "exact"), totals(card, sample, "points")
    higher = exact[:, None] - exact[None, :] > 1e-9
    assert card.rounding.pairs == pytest.approx(int(higher.sum()), abs=1_000)  # ties but for a last bit
    assert card.rounding.reversals == int((higher & (points[:, None] < points[None, :])).sum())


def known(item: ScorecardItem):
    return item.points[:-1], item.default_rates[:-1], item.counts[:-1]


@settings(max_examples=6)
@given(st.integers(0, 10_000))
def test_bins_and_points_keep_the_registered_direction(seed):
    """Default rates go in the registered direction from bin to bin, points the other way, a free feature one way."""
    card = fit_scorecard(drawn(500, seed, -1.2), SETTINGS)
    for item in card.items:
        points, rates, counts = known(item)
        sign = DIRECTED.get(item.feature) or (1 if rates[-1] > rates[0] else -1)
        assert all(sign * (upper - lower) >= 0 for lower, upper in pairwise(rates))
        assert all(sign * (upper - lower) <= 0 for lower, upper in pairwise(points))
        assert min(counts) > 0
        assert all(lower < upper for lower, upper in pairwise(item.edges))


def test_bins_are_counted():
    """Rows and default rates of each bin, the unknown last, are those of the sample."""
    for item in CARD.items:
        bins = bins_of(many().x[:, many().names.index(item.feature)], item.edges)
        for number, (rows, rate) in enumerate(zip(item.counts, item.default_rates, strict=True)):
            assert rows == (bins == number).sum()
            assert rate == pytest.approx(many().y[bins == number].mean())


def test_noise_makes_no_scorecard():
    """Features that say nothing give a refusal and not a card of one constant."""
    draw = np.random.default_rng(8)
    y = np.repeat([1, 0], [40, 160]).astype(np.int64)
    noise = Sample(("same",), np.where(draw.random((200, 1)) < 0.5, 1.0, 1.0), y, (0,))
    with pytest.raises(UsageError, match="no feature separates"):
        fit_scorecard(noise, SETTINGS)


def test_a_feature_against_its_direction_is_not_used():
    """What is registered as safer and looks riskier in the sample does not enter."""
    sample = many()
    turned = Sample(sample.names, sample.x, sample.y, tuple(-sign for sign in sample.signs))
    try:
        used = {item.feature for item in fit_scorecard(turned, SETTINGS).items}
    except UsageError:
        used = set()
    assert not used & set(DIRECTED)


def test_a_straight_card_follows_ranks_and_keeps_directions():
    """Straightened weights rise or fall throughout, in equal steps of normal scores, on more bins than those counted."""
    sample = many()
    card = fit_scorecard(sample, ScorecardSettings(10.0, 1.0, straight=1.0))
    bins = {item.feature: len(item.edges) for item in CARD.items}
    for item in card.items:
        column = sample.names.index(item.feature)
        steps = np.diff(item.exact[:-1])
        assert (steps >= 0).all() or (steps <= 0).all()
        if sign := sample.signs[column]:
            assert (-sign * steps >= 0).all()
        scores = normal_scores(np.array(item.counts))[:-1]
        np.testing.assert_allclose(steps / np.diff(scores), (steps / np.diff(scores))[0], rtol=1e-9)
        assert len(item.edges) >= bins.get(item.feature, 0)
    assert card.rounding.share <= ROUNDING_SHARE
