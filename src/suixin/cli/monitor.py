"""suixin monitor: drift of the score, and early warning for live borrowers."""

import math
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from suixin.calendar import day_to_date
from suixin.cli.output import Json, Processes, print_json, print_table, progress_bar, read_date, say
from suixin.errors import UsageError
from suixin.lake.store import Lake
from suixin.monitor import monitor
from suixin.reporting.monitor import Sources, document, write_report
from suixin.reporting.monitor_page import open_loans, worst
from suixin.reporting.monitor_phrases import AGAINST, PERIODS, SIGNALS
from suixin.scoring.artefact import Opened, open_checked
from suixin.scoring.release import due
from suixin.scoring.scorer import CardScorer, ModelScorer
from suixin.scoring.watch.found import Monitored
from suixin.scoring.watch.rules import SEVERITIES, load_rules, shipped_rules
from suixin.underwriting.policy import load_policy, shipped_policy

_SHOWN = 20  # loans in the terminal


def add_to(program: typer.Typer) -> None:
    """Register the command."""
    program.command("monitor")(_monitor)


def _monitor(
    lake: Annotated[Path, typer.Argument(metavar="LAKE", help="The lake's folder.")],
    start: Annotated[str, typer.Option("--from", help="First day, as 2025-01-01.")],
    end: Annotated[str, typer.Option("--to", help="Last day; nothing known later is read.")],
    rules: Annotated[
        Path | None, typer.Option(help="File of early-warning rules; else those shipped.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="A trained model to watch; else the policy's expert card.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="Policy file with the expert card; else the one shipped.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for monitor.html and monitor.json.")] = None,
    processes: Processes = None,
    *,
    json: Json = False,
) -> None:
    """Watch the score and the live borrowers: drift against the same season, calibration, ranking, and alerts.

    For example:

        suixin monitor lake --from 2025-01-01 --to 2025-12-31 --out watch

        suixin monitor lake --model model --from 2025-10-01 --to 2025-12-31 --rules ours.yaml --json
    """
    first, last = _day("--from", start), _day("--to", end)
    opened = Lake.open(lake)
    loaded = load_policy(policy) if policy else shipped_policy(opened.manifest.currency)
    watching = load_rules(rules) if rules else shipped_rules()
    routes = loaded.policy.data.routes.value
    card, trained = loaded.policy.card, open_checked(model) if model else None
    learned = trained.documents["model.json"]["training"] if trained else None
    with progress_bar() as tell:
        found = monitor(
            opened,
            ModelScorer(trained.model, card) if trained else CardScorer(card),
            watching.rules,
            first,
            last,
            routes=routes,
            reference=trained.model.reference if trained else None,
            learned_on=date.fromisoformat(learned["on"]) if learned else None,
            definition=learned["definition"] if learned else None,
            processes=processes,
            progress=tell,
        )
    sources = Sources(
        snapshot=opened.snapshot,
        currency=opened.manifest.currency,
        score=trained.model.name if trained else f"{loaded.policy.name} {loaded.policy.version}",
        retire=_retirement(trained, found, last),
        rules=watching,
    )
    if out is not None:
        write_report(out, found, sources, lake)
    if json:
        print_json(document(found, sources))
        return
    _show(found)
    for reason in sources.retire:
        say(f"the model is to retire: {reason}")
    if out is not None:
        say(f"see {out / 'monitor.html'}")


def _retirement(trained: Opened | None, found: Monitored, last: date) -> tuple[str, ...]:
    """By the release's own rule: the last month's shift, and the ranking of matured outcomes."""
    if trained is None or trained.release is None:
        return ()
    moved = [month.score for month in found.months[-1:] if month.score.psi > month.score.chance]
    psi = moved[0].psi if moved else None  # what chance alone would show retires nothing
    gini = found.outcomes.overall if found.outcomes else None
    return due(trained.release, last, psi, None if gini is None else (gini + 1) / 2)


def _day(name: str, text: str) -> date:
    day = read_date(text)
    if day is None:
        raise UsageError(f"{name}: give a date")
    return day


def _show(found: Monitored) -> None:
    _show_drift(found)
    _show_outcomes(found)
    _show_load(found)
    _show_alerts(found)


def _show_drift(found: Monitored) -> None:
    rows = []
    for month in found.months:
        worst = ", ".join(f"{name} {s.psi:.2f}" for name, s in month.features if s.grade in ("watch", "bad"))
        rows.append(
            (
                f"{month.month:%Y-%m}",
                AGAINST[month.against],
                f"{month.score.psi:.3f}",
                f"{month.score.chance:.3f}",
                month.score.grade,
                worst,
            )
        )
    head = ("month", "against", "PSI of the score", "by chance", "grade", "features that moved")
    print_table("Drift", head, rows)


def _show_outcomes(found: Monitored) -> None:
    came = found.outcomes
    if came is None:
        say("no outcome's horizon ended in this time: ranking and calibration cannot be told yet")
        return
    rows = [
        (
            f"{start}",
            c.count,
            c.bad,
            f"{c.predicted:.2%}",
            f"{c.observed:.2%}",
            f"{c.low:.2%} to {c.high:.2%}",
            c.grade,
        )
        for start, c in (*came.quarters, ("all", came.whole))
    ]
    head = ("granted from", "outcomes", "defaults", "predicted", "observed", "95 % interval", "grade")
    print_table("Calibration", head, rows)
    held = came.stability
    if math.isnan(held.mean):
        say("no period has both good and bad ones: ranking cannot be told yet")
        return
    say(
        f"Gini {came.overall:.3f}; by {PERIODS[came.period]} of the grant: mean {held.mean:.3f}, slope a week "
        f"{held.slope:+.5f}, spread {held.spread:.3f}, stability metric {held.metric:.3f}"
    )


def _show_load(found: Monitored) -> None:
    weeks = found.watched.weeks
    live = sum(week.live for week in weeks)
    held = sum(week.alerted for week in weeks) / max(live, 1)
    new = sum(week.newly_alerted for week in weeks) / max(live, 1)
    say(
        f"{len(weeks)} weeks, {live / len(weeks):,.0f} live loans a week; with an open alert {held:.2%}, "
        f"newly alerted {new:.2%} a week"
    )


def _show_alerts(found: Monitored) -> None:
    loans = open_loans(found)
    rows = [
        (
            SEVERITIES[worst(held) - 1],
            held[0][0].loan_id,
            day_to_date(min(alert.opened_day for alert, _ in held)).isoformat(),
            ", ".join(SIGNALS[alert.signal] for alert, _ in held),
        )
        for held in loans[:_SHOWN]
    ]
    for shock in found.watched.shocks:
        say(
            f"shock: {shock.kind} {shock.name}, {day_to_date(shock.from_day)} to {day_to_date(shock.to_day)}, at the lowest "
            f"{shock.ratio:.0%} of what the season lets one expect, {shock.borrowers} borrowers"
        )
    title = f"{sum(len(held) for held in loans)} open alerts of {len(loans)} loans"
    print_table(title, ("severity", "loan", "since", "signals"), rows)
    if len(loans) > _SHOWN:
        say(f"and {len(loans) - _SHOWN} more loans: see --out or --json")
