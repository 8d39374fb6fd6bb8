"""What the watch found as a folder: monitor.html for people and monitor.json for machines."""

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from suixin.calendar import day_to_date
from suixin.reporting.monitor_page import render_page
from suixin.reporting.report_files import write_files
from suixin.scoring.drift import Calibration, Shift
from suixin.scoring.watch.alerts import Alert
from suixin.scoring.watch.found import Monitored, MonthDrift, Outcomes, Row, Watched
from suixin.scoring.watch.rules import SEVERITIES, LoadedRules

MONITOR_VERSION = 1
FILES = ("monitor.json", "monitor.html")


@dataclass(frozen=True, slots=True)
class Sources:
    """What a run read: the lake's snapshot and currency, the score's name, the rules, and why the model is to retire."""

    snapshot: str
    currency: str
    score: str
    rules: LoadedRules
    retire: tuple[str, ...] = ()


def document(found: Monitored, sources: Sources) -> dict[str, Any]:
    """The run as JSON; its layout is kept under `monitor_version`.

    Shares and probabilities are fractions, money is in minor units where a field's name ends in `_fen`, what is not known
    is null.
    """
    rules = sources.rules
    return {
        "monitor_version": MONITOR_VERSION,
        "snapshot": sources.snapshot,
        "currency": sources.currency,
        "score": sources.score,
        "retire": list(sources.retire),
        "rules": {"name": rules.rules.name, "version": rules.rules.version, "hash": rules.hash},
        "from": found.start,
        "to": found.end,
        "drift": [_month(month) for month in found.months],
        "outcomes": None if found.outcomes is None else _outcomes(found.outcomes),
        "early_warning": _watched(found.watched, rules),
    }


def _month(month: MonthDrift) -> dict[str, Any]:
    return {
        "month": month.month,
        "against": month.against or None,
        "score": _shift(month.score),
        "features": {name: _shift(held) for name, held in month.features},
    }


def _shift(held: Shift) -> dict[str, Any]:
    return {name: _finite(value) for name, value in asdict(held).items()} | {"grade": held.grade}


def _outcomes(came: Outcomes) -> dict[str, Any]:
    return {
        "gini": _finite(came.overall),
        "period": came.period,
        "by_period": [asdict(p) | {"gini": _finite(p.gini)} for p in came.periods],
        "gini_mean": _finite(came.stability.mean),
        "gini_slope_a_week": _finite(came.stability.slope),
        "gini_spread": _finite(came.stability.spread),
        "stability_metric": _finite(came.stability.metric),
        "calibration": _calibration(came.whole),
        "calibration_by_quarter": [{"from": start, **_calibration(c)} for start, c in came.quarters],
    }


def _calibration(c: Calibration) -> dict[str, Any]:
    return {
        **{k: _finite(v) for k, v in asdict(c).items()},
        "observed": _finite(c.observed),
        "grade": c.grade,
    }


def _watched(watched: Watched, rules: LoadedRules) -> dict[str, Any]:
    weeks = watched.weeks
    live = max(sum(week.live for week in weeks), 1)
    return {
        "weeks": [
            {
                "monday": day_to_date(week.day),
                "live": week.live,
                "alerted": week.alerted,
                "newly_alerted": week.newly_alerted,
                "opened": week.opened,
            }
            for week in weeks
        ],
        "share_alerted_a_week": sum(week.alerted for week in weeks) / live,
        "share_newly_alerted_a_week": sum(week.newly_alerted for week in weeks) / live,
        "alerted_an_officer": sum(week.alerted for week in weeks) / live * rules.rules.loans_an_officer,
        "shocks": [
            {
                "kind": shock.kind,
                "name": shock.name,
                "from": day_to_date(shock.from_day),
                "to": day_to_date(shock.to_day),
                "share_of_expectation": shock.ratio,
                "borrowers": shock.borrowers,
                "action": "offer_relief",
            }
            for shock in watched.shocks
        ],
        "alerts": [
            _alert(alert, rows, watched.chances.get(alert.loan_id), rules)
            for alert, rows in zip(watched.alerts, watched.evidence, strict=True)
        ],
    }


def _alert(alert: Alert, rows: tuple[Row, ...], chance: float | None, rules: LoadedRules) -> dict[str, Any]:
    return {
        "loan_id": alert.loan_id,
        "merchant_id": alert.merchant_id,
        "signal": alert.signal,
        "severity": alert.severity_name,
        "opened_on": day_to_date(alert.opened_day),
        "raised": [
            {"on": day_to_date(day), "severity": SEVERITIES[level - 1]} for day, level in alert.raised
        ],
        "value": _finite(alert.value),
        "points": alert.points,
        "chance": None if alert.closed_day is not None else chance,
        "closed_on": None if alert.closed_day is None else day_to_date(alert.closed_day),
        "closed_because": alert.closed_because or None,
        "action": rules.rules.signal(alert.signal).actions.of(alert.severity_name),
        "evidence": [{**asdict(row), "day": day_to_date(row.day)} for row in rows],
    }


def _finite(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


def write_report(out: Path, found: Monitored, sources: Sources, lake: Path) -> None:
    """Write both files into the folder `out`.

    Raises:
        UsageError: `out` is a file, lies inside the lake, or holds something that is no report of the watch.
        OSError: the disk does not take it.
    """
    made = orjson.dumps(document(found, sources), option=orjson.OPT_INDENT_2)
    page = render_page(found, sources.rules.rules, sources.snapshot, sources.score, sources.currency)
    write_files(out, dict(zip(FILES, (made, page.encode()), strict=True)), lake, "a report of the watch")
