"""The watch: a lake, a score and rules become drift figures and the alerts of live borrowers.

Strictly point in time: what each Monday raises rests on rows that were known before that Monday.
"""

from collections.abc import Callable, Sequence
from datetime import date

import polars as pl

from suixin.calendar import date_to_day
from suixin.errors import UsageError
from suixin.features.subjects import event_span
from suixin.lake.store import Lake
from suixin.monitor import scores
from suixin.monitor.borrowers import endings, live_loans, newest_dues, weeks
from suixin.monitor.evidence import evidence
from suixin.monitor.facts import at_grant, facts
from suixin.scoring.scorer import Scorer
from suixin.scoring.watch.alerts import Alert, alerted, follow
from suixin.scoring.watch.found import Monitored, Watched, Week
from suixin.scoring.watch.level import levels
from suixin.scoring.watch.measures import group_ratios, measures
from suixin.scoring.watch.rules import Rules
from suixin.scoring.watch.shocks import shocks

Progress = Callable[[str, int, int], None]


def monitor(
    lake: Lake,
    scorer: Scorer,
    rules: Rules,
    start: date,
    end: date,
    *,
    reference: pl.DataFrame | None = None,
    learned_on: date | None = None,
    definition: str | None = None,
    routes: Sequence[str] | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Monitored:
    """Watch a lake from `start` to `end`, both included.

    Args:
        lake: a snapshot.
        scorer: the score that is watched.
        rules: of early warning.
        start: the first day.
        end: the last day; nothing known later is read.
        reference: training features of the score, for months without a season of a year ago.
        learned_on: the day on whose knowledge a model was trained: earlier outcomes do not judge it.
        definition: of default, that the model learned; None for any.
        routes: only rows that came by these; None for all.
        processes: as `suixin.features.build` takes them.
        progress: told what is being done.

    Raises:
        UsageError: the dates are reversed or outside the lake's, no Monday lies between them, or there are no loans.
    """
    _refuse(lake, start, end)
    watched = watch(lake, rules, start, end, routes=routes, processes=processes, progress=progress)
    months = scores.drift(
        lake,
        scorer,
        scores.month_starts(start, end),
        reference=reference,
        routes=routes,
        processes=processes,
        progress=progress,
    )
    came = scores.outcomes(
        lake,
        scorer,
        start,
        end,
        learned_on=learned_on,
        definition=definition,
        routes=routes,
        processes=processes,
    )
    return Monitored(start, end, watched, tuple(months), came)


def _refuse(lake: Lake, start: date, end: date) -> None:
    if end < start:
        raise UsageError(f"--from {start} lies after --to {end}; swap the dates")
    first, last = event_span(lake)
    if end <= first or start > last:
        raise UsageError(f"the lake's events run from {first} to {last}; name dates between them")
    if not weeks(start, end):
        raise UsageError(f"no Monday lies between {start} and {end}; name a longer time")


def watch(
    lake: Lake,
    rules: Rules,
    start: date,
    end: date,
    *,
    routes: Sequence[str] | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Watched:
    """Early warning alone, Monday by Monday; arguments as for `monitor`."""
    days = weeks(start, end)
    live = live_loans(lake, routes, days)
    if live.is_empty():
        raise UsageError(f"{lake.root}: no loan was live between {start} and {end}; name other dates")
    known = facts(lake, live, routes, processes, progress)
    measured = measures(live, known, at_grant(lake, live, routes, processes))
    leveled = levels(measured, rules)
    alerts = follow(leveled, measured, rules, endings(lake, date_to_day(end)))
    proof = evidence(lake, alerts, newest_dues(live), rules.evidence_rows, routes)
    newest = leveled.filter(pl.col("as_of_day") == days[-1])
    return Watched(
        tuple(load(live, alerts, days)),
        tuple(alerts),
        tuple(proof),
        dict(newest.select("loan_id", "chance").iter_rows()),
        tuple(shocks(group_ratios(known), rules.shock_bound)),
    )


def load(live: pl.DataFrame, alerts: Sequence[Alert], days: Sequence[int]) -> list[Week]:
    """How many live loans were alerted each week."""
    counts = dict(live.group_by("as_of_day").agg(pl.col("loan_id").n_unique()).iter_rows())
    open_loans = alerted(alerts, days)
    sums = {
        day: (held, new)
        for day, held, new in open_loans.group_by("as_of_day").agg(pl.len(), pl.col("new").sum()).iter_rows()
    }
    opened = pl.Series([alert.opened_day for alert in alerts], dtype=pl.Int64)
    return [Week(day, counts.get(day, 0), *sums.get(day, (0, 0)), int((opened == day).sum())) for day in days]
