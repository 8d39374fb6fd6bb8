"""Exact contributions of features to a tree ensemble's raw score, by tables.

The contribution of feature j at a leaf of value v, whose path names the features D, is the Shapley value of the
game in which a known feature either leads to the leaf (o = 1) or not (o = 0) and an unknown one does so in the share
z of the training rows (path-dependent TreeSHAP: Lundberg, Erion, Lee 2018, arXiv:1802.03888; Lundberg et al. 2020,
doi:10.1038/s42256-019-0138-9):

    v (o_j - z_j) sum_{S in D - j} |S|! (|D| - |S| - 1)! / |D|!  prod_{i in S} o_i  prod_{i not in S, i != j} z_i

The weights are the moments of t^|S| (1 - t)^(|D| - 1 - |S|) on [0, 1], so the sum is the integral of a polynomial,
which Gauss-Legendre nodes give exactly (as in Linear TreeSHAP: Yu et al. 2022, arXiv:2209.08192):

    v (o_j - z_j) integral_0^1 prod_{i in D - j} ((1 - t) z_i + t o_i) dt

It depends on the features' cells only, so that it can be tabulated before any row is seen (Fast TreeSHAP v2: Yang
2021, arXiv:2109.09847). A tree whose table would grow too large is cut into its subtrees, in the end into its leaves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Table:
    """What a group of leaves adds, tabulated over the cells of the features on their paths.

    Attributes:
        features: (d,) columns.
        offsets: for each of them, global cell -> what it adds to the position in the table.
        effects: (d, positions) contribution of each of the features.
        values: (positions,) the leaf value, 0 where none of these leaves is reached.
    """

    features: tuple[int, ...]
    offsets: tuple[Codes, ...]
    effects: Floats
    values: Floats

    def add(self, known: Sequence[Codes | None], effects: Floats | None, values: Floats | None) -> None:
        """Add to the sums in place; `known` has the global cells of each column, `effects` is (k, rows)."""
        position = _sum_of_offsets(self, known)
        spare = np.empty(len(position))
        if values is not None:
            values += self.values.take(position, out=spare, mode="clip")
        if effects is not None:
            for feature, column in zip(self.features, self.effects, strict=True):
                sums = effects[feature]
                sums += column.take(position, out=spare, mode="clip")


def _sum_of_offsets(table: Table, known: Sequence[Codes | None]) -> Codes:
    position: Codes | None = None
    spare: Codes | None = None
    for feature, offset in zip(table.features, table.offsets, strict=True):
        held = known[feature]
        assert held is not None  # noqa: S101  # every column that a table names has its cells
        if position is None:
            position = offset.take(held, mode="clip")
            spare = np.empty_like(position)
        else:
            position += offset.take(held, out=spare, mode="clip")
    assert position is not None  # noqa: S101  # a table is made for a tree with at least one split
    return position


@dataclass(frozen=True, slots=True)
class LongPath:
    """A leaf with so many features on its path that no table holds it: worked out row by row.

    Attributes:
        features: (d,) columns.
        admits: for each of them, global cell -> whether it leads to the leaf.
        shares: (d,) share of training rows that leads there where the feature is unknown.
        value: the leaf value.
    """

    features: tuple[int, ...]
    admits: tuple[NDArray[np.bool_], ...]
    shares: tuple[float, ...]
    value: float

    def add(self, known: Sequence[Codes | None], effects: Floats | None, values: Floats | None) -> None:
        """Add to the sums in place, as `Table.add` does."""
        led = np.array(
            [admits[known[feature]] for feature, admits in zip(self.features, self.admits, strict=True)],
            dtype=np.float64,
        )
        if values is not None:
            values += self.value * led.prod(axis=0)
        if effects is not None:
            for feature, gain in zip(self.features, self._gains(led), strict=True):
                effects[feature] += gain

    def _gains(self, led: Floats) -> Iterator[Floats]:
        """The contribution of each feature, (rows,), from where it leads, (d, rows)."""
        nodes, weights = _quadrature(len(self.features))
        at = nodes[:, None]
        factors = [(1 - at) * share + at * row for share, row in zip(self.shares, led, strict=True)]
        after = [np.ones_like(factors[0])]
        for factor in reversed(factors[1:]):
            after.append(after[-1] * factor)
        before = weights[:, None] * np.ones_like(factors[0])
        for row, share, factor, rest in zip(led, self.shares, factors, reversed(after), strict=True):
            integral = np.zeros_like(row)
            for node in range(len(nodes)):  # numpy's own sum takes another order for a single row
                integral += before[node] * rest[node]
            yield self.value * (row - share) * integral
            before *= factor


@cache
def _quadrature(features: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on [0, 1], exact for polynomials up to degree features - 1."""
    nodes, weights = np.polynomial.legendre.leggauss((features + 1) // 2)
    return (nodes + 1) / 2, weights / 2


def pattern_effects(values: Floats, shares: Floats) -> Floats:
    """Contributions at leaves with d features on their paths, for every pattern of which of them lead there.

    Args:
        values: (leaves,) the leaf values.
        shares: (leaves, d) the share of training rows that a feature leads to the leaf where it is unknown.

    Returns:
        (leaves, d, 2^d): the contribution of each feature; bit d - 1 - i of a pattern tells whether feature i leads
        to the leaf.
    """
    number, features = shares.shape
    nodes, weights = _quadrature(features)
    width = len(nodes)
    unknown = shares[:, :, None, None] * (1 - nodes)
    factors = unknown + np.stack([np.zeros(width), nodes])  # (leaves, d, 2, nodes)
    after = [np.ones((number, 1, width))]
    for one in reversed(range(1, features)):
        after.append((factors[:, one, :, None] * after[-1][:, None]).reshape(number, -1, width))
    gains = values[:, None, None] * (np.array([0.0, 1.0]) - shares[:, :, None])  # (leaves, d, 2)
    before, found = np.broadcast_to(weights, (number, 1, width)), np.empty((number, features, 2**features))
    for one, rest in enumerate(reversed(after)):
        without = np.zeros((number, before.shape[1], rest.shape[1]))
        for node in range(width):
            without += before[:, :, None, node] * rest[:, None, :, node]
        found[:, one] = (gains[:, one, None, :, None] * without[:, :, None, :]).reshape(number, -1)
        before = (before[:, :, None] * factors[:, one, None]).reshape(number, -1, width)
    return found
