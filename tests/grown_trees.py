"""Hand-made and drawn trees for the tests of boosted models."""

from hypothesis import strategies as st

from suixin.scoring.tree import Tree

STEPS = (-1.0, 0.0, 0.5, 2.0)  # the thresholds of drawn trees
GRID = (-1.0, 0.0, 0.5, 2.0, 3.0, float("nan"))  # a value in each of their cells


def tree(feature, threshold, missing_left, left, right, value, count):
    return Tree(*(tuple(column) for column in (feature, threshold, missing_left, left, right, value, count)))


@st.composite
def small_trees(draw, width=4, most=6):
    """Any tree of up to `most` nodes: grown by splitting a leaf, then numbered from the root down."""
    nodes = draw(st.integers(0, most))
    grown = [None]  # a leaf is None, a node is [left, right]
    for _ in range(nodes):
        ends = [(part, side) for part in _all(grown[0]) for side in (0, 1) if part[side] is None]
        part, side = draw(st.sampled_from(ends)) if ends else (grown, 0)
        part[side] = [None, None]
    left, right = [], []
    leaves = _number(grown[0], left, right, [0])
    finite = st.floats(-3, 3, allow_nan=False)
    return tree(
        draw(st.lists(st.integers(0, width - 1), min_size=nodes, max_size=nodes)),
        draw(st.lists(st.sampled_from(STEPS), min_size=nodes, max_size=nodes)),
        draw(st.lists(st.booleans(), min_size=nodes, max_size=nodes)),
        left,
        right,
        draw(st.lists(finite, min_size=leaves, max_size=leaves)),
        draw(st.lists(st.integers(1, 9), min_size=leaves, max_size=leaves)),
    )


def _all(part):
    return [] if part is None else [part, *_all(part[0]), *_all(part[1])]


def _number(part, left, right, leaf):
    """Fill `left` and `right` in the order of the nodes; returns the number of leaves."""

    def add(one):
        if one is None:
            leaf[0] += 1
            return -leaf[0]
        node = len(left)
        left.append(0)
        right.append(0)
        left[node], right[node] = add(one[0]), add(one[1])
        return node

    add(part)
    return leaf[0]
