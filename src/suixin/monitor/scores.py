"""The score watched: how its inputs and its values move, how it ranks, and whether its probabilities come true."""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import polars as pl

from suixin.calendar import add_months, date_to_day, day_to_date
from suixin.errors import UsageError
from suixin.features.build import build
from suixin.features.registry import FAMILIES
from suixin.features.subjects import event_span
from suixin.identifiers import bucket_of
from suixin.lake.store import Lake
from suixin.monitor.borrowers import Known
from suixin.scoring.drift import CHANCE, calibration, gini, shift, stability
from suixin.scoring.model import within
from suixin.scoring.scorer import Scorer
from suixin.scoring.watch.found import SAME_SEASON, SAMPLE, MonthDrift, Outcomes, PeriodGini

Progress = Callable[[str, int, int], None]

_LEAST_HISTORY = 183  # days of trade before a month that can be a reference
_SLOTS = (
    1 << 20
)  # merchants of the sample are those with the lowest hash, so that it grows without turning over
_PERIODS = ("1w", "1mo", "1q")
_BOTH = 0.75  # share of the periods in which there must be good and bad ones


def month_starts(start: date, end: date) -> list[date]:
    """The first days of months from `start` to `end`."""
    first = date(start.year, start.month, 1)
    days = []
    while first <= end:
        if first >= start:
            days.append(first)
        first = add_months(first, 1)
    return days


def drift(
    lake: Lake,
    scorer: Scorer,
    months: Sequence[date],
    *,
    reference: pl.DataFrame | None = None,
    routes: Sequence[str] | None = None,
    merchants: int = 1000,
    processes: int | None = None,
    progress: Progress | None = None,
) -> list[MonthDrift]:
    """Score the same merchants each month, and hold score and features against the same month a year before.

    Args:
        lake: a snapshot.
        scorer: what scores.
        months: first days of months.
        reference: training features, for months without half a year of trade before the same month a year ago.
        routes: only rows that came by these; None for all.
        merchants: how many at most; those with the lowest hash of their id.
        processes: as `suixin.features.build` takes them.
        progress: told after each month.
    """
    first = event_span(lake)[0]
    chosen = _sample(lake, merchants)
    held: dict[date, pl.DataFrame] = {}

    def rows(day: date) -> pl.DataFrame:
        if day not in held:
            held[day] = _scored_on(lake, scorer, chosen, day, routes, processes)
        return held[day]

    found = []
    for done, month in enumerate(months):
        if progress:
            progress("scoring months", done, len(months))
        year_ago = add_months(month, -12)
        if (year_ago - first).days >= _LEAST_HISTORY:
            found.append(_month(month, SAME_SEASON, rows(year_ago), rows(month), scorer))
        elif reference is not None:
            found.append(_month(month, SAMPLE, reference, rows(month), scorer))
        else:
            found.append(_month(month, "", rows(month).clear(), rows(month), scorer))
    return found


def _month(
    month: date, against: str, reference: pl.DataFrame, current: pl.DataFrame, scorer: Scorer
) -> MonthDrift:
    chance = CHANCE / max(
        len(scorer.features), 1
    )  # many features are looked at: one alarm by chance in a hundred months
    features = [
        (name, shift(_floats(reference, name), _floats(current, name), chance=chance))
        for name in scorer.features
    ]
    features.sort(key=lambda item: (np.isnan(item[1].psi), -item[1].psi, item[0]))
    scores = [scorer.score(part) if part.height else np.array([]) for part in (reference, current)]
    return MonthDrift(month, against, shift(scores[0], scores[1]), tuple(features))


def _floats(frame: pl.DataFrame, name: str) -> np.ndarray:
    return frame[name].cast(pl.Float64).to_numpy()


def _sample(lake: Lake, most: int) -> pl.DataFrame:
    people = lake.whole("merchants").select("merchant_id").unique().collect()
    if people.is_empty():
        raise UsageError(
            f"{lake.root}: the lake has no merchants; ingest a source with a merchants table first"
        )
    slot = pl.Series("_slot", [bucket_of(m, _SLOTS) for m in people["merchant_id"]])
    return (
        people.with_columns(slot)
        .sort("_slot", "merchant_id")
        .head(most)
        .select("merchant_id")
        .sort("merchant_id")
    )


def _scored_on(
    lake: Lake,
    scorer: Scorer,
    people: pl.DataFrame,
    day: date,
    routes: Sequence[str] | None,
    processes: int | None,
) -> pl.DataFrame:
    """Features of the merchants that were known of before the day."""
    asking = people.with_row_index("subject").select(
        pl.col("subject").cast(pl.Int64), "merchant_id", as_of_day=pl.lit(date_to_day(day), pl.Int32)
    )
    known = Known(lake, routes, asking)
    there = (
        known.rows("merchants").select("subject")
        if known.has("merchants")
        else asking.clear().select("subject")
    )
    return _features(lake, scorer, asking.join(there, on="subject", how="semi"), routes, processes)


def _features(
    lake: Lake, scorer: Scorer, asking: pl.DataFrame, routes: Sequence[str] | None, processes: int | None
) -> pl.DataFrame:
    families = {
        family.name
        for family in FAMILIES
        if {feature.name for feature in family.features} & set(scorer.features)
    }
    built = build(lake, asking, routes=routes, only=families, processes=processes).features
    absent = [name for name in scorer.features if name not in built.columns]
    return built.with_columns(pl.lit(None, pl.Float64).alias(name) for name in absent)


def outcomes(
    lake: Lake,
    scorer: Scorer,
    start: date,
    end: date,
    *,
    learned_on: date | None = None,
    definition: str | None = None,
    routes: Sequence[str] | None = None,
    processes: int | None = None,
) -> Outcomes | None:
    """How the score ranked, and whether its probabilities came true, among loans whose horizon ended in the window.

    A default is known at once and a good year only when it is over: so only those count whose whole horizon has passed. What
    a model learned from judges nothing: only outcomes that became known on the day it was trained or later count.
    Probabilities within a year are brought to each loan's own horizon at an even hazard.

    Args:
        lake: a snapshot.
        scorer: the score that is watched.
        start: the first day.
        end: the last day.
        learned_on: the day on whose knowledge the model was trained; None if it learned from nothing.
        definition: of default; None for any.
        routes: only rows that came by these.
        processes: how many.

    Returns:
        None if no horizon ended in the window.
    """
    if not lake.holds("outcomes"):
        return None
    held = _judging(lake, start, end, learned_on, definition)
    if held.is_empty():
        return None
    asking = held.with_row_index("subject").with_columns(pl.col("subject").cast(pl.Int64))
    frame = _features(lake, scorer, asking.select("subject", "merchant_id", "as_of_day"), routes, processes)
    joined = frame.join(asking.select("subject", "defaulted", "horizon_days"), on="subject").sort(
        "as_of_day", "merchant_id"
    )
    bad = joined["defaulted"].to_numpy()
    scores, pds = (
        scorer.score(joined),
        within(scorer.pd(joined), joined["horizon_days"].to_numpy().astype(np.float64)),
    )
    granted = [day_to_date(day) for day in joined["as_of_day"]]
    period, periods = _periods(granted, scores, bad)
    numbers = np.array([(p.start - periods[0].start).days / 7.0 for p in periods])
    quarters = pl.Series(granted).dt.truncate("1q")
    return Outcomes(
        period,
        periods,
        stability(numbers, np.array([p.gini for p in periods])),
        gini(scores, bad),
        calibration(pds, bad),
        tuple(
            (
                quarter,
                calibration(pds[(quarters == quarter).to_numpy()], bad[(quarters == quarter).to_numpy()]),
            )
            for quarter in quarters.unique().sort()
        ),
    )


def _judging(
    lake: Lake, start: date, end: date, learned_on: date | None, definition: str | None
) -> pl.DataFrame:
    """The outcomes that may judge: their whole horizon ended in the window, and nobody learned from them."""
    table = lake.whole("outcomes").collect()
    if learned_on is not None:
        table = table.filter(pl.col("known_day") >= date_to_day(learned_on))
    if definition is not None:
        table = table.filter(pl.col("definition").cast(pl.String) == definition)
    over = pl.col("as_of_day") + pl.col("horizon_days")
    return table.filter(
        over.is_between(date_to_day(start), date_to_day(end)) & (pl.col("known_day") <= date_to_day(end))
    ).unique(["merchant_id", "as_of_day"], keep="first", maintain_order=True)


def _periods(
    granted: Sequence[date], scores: np.ndarray, bad: np.ndarray
) -> tuple[str, tuple[PeriodGini, ...]]:
    """Gini by the shortest period that nearly always has both classes; by quarter if none has."""
    found: tuple[PeriodGini, ...] = ()
    for period in _PERIODS:
        starts = pl.Series(granted).dt.truncate(period)
        parts = []
        for start in starts.unique().sort():
            own = (starts == start).to_numpy()
            parts.append(PeriodGini(start, int(own.sum()), int(bad[own].sum()), gini(scores[own], bad[own])))
        found = tuple(parts)
        if np.isfinite([part.gini for part in found]).mean() >= _BOTH:
            return period, found
    return _PERIODS[-1], found
