"""The families of models that compete, and how one is fitted: settings by cross-validation, then calibration, then all rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suixin.errors import UsageError
from suixin.scoring.boosted import fit_mixed, mixed
from suixin.scoring.calibration import Calibration, calibrate
from suixin.scoring.metrics import auc, auc_difference
from suixin.scoring.points import InseparableError, Scorecard
from suixin.scoring.sample import Sample
from suixin.scoring.scorecard import ScorecardSettings, fit_scorecard
from suixin.scoring.scorecard import searched as searched_cards
from suixin.scoring.splits import folds
from suixin.scoring.thin import ThinSettings, fit_thin
from suixin.scoring.trees import Trees

Floats = NDArray[np.float64]

INNER_FOLDS = 4
_THIN = ThinSettings((3.0, 10.0, 30.0))


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
        crossed: (n,) cross-fitted raw scores of the rows with real outcomes.
        outcomes: (n,) these outcomes.
        parts: the rows of each inner part, scored by a fit on the others.
        card: the points, for a scorecard.
    """

    kind: Kind
    settings: dict[str, Any]
    trees: Trees
    calibration: Calibration
    crossed: Floats
    outcomes: NDArray[np.int64]
    parts: Sequence[NDArray[np.int64]]
    card: Scorecard | None = None

    @property
    def inner_auc(self) -> float:
        """Mean over the inner parts."""
        return _mean_auc(self.outcomes, self.crossed, self.parts)

    def log_odds(self, x: Floats) -> Floats:
        """Calibrated log-odds of default of each row."""
        return self.calibration.apply(self.trees.raw(x))


@dataclass(frozen=True, slots=True)
class _Way:
    """Settings of a family, and how to fit by them."""

    kind: Kind
    settings: dict[str, Any]
    fit: Callable[[Sample, int], Trees]


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

    Noise is one standard error of the paired difference (the one-standard-error rule of Breiman et al. 1984), over the
    borrowers: four inner parts are too few to tell it. A few dozen defaults cannot tell families apart, and then the mean
    of two is the safer choice. Of equals the simpler is taken.
    """
    best = max(fitted.values(), key=lambda one: (one.inner_auc, -KINDS.index(one.kind)))
    blend = fitted.get(Kind.BLEND)
    if blend is None or blend is best:
        return best
    ahead, error = _ahead(best, blend)
    return best if ahead > error else blend


def _ahead(one: Fitted, other: Fitted) -> tuple[float, float]:
    """Mean AUC of one over the inner parts less that of the other, and its standard error."""
    found = np.array(
        [auc_difference(one.outcomes[part], one.crossed[part], other.crossed[part]) for part in one.parts]
    )
    told = found[~np.isnan(found[:, 1])]
    if not len(told):
        return 0.0, float("inf")
    return float(told[:, 0].mean()), float(np.sqrt((told[:, 1] ** 2).sum()) / len(told))


def _ways(kind: Kind, sample: Sample) -> list[_Way]:
    """What the family may be fitted by: a card has one of several settings, the others are the mean of theirs."""
    if kind is Kind.SCORECARD:
        return [_Way(kind, asdict(one), _scorecard(one)) for one in searched_cards(len(sample.y))]
    if kind is Kind.THIN:
        return [_Way(kind, asdict(_THIN), lambda part, _: fit_thin(part, _THIN))]
    several = mixed(len(sample.y))
    settings = {"mean_of": [asdict(one) for one in several]}
    return [_Way(kind, settings, lambda part, seed: fit_mixed(part, several, seed))]


def _scorecard(settings: ScorecardSettings) -> Callable[[Sample, int], Trees]:
    return lambda part, _: fit_scorecard(part, settings).trees


def _best(
    sample: Sample, judged: Sample, ways: list[_Way], parts: list[NDArray[np.int64]], seed: int
) -> Fitted | None:
    tried: list[tuple[float, Floats, _Way]] = []
    for way in ways:
        try:
            crossed = _crossed(sample, judged, way, parts, seed)
        except InseparableError:
            continue
        tried.append((_mean_auc(judged.y, crossed, parts), crossed, way))
    if not tried:
        return None
    _, crossed, way = max(tried, key=lambda one: one[0])
    card = fit_scorecard(sample, ScorecardSettings(**way.settings)) if way.kind is Kind.SCORECARD else None
    trees = card.trees if card else way.fit(sample, seed)
    calibration = calibrate(judged.y, crossed)
    return Fitted(way.kind, way.settings, trees, calibration, crossed, judged.y, parts, card)


def _crossed(sample: Sample, judged: Sample, way: _Way, parts: list[NDArray[np.int64]], seed: int) -> Floats:
    raw = np.empty(len(judged.y))
    for part in parts:
        rest = np.ones(len(sample.y), np.bool_)
        rest[part] = False
        raw[part] = way.fit(sample.rows(rest), seed).raw(sample.x[part])
    return raw


def _mean_auc(y: NDArray[np.int64], crossed: Floats, parts: Sequence[NDArray[np.int64]]) -> float:
    return float(np.nanmean([auc(y[part], crossed[part]) for part in parts]))


def _blend(sample: Sample, thin: Fitted, boosted: Fitted, parts: list[NDArray[np.int64]]) -> Fitted:
    """Half of each in log-odds: their errors differ, so their mean is steadier than either."""
    crossed = (thin.crossed + boosted.crossed) / 2
    halves = [tree.scaled(0.5) for one in (thin, boosted) for tree in one.trees.trees]
    return Fitted(
        kind=Kind.BLEND,
        settings={"thin": thin.settings, "boosted": boosted.settings},
        trees=replace(thin.trees, trees=tuple(halves)),
        calibration=calibrate(sample.y, crossed),
        crossed=crossed,
        outcomes=sample.y,
        parts=parts,
    )
