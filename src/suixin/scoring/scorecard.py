"""The points scorecard: monotone bins (optbinning), weight of evidence, whole points whose rounding is bounded.

raw = intercept - sum of weight x WoE; points of a bin = round(scale x what it takes off the log-odds of default). The
scale is the smallest at which rounding can reverse only merchants whose exact scores differ by less than 2 % of the
score's standard deviation: the bound is the sum over items of the spread of their rounding errors.

A few hundred defaults tell that a feature counts and how much, and hardly in which shape. So the weights of evidence of a
feature's bins may be straightened: drawn to the line that fits them best over the normal scores of their ranks, on finer
bins. How far is one of the settings that cross-validation chooses, and another is how much of the points comes from the
shapes that boosting finds for the same items (`suixin.scoring.shapes`): the mean of two cards is a card.
Sources: Siddiqi (2017) chapters 6 and 7; Navas-Palencia (2020), Optimal binning.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from suixin.errors import UsageError
from suixin.scoring.logistic import Logistic, fit
from suixin.scoring.metrics import auc
from suixin.scoring.ranks import normal_scores, rank_edges
from suixin.scoring.sample import Sample
from suixin.scoring.shapes import shapes
from suixin.scoring.steps import bins_of, constant_tree, step_tree
from suixin.scoring.trees import Trees

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class InseparableError(UsageError):
    """No feature tells defaults from good borrowers."""


MOST_LOOKED_AT = 40
MOST_ITEMS = 20
ROUNDING_SHARE = 0.02  # of the standard deviation of the score
_FEWEST_IV = 0.02  # information value below which a feature is noise (Siddiqi)
_LEAST_WEIGHT = 0.05
_FEW = 1_000  # rows, below which bins are coarser
_FINER, _FINER_OF_FEW = 10, 5  # bins of equal rows that a straightened feature has beside those of optbinning
_MOST_KEPT = 20_000  # edges, a few hundred bytes each
_TREND = {1: "ascending", -1: "descending", 0: "auto_asc_desc"}


@dataclass(frozen=True, slots=True)
class ScorecardSettings:
    """What the small search varies.

    Attributes:
        prior: defaults, with as many good borrowers as the average odds ask for, that each bin is thought to hold
            beside its own rows: few defaults make extreme bins by chance.
        ridge: how strongly weights are held to 0, in units of one borrower's information.
        straight: 0 for weights of evidence as counted, 1 for the line through them.
        shaped: the part of the points that comes from boosted shapes, 0 to 1.
    """

    prior: float
    ridge: float
    straight: float = 0.0
    shaped: float = 0.0


SEARCHED = (
    ScorecardSettings(0.5, 2.0),
    ScorecardSettings(5.0, 10.0),
    ScorecardSettings(10.0, 30.0),
    ScorecardSettings(10.0, 1.0, straight=1.0),
    ScorecardSettings(3.0, 1.0, straight=1.0, shaped=0.5),
)


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
    """The fitted card: base points, items, what rounding may do, and the same as trees (log-odds of default)."""

    base: int
    items: tuple[ScorecardItem, ...]
    rounding: Rounding
    trees: Trees


def fit_scorecard(sample: Sample, settings: ScorecardSettings) -> Scorecard:
    """Bin, weigh and round.

    Raises:
        InseparableError: no feature tells anything.
        UsageError: optbinning is not installed.
    """
    looked = [_bin(sample, j, settings.prior) for j in _promising(sample)]
    binned = [found for found in looked if found and found.iv >= _FEWEST_IV]
    if not binned:
        raise InseparableError(
            "no feature separates defaults from good borrowers; a scorecard would be one constant"
        )
    if settings.straight:
        binned = [_straightened(sample, one, settings.straight) for one in binned]
    chosen, fitted = _select(sample, binned, settings.ridge)
    items = [-weight * one.woe for weight, one in zip(fitted.weights, chosen, strict=True)]
    if not settings.shaped:
        return _rounded(sample, chosen, items, fitted.intercept)
    shaped, average = _shaped(sample, chosen)
    part = settings.shaped
    mixed = [(1 - part) * item + part * shape for item, shape in zip(items, shaped, strict=True)]
    return _rounded(sample, chosen, mixed, (1 - part) * fitted.intercept + part * average)


def _shaped(sample: Sample, chosen: Sequence[Binned]) -> tuple[list[Floats], float]:
    """The boosted shapes of the items in their bins, each in the direction that its weights of evidence have."""
    signs = [1 if one.woe[-2] < one.woe[0] else -1 for one in chosen]
    bins = [_bins(sample, one) for one in chosen]
    return shapes(sample, [one.column for one in chosen], signs, bins, [one.counts for one in chosen])


def _promising(sample: Sample) -> list[int]:
    """The columns that rank best alone, in their own direction: binning all would take long and find noise."""
    merit = []
    for j, sign in enumerate(sample.signs):
        known = ~np.isnan(sample.x[:, j])
        alone = auc(sample.y[known], sample.x[known, j]) - 0.5
        merit.append(-1.0 if np.isnan(alone) else sign * alone if sign else abs(alone))
    order = np.argsort(-np.array(merit), kind="stable")[:MOST_LOOKED_AT]
    return [int(j) for j in order if merit[j] > 0]


def _bin(sample: Sample, column: int, prior: float) -> Binned | None:
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


def _straightened(sample: Sample, one: Binned, share: float) -> Binned:
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


def _select(sample: Sample, binned: Sequence[Binned], ridge: float) -> tuple[list[Binned], Logistic]:
    """Weights that may not turn a feature around; the weak ones go, then the fit is made anew."""
    chosen = list(binned)
    while True:
        fitted = _fit(sample, chosen, ridge)
        spread = fitted.weights * np.array([one.woe[_bins(sample, one)].std() for one in chosen])
        strong = np.argsort(-spread, kind="stable")[:MOST_ITEMS]
        kept = [chosen[j] for j in sorted(strong) if fitted.weights[j] > _LEAST_WEIGHT]
        if not kept or len(kept) == len(chosen):
            return chosen, fitted
        chosen = kept


def _bins(sample: Sample, one: Binned) -> Ints:
    return bins_of(sample.x[:, one.column], one.edges)


def _fit(sample: Sample, chosen: Sequence[Binned], ridge: float) -> Logistic:
    design = np.column_stack([-one.woe[_bins(sample, one)] for one in chosen])
    return fit(design, sample.y, ridge=ridge, signs=np.ones(len(chosen)))


def _rounded(
    sample: Sample, chosen: Sequence[Binned], items: Sequence[Floats], intercept: float
) -> Scorecard:
    """Whole points at the smallest scale whose bound is small enough."""
    bins = [_bins(sample, one) for one in chosen]
    exact = np.sum([item[found] for item, found in zip(items, bins, strict=True)], axis=0)
    deviation = float(exact.std())
    if not deviation:
        raise InseparableError(
            "the scorecard gives everybody the same score; keep to the policy's expert card"
        )
    scale = max(1.0, 10.0 / deviation)
    while (bound := _bound(items, scale)) > ROUNDING_SHARE * deviation * scale:
        scale *= 1.1
    points = [np.rint(-item * scale).astype(np.int64) for item in items]
    base = round(-intercept * scale)
    total = base + np.sum([point[found] for point, found in zip(points, bins, strict=True)], axis=0)
    reversals, pairs = _reversals(-exact, total)
    rounding = Rounding(scale, bound, bound / (deviation * scale), reversals, pairs)
    rows = tuple(
        ScorecardItem(
            one.name,
            one.edges,
            tuple(point.tolist()),
            tuple((-item * scale).tolist()),
            tuple(one.counts.tolist()),
            tuple((one.defaults / np.maximum(one.counts, 1)).tolist()),
        )
        for one, point, item in zip(chosen, points, items, strict=True)
    )
    trees = [constant_tree(-base / scale, len(sample.y))]
    trees += [
        step_tree(one.column, one.edges, (-point / scale).tolist(), one.counts.tolist())
        for one, point in zip(chosen, points, strict=True)
    ]
    return Scorecard(base, rows, rounding, Trees(sample.names, tuple(trees)))


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
