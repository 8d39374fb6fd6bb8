"""The monotone proof: leaf against leaf, the sum where a tree fails, and the sampled check beside them."""

from itertools import pairwise, product

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grown_trees import GRID, small_trees, tree
from suixin.scoring.monotone import Range, Sampled, Violation, sampled_violations, violations
from suixin.scoring.monotone_sum import Verdict, prove
from suixin.scoring.trees import Trees

NAMES = ("a", "b", "c")
POINTS = np.array(list(product(GRID, repeat=3)))


def breaks(trees, column, direction):
    """Brute force: does the score move the wrong way between any two neighbouring values of the column?"""
    raw = np.moveaxis(trees.raw(POINTS).reshape((len(GRID),) * 3), column, 0)[
        :-1
    ]  # without the missing value
    return any((direction * (upper - lower) < -1e-12).any() for lower, upper in pairwise(raw))


def split(column, edge, low, high, missing_left=True):
    return tree([column], [edge], [missing_left], [-1], [-2], [low, high], [10, 10])


def trained(method, rounds=40, seed=0):
    """A model that LightGBM was asked to keep rising in f0 and f1 and falling in f2, on data that would not."""
    draw = np.random.default_rng(seed)
    x = np.round(draw.normal(size=(2_000, 6)), 2)
    x[draw.random(x.shape) < 0.1] = np.nan
    known = np.nan_to_num(x)
    signal = np.sin(3 * known[:, 0]) + known[:, 1] * known[:, 3] - known[:, 2] ** 2 + known[:, 4]
    settings = {
        "objective": "binary",
        "num_leaves": 16,
        "verbose": -1,
        "num_threads": 1,
        "seed": 3,
        "monotone_constraints": [1, 1, -1, 0, 0, 0],
        "monotone_constraints_method": method,
    }
    y = signal + draw.normal(size=len(x)) > 0
    booster = lightgbm.train(settings, lightgbm.Dataset(x, y.astype(float)), rounds)
    return Trees.from_lightgbm(booster.dump_model(), [f"f{number}" for number in range(6)]), x


ASKED = {"f0": 1, "f1": 1, "f2": -1}


@pytest.mark.parametrize("method", ["basic", "intermediate"])
def test_what_lightgbm_keeps_is_proved(method):
    """Both sound methods pass leaf against leaf, and no sampled pair breaks them."""
    trees, x = trained(method)
    assert sum(len(set(one.feature) & {0, 1, 2}) > 0 for one in trees.trees) > 20
    assert violations(trees, ASKED) == ()
    assert {proof.verdict for proof in prove(trees, ASKED)} == {Verdict.EACH_TREE}
    for feature, direction in ASKED.items():
        assert sampled_violations(trees, x, feature, direction, 2_000) == Sampled(2_000, 0, 0.0)
        assert trees.splits(feature)
    opposite = sampled_violations(trees, x, "f0", -1, 2_000)
    assert opposite.wrong > 200
    assert opposite.worst > 0.1


def test_a_tree_broken_on_purpose_is_found():
    """One leaf value raised: the pair is named, the sum is refuted by two rows, and the sample sees it too."""
    trees, x = trained("basic", rounds=5)
    document = trees.to_json()
    number = next(number for number, one in enumerate(trees.trees) if 0 in one.feature)
    one = trees.trees[number]
    node = next(node for node, column in enumerate(one.feature) if column == 0 and one.left[node] < 0)
    document["trees"][number]["leaf_value"][~one.left[node]] = 9.0
    broken = Trees.from_json(document)
    found = [pair for pair in violations(broken, ASKED) if pair.feature == "f0"]
    assert found
    assert {(pair.tree, pair.lower_value) for pair in found} == {(number, 9.0)}
    proof = prove(broken, {"f0": 1})[0]
    assert proof.verdict is Verdict.BROKEN
    assert not proof.proved
    lower, upper = (np.array([row], dtype=float) for row in (proof.lower, proof.upper))
    assert broken.raw(upper)[0] - broken.raw(lower)[0] == proof.move < 0
    assert np.flatnonzero(~((lower == upper) | np.isnan(lower) & np.isnan(upper))[0]).tolist() == [0]
    assert sampled_violations(broken, x, "f0", 1).wrong > 0


def test_a_violating_pair_by_hand():
    """b <= 1: a rises from 1 to 2; b > 1: it falls from 5 to 4. Only the second breaks +1, only the first -1."""
    one = tree(
        [1, 0, 0],
        [1.0, 0.5, 0.5],
        [False, True, False],
        [1, -1, -3],
        [2, -2, -4],
        [1.0, 2.0, 5.0, 4.0],
        [5] * 4,
    )
    trees, free = Trees(NAMES, (one,)), float("inf")
    high, low = Range(1.0, free, missing=True), Range(-free, 1.0, missing=False)
    assert violations(trees, {"a": 1}) == (
        Violation(
            0,
            "a",
            1,
            {"b": high, "a": Range(-free, 0.5, missing=False)},
            {"b": high, "a": Range(0.5, free, missing=True)},
            5.0,
            4.0,
        ),
    )
    assert violations(trees, {"a": -1}) == (
        Violation(
            0,
            "a",
            -1,
            {"b": low, "a": Range(-free, 0.5, missing=True)},
            {"b": low, "a": Range(0.5, free, missing=False)},
            1.0,
            2.0,
        ),
    )
    assert violations(trees, {"b": 1}) == ()
    assert violations(trees, {"c": -1}) == ()


def test_a_missing_value_has_no_place_in_the_order():
    """A split on nulls alone, and a leaf for nulls only between the known ones, break nothing."""
    nulls = split(0, 1e300, 1.0, -5.0, missing_left=False)
    assert violations(Trees(NAMES, (nulls,)), {"a": 1}) == ()
    assert violations(Trees(NAMES, (nulls,)), {"a": -1}) == ()
    held = tree([0, 0], [1.0, 1e300], [False, False], [-1, -2], [1, -3], [1.0, 2.0, -9.0], [5] * 3)
    assert violations(Trees(NAMES, (held,)), {"a": 1}) == ()
    assert len(violations(Trees(NAMES, (held,)), {"a": -1})) == 1


def test_leaves_that_nobody_reaches_break_nothing():
    """a <= 1 and then a > 2: no row comes there, so its value does not matter."""
    one = tree([0, 0], [1.0, 2.0], [True, True], [1, -1], [-3, -2], [1.0, -9.0, 2.0], [5] * 3)
    assert violations(Trees(NAMES, (one,)), {"a": 1}) == ()


def test_a_sum_can_mend_what_one_tree_breaks():
    """A step of -1 under a step of +1 at the same threshold is proved; of -1.5 it is refuted."""
    up = split(0, 0.5, 0.0, 1.0)
    down = tree([1, 0], [0.0, 0.5], [True, True], [-1, -2], [1, -3], [0.0, 1.0, 0.0], [5] * 3)
    mended = prove(Trees(NAMES, (up, down)), {"a": 1, "b": 1, "c": 1})
    assert [proof.verdict for proof in mended] == [Verdict.SUM, Verdict.EACH_TREE, Verdict.EACH_TREE]
    assert mended[0].proved
    assert mended[0].open_thresholds == ()
    worse = tree([1, 0], [0.0, 0.5], [True, True], [-1, -2], [1, -3], [0.0, 1.5, 0.0], [5] * 3)
    broken = prove(Trees(NAMES, (up, worse)), {"a": 1})[0]
    assert (broken.verdict, broken.open_thresholds) == (Verdict.BROKEN, (0.5,))
    assert broken.move == -0.5
    assert broken.lower is not None
    assert broken.lower[0] == 0.5
    assert broken.lower[1] > 0
    elsewhere = prove(Trees(NAMES, (split(0, 0.4, 0.0, 1.0), down)), {"a": 1})[0]
    assert elsewhere.verdict is Verdict.BROKEN


def test_a_grid_too_small_leaves_it_open():
    """Two trees that mend each other only where they meet are not proved when no grid holds both."""
    down = tree([1, 0], [0.0, 0.5], [True, True], [-1, -2], [1, -3], [0.0, 1.0, 0.0], [5] * 3)
    up = tree([1, 0], [-1.0, 0.5], [True, True], [-1, -2], [1, -3], [0.0, 0.0, 1.0], [5] * 3)
    trees = Trees(NAMES, (down, up))
    assert prove(trees, {"a": 1})[0].verdict is Verdict.SUM
    small = prove(trees, {"a": 1}, most_points=1)[0]
    assert (small.verdict, small.open_thresholds, small.proved) == (Verdict.UNPROVEN, (0.5,), False)
    assert prove(Trees(NAMES, (down, split(0, 0.5, 0.0, 1.0))), {"a": 1}, most_points=1)[0].proved


@settings(max_examples=150, deadline=None)
@given(small_trees(width=3, most=5), st.integers(0, 2), st.sampled_from([1, -1]))
def test_one_tree_agrees_with_brute_force(one, column, direction):
    """Every value of every cell tried: the exact check finds a pair if and only if there is one."""
    trees = Trees(NAMES, (one,))
    found = violations(trees, {NAMES[column]: direction})
    worst = max((direction * (pair.lower_value - pair.upper_value) for pair in found), default=0.0)
    assert (worst > 1e-12) == breaks(trees, column, direction)
    assert bool(found) == (prove(trees, {NAMES[column]: direction})[0].verdict is not Verdict.EACH_TREE)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(small_trees(width=3, most=4), min_size=2, max_size=3),
    st.integers(0, 2),
    st.sampled_from([1, -1]),
)
def test_a_sum_agrees_with_brute_force(some, column, direction):
    """With a grid that holds all trees the verdict is exact; with any smaller grid it is never wrong."""
    trees, asked = Trees(NAMES, tuple(some)), {NAMES[column]: direction}
    broken = breaks(trees, column, direction)
    assert (prove(trees, asked)[0].verdict is Verdict.BROKEN) == broken
    assert prove(trees, asked)[0].proved != broken
    for most in (1, 3, 9):
        verdict = prove(trees, asked, most_points=most)[0].verdict
        assert verdict is Verdict.UNPROVEN or (verdict is Verdict.BROKEN) == broken


def test_what_cannot_be_checked_is_refused():
    """An unknown feature, a direction that is none, a feature without two values to compare."""
    trees = Trees(NAMES, (split(0, 0.5, 0.0, 1.0),))
    for check in (violations, prove):
        with pytest.raises(ValueError, match="'z' is no feature"):
            check(trees, {"z": 1})
        with pytest.raises(ValueError, match="direction of 'a' must be 1 or -1, not 0"):
            check(trees, {"a": 0})
    with pytest.raises(ValueError, match="'b' has 1 distinct known values"):
        sampled_violations(trees, [[1.0, 2.0, 3.0], [2.0, 2.0, 3.0], [2.0, np.nan, 3.0]], "b", 1)


def test_the_sample_is_the_seed_s():
    """The same seed draws the same pairs; each pair differs in the feature alone."""
    trees, x = trained("basic", rounds=5)
    first = sampled_violations(trees, x, "f4", -1, 500, seed=9)
    assert first == sampled_violations(trees, x, "f4", -1, 500, seed=9)
    assert first != sampled_violations(trees, x, "f4", -1, 500, seed=10)
    assert first.pairs == 500
