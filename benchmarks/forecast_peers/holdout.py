"""What the forecast benchmark shares: histories up to an origin, what came after it, and the scores of a forecast."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from suixin.features.build import build
from suixin.features.subjects import subjects
from suixin.features.traits import traits
from suixin.lake.store import Lake
from suixin.underwriting.histories import Histories, histories

LEVELS = (0.1, 0.5, 0.9)
YEAR_DAYS = 365
SPANS = {"all": (0, 99), "thin": (0, 12), "one year": (12, 24), "two years or more": (24, 99)}


@dataclass(frozen=True)
class Holdout:
    """Histories as known at an origin, and the net sales of the months after it; a row a merchant.

    Attributes:
        name: of the set and the origin.
        past: what a forecast may see.
        came: net sales of the following months, fen, first month first; below 0 counts as 0.
        scored: whether the merchant counts: it sold in its last year, and meets what the set asks for.
    """

    name: str
    past: Histories
    came: np.ndarray
    scored: np.ndarray

    @property
    def scale(self) -> np.ndarray:
        """The mean month of the last known year: what errors are measured in, so that no large merchant rules."""
        held = np.minimum(self.past.known, 12)
        sales = np.maximum(self.past.net[:, :12], 0) * (np.arange(12) < held[:, None])
        return sales.sum(axis=1) / held


@dataclass(frozen=True)
class Score:
    """Of one model on one span of history.

    Attributes:
        merchants, months: how many are scored.
        empty: share of the months without sales.
        coverage: share from P10 to P90, both included; below, above: of the rest.
        sure: the coverage of the months whose P10 is above 0: where a month may well be empty nothing lies below it.
        pinball: mean over the three quantiles; p10, p50, p90: of each.
    """

    merchants: int
    months: int
    empty: float
    coverage: float
    sure: float
    below: float
    above: float
    pinball: float
    p10: float
    p50: float
    p90: float

    def as_json(self) -> dict[str, float]:
        """For machines."""
        return {name: round(value, 5) for name, value in asdict(self).items()}


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
    sold = ((past.net[:, :12] > 0) & (np.arange(12) < past.known[:, None])).sum(axis=1)
    return Holdout(f"{lake_path.parent.name} {origin}", past, came, sold >= fewest_selling_months)


def write(held: Holdout, file: Path) -> None:
    """What another Python needs: series oldest first (0 before the first known month), months known, the horizon."""
    sales = np.maximum(held.past.net, 0)[:, ::-1]
    np.savez(file, sales=sales, known=held.past.known, scored=held.scored, months=held.came.shape[1])


def scores(held: Holdout, quantiles: np.ndarray) -> Iterator[tuple[str, Score]]:
    """Scores by span of history; `quantiles` is n × months × 3."""
    came, scale = held.came.astype(float), held.scale
    for span, (low, high) in SPANS.items():
        mine = held.scored & (held.past.known >= low) & (held.past.known < high)
        if not mine.any():
            continue
        months, q = came[mine], quantiles[mine]
        apart = months[:, :, None] - q
        levels = np.array(LEVELS)
        loss = np.maximum(levels * apart, (levels - 1) * apart) / scale[mine, None, None]
        below, above = months < q[:, :, 0], months > q[:, :, 2]
        inside, positive = ~below & ~above, q[:, :, 0] > 0
        each = loss.mean(axis=(0, 1))
        yield (
            span,
            Score(
                int(mine.sum()), months.size, float((months == 0).mean()), float(inside.mean()),
                float(inside[positive].mean()) if positive.any() else float("nan"),
                float(below.mean()), float(above.mean()), float(each.mean()), *(float(one) for one in each),
            ),
        )  # fmt: skip
