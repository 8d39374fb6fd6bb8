"""The main job: a lake, a date and a policy become a decision book."""

import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
import polars as pl

import suixin
from suixin.calendar import day_to_date
from suixin.errors import ModelError, PolicyError
from suixin.features.build import Built, build
from suixin.features.registry import FEATURES
from suixin.features.subjects import event_span, subjects
from suixin.features.traits import traits
from suixin.lake.store import Lake
from suixin.reporting.book import Book
from suixin.reporting.evidence import evidence_table
from suixin.reporting.folder import RUN_FILE, book_folder, told, write_book
from suixin.scoring.artefact import Opened
from suixin.scoring.card import Scored
from suixin.underwriting.decide import Case, decide
from suixin.underwriting.decision import Decision, Outcome
from suixin.underwriting.forecast import forecast_all
from suixin.underwriting.histories import Histories, histories
from suixin.underwriting.peers import Peers, learn
from suixin.underwriting.policy import LoadedPolicy

Progress = Callable[[str, int, int], None]

RUN_VERSION = 2


@dataclass(frozen=True, slots=True)
class Assessed:
    """What an assessment made: the book's folder, the decisions, and the content of run.json."""

    book: Path
    decisions: Sequence[Decision]
    run: dict[str, Any]


def assess(
    lake: Lake,
    loaded: LoadedPolicy,
    out: Path,
    *,
    now: datetime,
    as_of: date | None = None,
    chosen: pl.DataFrame | None = None,
    processes: int | None = None,
    replace: bool = False,
    progress: Progress | None = None,
    erased: Sequence[str] = (),
    model: Opened | None = None,
    replayed: bool = False,
) -> Assessed:
    """Decide every merchant of the lake, or the chosen ones, and write the book to the folder `out`.

    Args:
        lake: a snapshot.
        loaded: the policy.
        out: the book's folder; it appears complete or not at all.
        now: when this runs, for the record only: no decision depends on it.
        as_of: one date for all; None for each merchant's own (see `subjects`).
        chosen: merchant_id and optionally as_of; None for all merchants.
        processes: how many; None for one a core.
        replace: whether an older book at `out` may be replaced.
        progress: told what is being done.
        erased: merchants of an earlier run who were forgotten since, for the record.
        model: a trained model that scores in place of the policy's expert card.
        replayed: whether an earlier run is done again: a release that ended since does not stop it.

    Raises:
        ModelError: the model's release ends before a merchant's date.
        PolicyError: the policy is for another currency, or allows none of the lake's routes.
        UsageError: the date lies before the first event, or a chosen merchant is unknown.
        BookError: `out` is taken or cannot be written.
    """
    tell = progress or (lambda *_: None)
    clock = _Clock()
    refuse_misfit(lake, loaded)
    with book_folder(out, replace=replace, lake=lake.root) as draft:
        people = subjects(lake, as_of, chosen, loaded.policy.data.routes.value)
        built = build(
            lake, people.table, routes=loaded.policy.data.routes.value, processes=processes, progress=tell
        )
        clock.lap("features")
        asked, decisions = list(cases(lake, built, loaded)), []
        if not replayed:
            refuse_retired(model, [case.as_of for case in asked])
        refuse_unread(model, built)
        scores = _scores(built, loaded, model)
        for done, (case, scored) in enumerate(zip(asked, scores, strict=True), start=1):
            decisions.append(decide(case, loaded, model=model.model if model else None, scored=scored))
            if done % 100 == 0 or done == len(asked):
                tell("deciding", done, len(asked))
        clock.lap("decisions")
        run = _run(lake, loaded, built, decisions, now=now, as_of=as_of, chosen=chosen, model=model)
        run["merchants_not_open"] = people.not_open
        run["merchants_not_chosen"] = people.not_chosen
        run["last_event_on"] = event_span(lake)[1].isoformat()
        run["merchants_erased"] = list(erased)
        run["decided_in_hindsight"] = _in_hindsight(model, asked)
        with told(out):
            evidence = evidence_table(built.evidence, people.table)
            write_book(draft, Book(decisions, loaded.policy, run, evidence, asked), tell)
            clock.lap("book")
            run["seconds"] = clock.laps
            (draft / RUN_FILE).write_bytes(orjson.dumps(run, option=orjson.OPT_INDENT_2))
    return Assessed(out, decisions, run)


def _scores(built: Built, loaded: LoadedPolicy, model: Opened | None) -> Sequence[Scored | None]:
    """What a model says of every subject, in one go; the card is asked for each in turn."""
    if model is None:
        return [None] * built.features.height
    policy = loaded.policy
    return model.model.explained(model.model.matrix(built.features), policy.card, policy.cutoffs.approve_from)


def _told(model: Opened) -> dict[str, Any]:
    """What the record keeps of a model: enough to know it again."""
    return {
        "folder": str(model.folder.resolve()),
        "name": model.model.name,
        "digest": model.digest,
        "signer": model.signer,
        "released": model.release is not None,
    }


def refuse_unread(model: Opened | None, built: Built) -> None:
    """ModelError if the lake has none of the features that the model looks at."""
    if model is not None and not set(model.model.features) & set(built.features.columns):
        raise ModelError(
            f"{model.folder}: the lake has none of the model's features ({', '.join(model.model.features[:3])}, ...); use "
            "a model that was trained on such data, or the policy's expert card"
        )


def _in_hindsight(model: Opened | None, asked: Sequence[Case]) -> int:
    """How many are decided as of a day on which the model could not be trained yet: its figures do not hold for them."""
    if model is None:
        return 0
    learned_on = date.fromisoformat(model.documents["model.json"]["training"]["on"])
    return sum(case.as_of < learned_on for case in asked)


def refuse_retired(model: Opened | None, days: Sequence[date]) -> None:
    """ModelError if the model's release ends before the latest of these days."""
    if model is None or model.release is None or not days:
        return
    until = date.fromisoformat(model.release["retire"]["on"])
    if max(days) > until:
        raise ModelError(
            f"{model.folder}: the model was released until {until} and is asked about {max(days)}; validate and "
            "release it again, or train a new one"
        )


def refuse_misfit(lake: Lake, loaded: LoadedPolicy) -> None:
    """PolicyError if the policy is in another currency than the lake, or allows none of its routes."""
    policy = loaded.policy
    if policy.currency != lake.manifest.currency:
        raise PolicyError(
            f"policy {policy.name} is in {policy.currency}, the lake in {lake.manifest.currency}; "
            f"use a policy in {lake.manifest.currency}"
        )
    routes = {record.route for record in lake.manifest.ingests}
    if not routes & set(policy.data.routes.value):
        raise PolicyError(
            f"policy {policy.name} allows none of the lake's routes ({', '.join(sorted(routes))}); "
            f"it allows {', '.join(policy.data.routes.value)}"
        )


def _traits(lake: Lake, built: Built, loaded: LoadedPolicy) -> pl.DataFrame:
    return traits(lake, built.features, loaded.policy.data.routes.value)


def pasts(lake: Lake, built: Built, loaded: LoadedPolicy) -> Histories:
    """The trading histories of all subjects, in the order of the features."""
    return histories(built, _traits(lake, built, loaded))


def cases(lake: Lake, built: Built, loaded: LoadedPolicy, peers: Peers | None = None) -> Iterator[Case]:
    """What is decided on: a case a subject, in the order of the features.

    Args:
        lake: the snapshot that the features were built from.
        built: features and series.
        loaded: the policy.
        peers: what each subject's peers say, a row each; None if the subjects are each other's peers.
    """
    data = loaded.policy.data
    routes = {record.route for record in lake.manifest.ingests} & set(data.routes.value)
    bureau_required = not routes <= set(data.bureau_not_required_routes.value)
    known, terms = _traits(lake, built, loaded), loaded.policy.forecast
    past = histories(built, known)
    outlooks = forecast_all(past.net, past.known, terms, peers or learn(past, terms))
    names = [name for name in built.features.columns if name in FEATURES]
    grown = known.select("crop", "area_mu").iter_rows()
    rows = zip(built.features.iter_rows(named=True), past.net.tolist(), outlooks, grown, strict=True)
    for number, (row, history, outlook, (crop, area_mu)) in enumerate(rows):
        yield Case(
            merchant_id=row["merchant_id"],
            as_of=day_to_date(row["as_of_day"]),
            features={name: row[name] for name in names},
            history=history,
            sales_source=past.source[number],
            months_known=int(past.known[number]),
            bureau_required=bureau_required,
            lake_snapshot=lake.snapshot,
            outlook=outlook,
            crop=crop,
            area_mu=area_mu,
        )


def _run(
    lake: Lake,
    loaded: LoadedPolicy,
    built: Built,
    decisions: Sequence[Decision],
    *,
    now: datetime,
    as_of: date | None,
    chosen: pl.DataFrame | None,
    model: Opened | None,
) -> dict[str, Any]:
    """Everything that a replay needs, and what a reader should know of the evidence."""
    outcomes = [decision.outcome for decision in decisions]
    return {
        "run_version": RUN_VERSION,
        "made_at": now.isoformat(timespec="seconds"),
        "software": {
            "suixin": suixin.__version__,
            "python": platform.python_version(),
            "polars": version("polars"),
            "narwhals": version("narwhals"),
        },
        "lake": str(lake.root.resolve()),
        "lake_sequence": lake.manifest.sequence,
        "lake_snapshot": lake.snapshot,
        "currency": lake.manifest.currency,
        "zone": lake.manifest.zone,
        "as_of": as_of.isoformat() if as_of else None,
        "merchants": None if chosen is None else chosen.rows(),
        "policy_name": loaded.policy.name,
        "policy_version": loaded.policy.version,
        "policy_hash": loaded.hash,
        "policy": loaded.text,
        "model": None if model is None else _told(model),
        "absent_families": list(built.absent),
        "ingests": [
            {
                "adapter": record.adapter,
                "source": record.source,
                "route": record.route,
                "authorisation": record.authorisation,
                "purpose": record.purpose,
                "assumptions": list(record.assumptions),
                "ingested_at": record.ingested_at,
            }
            for record in lake.manifest.ingests
        ],
        "decisions": {outcome.value: outcomes.count(outcome) for outcome in Outcome},
        "merchants_assessed": len(decisions),
    }


class _Clock:
    """Seconds of each part of the run."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Note the seconds since the last lap."""
        now = time.perf_counter()
        self.laps[name] = round(now - self._last, 3)
        self._last = now
