"""Pairs of features with points of their own: found where they are, in both directions, and as exact as any item."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.special import expit

from borrowers import DIRECTED, drawn, many
from suixin.scoring.boosted import BoostedSettings, fit_boosted
from suixin.scoring.crossings import Crossing, crossed_shapes
from suixin.scoring.monotone import sampled_violations
from suixin.scoring.monotone_sum import Verdict, prove
from suixin.scoring.points import ROUNDING_SHARE
from suixin.scoring.ranks import edges_at, rank_edges
from suixin.scoring.sample import Sample
from suixin.scoring.scorecard import SEARCHED, ScorecardSettings, fit_scorecard, searched
from suixin.scoring.steps import bins_of

CROSSED = ScorecardSettings(3.0, 1.0, straight=1.0, shaped=2 / 3, crossed=2)


@cache
def compounded() -> Sample:
    """Late parcels matter to those in debt only; a third and a fourth feature each matter alone; nothing is unknown."""
    draw = np.random.default_rng(7)
    x = draw.random((2_000, 4))
    log_odds = -3.2 + 6.0 * x[:, 0] * x[:, 1] + 1.5 * x[:, 2] - 1.5 * x[:, 3]
    y = (draw.random(2_000) < expit(log_odds)).astype(np.int64)
    return Sample(("debt", "late", "refunds", "days"), x, y, (1, 1, 1, -1))


@cache
def tables() -> list[Crossing]:
    """All pairs of `compounded`, the strongest first."""
    sample = compounded()
    edges = [rank_edges(column, 10) for column in sample.x.T]
    bins = [bins_of(column, edge) for column, edge in zip(sample.x.T, edges, strict=True)]
    counts = [np.bincount(found, minlength=len(edge) + 2) for found, edge in zip(bins, edges, strict=True)]
    return crossed_shapes(sample, range(len(edges)), sample.signs, bins, counts, 6)[1]


@cache
def card():
    return fit_scorecard(many(), CROSSED)


def test_the_pair_that_compounds_is_found():
    """Of six pairs the one that made the defaults; both at their worst cost more than the sum of each alone."""
    found = tables()[0]
    assert found.names == ("debt", "late")
    table = found.added[:-1, :-1]
    assert table[-1, -1] - table[0, 0] > 1.5 * (table[-1, 0] - table[0, 0] + table[0, -1] - table[0, 0])


def test_a_table_keeps_both_directions_and_counts_its_rows():
    """Each step towards risk adds or adds nothing; rows are those of the bands; the mean of the rows is nothing."""
    sample = compounded()
    for found in tables():
        down, across = (sample.signs[column] for column in found.columns)
        assert (down * np.diff(found.added[:-1], axis=0) >= 0).all()
        assert (across * np.diff(found.added[:, :-1], axis=1) >= 0).all()
        first, second = (
            bins_of(sample.x[:, column], edges)
            for column, edges in zip(found.columns, found.edges, strict=True)
        )
        assert found.rows(sample.x).tolist() == (first * 6 + second).tolist()
        assert found.counts[2, 3] == ((first == 2) & (second == 3)).sum()
        assert found.defaults.sum() == sample.defaults
        assert (found.counts * found.added).sum() / len(sample.y) == pytest.approx(0.0, abs=1e-12)


def test_an_unknown_that_never_was_is_like_the_average():
    """Nobody's debt was unknown: then it adds what the bands of debt add on average at that band of the other."""
    found = tables()[0]
    rows = found.counts.sum(axis=1)[:-1]
    np.testing.assert_allclose(found.added[-1, :-1], rows @ found.added[:-1, :-1] / rows.sum(), atol=1e-12)


def test_bands_are_finest_where_the_risk_is():
    """Half, three quarters and the last twentieth and fiftieth; from the other end where more is safer."""
    found = {name: edges for one in tables() for name, edges in zip(one.names, one.edges, strict=True)}
    debt, days = (compounded().x[:, column] for column in (0, 3))
    assert list(found["debt"]) == edges_at(debt, np.array([0.5, 0.75, 0.95, 0.98]))
    assert list(found["days"]) == edges_at(days, np.array([0.02, 0.05, 0.25, 0.5]))
    assert edges_at(np.arange(1.0, 101.0), np.array([0.5, 0.98])) == [51.0, 99.0]


def test_the_points_of_a_crossed_card_are_its_score():
    """Base, items and tables looked up by hand are the raw score; reasons add up to it; whole points throughout."""
    sample, total = many(), np.full(len(many().y), float(card().base))
    for item in card().items:
        column = sample.x[:, sample.names.index(item.feature)]
        total += np.array(item.points)[bins_of(column, item.edges)]
    assert len(card().crossed) == 2
    for item in card().crossed:
        first, second = (
            bins_of(sample.x[:, sample.names.index(name)], edges)
            for name, edges in zip(item.features, item.edges, strict=True)
        )
        total += np.array(item.points)[first, second]
        assert all(isinstance(point, int) for row in item.points for point in row)
    raw = card().trees.raw(sample.x)
    np.testing.assert_allclose(raw, -total / card().rounding.points_a_unit, atol=1e-12)
    np.testing.assert_allclose(card().trees.contributions(sample.x).sum(axis=1), raw, atol=1e-12)


def test_a_crossed_card_is_proved_and_bounded():
    """Each tree keeps each direction, 10,000 random pairs find no breach, and the bound counts the tables too."""
    asked = {item.feature: DIRECTED[item.feature] for item in card().items if item.feature in DIRECTED}
    assert len(asked) == len(DIRECTED)
    assert {proof.verdict for proof in prove(card().trees, asked)} == {Verdict.EACH_TREE}
    for name, sign in asked.items():
        found = sampled_violations(card().trees, many().x, name, sign)
        assert (found.pairs, found.wrong) == (10_000, 0)
    tables = [*card().items, *card().crossed]
    spreads = (np.ptp(np.array(item.points) - np.array(item.exact)) for item in tables)
    assert card().rounding.bound == pytest.approx(sum(spreads), abs=1e-9)
    assert card().rounding.share <= ROUNDING_SHARE


def test_pairs_are_looked_for_where_there_are_enough_rows():
    """From four thousand borrowers on, in the place of shapes without pairs."""
    few, many_rows = searched(3_999), searched(4_000)
    assert [(one.shaped, one.crossed) for one in few] == [(0, 0)] * 4 + [(0.5, 0)]
    assert [(one.shaped, one.crossed) for one in many_rows] == [(0, 0)] * 4 + [(2 / 3, 6)]
    assert set(few) | set(many_rows) == set(SEARCHED)


def test_trees_keep_to_the_columns_that_may_stand_together():
    """One set with two columns, one with another: no tree looks at both sets, none at the column left out."""
    settings = BoostedSettings(trees=20, leaves=4, depth=3, runs=1)
    trees = fit_boosted(drawn(), settings, 0, together=[(0, 1), (2,)])
    seen = {tuple(sorted(set(tree.feature))) for tree in trees.trees}
    assert (0, 1) in seen
    assert seen <= {(), (0,), (1,), (0, 1), (2,)}


def test_a_sample_gives_the_same_card_again():
    """Everything drawn has a fixed seed."""
    assert fit_scorecard(replace(many()), CROSSED) == card()
