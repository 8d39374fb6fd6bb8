"""One decision tree of a boosted ensemble, as plain numbers that can be written, read and checked."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Path = tuple[tuple[int, bool], ...]

FARTHEST = 1e300  # larger values are read as this one: LightGBM writes so the threshold that only nulls pass
_ZERO = float(np.float32(1e-35))  # LightGBM reads what is no larger as 0


@dataclass(frozen=True, slots=True)
class Tree:
    """A binary tree over numeric features. It goes left where value <= threshold.

    Attributes:
        feature: the column that each inner node looks at; node 0 is the root, a child comes after its parent.
        threshold: at most 1e300 either way, in the feature's unit; at 1e300 every known value goes left.
        missing_left: whether a missing value goes left.
        left, right: the child of each node: another node, or ~leaf (so -1 is leaf 0).
        leaf_value: what a leaf adds to the raw score (log-odds for a binary objective).
        leaf_count: training rows in each leaf, at least 1.

    Raises:
        ValueError: the numbers are no tree; the message says why.
    """

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    missing_left: tuple[bool, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    leaf_value: tuple[float, ...]
    leaf_count: tuple[int, ...]

    def __post_init__(self) -> None:
        inner, leaves = len(self.feature), len(self.leaf_value)
        if any(len(column) != inner for column in (self.threshold, self.missing_left, self.left, self.right)):
            raise ValueError(f"a tree of {inner} nodes has a column of another length")
        if leaves != inner + 1 or len(self.leaf_count) != leaves:
            raise ValueError(
                f"a tree of {inner} nodes needs {inner + 1} leaves, each with a value and a count"
            )
        children = sorted((*self.left, *self.right))
        if children != sorted((*range(1, inner), *(range(-leaves, 0) if inner else ()))):
            raise ValueError("each node but the root and each leaf must be the child of one node")
        if any(0 <= child <= node for side in (self.left, self.right) for node, child in enumerate(side)):
            raise ValueError("a child must come after its parent")
        if not all(abs(threshold) <= FARTHEST for threshold in self.threshold):
            raise ValueError("a threshold is no number within 1e300 of 0")
        if not all(math.isfinite(value) for value in self.leaf_value):
            raise ValueError("a leaf value is not finite")
        if min(self.feature, default=0) < 0:
            raise ValueError("a node looks at a column below 0")
        if min(self.leaf_count) < 1:
            raise ValueError("a leaf holds no training row: its share of a path cannot be told")

    @property
    def covers(self) -> tuple[int, ...]:
        """Training rows that came to each inner node."""
        found = [0] * len(self.feature)
        for node in reversed(range(len(found))):
            found[node] = sum(
                found[child] if child >= 0 else self.leaf_count[~child]
                for child in (self.left[node], self.right[node])
            )
        return tuple(found)

    @property
    def expected(self) -> float:
        """The mean of the leaf values over the training rows."""
        total = sum(self.leaf_count)
        pairs = zip(self.leaf_value, self.leaf_count, strict=True)
        return sum(count / total * value for value, count in pairs)

    def paths(self) -> tuple[Path, ...]:
        """For each leaf the nodes from the root down to it, each with whether the path goes left there."""
        found: list[Path] = [()] * len(self.leaf_value)
        above: list[Path] = [()] * len(self.feature)
        for node in range(len(self.feature)):
            for child, left in ((self.left[node], True), (self.right[node], False)):
                steps = (*above[node], (node, left))
                if child >= 0:
                    above[child] = steps
                else:
                    found[~child] = steps
        return tuple(found)

    def scaled(self, factor: float) -> "Tree":
        """The same tree with each leaf's value times a factor."""
        return replace(self, leaf_value=tuple(value * factor for value in self.leaf_value))

    def renumbered(self, columns: Mapping[int, int]) -> "Tree":
        """The same tree over other columns: old number -> new number."""
        return replace(self, feature=tuple(columns[column] for column in self.feature))

    def to_json(self) -> dict[str, list[Any]]:
        """Plain lists; floats keep every bit in JSON."""
        return {field.name: list(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """What `to_json` wrote.

        Raises:
            ValueError: a column is missing, unknown or of the wrong type, or the numbers are no tree.
        """
        names = {field.name for field in fields(cls)}
        if set(document) != names:
            raise ValueError(f"a tree has the columns {sorted(names)}, not {sorted(document)}")
        floats, flags = {"threshold", "leaf_value"}, {"missing_left"}
        return cls(
            **{
                name: _column(name, column, float if name in floats else bool if name in flags else int)
                for name, column in document.items()
            }
        )


def _column(name: str, column: Any, kind: type) -> tuple[Any, ...]:
    allowed = (int, float) if kind is float else (kind,)
    if not isinstance(column, list) or any(type(value) not in allowed for value in column):
        raise ValueError(f"{name} of a tree must be a list of {kind.__name__}")
    return tuple(kind(value) for value in column)


def tree_from_lightgbm(dump: Mapping[str, Any]) -> Tree:
    """One element of `tree_info` in `lightgbm.Booster.dump_model()`.

    A node without missing type None reads a missing value as 0, as LightGBM does.

    Raises:
        ValueError: a categorical split, missing type Zero, linear leaves, or counts that do not add up.
    """
    inner: list[tuple[int, float, bool]] = []
    links: list[list[int]] = []
    leaves: list[tuple[float, int]] = []

    def add(part: Mapping[str, Any]) -> tuple[int, int]:
        """Number of a node or leaf, and its training rows."""
        if "leaf_value" in part:
            if "leaf_coeff" in part:
                raise ValueError("a tree with linear leaves cannot be read: train with linear_tree=false")
            leaves.append((float(part["leaf_value"]), int(part.get("leaf_count", 1))))
            return ~(len(leaves) - 1), leaves[-1][1]
        node = len(inner)
        inner.append(_split(part))
        links.append([])
        below = [add(part[side]) for side in ("left_child", "right_child")]
        links[node] = [child for child, _ in below]
        count = sum(rows for _, rows in below)
        if count != part["internal_count"]:
            raise ValueError(
                f"a node holds {part['internal_count']} training rows, but its children hold {count}: "
                "contributions would not add up to the score"
            )
        return node, count

    add(dump["tree_structure"])
    feature, threshold, missing_left = zip(*inner, strict=True) if inner else ((), (), ())
    left, right = zip(*links, strict=True) if links else ((), ())
    values, counts = zip(*leaves, strict=True)
    return Tree(feature, threshold, missing_left, left, right, values, counts)


def _split(part: Mapping[str, Any]) -> tuple[int, float, bool]:
    """Column, threshold, and whether a missing value goes left."""
    if part["decision_type"] != "<=":
        raise ValueError(
            f"column {part['split_feature']} has a categorical split ({part['decision_type']}): "
            "only numeric splits (<=) can be read"
        )
    threshold = _beside_zero(float(part["threshold"]))
    match part["missing_type"]:
        case "NaN":
            return int(part["split_feature"]), threshold, bool(part["default_left"])
        case "None":
            return int(part["split_feature"]), threshold, threshold >= 0.0
        case other:
            raise ValueError(f"missing type {other} cannot be read: train with zero_as_missing=false")


def _beside_zero(threshold: float) -> float:
    """The threshold that sends values within 1e-35 of 0 where LightGBM sends 0."""
    if 0.0 <= threshold < _ZERO:
        return _ZERO
    return math.nextafter(-_ZERO, -math.inf) if -_ZERO <= threshold < 0.0 else threshold


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf seen from the features on its path.

    Attributes:
        value: what it adds to the raw score.
        admits: feature -> which of the tree's cells of that feature lead here (see `cells`).
        share: feature -> the share of training rows that takes this path where the feature is unknown.
    """

    value: float
    admits: dict[int, NDArray[np.bool_]]
    share: dict[int, float]


def cells(tree: Tree) -> dict[int, tuple[float, ...]]:
    """Feature -> its thresholds t_1 < ... < t_m in this tree.

    They cut its values into m + 2 cells: [-inf, t_1], (t_1, t_2], ..., (t_m, inf], and missing.
    """
    found: dict[int, set[float]] = {}
    for feature, threshold in zip(tree.feature, tree.threshold, strict=True):
        found.setdefault(feature, set()).add(threshold)
    return {feature: tuple(sorted(found[feature])) for feature in sorted(found)}


def leaves(tree: Tree) -> tuple[Leaf, ...]:
    """The leaves in the order of `leaf_value`; exact, since no threshold cuts a cell."""
    cuts, covers = cells(tree), tree.covers
    lefts = [_goes_left(tree, node, cuts) for node in range(len(tree.feature))]
    found = []
    for value, path in zip(tree.leaf_value, tree.paths(), strict=True):
        admits: dict[int, NDArray[np.bool_]] = {}
        share: dict[int, float] = {}
        for node, left in path:
            feature = tree.feature[node]
            child = tree.left[node] if left else tree.right[node]
            rows = covers[child] if child >= 0 else tree.leaf_count[~child]
            here = lefts[node] if left else ~lefts[node]
            admits[feature] = admits[feature] & here if feature in admits else here
            share[feature] = share.get(feature, 1.0) * (rows / covers[node])
        found.append(Leaf(value, admits, share))
    return tuple(found)


def _goes_left(tree: Tree, node: int, cuts: Mapping[int, Sequence[float]]) -> NDArray[np.bool_]:
    edges = cuts[tree.feature[node]]
    left = np.arange(len(edges) + 2) <= edges.index(tree.threshold[node])
    left[-1] = tree.missing_left[node]
    return left
