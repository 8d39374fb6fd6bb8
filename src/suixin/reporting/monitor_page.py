"""monitor.html: the watch as one file that needs nothing else, in Chinese and English, without script."""

import base64
import math
from collections.abc import Sequence
from hashlib import sha256
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from suixin.calendar import day_to_date
from suixin.features.registry import FEATURES
from suixin.lake.tables import TABLES
from suixin.money import currency_of, format_amount
from suixin.reporting import monitor_phrases as phrases
from suixin.reporting.monitor_pictures import calibration_picture, gini_picture, load_picture, psi_picture
from suixin.reporting.quality_page import asset, both, pair
from suixin.reporting.wording import words
from suixin.scoring.watch.alerts import Alert
from suixin.scoring.watch.found import Monitored, Row
from suixin.scoring.watch.rules import ACTIONS, SEVERITIES, Rules

MOST_LOANS = 200  # on the page; monitor.json has all

Held = tuple[Alert, tuple[Row, ...]]


def render_page(found: Monitored, rules: Rules, snapshot: str, score: str, currency: str) -> str:
    """The page's text; nothing in it may run or be loaded."""
    style = asset("page.css") + asset("quality.css") + asset("monitor.css")
    environment = Environment(
        loader=PackageLoader("suixin.reporting", "assets"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
    )
    hashed = base64.b64encode(sha256(style.encode()).digest()).decode()
    loans = open_loans(found)
    weeks = found.watched.weeks
    live = max(sum(week.live for week in weeks), 1)
    load = sum(week.alerted for week in weeks) / live
    return environment.get_template("monitor.html").render(
        t=both,
        found=found,
        rules=rules,
        snapshot=snapshot,
        score=score,
        loans=loans[:MOST_LOANS],
        hidden=max(len(loans) - MOST_LOANS, 0),
        counts={name: sum(worst(held) == n + 1 for held in loans) for n, name in enumerate(SEVERITIES)},
        worst=lambda held: SEVERITIES[worst(held) - 1],
        named=lambda table, code: both(table[code]),
        phrases=phrases,
        percent=percent,
        figure=figure,
        day=lambda day: day_to_date(day).isoformat(),
        action=lambda alert: both(ACTIONS[rules.signal(alert.signal).actions.of(alert.severity_name)]),
        measure=measure,
        relief=both(ACTIONS["offer_relief"]),
        row=lambda row: row_text(row, currency),
        table_name=lambda name: pair(TABLES[name].zh, TABLES[name].en),
        feature=lambda name: both(FEATURES[name].label) if name in FEATURES else escape(name),
        moved=lambda month: [(n, s) for n, s in month.features if s.grade in ("watch", "bad")],
        psi=psi_picture(found.months),
        gini=gini_picture(found.outcomes.periods) if found.outcomes else "",
        calibration=calibration_picture(found.outcomes) if found.outcomes else "",
        load_picture=load_picture(weeks),
        load=load,
        new=sum(week.newly_alerted for week in weeks) / live,
        officer=load * rules.loans_an_officer,
        policy=f"default-src 'none'; style-src 'sha256-{hashed}'; img-src data:; base-uri 'none'; form-action 'none'",
        style=Markup(style),  # noqa: S704  our own files
    )


def open_loans(found: Monitored) -> list[list[Held]]:
    """The open alerts with their evidence, loan by loan, the gravest loan first."""
    held = [
        (alert, rows)
        for alert, rows in zip(found.watched.alerts, found.watched.evidence, strict=True)
        if alert.closed_day is None
    ]
    held.sort(key=lambda item: (item[0].loan_id, -item[0].severity, item[0].opened_day, item[0].signal))
    loans = [list(group) for _, group in groupby(held, key=lambda item: item[0].loan_id)]
    return sorted(
        loans, key=lambda group: (-worst(group), -max(a.points for a, _ in group), group[0][0].loan_id)
    )


def worst(held: Sequence[Held]) -> int:
    """The gravest severity among a loan's alerts, 1 to 3."""
    return max(alert.severity for alert, _ in held)


def measure(alert: Alert) -> Markup:
    """The measure of an alert when it last rose, as a person reads it."""
    if alert.value is None or math.isnan(alert.value):
        return Markup("–")
    unit = phrases.UNITS[alert.signal]
    if unit == phrases.RISE:
        return pair(*(words(lang).percent(alert.value, signed=True) for lang in ("zh", "en")))
    return pair(*(words(lang).measure(unit, alert.value, "CNY") for lang in ("zh", "en")))


def row_text(row: Row, currency: str) -> Markup:
    """What a row of evidence tells: money in the lake's currency, a day as a date, else the number."""
    if row.value is None:
        return Markup("")
    if row.field.endswith("_fen"):
        amounts = (format_amount(round(row.value), currency_of(currency), lang) for lang in ("zh", "en"))
        return pair(*amounts)
    if row.field.endswith("_day"):
        return escape(day_to_date(round(row.value)).isoformat())
    return escape(f"{row.value:g}")


def percent(share: float) -> str:
    """A share in percent; a dash where it is unknown."""
    return "–" if math.isnan(share) else f"{share:.2%}" if share < 0.1 else f"{share:.1%}"


def figure(value: float) -> str:
    """A number with three decimals; a dash where it is unknown."""
    return "–" if math.isnan(value) else f"{value:.3f}"
