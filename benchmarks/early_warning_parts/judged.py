"""Early warning held against the truth: recall, lead, precision and load."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from early_warning_parts.counties import County
from suixin.scoring.drift import calibration
from suixin.scoring.watch.alerts import Alert, alerted, follow
from suixin.scoring.watch.level import levels
from suixin.scoring.watch.rules import Rules

LEAD, REACH = 30, 182  # days before a default: the latest an alert counts, and the earliest


@dataclass(frozen=True)
class Judged:
    """What the alerts of one county at a severity were worth; leads are days.

    Attributes:
        foreseeable, hidden, later: defaults by cause: visible, a hidden blow, more than a year after the grant.
        found_foreseeable, found_hidden, found_later: those with an open alert on a Monday 30 to 182 days before.
        leads: of the foreseeable that were found, from the first such Monday.
        episodes, true: runs of alerted weeks whose 182 days are over, and those in which a default came.
        live, held, new: loan-weeks in all, under alert, newly alerted; busiest: the largest share of one week.
        by_half_year: first day of a half-year -> loan-weeks in all and under alert.
    """

    seed: int
    foreseeable: int
    hidden: int
    later: int
    found_foreseeable: int
    found_hidden: int
    found_later: int
    leads: tuple[int, ...]
    episodes: int
    true: int
    live: int
    held: int
    new: int
    busiest: float
    by_half_year: dict[str, tuple[int, int]]


def judge(county: County, rules: Rules, severity: int = 1) -> Judged:
    """Follow the alerts of a county and hold them against its truth.

    Args:
        county: on every Monday.
        rules: the rules.
        severity: 1 counts every alert, 2 those at `act` or above, 3 those at `urgent`.
    """
    leveled = levels(county.measured, rules)
    alerts = follow(leveled, county.measured, rules)
    risen = [
        alert_from(alert, next(day for day, level in alert.raised if level >= severity))
        for alert in alerts
        if alert.severity >= severity
    ]
    held = alerted(risen, county.days)
    owners = county.live.select("loan_id", "merchant_id").unique()
    held = held.join(owners, on="loan_id").join(county.truth, on="merchant_id", how="left")
    ahead = pl.col("default_day") - pl.col("as_of_day")
    found = (
        held.filter(ahead.is_between(LEAD, REACH))
        .group_by("loan_id")
        .agg(lead=ahead.max(), cause=pl.col("cause").first())
    )
    watched = _defaults(county)
    counts = {cause: int((watched["kind"] == cause).sum()) for cause in ("visible", "hidden", "later")}
    kinds = found.with_columns(kind=_kind())
    hits = {cause: kinds.filter(pl.col("kind") == cause) for cause in counts}
    episodes = held.filter(pl.col("new") & (pl.col("as_of_day") <= county.days[-1] - REACH))
    weekly = held.group_by("as_of_day").agg(n=pl.len())
    live = county.live.group_by("as_of_day").agg(live=pl.col("loan_id").n_unique())
    shares = live.with_columns(pl.col("as_of_day").cast(pl.Int64)).join(weekly, on="as_of_day", how="left")
    return Judged(
        seed=county.seed,
        foreseeable=counts["visible"],
        hidden=counts["hidden"],
        later=counts["later"],
        found_foreseeable=hits["visible"].height,
        found_hidden=hits["hidden"].height,
        found_later=hits["later"].height,
        leads=tuple(sorted(hits["visible"]["lead"].to_list())),
        episodes=episodes.height,
        true=episodes.filter((ahead > 0) & (ahead <= REACH)).height,
        live=int(live["live"].sum()),
        held=held.height,
        new=int(held["new"].sum()),
        busiest=float((shares["n"].fill_null(0) / shares["live"]).max()),
        by_half_year=_by_half_year(shares),
    )


def alert_from(alert: Alert, day: int) -> Alert:
    """The alert as if it had been opened on the day it rose so far."""
    return replace(alert, opened_day=day)


def _kind() -> pl.Expr:
    """visible, hidden, or later than a year after the grant."""
    return (
        pl.when(pl.col("cause") == "visible")
        .then(pl.lit("visible"))
        .when(pl.col("cause").is_not_null())
        .then(pl.lit("hidden"))
        .otherwise(pl.lit("later"))
    )


def _by_half_year(shares: pl.DataFrame) -> dict[str, tuple[int, int]]:
    half = pl.from_epoch("as_of_day", time_unit="d").dt.truncate("6mo").cast(pl.String)
    sums = shares.group_by(half=half).agg(pl.col("live").sum(), pl.col("n").fill_null(0).sum()).sort("half")
    return {half: (live, held) for half, live, held in sums.iter_rows()}


def _defaults(county: County) -> pl.DataFrame:
    """Defaults that could have been warned of: the loan was live on a Monday 30 to 182 days before."""
    ahead = pl.col("default_day") - pl.col("as_of_day")
    rows = county.live.join(county.truth, on="merchant_id").filter(ahead.is_between(LEAD, REACH))
    return rows.unique("loan_id").with_columns(kind=_kind())


def total(parts: Sequence[Judged]) -> dict[str, Any]:
    """The figures over several counties; the recall with its 95 % interval (Jeffreys)."""

    def add(name: str) -> int:
        return sum(getattr(part, name) for part in parts)

    leads = [lead for part in parts for lead in part.leads] or [0]
    low, middle, high = np.percentile(leads, [25, 50, 75])
    live = max(add("live"), 1)
    hits = np.arange(add("foreseeable")) < add("found_foreseeable")
    interval = calibration(np.zeros(hits.size), hits)
    return {
        "foreseeable": add("foreseeable"),
        "not_foreseeable": add("hidden"),
        "after_the_year": add("later"),
        "recall_foreseeable": add("found_foreseeable") / max(add("foreseeable"), 1),
        "recall_low": interval.low,
        "recall_high": interval.high,
        "recall_not_foreseeable": add("found_hidden") / max(add("hidden"), 1),
        "recall_after_the_year": add("found_later") / max(add("later"), 1),
        "precision": add("true") / max(add("episodes"), 1),
        "episodes": add("episodes"),
        "lead_p25": float(low),
        "lead_median": float(middle),
        "lead_p75": float(high),
        "alerted_a_week": add("held") / live,
        "newly_alerted_a_week": add("new") / live,
        "busiest_week": max(part.busiest for part in parts),
        "alerted_by_half_year": {
            half: sum(part.by_half_year[half][1] for part in parts)
            / max(sum(part.by_half_year[half][0] for part in parts), 1)
            for half in parts[0].by_half_year
        },
    }
