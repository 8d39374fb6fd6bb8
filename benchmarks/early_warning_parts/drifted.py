"""Drift put into a county on purpose: how soon it is found, and how often there is an alarm without it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from early_warning_parts.counties import County
from suixin.scoring.drift import shift
from suixin.scoring.scorer import CardScorer
from suixin.underwriting.policy import shipped_policy

YEAR = 364  # days: the same Monday a year ago
FEATURE = "genuine_gmv_365d"
_ALARMS = ("watch", "bad")

Change = Callable[[pl.DataFrame, int], pl.DataFrame]


@dataclass(frozen=True)
class Found:
    """What one injection came to in one county: days to the first alarm, None if there is none within the year."""

    seed: int
    injection: str
    watched: str
    days_to_find: int | None
    alarmed_before: bool


def feature_scaled(frame: pl.DataFrame, _: int) -> pl.DataFrame:
    """A source that delivers three quarters of the sales."""
    return frame.with_columns(pl.col(FEATURE) * 0.75)


def smaller_merchants(frame: pl.DataFrame, _: int) -> pl.DataFrame:
    """A campaign among small merchants: half of those above the median leave the book."""
    large = frame.filter(pl.col(FEATURE) > pl.col(FEATURE).median()).sort("merchant_id")
    return frame.join(large.gather_every(2), on="merchant_id", how="anti")


def sales_fading(frame: pl.DataFrame, weeks: int) -> pl.DataFrame:
    """A source that loses two in a hundred of the sales more each week."""
    return frame.with_columns(pl.col(FEATURE) * 0.98 ** (weeks + 1))


def score_shifted(frame: pl.DataFrame, _: int) -> pl.DataFrame:
    """A score that is twenty points lower all over, somewhat less than half of its standard deviation."""
    return frame.with_columns(pl.col("score") - 20.0)


INJECTIONS: dict[str, tuple[Change, str]] = {
    "sales_feature_x_0.75": (feature_scaled, FEATURE),
    "sales_feature_fading_2%_a_week": (sales_fading, FEATURE),
    "half_of_the_large_gone": (smaller_merchants, FEATURE),
    "half_of_the_large_gone, by score": (smaller_merchants, "score"),
    "score_20_points_lower": (score_shifted, "score"),
}


def weekly(county: County) -> dict[int, pl.DataFrame]:
    """Feature and score of the live borrowers on every Monday; features that are not there count as unknown.

    The score is the expert card's without the length of the history: in a lake of three years every history grows, so
    that the whole score moves against the year before, and what is put in would be found before it is there.
    """
    card = shipped_policy("CNY").policy.card
    items = tuple(item for item in card.items if item.dimension != "history")
    scorer = CardScorer(card.model_copy(update={"items": items}))
    missing = [name for name in scorer.features if name not in county.known.columns]
    frame = county.known.with_columns(pl.lit(None, pl.Float64).alias(name) for name in missing)
    scored = frame.select("merchant_id", "as_of_day", FEATURE).with_columns(score=scorer.score(frame))
    return {int(part["as_of_day"][0]): part for part in scored.partition_by("as_of_day")}


def alarms(weeks: dict[int, pl.DataFrame], column: str, change: Change | None, since: int) -> dict[int, bool]:
    """Monday -> whether the shift against the same Monday a year before is above the lines and above chance."""
    found = {}
    for day in sorted(weeks):
        if day - YEAR in weeks:
            now = weeks[day]
            if change is not None and day >= since:
                now = change(now, (day - since) // 7)
            values = [part[column].cast(pl.Float64).to_numpy() for part in (weeks[day - YEAR], now)]
            found[day] = shift(*values).grade in _ALARMS
    return found


def inject(county: County, week: int) -> list[Found]:
    """Every injection from one week on, against the same county without it.

    Args:
        county: on every Monday.
        week: the first week with the change, counted from the first that has a Monday of a year before.
    """
    weeks = weekly(county)
    comparable = [day for day in sorted(weeks) if day - YEAR in weeks]
    since = comparable[week]
    found = []
    for name, (change, column) in INJECTIONS.items():
        with_change = alarms(weeks, column, change, since)
        without = alarms(weeks, column, None, since)
        first = next((day for day in comparable if day >= since and with_change[day]), None)
        found.append(
            Found(county.seed, name, column, None if first is None else first - since, without[since])
        )
    return found


def false_alarms(county: County) -> dict[str, float]:
    """Alarms begun a county-year where nothing was put in: 'score' and the feature."""
    weeks = weekly(county)
    years = sum(day - YEAR in weeks for day in weeks) * 7 / 365.25
    counted = {}
    for column in ("score", FEATURE):
        held = np.array(list(alarms(weeks, column, None, 0).values()))
        begun = int((held[1:] & ~held[:-1]).sum()) + int(held[0])
        counted[column] = begun / years
    return counted


def by_chance(county: County, draws: int, seed: int) -> float:
    """Share of alarms when one Monday's borrowers are split in two by lot: no drift at all."""
    draw = np.random.default_rng(seed)
    weeks = weekly(county)
    days = sorted(weeks)[len(weeks) // 2 :]
    hits = 0
    for number in range(draws):
        values = weeks[days[number % len(days)]]["score"].to_numpy()
        order = draw.permutation(len(values))
        half = len(values) // 2
        hits += shift(values[order[:half]], values[order[half:]]).grade in _ALARMS
    return hits / draws
