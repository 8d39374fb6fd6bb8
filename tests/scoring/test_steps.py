"""A step function as a tree gives each bin its value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.scoring.steps import bins_of, constant_tree, grid_tree, step_tree
from suixin.scoring.trees import Trees

NAN = float("nan")


def test_bins_hold_their_lower_edge():
    """Below, on and above each edge, and the unknown last."""
    assert bins_of(np.array([-5.0, 1.0, 1.5, 2.0, 9.0, NAN]), [1.0, 2.0]).tolist() == [0, 1, 1, 2, 2, 3]
    assert bins_of(np.array([3.0, NAN]), []).tolist() == [0, 1]


@given(
    st.lists(st.floats(-1e6, 1e6), unique=True, max_size=12).map(sorted),
    st.data(),
)
def test_the_tree_is_the_step_function(edges, data):
    """At every edge, one float beside it, far away and unknown, the tree gives the bin's value to the bit."""
    values = data.draw(st.lists(st.floats(-9, 9), min_size=len(edges) + 2, max_size=len(edges) + 2))
    at = np.array(
        [
            NAN, -1e9, 1e9,
            *(value for edge in edges for value in (edge, np.nextafter(edge, -np.inf), np.nextafter(edge, np.inf))),
        ]
    )  # fmt: skip
    trees = Trees(("other", "f"), (step_tree(1, edges, values, [5] * len(values)),))
    x = np.column_stack([np.zeros_like(at), at])
    np.testing.assert_array_equal(trees.raw(x), np.array(values)[bins_of(at, edges)])


def test_a_contribution_is_the_step_less_the_mean():
    """Rows 3, 1 and 0 (which counts as 1): the mean of 1, 2 and 7 is (3 + 2 + 7) / 5."""
    trees = Trees(("f",), (step_tree(0, [0.0], [1.0, 2.0, 7.0], [3, 1, 0]),))
    np.testing.assert_allclose(
        trees.contributions(np.array([[-1.0], [0.0], [NAN]])),
        [[-1.4, 2.4], [-0.4, 2.4], [4.6, 2.4]],
        atol=1e-15,
    )


def test_a_grid_gives_each_pair_of_bins_its_value():
    """Every pair of bins of two features, the unknown among them; and what the two share is split between them evenly."""
    edges = ([0.0, 1.0], [5.0])
    values = np.arange(12.0).reshape(4, 3) ** 2
    trees = Trees(("a", "b"), (grid_tree((1, 0), edges, values, np.ones((4, 3), np.int64)),))
    at, beside = np.array([-1.0, 0.0, 1.0, NAN]), np.array([4.0, 5.0, NAN])
    x = np.column_stack([np.tile(beside, 4), np.repeat(at, 3)])
    np.testing.assert_array_equal(trees.raw(x), values.ravel())
    # Shapley's share of the first: half of what it brings first and half of what it brings last
    mean, by_b = values.mean(), values.mean(axis=0)
    alone, last = values.mean(axis=1)[2] - mean, values[2, 1] - by_b[1]
    np.testing.assert_allclose(trees.contributions(x[7:8])[0, 1], (alone + last) / 2, atol=1e-12)


@pytest.mark.parametrize(
    ("edges", "shape", "message"),
    [(([1.0, 1.0], [2.0]), (4, 3), "do not ascend"), (([1.0], [2.0]), (3, 2), "need a table of 3 x 3")],
)
def test_a_grid_of_another_shape_is_refused(edges, shape, message):
    """Edges out of order, or a cell too few."""
    with pytest.raises(ValueError, match=message):
        grid_tree((0, 1), edges, np.zeros(shape), np.ones(shape, np.int64))


def test_a_constant_is_one_leaf():
    """What a model starts from, whatever is known."""
    np.testing.assert_array_equal(Trees(("f",), (constant_tree(-2.5, 0),)).raw([[NAN], [1.0]]), [-2.5, -2.5])


@pytest.mark.parametrize(
    ("edges", "values", "message"),
    [
        ([1.0, 1.0], [0] * 4, "do not ascend"),
        ([2.0, 1.0], [0] * 4, "do not ascend"),
        ([1.0], [0] * 2, "need 3 values"),
    ],
)
def test_what_is_no_step_function_is_refused(edges, values, message):
    """A bug in a caller is caught here and not in a score."""
    with pytest.raises(ValueError, match=message):
        step_tree(0, edges, values, values)
