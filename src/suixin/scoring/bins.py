"""A feature in monotone bins (optbinning) with weights of evidence, as counted or straightened.

A few hundred defaults tell that a feature counts and how much, and hardly in which shape: straightened, the weights of
evidence follow the line that fits them best over the normal scores of their ranks, on finer bins.
Sources: Siddiqi (2017) chapters 6 and 7; Navas-Palencia (2020), Optimal binning.
"""

import warnings
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from suixin.errors import UsageError
from suixin.scoring.ranks import normal_scores, rank_edges
from suixin.scoring.sample import Sample
from suixin.scoring.steps import bins_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FEW = 1_000  # rows, below which bins are coarser
_FINER, _FINER_OF_FEW = 10, 5  # bins of equal rows that a straightened feature has beside those of optbinning
_MOST_KEPT = 20_000  # edges, a few hundred bytes each
_TREND = {1: "ascending", -1: "descending", 0: "auto_asc_desc"}


@dataclass(frozen=True, slots=True)
class Binned:
    """A feature in bins.

    Attributes:
        name, column: of the feature in the sample.
        edges: ascending; a bin holds its lower edge.
        counts, defaults: training rows of each bin, the last being the unknown.
        woe: weight of evidence of each bin, ln(share of good / share of defaults), smoothed; 0 for an empty one.
    """

    name: str
    column: int
    edges: tuple[float, ...]
    counts: Ints
    defaults: Ints
    woe: Floats

    @property
    def iv(self) -> float:
        """Information value."""
        good, bad = self.counts - self.defaults, self.defaults
        return float(np.sum((good / max(good.sum(), 1) - bad / max(bad.sum(), 1)) * self.woe))

    @property
    def sign(self) -> int:
        """+1 where the risk rises with the feature in these bins, -1 where it falls."""
        return 1 if self.woe[-2] < self.woe[0] else -1

    def rows(self, x: Floats) -> Ints:
        """The bin of each row of the sample's features."""
        return bins_of(x[:, self.column], self.edges)


def counted(sample: Sample, column: int, prior: float) -> Binned | None:
    """The feature in its best monotone bins; None if it tells nothing."""
    values, sign = sample.x[:, column], sample.signs[column]
    known = ~np.isnan(values)
    if np.unique(sample.y[known]).size < 2:
        return None
    edges = _edges(values[known], sample.y[known], sign, few=len(sample.y) < _FEW)
    if not edges:
        return None
    bins = bins_of(values, edges)
    counts = np.bincount(bins, minlength=len(edges) + 2)
    defaults = np.bincount(bins[sample.y == 1], minlength=len(edges) + 2)
    return Binned(sample.names[column], column, edges, counts, defaults, _woe(counts, defaults, prior))


_FOUND: dict[bytes, tuple[float, ...]] = {}
"""Edges by the digest of what they were found from: every setting of a search asks for those of the same rows."""


def _edges(values: Floats, y: Ints, sign: int, *, few: bool) -> tuple[float, ...]:
    """The edges of the best monotone bins, none if nothing is told apart; by constraint programming, so kept."""
    asked = sha256(np.ascontiguousarray(values).tobytes() + np.ascontiguousarray(y).tobytes())
    asked.update(f"{y.dtype} {sign} {few}".encode())
    key = asked.digest()
    if key not in _FOUND:
        if len(_FOUND) >= _MOST_KEPT:
            _FOUND.clear()
        _FOUND[key] = _searched_edges(values, y, sign, few=few)
    return _FOUND[key]


def _searched_edges(values: Floats, y: Ints, sign: int, *, few: bool) -> tuple[float, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = _optbinning()(
            dtype="numerical",
            monotonic_trend=_TREND[sign],
            max_n_bins=4 if few else 6,
            min_bin_size=0.10 if few else 0.05,
            min_bin_n_event=2 if few else 5,
            min_bin_n_nonevent=2 if few else 5,
        ).fit(values, y)
    return tuple(float(edge) for edge in found.splits) if found.status in {"OPTIMAL", "FEASIBLE"} else ()


def _optbinning() -> Any:
    try:
        from optbinning import OptimalBinning  # noqa: PLC0415 - needed for training only, and large
    except ImportError as error:
        raise UsageError("training needs optbinning; install it with: ./dev setup train") from error
    return OptimalBinning


def _woe(counts: Ints, defaults: Ints, prior: float) -> Floats:
    """Weight of evidence with a prior of the average odds in each bin.

    The prior draws a small bin to the average, perhaps past its neighbour: then the two are pooled.
    """
    odds = float((counts - defaults).sum() / defaults.sum())
    rows = counts + prior * (1 + odds)
    rate, seen = (defaults + prior) / rows, defaults[:-1] / np.maximum(counts[:-1], 1)
    rising = bool(seen[-1] >= seen[0])
    rate[:-1] = isotonic_regression(rate[:-1], weights=rows[:-1], increasing=rising).x
    return np.where(counts > 0, np.log((1 - rate) / rate / odds), 0.0)


def straightened(sample: Sample, one: Binned, share: float) -> Binned:
    """The feature on finer bins, its weights of evidence drawn to their line over normal scores; the unknown as it is.

    The line keeps the direction, for it is fitted to weights that rise or fall throughout, and so does what lies between.
    """
    values = sample.x[:, one.column]
    finer = rank_edges(values, _FINER_OF_FEW if len(sample.y) < _FEW else _FINER, tails=True)
    edges = tuple(sorted({*one.edges, *finer}))
    bins = bins_of(values, edges)
    counts = np.bincount(bins, minlength=len(edges) + 2)
    defaults = np.bincount(bins[sample.y == 1], minlength=len(edges) + 2)
    inside = np.searchsorted(one.edges, edges, side="right")
    woe = one.woe[np.r_[0, inside, len(one.woe) - 1]]
    scores, rows, known = normal_scores(counts)[:-1], counts[:-1] / counts[:-1].sum(), woe[:-1]
    apart = scores - (rows * scores).sum()
    middle = (rows * known).sum()
    slope = (rows * apart * known).sum() / (rows * apart**2).sum()
    woe[:-1] = share * (middle + slope * apart) + (1 - share) * known
    return Binned(one.name, one.column, edges, counts, defaults, woe)
