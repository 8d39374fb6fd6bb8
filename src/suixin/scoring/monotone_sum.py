"""Whether a sum of trees is monotone although one of its trees is not.

Raising a feature crosses its thresholds one after another, so it suffices to look at each crossing alone. There only
the trees that split the feature at this very threshold move, each by a step that depends on the other features. The
trees that step the wrong way somewhere are added up over the grid of those features, with as many of the others as the
grid can hold; the rest are counted at their least step. What stays at or above 0 everywhere is proved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from suixin.scoring.monotone import ROUNDING, checked, meeting, reachable
from suixin.scoring.tree import FARTHEST, Tree, cells
from suixin.scoring.trees import Trees

MOST_POINTS = 2_000_000  # of a grid: 16 MB


class Verdict(StrEnum):
    """What is known of one feature's direction."""

    EACH_TREE = "each_tree"  # proved: every tree keeps it
    SUM = "sum"  # proved: not every tree keeps it, but their sum does
    BROKEN = "broken"  # refuted by two rows
    UNPROVEN = "unproven"  # neither proved nor refuted within the size of a grid


@dataclass(frozen=True, slots=True)
class Proof:
    """The verdict on one feature.

    Attributes:
        feature, direction: what was asked.
        verdict: the answer.
        open_thresholds: the thresholds at which the direction is refuted or not proved.
        lower, upper: for BROKEN two rows that differ in this feature only, the raw score moving the wrong way by
            `move`; else None. None in a row is a missing value.
        move: the raw score at `upper` less that at `lower`; 0 unless BROKEN.
    """

    feature: str
    direction: int
    verdict: Verdict
    open_thresholds: tuple[float, ...] = ()
    lower: tuple[float | None, ...] | None = None
    upper: tuple[float | None, ...] | None = None
    move: float = 0.0

    @property
    def proved(self) -> bool:
        """Whether the ensemble surely keeps the direction."""
        return self.verdict in {Verdict.EACH_TREE, Verdict.SUM}


@dataclass(frozen=True, slots=True)
class Step:
    """How one tree moves at a crossing: (size, where), in the asked direction.

    Attributes:
        cuts: other feature -> its thresholds in this tree.
        sizes: one for each region of the other features.
        regions: feature -> which of its cells belong to the region; a feature left out has no bound.
    """

    cuts: dict[int, tuple[float, ...]]
    sizes: tuple[float, ...]
    regions: tuple[dict[int, NDArray[np.bool_]], ...]

    @property
    def least(self) -> float:
        """The smallest step."""
        return min(self.sizes)


def prove(trees: Trees, directions: Mapping[str, int], most_points: int = MOST_POINTS) -> tuple[Proof, ...]:
    """Decide each direction on the whole ensemble.

    Args:
        trees: the ensemble.
        directions: feature -> +1 (a larger value must not lower the raw score) or -1.
        most_points: the largest grid to add trees up on; a larger one proves more and takes longer.

    Raises:
        ValueError: an unknown feature, or another direction.
    """
    return tuple(
        _proof(trees, column, direction, most_points)
        for column, direction in checked(trees, directions).items()
    )


def _proof(trees: Trees, column: int, direction: int, most_points: int) -> Proof:
    feature = trees.features[column]
    steps_at = _steps(trees.trees, column, direction)
    suspect = [edge for edge, steps in steps_at.items() if min(step.least for step in steps) < 0]
    if not suspect:
        return Proof(feature, direction, Verdict.EACH_TREE)
    open_thresholds: list[float] = []
    found: Proof | None = None
    for edge in suspect:
        least, point = _least_sum(steps_at[edge], most_points)
        if least < -ROUNDING:
            open_thresholds.append(edge)
            found = found or _refuted(trees, column, direction, edge, point)
    if found is None:
        verdict = Verdict.UNPROVEN if open_thresholds else Verdict.SUM
        return Proof(feature, direction, verdict, tuple(open_thresholds))
    return Proof(
        feature, direction, Verdict.BROKEN, tuple(open_thresholds), found.lower, found.upper, found.move
    )


def _steps(trees: Sequence[Tree], column: int, direction: int) -> dict[float, list[Step]]:
    """Threshold -> how each tree that splits there moves when the feature rises across it."""
    found: dict[float, list[Step]] = {}
    for tree in trees:
        cuts = cells(tree)
        if column not in cuts:
            continue
        ends, others = reachable(tree), {feature: cuts[feature] for feature in cuts if feature != column}
        meet, everywhere = meeting(ends, column), np.ones(len(cuts[column]) + 2, np.bool_)
        admits = np.array([leaf.admits.get(column, everywhere) for leaf in ends])
        for cell, edge in enumerate(cuts[column]):
            if edge == FARTHEST:
                continue
            pairs = [
                (low, high)
                for low in np.flatnonzero(admits[:, cell])
                for high in np.flatnonzero(admits[:, cell + 1])
                if meet[low, high]
            ]
            sizes = tuple(direction * (ends[high].value - ends[low].value) for low, high in pairs)
            regions = tuple(_both(ends[low].admits, ends[high].admits, column) for low, high in pairs)
            found.setdefault(edge, []).append(Step(others, sizes, regions))
    return dict(sorted(found.items()))


def _both(
    one: Mapping[int, NDArray[np.bool_]], other: Mapping[int, NDArray[np.bool_]], without: int
) -> dict[int, NDArray[np.bool_]]:
    found = {feature: admits for feature, admits in one.items() if feature != without}
    for feature, admits in other.items():
        if feature != without:
            found[feature] = found[feature] & admits if feature in found else admits
    return found


def _least_sum(steps: Sequence[Step], most_points: int) -> tuple[float, dict[int, float]]:
    """A lower bound of the sum of the steps, exact if the grid holds all trees, and the point where it is."""
    cuts: dict[int, tuple[float, ...]] = {}
    chosen: list[Step] = []
    rest = 0.0
    for step in sorted(steps, key=lambda step: (step.least >= 0, len(step.cuts), step.least)):
        wider = {
            feature: tuple(sorted({*cuts.get(feature, ()), *step.cuts.get(feature, ())}))
            for feature in {**cuts, **step.cuts}
        }
        if np.prod([len(edges) + 2.0 for edges in wider.values()]) <= most_points:
            cuts, chosen = wider, [*chosen, step]
        else:
            rest += step.least
    grid = np.zeros([len(edges) + 2 for edges in cuts.values()])
    for step in chosen:
        for size, region in zip(step.sizes, step.regions, strict=True):
            where = [
                _spread(edges, step.cuts.get(feature), region.get(feature)) for feature, edges in cuts.items()
            ]
            grid[np.ix_(*where)] += size
    for axis, edges in enumerate(cuts.values()):
        if edges[-1] == FARTHEST:
            grid[(slice(None),) * axis + (-2,)] = np.inf  # no value lies beyond
    at = np.unravel_index(int(grid.argmin()), grid.shape)
    point = {
        feature: _value(edges, int(cell)) for (feature, edges), cell in zip(cuts.items(), at, strict=True)
    }
    return float(grid[at]) + rest, point


def _spread(
    edges: Sequence[float], cuts: Sequence[float] | None, region: NDArray[np.bool_] | None
) -> NDArray[np.bool_]:
    """A region of one tree's cells in the cells of the grid."""
    if cuts is None or region is None:
        return np.ones(len(edges) + 2, np.bool_)
    return region[[*np.searchsorted(cuts, edges), len(cuts), len(cuts) + 1]]


def _value(edges: Sequence[float], cell: int) -> float:
    """A value in a cell: its upper edge, just beyond the last edge, or missing."""
    if cell < len(edges):
        return edges[cell]
    return float(np.nextafter(edges[-1], np.inf)) if cell == len(edges) else np.nan


def _refuted(
    trees: Trees, column: int, direction: int, edge: float, point: Mapping[int, float]
) -> Proof | None:
    """Two rows on both sides of a threshold at the worst point, if the score does move the wrong way there."""
    rows = np.full((2, len(trees.features)), np.nan)
    for feature, value in point.items():
        rows[:, feature] = value
    rows[:, column] = edge, np.nextafter(edge, np.inf)
    lower, upper = trees.raw(rows)
    if direction * (upper - lower) >= -ROUNDING:
        return None
    low, high = (tuple(None if np.isnan(value) else float(value) for value in row) for row in rows)
    return Proof(trees.features[column], direction, Verdict.BROKEN, (edge,), low, high, float(upper - lower))
