"""A decision book: the decisions of one run, the policy that made them, and how the run came about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from suixin.reporting.evidence import SCHEMA
from suixin.underwriting.decide import Case
from suixin.underwriting.decision import Decision
from suixin.underwriting.policy import Policy


@dataclass(frozen=True)
class Book:
    """What is written to book.html and book.xlsx.

    Attributes:
        decisions: one a merchant, all in the policy's currency.
        policy: the policy that they were made with.
        run: how the run came about. Every key may be missing: lake_snapshot, policy_name, policy_version,
            policy_hash, model_version, as_of, zone, absent_families (names), seconds (a number, or parts of the
            run -> seconds), and `ingests` or `adapters`: one mapping an ingest with adapter, source, route,
            authorisation, purpose and assumptions (a text or a list of texts).
        evidence: the orders that count as self-dealing (see `suixin.reporting.evidence`).
        cases: what the decisions were made on, in their order.
    """

    decisions: Sequence[Decision]
    policy: Policy
    run: Mapping[str, Any]
    evidence: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SCHEMA))
    cases: Sequence[Case] = ()


@dataclass(frozen=True, slots=True)
class SourceNote:
    """Where data came from and what had to be assumed about it, as text."""

    adapter: str
    source: str
    route: str
    authorisation: str
    purpose: str
    assumptions: tuple[str, ...]


TRAINED_CAVEAT = (
    "Probabilities of default come from a trained model; its card says how far they can be trusted."
)
ASSUMED_CAVEAT = "Probabilities of default are assumed by the expert card, not estimated from outcomes."


def is_trained(book: Book) -> bool:
    """Whether a trained model scored, and not the policy's expert card."""
    return any(decision.pd_basis == "trained" for decision in book.decisions)


def source_notes(run: Mapping[str, Any]) -> list[SourceNote]:
    """The sources that a run declares, tolerant of missing keys; the same declaration is given once."""
    notes = [_note(entry) for entry in run.get("ingests") or run.get("adapters") or ()]
    return list(dict.fromkeys(notes))


def _note(entry: Mapping[str, Any]) -> SourceNote:
    given = entry.get("assumptions") or ()
    assumptions = (given,) if isinstance(given, str) else tuple(str(text) for text in given)
    keys = ("adapter", "source", "route", "authorisation", "purpose")
    return SourceNote(**{key: str(entry.get(key) or "") for key in keys}, assumptions=assumptions)


def run_facts(book: Book) -> dict[str, str]:
    """What identifies the run, each as text, '' where the run does not say: key -> text."""
    policy, run = book.policy, book.run
    first = book.decisions[0] if book.decisions else None
    seconds = run.get("seconds")
    if isinstance(seconds, Mapping):
        seconds = round(sum(seconds.values()), 1)
    days = sorted({decision.as_of for decision in book.decisions})
    span = " – ".join(dict.fromkeys(day.isoformat() for day in (days[:1] + days[-1:])))
    found: dict[str, Any] = {
        "as_of": span or run.get("as_of"),
        "currency": policy.currency,
        "policy_name": policy.name,
        "policy_version": policy.version,
        "policy_hash": run.get("policy_hash") or (first and first.policy_hash),
        "lake_snapshot": run.get("lake_snapshot") or (first and first.lake_snapshot),
        "model_version": run.get("model_version") or (first and first.model_version),
        "zone": run.get("zone"),
        "seconds": seconds,
    }
    return {key: "" if value is None else str(value) for key, value in found.items()}
