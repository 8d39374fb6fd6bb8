"""The families of models that compete, and how one is fitted: settings by cross-validation, then calibration, then all rows."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suixin.errors import UsageError
from suixin.scoring.boosted import BoostedSettings, fit_boosted, searched
from suixin.scoring.calibration import Calibration, calibrate
from suixin.scoring.metrics import auc
from suixin.scoring.points import InseparableError, Scorecard
from suixin.scoring.sample import Sample
from suixin.scoring.scorecard import ScorecardSettings, fit_scorecard
from suixin.scoring.scorecard import searched as searched_cards
from suixin.scoring.splits import folds
from suixin.scoring.thin import ThinSettings, fit_thin
from suixin.scoring.trees import Trees

Floats = NDArray[np.float64]

INNER_FOLDS = 4
_RIDGES = (3.0, 10.0, 30.0)


class Kind(StrEnum):
    """A family of models."""

    SCORECARD = "scorecard"  # points on monotone bins
    THIN = "thin"  # ranks with known signs
    BOOSTED = "boosted"  # LightGBM under monotone constraints
    BLEND = "blend"  # the mean log-odds of thin and boosted


KINDS = tuple(Kind)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A member of a family, fitted.

    Attributes:
        kind: its family.
        settings: what cross-validation chose.
        trees: the model; its raw score rises with the risk.
        calibration: from the raw score to log-odds of default.
        inner_aucs: of its family's best settings in each inner part, cross-fitted on the rows it was fitted on.
        crossed: (n,) cross-fitted raw scores of the rows with real outcomes.
        card: the points, for a scorecard.
    """

    kind: Kind
    settings: dict[str, Any]
    trees: Trees
    calibration: Calibration
    inner_aucs: tuple[float, ...]
    crossed: Floats
    card: Scorecard | None = None

    @property
    def inner_auc(self) -> float:
        """Their mean."""
        return float(np.nanmean(self.inner_aucs))

    def log_odds(self, x: Floats) -> Floats:
        """Calibrated log-odds of default of each row."""
        return self.calibration.apply(self.trees.raw(x))


@dataclass(frozen=True, slots=True)
class _Way:
    """Settings of a family, how to fit by them, and how in the search."""

    kind: Kind
    settings: dict[str, Any]
    fit: Callable[[Sample, int], Trees]
    search: Callable[[Sample, int], Trees]


def fit_families(
    sample: Sample, seed: int, kinds: Iterable[Kind] = KINDS, real: int | None = None
) -> dict[Kind, Fitted]:
    """Fit each family on a sample: settings chosen and calibrated on cross-fitted scores, then fitted on all rows.

    A family that cannot be fitted (a scorecard where nothing separates) is left out.

    Args:
        sample: what is learned from.
        seed: of the folds and of the boosted runs.
        kinds: the families; the blend needs thin and boosted, which are then fitted too.
        real: so many of the first rows have real outcomes, and only they choose and calibrate; None for all.

    Raises:
        UsageError: no family can be fitted, or what training needs is not installed.
    """
    wanted = set(kinds)
    needed = wanted | ({Kind.THIN, Kind.BOOSTED} if Kind.BLEND in wanted else set())
    judged = sample if real is None else sample.rows(np.arange(real))
    parts = folds(judged.y, INNER_FOLDS, seed)
    found: dict[Kind, Fitted] = {}
    for kind in (Kind.SCORECARD, Kind.THIN, Kind.BOOSTED):
        if kind in needed and (best := _best(sample, judged, _ways(kind, sample), parts, seed)):
            found[kind] = best
    if Kind.BLEND in wanted and {Kind.THIN, Kind.BOOSTED} <= set(found):
        found[Kind.BLEND] = _blend(judged, found[Kind.THIN], found[Kind.BOOSTED], parts)
    chosen = {kind: found[kind] for kind in KINDS if kind in wanted and kind in found}
    if not chosen:
        raise UsageError(
            "no family of models can be fitted: no feature separates defaults from good borrowers"
        )
    return chosen


def champion(fitted: dict[Kind, Fitted]) -> Fitted:
    """The family that ranked best in cross-validation; the blend where the best is not ahead of it by more than noise.

    Noise is one standard error of the paired difference over the inner parts (the one-standard-error rule of Breiman et
    al. 1984). A few dozen defaults cannot tell families apart, and then the mean of two is the safer choice. Of equals the
    simpler is taken.
    """
    best = max(fitted.values(), key=lambda one: (one.inner_auc, -KINDS.index(one.kind)))
    blend = fitted.get(Kind.BLEND)
    if blend is None or blend is best:
        return best
    ahead = np.array(best.inner_aucs) - np.array(blend.inner_aucs)
    error = float(np.nanstd(ahead, ddof=1) / np.sqrt(ahead.size))
    return blend if float(np.nanmean(ahead)) <= error else best


def _ways(kind: Kind, sample: Sample) -> list[_Way]:
    if kind is Kind.SCORECARD:
        return [_way(kind, one, _scorecard(one)) for one in searched_cards(len(sample.y))]
    if kind is Kind.THIN:
        return [_way(kind, one, _thin(one)) for one in map(ThinSettings, _RIDGES)]
    # Half the runs are enough to rank settings, and to calibrate: what is averaged differs little.
    return [
        _way(kind, one, _boosted(one), _boosted(replace(one, runs=max(2, one.runs // 2))))
        for one in searched(len(sample.y))
    ]


_Fit = Callable[[Sample, int], Trees]


def _way(kind: Kind, settings: Any, fit: _Fit, search: _Fit | None = None) -> _Way:
    return _Way(kind, asdict(settings), fit, search or fit)


def _scorecard(settings: ScorecardSettings) -> _Fit:
    return lambda part, _: fit_scorecard(part, settings).trees


def _thin(settings: ThinSettings) -> _Fit:
    return lambda part, _: fit_thin(part, settings)


def _boosted(settings: BoostedSettings) -> _Fit:
    return lambda part, seed: fit_boosted(part, settings, seed)


def _best(
    sample: Sample, judged: Sample, ways: list[_Way], parts: list[NDArray[np.int64]], seed: int
) -> Fitted | None:
    tried: list[tuple[tuple[float, ...], Floats, _Way]] = []
    for way in ways:
        try:
            crossed = _crossed(sample, judged, way, parts, seed)
        except InseparableError:
            continue
        tried.append((_aucs(judged, crossed, parts), crossed, way))
    if not tried:
        return None
    scores, crossed, way = max(tried, key=lambda one: float(np.nanmean(one[0])))
    card = fit_scorecard(sample, ScorecardSettings(**way.settings)) if way.kind is Kind.SCORECARD else None
    trees = card.trees if card else way.fit(sample, seed)
    return Fitted(way.kind, way.settings, trees, calibrate(judged.y, crossed), scores, crossed, card)


def _crossed(sample: Sample, judged: Sample, way: _Way, parts: list[NDArray[np.int64]], seed: int) -> Floats:
    raw = np.empty(len(judged.y))
    for part in parts:
        rest = np.ones(len(sample.y), np.bool_)
        rest[part] = False
        raw[part] = way.search(sample.rows(rest), seed).raw(sample.x[part])
    return raw


def _aucs(sample: Sample, crossed: Floats, parts: list[NDArray[np.int64]]) -> tuple[float, ...]:
    return tuple(auc(sample.y[part], crossed[part]) for part in parts)


def _blend(sample: Sample, thin: Fitted, boosted: Fitted, parts: list[NDArray[np.int64]]) -> Fitted:
    """Half of each in log-odds: their errors differ, so their mean is steadier than either."""
    crossed = (thin.crossed + boosted.crossed) / 2
    halves = [tree.scaled(0.5) for one in (thin, boosted) for tree in one.trees.trees]
    return Fitted(
        kind=Kind.BLEND,
        settings={"thin": thin.settings, "boosted": boosted.settings},
        trees=replace(thin.trees, trees=tuple(halves)),
        calibration=calibrate(sample.y, crossed),
        inner_aucs=_aucs(sample, crossed, parts),
        crossed=crossed,
    )
