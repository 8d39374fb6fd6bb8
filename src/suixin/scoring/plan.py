"""From an ensemble to the tables of `attribution`: which leaves share one, and what stands in it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Self

import numpy as np

from suixin.scoring.attribution import Codes, Floats, LongPath, Table, pattern_effects
from suixin.scoring.tree import FARTHEST, Leaf, Tree, cells, leaves

MOST_CELLS = 4_096  # a column of a table is 32 KiB and stays in the processor's first cache
CHUNK = 8_192  # rows at a time: their cells and sums stay in the second and third cache
TREES = 32  # at a time when the tables are made: bounds what is held besides them
BATCH = 32_768  # patterns of leaves at a time when the tables are made


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything about an ensemble that does not depend on the rows.

    Attributes:
        edges: for each column the ascending thresholds of all trees; None for a column that no tree looks at.
        parts: tables and long paths in the order of the trees, which is the order of every sum.
        constants: the value of each single-leaf tree by the number of parts before it.
        expected: the mean raw score over the training rows.
    """

    edges: tuple[Floats | None, ...]
    parts: tuple[Table | LongPath, ...]
    constants: Mapping[int, tuple[float, ...]]
    expected: float

    @classmethod
    def of(cls, trees: Iterable[Tree], width: int) -> Self:
        """The plan of an ensemble over `width` columns."""
        trees = tuple(trees)
        edges = _edges(trees, width)
        parts: list[Table | LongPath] = []
        constants: dict[int, tuple[float, ...]] = {}
        batches = (trees[begin : begin + TREES] for begin in range(0, len(trees), TREES))
        made = (some for batch in batches for some in _parts(batch, edges))
        for tree, some in zip(trees, made, strict=True):
            if not some:
                constants[len(parts)] = (*constants.get(len(parts), ()), tree.leaf_value[0])
            parts += some
        return cls(edges, tuple(parts), constants, sum(tree.expected for tree in trees))

    def contributions(self, x: Floats) -> Floats:
        """(n, k + 1): each feature's part of the raw score, and the expected value last."""
        found = np.empty((len(x), len(self.edges) + 1))
        found[:, -1] = self.expected
        for begin in range(0, len(x), CHUNK):
            rows = x[begin : begin + CHUNK]
            known, sums = self._cells(rows), np.zeros((len(self.edges), len(rows)))
            for part in self.parts:
                part.add(known, sums, None)
            found[begin : begin + CHUNK, :-1] = sums.T
        return found

    def raw(self, x: Floats) -> Floats:
        """(n,): the sum of the leaf values, tree after tree."""
        found = np.zeros(len(x))
        for begin in range(0, len(x), CHUNK):
            known, sums = self._cells(x[begin : begin + CHUNK]), found[begin : begin + CHUNK]
            for number in range(len(self.parts) + 1):
                for constant in self.constants.get(number, ()):
                    sums += constant
                if number < len(self.parts):
                    self.parts[number].add(known, None, sums)
        return found

    def _cells(self, x: Floats) -> list[Codes | None]:
        """For each column the cell among its m edges: 0 to m, and m + 1 where the value is missing."""
        return [
            None if edges is None else np.searchsorted(edges, np.minimum(column, FARTHEST)) + np.isnan(column)
            for edges, column in zip(self.edges, np.ascontiguousarray(x.T), strict=True)
        ]


def _edges(trees: Sequence[Tree], width: int) -> tuple[Floats | None, ...]:
    found: list[set[float]] = [set() for _ in range(width)]
    for tree in trees:
        for feature, threshold in zip(tree.feature, tree.threshold, strict=True):
            found[feature].add(threshold)
    return tuple(np.array(sorted(one)) if one else None for one in found)


@dataclass(frozen=True, slots=True)
class Group:
    """Leaves that are worked out together: a subtree, or a single leaf.

    Attributes:
        numbers: which leaves of the tree.
        classes: feature -> for each of the tree's cells which of these leaves it leads to, as bits. Cells that lead
            to the same leaves are one class; a table need not tell them apart.
    """

    numbers: tuple[int, ...]
    classes: dict[int, list[int]]

    @property
    def size(self) -> int:
        """How many positions a table of it has."""
        return prod(max(2, len(set(classes))) for classes in self.classes.values())


def _groups(tree: Tree, ends: Sequence[Leaf]) -> list[Group]:
    """The tree as one group if a table holds it, else its two subtrees, and so on down."""
    if not tree.feature:
        return []
    below, leading = _leaves_below(tree), _leading(tree, ends)
    found: list[Group] = []
    waiting = [0]
    while waiting:
        node = waiting.pop()
        group = _group(tuple(below[node]) if node >= 0 else (~node,), ends, leading)
        if node < 0 or group.size <= MOST_CELLS:
            found.append(group)
        else:
            waiting += [tree.right[node], tree.left[node]]
    return found


def _leaves_below(tree: Tree) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in tree.feature]
    for leaf, path in enumerate(tree.paths()):
        for node, _ in path:
            found[node].append(leaf)
    return found


def _leading(tree: Tree, ends: Sequence[Leaf]) -> dict[int, list[int]]:
    """Feature -> for each of the tree's cells which leaves with the feature on their paths it leads to, as bits."""
    found = {feature: [0] * (len(cuts) + 2) for feature, cuts in cells(tree).items()}
    for number, leaf in enumerate(ends):
        for feature, admits in leaf.admits.items():
            held = found[feature]
            for cell in np.flatnonzero(admits).tolist():
                held[cell] |= 1 << number
    return found


def _group(numbers: tuple[int, ...], ends: Sequence[Leaf], leading: Mapping[int, list[int]]) -> Group:
    mask = sum(1 << number for number in numbers)
    features = sorted({feature for number in numbers for feature in ends[number].admits})
    return Group(numbers, {feature: [bits & mask for bits in leading[feature]] for feature in features})


def _parts(trees: Sequence[Tree], edges: Sequence[Floats | None]) -> list[list[Table | LongPath]]:
    """The parts of each tree."""
    ends = [leaves(tree) for tree in trees]
    groups = [_groups(tree, found) for tree, found in zip(trees, ends, strict=True)]
    effects = _effects(
        [
            found[number]
            for found, some in zip(ends, groups, strict=True)
            for group in some
            if group.size <= MOST_CELLS
            for number in group.numbers
        ]
    )
    parts: list[list[Table | LongPath]] = []
    for tree, found, some in zip(trees, ends, groups, strict=True):
        spread = {feature: _spread(edges[feature], cuts) for feature, cuts in cells(tree).items()}
        parts.append(
            [
                _table(group, [(found[number], next(effects)) for number in group.numbers], spread)
                if group.size <= MOST_CELLS
                else _long_path(found[group.numbers[0]], spread)
                for group in some
            ]
        )
    return parts


def _effects(ends: Sequence[Leaf]) -> Iterator[Floats]:
    """`pattern_effects` of each leaf, worked out together for leaves with equally long paths."""
    found: dict[int, Floats] = {}
    by_length: dict[int, list[int]] = {}
    for number, leaf in enumerate(ends):
        by_length.setdefault(len(leaf.admits), []).append(number)
    for length, numbers in by_length.items():
        most = max(1, BATCH >> length)
        for batch in (numbers[begin : begin + most] for begin in range(0, len(numbers), most)):
            values = np.array([ends[number].value for number in batch])
            shares = np.array([list(ends[number].share.values()) for number in batch])
            found.update(zip(batch, pattern_effects(values, shares), strict=True))
    return iter([found[number] for number in range(len(ends))])


def _spread(edges: Floats | None, cuts: Sequence[float]) -> Codes:
    """Cell among all edges of a feature -> cell among one tree's cuts."""
    assert edges is not None  # noqa: S101  # the feature has cuts, so it has edges
    return np.concatenate([np.searchsorted(cuts, edges), [len(cuts), len(cuts) + 1]])


def _table(group: Group, held: Sequence[tuple[Leaf, Floats]], spread: Mapping[int, Codes]) -> Table:
    distinct = {feature: sorted(set(classes)) for feature, classes in group.classes.items()}
    axis = {feature: number for number, feature in enumerate(distinct)}
    shape = tuple(len(bits) for bits in distinct.values())
    effects, values = np.zeros((len(shape), *shape)), np.zeros(shape)
    for number, (leaf, by_pattern) in zip(group.numbers, held, strict=True):
        pattern = np.zeros((1,) * len(shape), dtype=np.intp)
        for feature in leaf.admits:
            leads = np.array([bits >> number & 1 for bits in distinct[feature]])
            pattern = 2 * pattern + leads.reshape(
                [-1 if one == axis[feature] else 1 for one in range(len(shape))]
            )
        for feature, row in zip(leaf.admits, by_pattern, strict=True):
            effects[axis[feature]] += row.take(pattern)
        values += leaf.value * (pattern == (1 << len(leaf.admits)) - 1)
    offsets = tuple(
        np.array([bits.index(one) * prod(shape[number + 1 :]) for one in group.classes[feature]])[
            spread[feature]
        ]
        for number, (feature, bits) in enumerate(distinct.items())
    )
    return Table(tuple(distinct), offsets, effects.reshape(len(shape), -1), values.reshape(-1))


def _long_path(leaf: Leaf, spread: Mapping[int, Codes]) -> LongPath:
    admits = tuple(leads[spread[feature]] for feature, leads in leaf.admits.items())
    return LongPath(tuple(leaf.admits), admits, tuple(leaf.share.values()), leaf.value)
