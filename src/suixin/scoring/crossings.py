"""Pairs of features that tell more together than each alone, as small tables of bands that a card can hold.

A late parcel says little of a merchant without debts and much of one who must pay every month; points that only add up
cannot say so. Boosted trees of two features at most find such pairs and what each pair of bands adds. The tables keep
the features' directions: a cell is the mean of a monotone function over values of either band drawn apart, and not over
the rows that happen to lie there. Sources: Lou, Caruana, Gehrke & Hooker (2013), Accurate intelligible models with
pairwise interactions.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from suixin.scoring.boosted import BoostedSettings, fit_boosted
from suixin.scoring.ranks import edges_at
from suixin.scoring.sample import Sample
from suixin.scoring.shapes import mean_of
from suixin.scoring.steps import bins_of, constant_tree
from suixin.scoring.tree import Tree
from suixin.scoring.trees import Trees

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Pair = tuple[int, int]

_BANDS = (0.5, 0.75, 0.95, 0.98)  # shares of the rows below a band's edge, counted from the safe end
_VALUES = 6  # of a band, over which a cell is averaged
_TO_FIND = BoostedSettings(trees=200, leaves=3, depth=2, random_cuts=True, runs=8)
_TO_FIT = BoostedSettings(trees=300, leaves=3, depth=2, random_cuts=True, runs=4)
_FIND_SEED, _FIT_SEED = 1, 0  # equal samples give equal cards
_ROUNDS = 15  # to take two features' own parts off a table; it settles in a few


@dataclass(frozen=True, slots=True)
class Crossing:
    """Two features in bands, and what each pair of bands adds.

    Attributes:
        names, columns: of the features in the sample.
        edges: of the bands of each, ascending; a band holds its lower edge.
        counts, defaults: training rows, (bands of the first, bands of the second), in both the unknown last.
        added: likewise to the log-odds of default; its mean over the rows is 0.
    """

    names: tuple[str, str]
    columns: Pair
    edges: tuple[tuple[float, ...], tuple[float, ...]]
    counts: Ints
    defaults: Ints
    added: Floats

    def rows(self, x: Floats) -> Ints:
        """The cell of each row of the sample's features, counted along the rows of the table."""
        first, second = (
            bins_of(x[:, column], edges) for column, edges in zip(self.columns, self.edges, strict=True)
        )
        return np.asarray(first * self.added.shape[1] + second, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Bands:
    """Of one feature: edges, band of each row, and some values of each band, (bands, values); the unknown last."""

    edges: tuple[float, ...]
    rows: Ints
    values: Floats

    @classmethod
    def of(cls, values: Floats, sign: int) -> "_Bands":
        """Bands that are finest where the risk is."""
        shares = np.array(_BANDS) if sign > 0 else 1.0 - np.array(_BANDS)
        edges = tuple(edges_at(values, shares))
        rows = bins_of(values, edges)
        some = [_spread(values[rows == number]) for number in range(len(edges) + 1)]
        return cls(edges, rows, np.array([*some, np.full(_VALUES, np.nan)]))


def crossed_shapes(
    sample: Sample,
    columns: Sequence[int],
    signs: Sequence[int],
    bins: Sequence[Ints],
    counts: Sequence[Ints],
    most: int,
) -> tuple[list[Floats], list[Crossing], float]:
    """What each bin of each feature adds to the log-odds of default, what pairs add, and those of the average borrower.

    Args:
        sample: what is learned from.
        columns: the features.
        signs: +1 where the risk may not fall with the feature, -1 where it may not rise.
        bins: for each feature the bin of each row, the unknown last.
        counts: the rows of each bin.
        most: so many pairs at most, the strongest.
    """
    some = replace(sample.columns(columns), signs=tuple(signs))
    bands = [_Bands.of(some.x[:, j], sign) for j, sign in enumerate(signs)]
    pairs = _strongest(some, bands, most)
    trees = fit_boosted(some, _TO_FIT, _FIT_SEED, [*((j,) for j in range(len(signs))), *pairs])
    by_pair = _by_pair(trees)
    alone = [tree for tree in trees.trees if len(set(tree.feature)) < 2]
    added = Trees(some.names, (constant_tree(0.0, 1), *alone)).contributions(some.x)
    single = [mean_of(added[:, j], bins[j], count) for j, count in enumerate(counts)]
    found = [_crossing(some, columns, pair, bands, by_pair[pair]) for pair in pairs if pair in by_pair]
    return single, found, sum(tree.expected for tree in trees.trees)


def _strongest(sample: Sample, bands: Sequence[_Bands], most: int) -> list[Pair]:
    """The pairs whose tables hold most that no two single features could say."""
    by_pair = _by_pair(fit_boosted(sample, _TO_FIND, _FIND_SEED))
    strength = {
        pair: _interaction(_table(sample, pair, bands, trees), _counts(pair, bands))
        for pair, trees in by_pair.items()
        if bands[pair[0]].edges and bands[pair[1]].edges
    }
    return sorted(strength, key=lambda pair: (-strength[pair], pair))[:most]


def _by_pair(trees: Trees) -> dict[Pair, list[Tree]]:
    found: dict[Pair, list[Tree]] = {}
    for tree in trees.trees:
        features = sorted(set(tree.feature))
        if len(features) == 2:
            found.setdefault((features[0], features[1]), []).append(tree)
    return found


def _crossing(
    sample: Sample, columns: Sequence[int], pair: Pair, bands: Sequence[_Bands], trees: Sequence[Tree]
) -> Crossing:
    first, second = pair
    counts = _counts(pair, bands)
    return Crossing(
        names=(sample.names[first], sample.names[second]),
        columns=(columns[first], columns[second]),
        edges=(bands[first].edges, bands[second].edges),
        counts=counts,
        defaults=_counts(pair, bands, sample.y == 1),
        added=_known(_table(sample, pair, bands, trees), counts),
    )


def _counts(pair: Pair, bands: Sequence[_Bands], among: NDArray[np.bool_] | None = None) -> Ints:
    first, second = (bands[column] for column in pair)
    wide = len(second.values)
    cells = first.rows * wide + second.rows
    return np.bincount(cells if among is None else cells[among], minlength=len(first.values) * wide).reshape(
        -1, wide
    )


def _table(sample: Sample, pair: Pair, bands: Sequence[_Bands], trees: Sequence[Tree]) -> Floats:
    """The mean in each cell over the values of its two bands."""
    first, second = (bands[column].values for column in pair)
    rows = np.full((first.size * second.size, len(sample.names)), np.nan)
    rows[:, pair[0]], rows[:, pair[1]] = (
        np.repeat(first.ravel(), second.size),
        np.tile(second.ravel(), first.size),
    )
    raw = Trees(sample.names, tuple(trees)).raw(rows)
    return np.asarray(raw.reshape(len(first), _VALUES, len(second), _VALUES).mean(axis=(1, 3)))


def _known(table: Floats, counts: Ints) -> Floats:
    """Measured from the mean of the rows; an unknown that never was is like the average."""
    for axis in (0, 1):
        rows = counts.sum(axis=1 - axis)
        if not rows[-1]:
            turned = table.T if axis else table
            turned[-1] = (rows[:-1, None] * turned[:-1]).sum(axis=0) / rows[:-1].sum()
    return np.asarray(table - (counts * table).sum() / counts.sum())


def _interaction(table: Floats, counts: Ints) -> float:
    """Standard deviation over the rows of what is left of a table when two single features have said their part."""
    left = table
    for _ in range(_ROUNDS):
        for axis in (1, 0):
            rows = np.maximum(counts.sum(axis=axis, keepdims=True), 1)
            left = left - (counts * left).sum(axis=axis, keepdims=True) / rows
    return float(np.sqrt((counts * left**2).sum() / counts.sum()))


def _spread(values: Floats) -> Floats:
    """So many values from the least to the largest."""
    return np.asarray(np.sort(values)[np.linspace(0, values.size - 1, _VALUES).astype(np.int64)])
