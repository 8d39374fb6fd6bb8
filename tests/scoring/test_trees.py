"""Boosted trees: the score and its parts equal LightGBM's and the definition's, and malformed trees are refused."""

import json
from itertools import combinations
from math import factorial

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grown_trees import small_trees, tree
from suixin.scoring import plan
from suixin.scoring.trees import Trees

INF, NAN = float("inf"), float("nan")
NEAR = float(np.float32(1e-35))  # the largest number that LightGBM reads as 0
QUIET = {"verbose": -1, "num_threads": 1, "seed": 5, "deterministic": True, "force_row_wise": True}


def table(rows=1_500, seed=0, nulls=0.15):
    """Normal, whole-number, constant and rarely known columns, and an outcome that depends on most of them."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(rows, 8))
    x[:, 2:4] = np.round(2 * x[:, 2:4])
    known = np.nan_to_num(x)
    signal = known[:, 0] + known[:, 1] * known[:, 2] + 0.5 * known[:, 3] - (known[:, 5] > 1)
    x[draw.random(x.shape) < nulls] = NAN
    x[draw.random(rows) < 0.9, 7] = NAN
    x[:, 4] = 7.0
    return x, (signal + draw.normal(size=rows) > 0.5).astype(float)


def train(x, y, rounds=30, **settings):
    booster = lightgbm.train({"objective": "binary", **QUIET, **settings}, lightgbm.Dataset(x, y), rounds)
    return booster, Trees.from_lightgbm(booster.dump_model(), [f"f{number}" for number in range(x.shape[1])])


def odd_rows(trees, width):
    """Rows on every threshold, one float beside it, at infinity, at zero, and all missing."""
    rows = [
        np.full(width, value)
        for value in (NAN, INF, -INF, 0.0, -0.0, 1e300, -1e300, 1.1e300, 1e-35, -1e-35, NEAR, -NEAR)
    ]
    for column, name in enumerate(trees.features):
        for edge in trees.splits(name):
            for value in (edge, np.nextafter(edge, INF), np.nextafter(edge, -INF)):
                row = np.zeros(width)
                row[column] = value
                rows.append(row)
    return np.array(rows)


def chain(features, seed=0):
    """A tree that is one long path: node i looks at features[i] and sends the rest down to node i + 1."""
    draw = np.random.default_rng(seed)
    nodes = len(features)
    return tree(
        features,
        draw.normal(size=nodes).tolist(),
        (draw.random(nodes) < 0.5).tolist(),
        [~node for node in range(nodes)],
        [*range(1, nodes), ~nodes],
        draw.normal(size=nodes + 1).tolist(),
        draw.integers(1, 50, nodes + 1).tolist(),
    )


def goes_left(one, node, value):
    return one.missing_left[node] if np.isnan(value) else value <= one.threshold[node]


def expectation(one, row, known, at=0):
    """The mean of the leaves under a node where only `known` features are looked at, the definition by Lundberg."""
    if at < 0:
        return one.leaf_value[~at]
    if not one.feature:
        return one.leaf_value[0]
    left, right = one.left[at], one.right[at]
    if one.feature[at] in known:
        return expectation(one, row, known, left if goes_left(one, at, row[one.feature[at]]) else right)
    rows = [one.covers[child] if child >= 0 else one.leaf_count[~child] for child in (left, right)]
    means = [expectation(one, row, known, child) for child in (left, right)]
    return (rows[0] * means[0] + rows[1] * means[1]) / sum(rows)


def shapley(one, row, width):
    """Shapley values by enumeration of all subsets, and the expected value."""
    found = np.zeros(width + 1)
    for column in range(width):
        others = [other for other in range(width) if other != column]
        for size in range(width):
            weight = factorial(size) * factorial(width - size - 1) / factorial(width)
            for known in combinations(others, size):
                gain = expectation(one, row, {*known, column}) - expectation(one, row, set(known))
                found[column] += weight * gain
    found[-1] = expectation(one, row, set())
    return found


VALUES = st.sampled_from([-INF, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, INF, NAN])


@pytest.mark.parametrize(
    ("rounds", "settings"),
    [
        (30, {"num_leaves": 8}),
        (30, {"num_leaves": 16, "bagging_fraction": 0.6, "bagging_freq": 1, "feature_fraction": 0.7}),
        (20, {"num_leaves": 31, "max_depth": 12, "min_data_in_leaf": 5}),
        (10, {"num_leaves": 60, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 0.0}),
        (20, {"num_leaves": 2}),
        (15, {"num_leaves": 8, "use_missing": False}),
        (15, {"num_leaves": 8, "is_unbalance": True, "max_bin": 15}),
        (15, {"num_leaves": 8, "objective": "regression"}),
    ],
)
def test_equals_lightgbm(rounds, settings):
    """Score and contributions are LightGBM's, on training rows, at thresholds, at infinities and with all missing."""
    x, y = table()
    booster, trees = train(x, y, rounds, **settings)
    rows = np.concatenate([x, odd_rows(trees, x.shape[1])])
    np.testing.assert_array_equal(trees.raw(rows), booster.predict(rows, raw_score=True))
    found = trees.contributions(rows)
    np.testing.assert_allclose(found, booster.predict(rows, pred_contrib=True), rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.sum(axis=1), trees.raw(rows), rtol=0, atol=1e-9)
    assert len(trees.trees) == rounds
    assert not found[:, 4].any()  # the constant column


def test_a_split_on_nulls_alone_sends_every_known_value_one_way():
    """LightGBM dumps its threshold as 1e300: infinities stay on the known side, and the score has no step there."""
    draw = np.random.default_rng(6)
    x = draw.normal(size=(1_000, 2))
    x[draw.random(1_000) < 0.4, 0] = NAN
    booster, trees = train(x, np.isnan(x[:, 0]).astype(float), num_leaves=2)
    assert {one.threshold for one in trees.trees} == {(1e300,)}
    rows = np.array([[value, 0.0] for value in (NAN, -INF, 0.0, 1e300, 1.1e300, INF)])
    np.testing.assert_array_equal(trees.raw(rows), booster.predict(rows, raw_score=True))
    assert len(set(trees.raw(rows[1:]))) == 1
    assert trees.splits("f0") == ()


def test_columns_without_nulls_read_a_missing_value_as_zero():
    """Where training saw no null, LightGBM takes a null for 0: ours does the same, on both sides of zero."""
    x, y = table(nulls=0.0)
    booster, trees = train(x[:, :7], y, num_leaves=8)
    rows = np.where(np.random.default_rng(1).random((500, 7)) < 0.5, NAN, x[:500, :7])
    np.testing.assert_array_equal(trees.raw(rows), booster.predict(rows, raw_score=True))
    np.testing.assert_array_equal(trees.raw(rows), trees.raw(np.nan_to_num(rows)))
    np.testing.assert_allclose(
        trees.contributions(rows), booster.predict(rows, pred_contrib=True), rtol=0, atol=1e-9
    )


def test_a_model_of_single_leaves_is_its_base_rate():
    """Too few rows to split: no contribution, and the expected value is the score."""
    x, y = np.arange(10.0)[:, None], np.array([1.0, *[0.0] * 9])
    booster, trees = train(x, y, rounds=3)
    np.testing.assert_array_equal(trees.raw(x), booster.predict(x, raw_score=True))
    np.testing.assert_array_equal(trees.contributions(x), booster.predict(x, pred_contrib=True))
    assert trees.trees[0].feature == ()
    assert trees.additive


def test_one_row_no_row_and_any_chunk_give_the_same_bits():
    """A merchant's contributions do not depend on who else is in the batch."""
    x, y = table(rows=plan.CHUNK + 100)
    _, trees = train(x[:1_500], y[:1_500], num_leaves=31)
    whole = trees.contributions(x)
    np.testing.assert_array_equal(trees.contributions(x[-1:]), whole[-1:])
    np.testing.assert_array_equal(trees.contributions(x[37:4_001]), whole[37:4_001])
    np.testing.assert_array_equal(trees.raw(x[-150:]), trees.raw(x)[-150:])
    assert trees.contributions(x[:0]).shape == (0, 9)
    assert trees.raw(x[:0]).shape == (0,)


@settings(max_examples=60, deadline=None)
@given(small_trees(), st.lists(st.lists(VALUES, min_size=4, max_size=4), min_size=1, max_size=3))
def test_contributions_are_shapley_values(one, rows):
    """Enumerating every subset of known features gives the same figures, for any tree and any missing side."""
    trees, x = Trees(("a", "b", "c", "d"), (one,)), np.array(rows)
    np.testing.assert_allclose(
        trees.contributions(x), [shapley(one, row, 4) for row in x], rtol=0, atol=1e-12
    )
    np.testing.assert_allclose(
        trees.raw(x), [expectation(one, row, {0, 1, 2, 3}) for row in x], rtol=0, atol=0
    )


@settings(max_examples=30, deadline=None)
@given(small_trees(), st.lists(VALUES, min_size=4, max_size=4), st.sampled_from([1, 2, 4, 9]))
def test_the_size_of_the_tables_changes_nothing(one, row, most):
    """Whole tree, subtrees, single leaves or row by row: the same contributions and the same score."""
    names, x = ("a", "b", "c", "d"), np.array([row])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "MOST_CELLS", most)
        small = Trees(names, (one,))
        effects, raw = small.contributions(x), small.raw(x)
    whole = Trees(names, (one,))
    np.testing.assert_allclose(effects, whole.contributions(x), rtol=0, atol=1e-13)
    np.testing.assert_array_equal(raw, whole.raw(x))


def test_a_path_of_forty_features_is_worked_out_row_by_row():
    """No table holds 2^40 patterns; the parts still add up, whoever else is in the batch."""
    trees = Trees(tuple(f"f{number}" for number in range(40)), (chain(range(40)), chain([3, 1] * 20, seed=2)))
    x = np.random.default_rng(3).normal(size=(200, 40)) + 1.5
    x[::7, ::3] = NAN
    whole = trees.contributions(x)
    np.testing.assert_allclose(whole.sum(axis=1), trees.raw(x), rtol=0, atol=1e-12)
    for row in range(0, 200, 9):
        np.testing.assert_array_equal(trees.contributions(x[row : row + 1]), whole[row : row + 1])
    even = tree(
        range(40),
        [0.0] * 40,
        [True] * 40,
        [~node for node in range(40)],
        [*range(1, 40), -41],
        [0.0] * 40 + [1.0],
        [1] * 41,
    )
    found = Trees(trees.features, (even,)).contributions(np.ones((1, 40)))[0]
    assert found[:-1].sum() + 1 / 41 == pytest.approx(1.0, abs=1e-12)
    assert np.all(np.diff(found[:-1]) > 0)  # the deeper the split, the rarer the way it took


def test_a_path_of_twelve_features_equals_enumeration():
    """The deepest path that enumeration can still check: each subset of 9 features, and a feature met twice."""
    one = chain([0, 1, 2, 3, 4, 5, 6, 7, 8, 2, 0, 5], seed=4)
    x = np.array([np.full(9, 3.0), np.linspace(-1, 2, 9), [NAN, 1, NAN, 2, 2, 2, NAN, 0, 0]])
    found = Trees(tuple("abcdefghi"), (one,)).contributions(x)
    np.testing.assert_allclose(found, [shapley(one, row, 9) for row in x], rtol=0, atol=1e-12)


def test_one_split_by_hand():
    """30 rows to the left at -1, 10 to the right at 2, mean -0.25: what is known moves the score from there."""
    trees = Trees(("sales", "age"), (tree([1], [5.0], [False], [-1], [-2], [-1.0, 2.0], [30, 10]),))
    x = [[9.0, 5.0], [9.0, 5.1], [9.0, NAN]]
    assert trees.raw(x).tolist() == [-1.0, 2.0, 2.0]
    assert trees.contributions(x).tolist() == [[0.0, -0.75, -0.25], [0.0, 2.25, -0.25], [0.0, 2.25, -0.25]]


def test_json_keeps_every_bit():
    """Written as text and read back, the ensemble is equal, and so is what it computes."""
    x, y = table()
    _, trees = train(x, y, num_leaves=16)
    again = Trees.from_json(json.loads(json.dumps(trees.to_json())))
    assert again == trees
    np.testing.assert_array_equal(again.contributions(x), trees.contributions(x))
    assert set(trees.to_json()) == {"schema", "features", "trees"}


def test_splits_are_the_steps_of_the_score():
    """Between two thresholds nothing changes, and at each of them something can."""
    one = tree(
        [0, 0, 1], [2.0, 1.0, 7.0], [True, True, False], [1, -1, -3], [2, -2, -4], [1, 2, 3, 4.5], [5] * 4
    )
    two = tree([0], [1.5], [True], [-1], [-2], [0.0, 1.0], [5, 15])
    trees = Trees(("a", "b", "c"), (one, two))
    assert [trees.splits(name) for name in "abc"] == [(1.0, 1.5, 2.0), (7.0,), ()]
    assert not trees.additive
    assert Trees(("a", "b"), (two, two)).additive
    with pytest.raises(ValueError, match="'z' is no feature of this model; it has a, b, c"):
        trees.splits("z")


GOOD = tree([0, 1], [1.0, 2.0], [True, False], [-1, -2], [1, -3], [1.0, 2.0, 3.0], [5, 6, 7])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"left": [-1, -1]}, "child of one node"),
        ({"right": [0, -3]}, "child of one node"),
        ({"feature": [1, 0], "left": [-1, 1], "right": [-2, -3]}, "must come after its parent"),
        ({"threshold": [1.0]}, "column of another length"),
        ({"leaf_value": [1.0, 2.0], "leaf_count": [5, 6]}, "needs 3 leaves"),
        ({"threshold": [1.0, NAN]}, "threshold is no number within 1e300"),
        ({"threshold": [1.0, INF]}, "threshold is no number within 1e300"),
        ({"leaf_value": [1.0, 2.0, INF]}, "leaf value is not finite"),
        ({"leaf_count": [5, 6, 0]}, "no training row"),
        ({"feature": [0, -1]}, "below 0"),
        ({"feature": [0, 2]}, "tree 0 looks at column 2"),
        ({"feature": [0, 1.0]}, "feature of a tree must be a list of int"),
        ({"feature": [0, True]}, "feature of a tree must be a list of int"),
        ({"missing_left": [1, 0]}, "missing_left of a tree must be a list of bool"),
        ({"threshold": [1.0, "2"]}, "threshold of a tree must be a list of float"),
        ({"left": "ab"}, "left of a tree must be a list of int"),
        ({"more": []}, "a tree has the columns"),
    ],
)
def test_malformed_trees_are_refused(changed, said):
    """A file that was damaged or made up never becomes a model."""
    document = Trees(("a", "b"), (GOOD,)).to_json()
    assert Trees.from_json(document).trees == (GOOD,)
    document["trees"][0].update(changed)
    with pytest.raises(ValueError, match=said):
        Trees.from_json(document)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"schema": 2}, "no ensemble of schema 1"),
        ({"more": 1}, "no ensemble of schema 1"),
        ({"features": ["a", 1]}, "list of names"),
        ({"features": ["a", "a"]}, "name a more than once"),
        ({"trees": []}, "at least one feature and one tree"),
        ({"trees": [1]}, "list of objects"),
    ],
)
def test_malformed_ensembles_are_refused(changed, said):
    """Another schema, a feature twice, no trees."""
    with pytest.raises(ValueError, match=said):
        Trees.from_json({**Trees(("a", "b"), (GOOD,)).to_json(), **changed})


def test_what_lightgbm_can_do_and_we_cannot_is_refused():
    """Categorical splits, zero as missing, linear leaves, forests, several classes, other features: never guessed."""
    x, y = table()
    many = np.where(np.isnan(x[:, 3]), 0, np.abs(x[:, 3]) % 3)
    x[:, 5] = many
    names = [f"f{number}" for number in range(8)]

    def dump(target=y, **settings):
        extra = settings.pop("data", {})
        data = lightgbm.Dataset(x, target, free_raw_data=False, **extra)
        return lightgbm.train({"objective": "binary", **QUIET, **settings}, data, 5).dump_model()

    by_class = many + (y > 0) % 2
    for document, said in (
        (dump(by_class % 2, data={"categorical_feature": [5]}), "categorical split"),
        (dump(zero_as_missing=True), "missing type Zero"),
        (dump(objective="regression", linear_tree=True), "linear leaves"),
        (dump(boosting="rf", bagging_freq=1, bagging_fraction=0.5), "averages its trees"),
        (dump(many, objective="multiclass", num_class=3), "3 classes"),
    ):
        with pytest.raises(ValueError, match=said):
            Trees.from_lightgbm(document, names)
    plain = dump()
    with pytest.raises(ValueError, match="was trained on the features"):
        Trees.from_lightgbm(plain, names[:7])
    named = dump(data={"feature_name": names})
    with pytest.raises(ValueError, match="was trained on the features"):
        Trees.from_lightgbm(named, names[::-1])
    assert Trees.from_lightgbm(named, names) == Trees.from_lightgbm(plain, names)
    root = next(one["tree_structure"] for one in plain["tree_info"] if one["num_leaves"] > 1)
    root["internal_count"] += 1
    with pytest.raises(ValueError, match="would not add up"):
        Trees.from_lightgbm(plain, names)


@pytest.mark.parametrize("x", [[1.0, 2.0], [[1.0, 2.0, 3.0]], [[[1.0, 2.0]]]])
def test_rows_of_another_width_are_refused(x):
    """A column too few or too many would be another model."""
    trees = Trees(("a", "b"), (GOOD,))
    for act in (trees.raw, trees.contributions):
        with pytest.raises(ValueError, match=r"expected \(n, 2\) values"):
            act(x)
