"""Whether a trained ensemble keeps the directions it was asked to keep: every pair of leaves, not a sample.

LightGBM's `monotone_constraints` is a request; its `advanced` method is known to break it. Here each tree is checked
leaf against leaf. If every tree passes, so does the sum, also as floats compute it: rounding a sum keeps order. What a
single tree breaks the others may mend; `suixin.scoring.monotone_sum` decides that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from suixin.scoring.tree import FARTHEST, Leaf, Tree, cells, leaves
from suixin.scoring.trees import Trees

ROUNDING = 1e-12  # a sum of trees that moves by less has not moved


@dataclass(frozen=True, slots=True)
class Range:
    """Values of one feature: above `low` up to and including `high`, and whether a missing value is among them.

    `low` is None where no known value is among them.
    """

    low: float | None
    high: float | None
    missing: bool


Box = dict[str, Range]


@dataclass(frozen=True, slots=True)
class Violation:
    """Two leaves of one tree that meet in every other feature and stand in the wrong order in this one.

    Attributes:
        tree: its number in the ensemble.
        feature, direction: +1 if a larger value must not lower the raw score, -1 if it must not raise it.
        lower, upper: the leaf at the smaller and at the larger values; features without a bound are left out.
        lower_value, upper_value: what they add to the raw score.
    """

    tree: int
    feature: str
    direction: int
    lower: Box
    upper: Box
    lower_value: float
    upper_value: float


@dataclass(frozen=True, slots=True)
class Sampled:
    """Pairs of rows that differ in one feature only.

    Attributes:
        pairs: how many were drawn.
        wrong: in how many the raw score moves against the direction.
        worst: the largest such move, 0 if there is none.
    """

    pairs: int
    wrong: int
    worst: float


def violations(trees: Trees, directions: Mapping[str, int]) -> tuple[Violation, ...]:
    """Every pair of leaves of one tree that breaks a direction. None at all proves the whole ensemble monotone.

    A missing value has no place in the order of its own feature; in the other features it is a value like any other.

    Args:
        trees: the ensemble.
        directions: feature -> +1 or -1.

    Raises:
        ValueError: an unknown feature, or another direction.
    """
    columns = checked(trees, directions)
    return tuple(
        Violation(
            number,
            trees.features[column],
            direction,
            _box(trees, tree, ends[low]),
            _box(trees, tree, ends[high]),
            ends[low].value,
            ends[high].value,
        )
        for number, tree in enumerate(trees.trees)
        if columns.keys() & set(tree.feature)
        for ends in [reachable(tree)]
        for column, direction in columns.items()
        if column in tree.feature
        for low, high in _wrong_pairs(ends, column, direction)
    )


def sampled_violations(
    trees: Trees, x: ArrayLike, feature: str, direction: int, pairs: int = 10_000, seed: int = 0
) -> Sampled:
    """Raise one feature in rows of the data, to values from the data, and count where the score goes the wrong way.

    Args:
        trees: the ensemble.
        x: (n, k) rows, NaN where missing.
        feature: the feature to raise.
        direction: +1 or -1.
        pairs: how many rows and pairs of distinct known values are drawn, with replacement.
        seed: of the draws.

    Raises:
        ValueError: an unknown feature, another direction, or fewer than two distinct known values to draw from.
    """
    column = next(iter(checked(trees, {feature: direction})))
    rows = np.asarray(x, dtype=np.float64)
    values = np.unique(rows[:, column][~np.isnan(rows[:, column])])
    if len(values) < 2:
        raise ValueError(f"{feature!r} has {len(values)} distinct known values: there is no pair to compare")
    draw = np.random.default_rng(seed)
    lower = rows[draw.integers(len(rows), size=pairs)]
    upper = lower.copy()
    one, step = draw.integers(len(values), size=pairs), draw.integers(1, len(values), size=pairs)
    both = np.sort(np.stack([one, (one + step) % len(values)]), axis=0)
    lower[:, column], upper[:, column] = values[both]
    against = -direction * (trees.raw(upper) - trees.raw(lower))
    wrong = against > ROUNDING
    return Sampled(pairs, int(wrong.sum()), float(against[wrong].max(initial=0.0)))


def checked(trees: Trees, directions: Mapping[str, int]) -> dict[int, int]:
    """Column -> direction.

    Raises:
        ValueError: an unknown feature, or a direction that is neither +1 nor -1.
    """
    for feature, direction in directions.items():
        if direction not in {1, -1}:
            raise ValueError(f"the direction of {feature!r} must be 1 or -1, not {direction!r}")
    return {trees.column(feature): direction for feature, direction in directions.items()}


def reachable(tree: Tree) -> list[Leaf]:
    """The leaves that some row can reach; no cell of theirs is empty of values."""
    ends = leaves(tree)
    for feature, cuts in cells(tree).items():
        if cuts[-1] == FARTHEST:
            for leaf in ends:
                if feature in leaf.admits:
                    leaf.admits[feature][-2] = False
    return [leaf for leaf in ends if all(admits.any() for admits in leaf.admits.values())]


def meeting(ends: list[Leaf], without: int) -> NDArray[np.bool_]:
    """(leaves, leaves): whether some row could reach either, were it not for the feature `without`."""
    found = np.ones((len(ends), len(ends)), dtype=np.bool_)
    for feature in {feature for leaf in ends for feature in leaf.admits} - {without}:
        cell_count = next(len(leaf.admits[feature]) for leaf in ends if feature in leaf.admits)
        admits = np.array([leaf.admits.get(feature, np.ones(cell_count, np.bool_)) for leaf in ends])
        found &= (admits[:, None, :] & admits[None, :, :]).any(axis=-1)
    return found


def _wrong_pairs(ends: list[Leaf], column: int, direction: int) -> list[tuple[int, int]]:
    """Numbers of the lower and the upper leaf. Leaves that meet elsewhere are apart in this feature."""
    held = [number for number, leaf in enumerate(ends) if column in leaf.admits]
    first = {number: _first_known(ends[number].admits[column]) for number in held}
    meet = meeting(ends, column)
    return [
        (low, high)
        for low in held
        for high in held
        if meet[low, high]
        and -1 < first[low] < first[high]
        and direction * (ends[high].value - ends[low].value) < 0
    ]


def _first_known(admits: NDArray[np.bool_]) -> int:
    """The lowest cell of known values; -1 if only a missing value comes here."""
    return int(admits[:-1].argmax()) if admits[:-1].any() else -1


def _box(trees: Trees, tree: Tree, leaf: Leaf) -> Box:
    cuts = cells(tree)
    return {trees.features[feature]: _range(cuts[feature], admits) for feature, admits in leaf.admits.items()}


def _range(cuts: tuple[float, ...], admits: NDArray[np.bool_]) -> Range:
    known = np.flatnonzero(admits[:-1])
    if not len(known):
        return Range(None, None, missing=True)
    edges = (-np.inf, *cuts, np.inf)
    return Range(float(edges[known[0]]), float(edges[known[-1] + 1]), missing=bool(admits[-1]))
