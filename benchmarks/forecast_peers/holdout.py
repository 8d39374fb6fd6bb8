"""What the forecast benchmark shares: histories up to an origin, what came after it, and the scores of a forecast."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from forecast_peers.calibration import bounds, histogram, if_calibrated, likely_empty, of_sold
from suixin.features.build import build
from suixin.features.subjects import subjects
from suixin.features.traits import traits
from suixin.lake.store import Lake
from suixin.underwriting.histories import Histories, histories

LEVELS = (0.1, 0.5, 0.9)
YEAR, YEAR_DAYS = 12, 365
SPANS = {"all": (0, 99), "thin": (0, 12), "one year": (12, 24), "two years or more": (24, 99)}
EVERY_MONTH = "sold every month"  # of the last twelve


@dataclass(frozen=True)
class Holdout:
    """Histories as known at an origin, and the net sales of the months after it; a row a merchant.

    Attributes:
        name: of the set and the origin.
        who: merchants.
        past: what a forecast may see.
        came: net sales of the following months, fen, first month first; below 0 counts as 0.
        scored: whether the merchant counts: it sold in its last year, and meets what the set asks for.
    """

    name: str
    who: Sequence[str]
    past: Histories
    came: np.ndarray
    scored: np.ndarray

    @property
    def scale(self) -> np.ndarray:
        """The mean month of the last known year: what errors are measured in, so that no large merchant rules."""
        held = np.minimum(self.past.known, 12)
        sales = np.maximum(self.past.net[:, :12], 0) * (np.arange(12) < held[:, None])
        return sales.sum(axis=1) / held

    def spans(self) -> Iterator[tuple[str, np.ndarray]]:
        """Name and rows of those who are scored: by months of history, and who never missed a month of the last year."""
        known = self.past.known
        for span, (low, high) in SPANS.items():
            yield span, self.scored & (known >= low) & (known < high)
        yield EVERY_MONTH, self.scored & (known >= YEAR) & (self.past.net[:, :YEAR] > 0).all(axis=1)


@dataclass(frozen=True)
class Score:
    """Of one model on one span of history.

    Attributes:
        merchants, months: how many are scored.
        empty: share of the months without sales.
        coverage: share from P10 to P90, both included; below, above: of the rest; opened: the share without those that
            are the P10 itself, which where that is nothing are the empty months.
        perfect: the coverage that this very forecast would have if it were calibrated: where a month may well be empty
            nothing lies below its P10.
        transformed: share of the randomised probability integral transform from 0.1 to 0.9, the statement of coverage
            that holds for empty months too; histogram: its tenths. None for a model of three quantiles.
        of_sold: share of the months with sales between a tenth and nine tenths of the law of such months; likely_empty:
            mean probability that was given to an empty month. None likewise.
        pinball: mean over the three quantiles; p10, p50, p90: of each.
    """

    merchants: int
    months: int
    empty: float
    coverage: float
    opened: float
    perfect: float
    below: float
    above: float
    pinball: float
    p10: float
    p50: float
    p90: float
    transformed: float | None = None
    of_sold: float | None = None
    likely_empty: float | None = None
    histogram: tuple[float, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        told = {name: round(v, 5) if isinstance(v, float) else v for name, v in asdict(self).items()}
        return told | {"histogram": [round(share, 4) for share in self.histogram]}


def pooled(several: Sequence[Score]) -> Score:
    """Of several origins: sums of what is counted, and of the rest the mean over their months."""
    weight = np.array([score.months for score in several], dtype=float)
    sold = weight * [1.0 - score.empty for score in several]

    def mean(name: str) -> float | None:
        each = [getattr(score, name) for score in several]
        told = None not in each
        return float(np.average(each, weights=sold if name == "of_sold" else weight)) if told else None

    apart = ("merchants", "months", "transformed", "histogram")
    found: dict[str, Any] = {
        field.name: mean(field.name) for field in fields(Score) if field.name not in apart
    }
    whole = {name: sum(getattr(score, name) for score in several) for name in ("merchants", "months")}
    tenths = [score.histogram for score in several]
    law = tuple(np.average(tenths, axis=0, weights=weight).tolist()) if all(tenths) else ()
    return Score(**whole, **found, transformed=sum(law[1:-1]) if law else None, histogram=law)


def suixin(*words: str | Path) -> None:
    """Run a command of the product."""
    subprocess.run([sys.executable, "-m", "suixin", *map(str, words)], check=True, stdout=subprocess.DEVNULL)


def holdout(lake_path: Path, origin: date, months: int, fewest_selling_months: int = 1) -> Holdout:
    """Build the series at the origin and a year later: the newest twelve months of that are what came."""
    lake = Lake.open(lake_path)
    routes = sorted({record.route for record in lake.manifest.ingests})
    asking = subjects(lake, origin, None, routes).table
    later = asking.with_columns(pl.col("as_of_day") + YEAR_DAYS)
    past, after = (
        histories(build(lake, who, only=["sales", "invoices"]), traits(lake, who, routes))
        for who in (asking, later)
    )
    came = np.maximum(after.net[:, 11::-1], 0)[:, :months]
    sold = ((past.net[:, :YEAR] > 0) & (np.arange(YEAR) < past.known[:, None])).sum(axis=1)
    who = asking["merchant_id"].to_list()
    return Holdout(f"{lake_path.parent.name} {origin}", who, past, came, sold >= fewest_selling_months)


def write(held: Holdout, file: Path) -> None:
    """What another Python needs: series oldest first (0 before the first known month), months known, the horizon."""
    sales = np.maximum(held.past.net, 0)[:, ::-1]
    np.savez(file, sales=sales, known=held.past.known, scored=held.scored, months=held.came.shape[1])


def scores(
    held: Holdout, quantiles: np.ndarray, grid: np.ndarray | None = None
) -> Iterator[tuple[str, Score]]:
    """Scores by span.

    Args:
        held: what came.
        quantiles: P10, P50 and P90; n × months × 3.
        grid: the quantiles at the levels of `calibration.GRID`, where a model gives them.
    """
    for span, mine in held.spans():
        if mine.any():
            score = _score(held.came[mine].astype(float), held.scale[mine], quantiles[mine])
            yield span, score if grid is None else replace(score, **_by_law(held.came[mine], grid[mine]))


def _by_law(came: np.ndarray, grid: np.ndarray) -> dict[str, Any]:
    """What a whole law says beyond its three quantiles."""
    low, high = bounds(came, grid)
    nothing = likely_empty(grid)
    tenths = tuple(histogram(low, high).tolist())
    return {
        "transformed": sum(tenths[1:-1]),
        "of_sold": float(of_sold(came, low, high, nothing).mean()),
        "likely_empty": float(nothing.mean()),
        "histogram": tenths,
    }


def _score(came: np.ndarray, scale: np.ndarray, q: np.ndarray) -> Score:
    apart = came[:, :, None] - q
    levels = np.array(LEVELS)
    loss = np.maximum(levels * apart, (levels - 1) * apart) / scale[:, None, None]
    below, above = came < q[:, :, 0], came > q[:, :, 2]
    each = loss.mean(axis=(0, 1))
    return Score(
        len(came), came.size, float((came == 0).mean()), float((~below & ~above).mean()),
        float((~above & (came > q[:, :, 0])).mean()), if_calibrated(q),
        float(below.mean()), float(above.mean()), float(each.mean()), *(float(one) for one in each),
    )  # fmt: skip
