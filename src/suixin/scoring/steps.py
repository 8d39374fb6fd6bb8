"""A step function of one feature as a tree, so that a scorecard and a boosted model are the same kind of thing."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from suixin.scoring.tree import FARTHEST, Tree

Floats = NDArray[np.float64]


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
    inner: list[tuple[int, float, int, int]] = [(column, FARTHEST, 0, 0)]
    leaves: list[int] = []

    def leaf(number: int) -> int:
        leaves.append(number)
        return ~(len(leaves) - 1)

    def part(first: int, last: int) -> int:
        """The bins from first to last."""
        if first == last:
            return leaf(first)
        middle = (first + last) // 2
        here = len(inner)
        inner.append((column, float(np.nextafter(edges[middle], -np.inf)), 0, 0))
        left, right = part(first, middle), part(middle + 1, last)
        inner[here] = (*inner[here][:2], left, right)
        return here

    known = part(0, len(edges))
    inner[0] = (column, FARTHEST, known, leaf(len(edges) + 1))
    return Tree(
        feature=tuple(node[0] for node in inner),
        threshold=tuple(node[1] for node in inner),
        missing_left=(False,) * len(inner),
        left=tuple(node[2] for node in inner),
        right=tuple(node[3] for node in inner),
        leaf_value=tuple(float(values[number]) for number in leaves),
        leaf_count=tuple(max(int(counts[number]), 1) for number in leaves),
    )


def constant_tree(value: float, rows: int) -> Tree:
    """One leaf: what a model starts from."""
    return Tree((), (), (), (), (), (float(value),), (max(rows, 1),))
