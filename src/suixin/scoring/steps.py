"""A step function of one feature or of two as a tree, so that a scorecard and a boosted model are the same kind of thing."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from suixin.scoring.tree import FARTHEST, Tree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def bins_of(values: Floats, edges: Sequence[float]) -> NDArray[np.int64]:
    """The bin of each value: 0 below the first edge, i from edge i-1 (inclusive) on; len(edges) + 1 where unknown."""
    found = np.searchsorted(np.asarray(edges, dtype=np.float64), values, side="right")
    return np.where(np.isnan(values), len(edges) + 1, found)


def step_tree(column: int, edges: Sequence[float], values: Sequence[float], counts: Sequence[int]) -> Tree:
    """A balanced tree that gives each bin of a feature its value.

    Args:
        column: of the feature.
        edges: ascending; a bin goes from its edge (inclusive) to the next.
        values: one a bin, and last the value where the feature is unknown: len(edges) + 2.
        counts: training rows likewise; none counts as one, for a leaf without weight has no share.

    Raises:
        ValueError: edges that do not ascend, or lists of other lengths.
    """
    if any(low >= high for low, high in pairwise(edges)):
        raise ValueError(f"the edges {list(edges)} do not ascend")
    if not len(values) == len(counts) == len(edges) + 2:
        raise ValueError(f"{len(edges)} edges need {len(edges) + 2} values and counts")
    grown = _Grown()
    grown.steps(column, edges, grown.leaf)
    return grown.tree(values, counts)


def grid_tree(
    columns: tuple[int, int], edges: tuple[Sequence[float], Sequence[float]], values: Floats, counts: Ints
) -> Tree:
    """A tree that gives each pair of bins of two features its value.

    Args:
        columns: of the features, two different ones.
        edges: of each, ascending, as for `step_tree`.
        values: (bins of the first, bins of the second), in both the unknown last.
        counts: training rows likewise; none counts as one.

    Raises:
        ValueError: edges that do not ascend, or tables of another shape.
    """
    wide = len(edges[1]) + 2
    if any(low >= high for one in edges for low, high in pairwise(one)):
        raise ValueError(f"the edges {edges} do not ascend")
    if not values.shape == counts.shape == (len(edges[0]) + 2, wide):
        raise ValueError(
            f"{len(edges[0])} and {len(edges[1])} edges need a table of {len(edges[0]) + 2} x {wide}"
        )
    grown = _Grown()
    grown.steps(
        columns[0],
        edges[0],
        lambda row: grown.steps(columns[1], edges[1], lambda number: grown.leaf(row * wide + number)),
    )
    return grown.tree(values.ravel().tolist(), counts.ravel().tolist())


class _Grown:
    """A tree while it grows: its nodes, and which value each leaf takes."""

    def __init__(self) -> None:
        self.inner: list[tuple[int, float, int, int]] = []
        self.leaves: list[int] = []

    def leaf(self, number: int) -> int:
        self.leaves.append(number)
        return ~(len(self.leaves) - 1)

    def steps(self, column: int, edges: Sequence[float], below: Callable[[int], int]) -> int:
        """The nodes that tell the bins of a feature apart; `below` makes what hangs under each bin."""
        root = self._node(column, FARTHEST)

        def part(first: int, last: int) -> int:
            """The bins from first to last."""
            if first == last:
                return below(first)
            middle = (first + last) // 2
            here = self._node(column, float(np.nextafter(edges[middle], -np.inf)))
            return self._joined(here, part(first, middle), part(middle + 1, last))

        return self._joined(root, part(0, len(edges)), below(len(edges) + 1))

    def tree(self, values: Sequence[float], counts: Sequence[int]) -> Tree:
        return Tree(
            feature=tuple(node[0] for node in self.inner),
            threshold=tuple(node[1] for node in self.inner),
            missing_left=(False,) * len(self.inner),
            left=tuple(node[2] for node in self.inner),
            right=tuple(node[3] for node in self.inner),
            leaf_value=tuple(float(values[number]) for number in self.leaves),
            leaf_count=tuple(max(int(counts[number]), 1) for number in self.leaves),
        )

    def _node(self, column: int, threshold: float) -> int:
        self.inner.append((column, threshold, 0, 0))
        return len(self.inner) - 1

    def _joined(self, node: int, left: int, right: int) -> int:
        self.inner[node] = (*self.inner[node][:2], left, right)
        return node


def constant_tree(value: float, rows: int) -> Tree:
    """One leaf: what a model starts from."""
    return Tree((), (), (), (), (), (float(value),), (max(rows, 1),))
