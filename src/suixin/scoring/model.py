"""A trained model: from features to a probability of default, a score on the policy's scale, and reasons that add up.

Scorecard, thin-file model, boosted model and blend are all trees, so one way of explaining serves them all. A reason is
measured from the accept line: feature i contributes c_i - r_i, where c_i is its exact contribution to the raw score and
r_i what it contributes to the borrowers of the training sample whose raw score is that of the accept line, by linear
regression: r_i = mean_i + slope_i x (line - mean raw score). The slopes add up to 1, so the differences add up to the
distance from the line; calibration and the scale of points stretch that distance and all its parts alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit, logit

from suixin.features.feature import Unit
from suixin.features.registry import FEATURES
from suixin.scoring.calibration import Calibration
from suixin.scoring.card import Card, Contribution, Scored
from suixin.scoring.families import Fitted, Kind
from suixin.scoring.sample import SIGN, Sample
from suixin.scoring.trees import Trees

Floats = NDArray[np.float64]

YEAR = 365
_NEAREST = 1e-9  # in raw score: the accept line itself; there the stretch is the slope
_LEAST_PD = 1e-12
WAYS = 5
_TRIED = 24  # values of a feature that are tried for a way out
_ROWS_AT_ONCE = 256
_FEWEST_UNKNOWN = 10
_NO_WAY = (None, None, 0.0)


@dataclass(frozen=True, slots=True)
class Typical:
    """What each feature contributes to borrowers of a given raw score: (k,) each.

    Attributes:
        mean: mean contribution in training, log-odds.
        slope: change of it with the raw score; the slopes add up to 1.
        weight: mean distance from the mean: how much of the score rests on the feature.
        base: mean raw score less the means.
    """

    mean: Floats
    slope: Floats
    weight: Floats
    base: float

    @classmethod
    def of(cls, contributions: Floats) -> Self:
        """From contributions of the training rows, (n, k + 1)."""
        parts, base = contributions[:, :-1], float(contributions[0, -1])
        raw = contributions.sum(axis=1)
        mean, away = parts.mean(axis=0), raw - raw.mean()
        variance = float((away**2).sum())
        slope = (
            (away[:, None] * (parts - mean)).sum(axis=0) / variance
            if variance
            else np.full(parts.shape[1], 1 / parts.shape[1])
        )
        return cls(mean, slope, np.abs(parts - mean).mean(axis=0), base)

    def at(self, raw: float) -> Floats:
        """What each feature contributes to a borrower of this raw score."""
        return np.asarray(self.mean + self.slope * (raw - self.base - self.mean.sum()))

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "mean": self.mean.tolist(), "slope": self.slope.tolist(), "weight": self.weight.tolist(), "base": self.base
        }  # fmt: skip

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """What `to_json` wrote."""
        mean, slope, weight = (
            np.asarray(document[name], dtype=np.float64) for name in ("mean", "slope", "weight")
        )
        return cls(mean, slope, weight, float(document["base"]))


@dataclass(frozen=True)
class Model:
    """A model that was trained and calibrated.

    Attributes:
        name: kind and the first characters of its hash; '' before it is written.
        kind: its family.
        trees: raw score, log-odds of default before calibration.
        calibration: from raw score to log-odds of default within the horizon.
        typical: from which reasons are measured.
        horizon_days: of the outcomes that it learned from.
        reference: features of training rows (without ids), to compare later ones with; None where not kept.
        lgd: loss given default where it was measured; None to take the policy's.
        cautious: (k,) what is taken for an unknown value of a feature that was hardly ever unknown in training, so that
            hiding a bad value does not pay; NaN for a feature whose unknown values the model learned from.
    """

    name: str
    kind: Kind
    trees: Trees
    calibration: Calibration
    typical: Typical
    horizon_days: int
    reference: pl.DataFrame | None = None
    lgd: float | None = None
    cautious: tuple[float, ...] = ()

    @classmethod
    def of(cls, fitted: Fitted, sample: Sample, horizon_days: int) -> "Model":
        """The model of a fitted family, without the features that it does not use."""
        used = sorted({column for tree in fitted.trees.trees for column in tree.feature})
        names = tuple(sample.names[column] for column in used)
        place = {column: number for number, column in enumerate(used)}
        trees = Trees(names or sample.names[:1], tuple(tree.renumbered(place) for tree in fitted.trees.trees))
        seen = sample.columns(used or [0])
        cautious = tuple(_cautious(seen.x[:, j], sign) for j, sign in enumerate(seen.signs))
        typical = Typical.of(trees.contributions(_filled(seen.x, cautious)))
        return cls("", fitted.kind, trees, fitted.calibration, typical, horizon_days, cautious=cautious)

    @property
    def features(self) -> tuple[str, ...]:
        """The features that it uses, in the order of its columns."""
        return self.trees.features

    def matrix(self, frame: pl.DataFrame) -> Floats:
        """The model's columns of a table of features; a column that is not there is unknown throughout."""
        absent = pl.repeat(None, frame.height, dtype=pl.Float64)
        columns = [
            (pl.col(name) if name in frame.columns else absent.alias(name)).cast(pl.Float64)
            for name in self.features
        ]
        values = frame.select(columns).with_columns(pl.all().fill_null(float("nan"))).to_numpy()
        return np.where(np.isinf(values), np.nan, values)

    def raw(self, x: Floats) -> Floats:
        """The raw score of each row of `matrix`, unknown values taken as the model takes them."""
        return self.trees.raw(_filled(x, self.cautious))

    def _parts(self, x: Floats) -> Floats:
        return self.trees.contributions(_filled(x, self.cautious))

    def log_odds(self, raw: Floats) -> Floats:
        """Log-odds of default within a year; a shorter or longer horizon is brought to a year at an even hazard."""
        horizon = self.calibration.apply(raw)
        if self.horizon_days == YEAR:
            return horizon
        return np.asarray(
            logit(within_a_year(np.clip(expit(horizon), _LEAST_PD, 1 - _LEAST_PD), self.horizon_days))
        )

    def pd(self, frame: pl.DataFrame) -> Floats:
        """Probability of default within a year of each row, (n,)."""
        return np.asarray(expit(self.log_odds(self.raw(self.matrix(frame)))))

    def score(self, frame: pl.DataFrame, card: Card) -> Floats:
        """The score of each row on the scale of a policy's card, (n,): its points say the same odds."""
        return _points(self.log_odds(self.raw(self.matrix(frame))), card)

    def contributions(self, frame: pl.DataFrame, card: Card, cutoff: float) -> Floats:
        """Points of each feature against the accept line, (n, k); a row adds up to its score less the cut-off."""
        x = self.matrix(frame)
        parts = self._parts(x)
        return self._from_line(parts, card, cutoff)

    def scored(
        self, values: Mapping[str, float | None], card: Card, cutoff: float, ways: int = WAYS
    ) -> Scored:
        """One borrower; see `explained`."""
        row = np.array([[_value(values.get(name)) for name in self.features]])
        return self.explained(row, card, cutoff, ways)[0]

    def explained(self, x: Floats, card: Card, cutoff: float, ways: int = WAYS) -> list[Scored]:
        """The score of each row, its parts from the accept line, and the share of the evidence that is known.

        The parts that cost most get a way out: the nearest of the values tried at which the feature would no longer
        count against the borrower, all else equal, else the one that helps most; `gain` is by how much the score would
        then rise, found by scoring again.

        Args:
            x: (n, k), as `matrix` makes it.
            card: whose scale of points is used.
            cutoff: the accept line, points.
            ways: for so many parts of each row a way out is looked for.
        """
        found: list[Scored] = []
        for start in range(0, len(x), _ROWS_AT_ONCE):
            found += self._explained(x[start : start + _ROWS_AT_ONCE], card, cutoff, ways)
        return found

    def _explained(self, x: Floats, card: Card, cutoff: float, ways: int) -> list[Scored]:
        contributions = self._parts(x)
        scores = _points(self.log_odds(contributions.sum(axis=1)), card)
        parts = self._from_line(contributions, card, cutoff)
        outs = self._ways_out(x, parts, scores, card, ways)
        weight, whole = self.typical.weight, float(self.typical.weight.sum()) or 1.0
        return [
            Scored(
                float(scores[i]),
                tuple(
                    Contribution(
                        name,
                        None if np.isnan(x[i, j]) else float(x[i, j]),
                        float(parts[i, j]),
                        0.0,
                        *outs.get((i, j), _NO_WAY),
                    )
                    for j, name in enumerate(self.features)
                ),
                float(weight[~np.isnan(x[i])].sum() / whole),
            )
            for i in range(len(x))
        ]

    def _ways_out(
        self, x: Floats, parts: Floats, scores: Floats, card: Card, ways: int
    ) -> dict[tuple[int, int], tuple[float, float, float]]:
        """(row, column) -> threshold, target, gain."""
        asked: list[tuple[int, int, Floats]] = []
        for i in range(len(x)):
            worst = np.argsort(parts[i], kind="stable")[:ways]
            tried = ((int(j), self._tried(int(j), x[i, j])) for j in worst if parts[i, j] < 0)
            asked += [(i, j, values) for j, values in tried if values.size]
        if not asked:
            return {}
        rows = np.repeat(x[[i for i, _, _ in asked]], [values.size for _, _, values in asked], axis=0)
        ends = np.cumsum([values.size for _, _, values in asked])
        for (_, j, values), end in zip(asked, ends, strict=True):
            rows[end - values.size : end, j] = values
        again = _points(self.log_odds(self.raw(rows)), card)
        found: dict[tuple[int, int], tuple[float, float, float]] = {}
        for (i, j, values), end in zip(asked, ends, strict=True):
            gains = again[end - values.size : end] - scores[i]
            enough = np.flatnonzero(gains >= -parts[i, j])
            best = int(enough[0]) if enough.size else int(np.argmax(gains))
            if gains[best] > 0:
                found[i, j] = (float(values[best]), float(values[best]), float(gains[best]))
        return found

    def _tried(self, column: int, value: float) -> Floats:
        """Values of a feature to try, the nearest first: in the safer direction, where it has one."""
        values = self._cells[column]
        name = self.features[column]
        sign = SIGN[FEATURES[name].direction] if name in FEATURES else 0
        if np.isnan(value):
            return values[:: max(1, values.size // _TRIED)]
        if sign:
            values = values[(values - value) * sign < 0]
        near = values[np.argsort(np.abs(values - value), kind="stable")]
        if near.size <= _TRIED:
            return near
        return near[np.unique(np.linspace(0, near.size - 1, _TRIED).astype(np.int64))]

    @cached_property
    def _cells(self) -> tuple[Floats, ...]:
        return tuple(_values(self.trees.splits(name), whole=_is_whole(name)) for name in self.features)

    def _from_line(self, contributions: Floats, card: Card, cutoff: float) -> Floats:
        """Exact parts of the distance from the accept line, points, (n, k)."""
        line = float(self._raw_at(card, cutoff))
        raw = contributions.sum(axis=1)
        score = _points(self.log_odds(raw), card)
        away = raw - line
        near = np.abs(away) < _NEAREST
        slope = (_points(self.log_odds(np.array([line + 1e-4])), card) - cutoff) / 1e-4
        stretch = np.where(near, slope, (score - cutoff) / np.where(near, 1.0, away))
        return np.asarray(stretch[:, None] * (contributions[:, :-1] - self.typical.at(line)))

    def _raw_at(self, card: Card, cutoff: float) -> Floats:
        """The raw score that gets so many points."""
        pd = card.pd(cutoff)
        if self.horizon_days != YEAR:
            pd = -float(np.expm1(np.log1p(-pd) * self.horizon_days / YEAR))
        return self.calibration.invert(logit(pd))


def within_a_year(pd: Floats, horizon_days: int) -> Floats:
    """Probability of default within a year from that within a horizon, at an even hazard."""
    return np.asarray(-np.expm1(np.log1p(-pd) * YEAR / horizon_days))


def within(pd: Floats, horizon_days: Floats) -> Floats:
    """Probability of default within each horizon from that within a year, at an even hazard."""
    return np.asarray(-np.expm1(np.log1p(-pd) * horizon_days / YEAR))


def _value(value: float | None) -> float:
    return float("nan") if value is None or np.isinf(value) else value


def _cautious(values: Floats, sign: int) -> float:
    """Where fewer than ten rows, or one in fifty, were unknown in training: the value that all but one in twenty better."""
    known = values[~np.isnan(values)]
    if not known.size or values.size - known.size >= max(_FEWEST_UNKNOWN, values.size // 50):
        return float("nan")
    return float(np.quantile(known, {1: 0.95, -1: 0.05, 0: 0.5}[sign]))


def _filled(x: Floats, cautious: Sequence[float]) -> Floats:
    return np.where(np.isnan(x), np.asarray(cautious), x) if len(cautious) else x


def _points(log_odds: Floats, card: Card) -> Floats:
    """Points on the card's scale: so many more double the odds of a good end."""
    doublings = (-log_odds - np.log(card.odds)) / np.log(2)
    return np.asarray(card.odds_score + card.points_to_double * doublings)


def _values(splits: Sequence[float], *, whole: bool) -> Floats:
    """A value in each cell between thresholds: each threshold itself and the next above it, in whole numbers if so."""
    if whole:
        return np.unique([value for edge in splits for value in (np.floor(edge), np.floor(edge) + 1)])
    return np.unique([value for edge in splits for value in (edge, np.nextafter(edge, np.inf))])


def _is_whole(feature: str) -> bool:
    return feature in FEATURES and FEATURES[feature].unit in {Unit.COUNT, Unit.MONTHS, Unit.WEEKS}
