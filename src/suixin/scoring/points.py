"""Whole points for a card's bins, and a bound on what rounding may reverse.

The scale is the smallest at which rounding can reverse only merchants whose exact scores differ by less than 2 % of the
score's standard deviation: the bound is the sum over items, crossed ones too, of the spread of their rounding errors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suixin.errors import UsageError
from suixin.scoring.bins import Binned
from suixin.scoring.crossings import Crossing
from suixin.scoring.sample import Sample
from suixin.scoring.steps import constant_tree, grid_tree, step_tree
from suixin.scoring.trees import Trees

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = tuple[tuple[float, ...], ...]

ROUNDING_SHARE = 0.02  # of the standard deviation of the score


class InseparableError(UsageError):
    """No feature tells defaults from good borrowers."""


@dataclass(frozen=True, slots=True)
class ScorecardItem:
    """One row group of the card: points of each bin; the last is for the unknown."""

    feature: str
    edges: tuple[float, ...]
    points: tuple[int, ...]
    exact: tuple[float, ...]
    counts: tuple[int, ...]
    default_rates: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CrossedItem:
    """A small table of the card: points of each band of one feature (rows) at each of another (columns).

    In both the last band is for the unknown.
    """

    features: tuple[str, str]
    edges: tuple[tuple[float, ...], tuple[float, ...]]
    points: tuple[tuple[int, ...], ...]
    exact: Rows
    counts: tuple[tuple[int, ...], ...]
    default_rates: Rows


@dataclass(frozen=True, slots=True)
class Rounding:
    """What rounding to whole points may do.

    Attributes:
        points_a_unit: points of one unit of log-odds.
        bound: points by which two merchants' exact scores may differ at most and still be reversed.
        share: the bound over the standard deviation of the score in training.
        reversals: pairs of training rows that rounding really reversed; pairs: all pairs whose scores differ.
    """

    points_a_unit: float
    bound: float
    share: float
    reversals: int
    pairs: int


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The fitted card: base points, items, what rounding may do, and the same as trees (log-odds of default).

    A score is the base and one entry of each item and of each crossed item.
    """

    base: int
    items: tuple[ScorecardItem, ...]
    rounding: Rounding
    trees: Trees
    crossed: tuple[CrossedItem, ...] = ()


def rounded(
    sample: Sample,
    chosen: Sequence[Binned],
    items: Sequence[Floats],
    intercept: float,
    crossings: Sequence[Crossing] = (),
) -> Scorecard:
    """Whole points at the smallest scale whose bound is small enough.

    Args:
        sample: the training rows.
        chosen: the features in bins.
        items: what each bin of each of them adds to the log-odds of default.
        intercept: log-odds of default of a borrower to whom nothing is added.
        crossings: pairs of features in bands, with what they add.
    """
    added = [*items, *(one.added.ravel() for one in crossings)]
    found = [*(one.rows(sample.x) for one in chosen), *(one.rows(sample.x) for one in crossings)]
    exact = np.sum([each[at] for each, at in zip(added, found, strict=True)], axis=0)
    scale = _scale(added, float(exact.std()))
    points = [np.rint(-each * scale).astype(np.int64) for each in added]
    base = round(-intercept * scale)
    total = base + np.sum([point[at] for point, at in zip(points, found, strict=True)], axis=0)
    bound = _bound(added, scale)
    rounding = Rounding(scale, bound, bound / (float(exact.std()) * scale), *_reversals(-exact, total))
    singles = list(zip(chosen, points, items, strict=False))
    tables = [
        (one, point.reshape(one.added.shape))
        for one, point in zip(crossings, points[len(items) :], strict=True)
    ]
    trees = [
        constant_tree(-base / scale, len(sample.y)),
        *(
            step_tree(one.column, one.edges, (-point / scale).tolist(), one.counts.tolist())
            for one, point, _ in singles
        ),
        *(grid_tree(one.columns, one.edges, -point / scale, one.counts) for one, point in tables),
    ]
    return Scorecard(
        base,
        tuple(_item(one, point, item, scale) for one, point, item in singles),
        rounding,
        Trees(sample.names, tuple(trees)),
        tuple(_crossed_item(one, point, scale) for one, point in tables),
    )


def _scale(added: Sequence[Floats], deviation: float) -> float:
    if not deviation:
        raise InseparableError(
            "the scorecard gives everybody the same score; keep to the policy's expert card"
        )
    scale = max(1.0, 10.0 / deviation)
    while _bound(added, scale) > ROUNDING_SHARE * deviation * scale:
        scale *= 1.1
    return scale


def _item(one: Binned, points: Ints, added: Floats, scale: float) -> ScorecardItem:
    return ScorecardItem(
        one.name,
        one.edges,
        tuple(points.tolist()),
        tuple((-added * scale).tolist()),
        tuple(one.counts.tolist()),
        tuple((one.defaults / np.maximum(one.counts, 1)).tolist()),
    )


def _crossed_item(one: Crossing, points: Ints, scale: float) -> CrossedItem:
    def table(values: NDArray[np.generic]) -> tuple[tuple[Any, ...], ...]:
        return tuple(tuple(row) for row in values.tolist())

    return CrossedItem(
        one.names,
        one.edges,
        table(points),
        table(-one.added * scale),
        table(one.counts),
        table(one.defaults / np.maximum(one.counts, 1)),
    )


def _bound(items: Sequence[Floats], scale: float) -> float:
    """The most by which rounding can move one merchant's score against another's, points."""
    errors = [np.rint(-item * scale) + item * scale for item in items]
    return float(sum(error.max() - error.min() for error in errors))


def _reversals(exact: Floats, total: Ints) -> tuple[int, int]:
    """Pairs of rows in the wrong strict order after rounding, and pairs whose exact scores differ."""
    order = np.argsort(exact, kind="stable")
    exact, total = exact[order], total[order]
    if exact.size > 5_000:  # every pair of 5,000 rows spread over the ranks is a fair picture
        at = np.linspace(0, exact.size - 1, 5_000).astype(np.int64)
        exact, total = exact[at], total[at]
    wrong = pairs = 0
    for i in range(exact.size - 1):
        higher = exact[i + 1 :] > exact[i]
        pairs += int(higher.sum())
        wrong += int((higher & (total[i + 1 :] < total[i])).sum())
    return wrong, pairs
