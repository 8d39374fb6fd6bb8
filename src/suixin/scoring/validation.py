"""Out-of-sample figures: nested, repeated, stratified cross-validation, and a test on the later part.

In each outer part every family is fitted anew, settings and calibration included, and so is the choice of the champion: what
is reported for it is what the whole way of choosing achieves on rows that it never saw. One split ranks nothing on a few
dozen defaults, so every figure has an interval.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from suixin.calendar import day_to_date
from suixin.scoring import metrics
from suixin.scoring.families import KINDS, Fitted, Kind, champion, fit_families
from suixin.scoring.rejects import Rejects
from suixin.scoring.sample import Sample
from suixin.scoring.splits import Split, by_time, repeated

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

CHAMPION = "champion"
LEVEL = 0.90
_FIGURES = ("auc", "ks", "brier", "log_loss")


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over splits with its interval; without an interval where there is one split."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, name: str, found: tuple[float, float, float]) -> "Figure":
        """A figure by its name; all but the log-loss lie between 0 and 1, and so does what is said of them."""
        mean, low, high = found
        return cls(mean, low, high) if name == "log_loss" else cls(mean, max(low, 0.0), min(high, 1.0))

    def to_json(self) -> dict[str, float | None]:
        """Plain values, null for what is not known."""
        return {
            name: None if np.isnan(value) else value
            for name, value in (("mean", self.mean), ("low", self.low), ("high", self.high))
        }


@dataclass(frozen=True, slots=True)
class Validated:
    """What validation found.

    Attributes:
        rows, defaults: of the sample.
        seeds, parts: of the repeated split.
        figures: family, or 'champion' for the way of choosing -> auc, ks, brier, log_loss, ece.
        won: family -> in how many outer parts it was chosen.
        crossed: (n,) the champion's probabilities of default of each row, never learned from that row; mean over seeds.
        ece_floor: the calibration error that perfect probabilities would show by chance on so many rows.
        curve: mean probability, observed rate, rows of ten bins.
        later: family or 'champion' -> figures on the later part; None without dates.
        later_from: the first day of the later part.
    """

    rows: int
    defaults: int
    seeds: tuple[int, ...]
    parts: int
    figures: dict[str, dict[str, Figure]]
    won: dict[str, int]
    crossed: Floats
    ece_floor: float
    curve: Floats
    later: dict[str, dict[str, float]] | None
    later_from: int | None

    def to_json(self) -> dict[str, Any]:
        """Plain values, without the rows."""
        return {
            "rows": self.rows,
            "defaults": self.defaults,
            "method": "nested repeated stratified cross-validation",
            "seeds": list(self.seeds),
            "parts": self.parts,
            "interval": f"{LEVEL:.0%}, corrected resampled t (Nadeau & Bengio 2003)",
            "chosen": self.won,
            "figures": {
                family: {name: figure.to_json() for name, figure in found.items()}
                for family, found in self.figures.items()
            },
            "ece_floor": self.ece_floor,
            "curve": [{"pd": row[0], "observed": row[1], "rows": int(row[2])} for row in self.curve.tolist()],
            "out_of_time": None
            if self.later is None or self.later_from is None
            else {"from": day_to_date(self.later_from).isoformat(), "figures": self.later},
        }


def validate(
    sample: Sample,
    *,
    seeds: range = range(3),
    parts: int = 5,
    kinds: Iterable[Kind] = KINDS,
    rejects: Rejects | None = None,
    progress: Progress | None = None,
) -> Validated:
    """Nested validation of every family and of the choice among them.

    Args:
        sample: all rows.
        seeds: one repetition each.
        parts: of a repetition.
        kinds: the families that compete.
        rejects: are learned from, with drawn outcomes, and never tested on.
        progress: told after each outer part.
    """
    tell, kinds = progress or (lambda *_: None), tuple(kinds)
    count = len(seeds) * parts
    tell("validating", 0, count)
    found: dict[str, dict[str, list[float]]] = {}
    crossed: dict[str, Floats] = {}
    won: dict[str, int] = {}
    for done, (seed, split) in enumerate(repeated(sample.y, parts, seeds), start=1):
        fitted = fit_families(_learned(sample, split, rejects, seed), seed, kinds, split.train.size)
        won[champion(fitted).kind.value] = won.get(champion(fitted).kind.value, 0) + 1
        for family, log_odds in _tested(fitted, sample, split).items():
            held = crossed.setdefault(family, np.full((len(seeds), len(sample.y)), np.nan))
            held[seeds.index(seed), split.test] = expit(log_odds)
            for name, value in _figures(sample.y[split.test], expit(log_odds)).items():
                found.setdefault(family, {}).setdefault(name, []).append(value)
        tell("validating", done, count)
    share = 1 / (parts - 1)
    figures = {
        family: {
            name: Figure.of(name, metrics.interval(values, share, LEVEL)) for name, values in by_name.items()
        }
        for family, by_name in found.items()
    }
    for family, held in crossed.items():
        whole = [metrics.ece(sample.y[~np.isnan(one)], one[~np.isnan(one)]) for one in held]
        figures[family]["ece"] = Figure.of("ece", metrics.interval(whole, share, LEVEL))
    mean = np.asarray(np.nanmean(crossed[CHAMPION], axis=0))
    later, later_from = _later(sample, kinds)
    return Validated(
        rows=len(sample.y),
        defaults=sample.defaults,
        seeds=tuple(seeds),
        parts=parts,
        figures=figures,
        won=won,
        crossed=mean,
        ece_floor=metrics.ece_floor(mean),
        curve=metrics.calibration_curve(sample.y, mean),
        later=later,
        later_from=later_from,
    )


def _learned(sample: Sample, split: Split, rejects: Rejects | None, seed: int) -> Sample:
    known = sample.rows(split.train)
    return rejects.parcelled(known, seed) if rejects else known


def _tested(fitted: dict[Kind, Fitted], sample: Sample, split: Split) -> dict[str, Floats]:
    """Calibrated log-odds of the rows tested on, of each family and of the chosen one."""
    raw = {kind.value: one.log_odds(sample.x[split.test]) for kind, one in fitted.items()}
    return {CHAMPION: raw[champion(fitted).kind.value], **raw}


def _figures(y: NDArray[np.int64], pd: Floats) -> dict[str, float]:
    return {
        "auc": metrics.auc(y, pd),
        "ks": metrics.ks(y, pd),
        "brier": metrics.brier(y, pd),
        "log_loss": metrics.log_loss(y, pd),
    }


def _later(sample: Sample, kinds: tuple[Kind, ...]) -> tuple[dict[str, dict[str, float]] | None, int | None]:
    divided = by_time(sample)
    if divided is None:
        return None, None
    split, day = divided
    fitted = fit_families(sample.rows(split.train), 0, kinds)
    tested = _tested(fitted, sample, split)
    y = sample.y[split.test]
    return {
        family: {
            **_figures(y, expit(raw)),
            "ece": metrics.ece(y, expit(raw)),
            "observed": float(y.mean()),
            "predicted": float(expit(raw).mean()),
        }
        for family, raw in tested.items()
    }, day
