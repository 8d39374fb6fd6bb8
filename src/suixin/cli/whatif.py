"""suixin whatif: one decision again, with other features or by another policy."""

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from suixin.cli.output import Json, print_json, print_table, say
from suixin.errors import BookError, PolicyError, UsageError
from suixin.replay import read_run, same_model
from suixin.reporting.cases import read_case
from suixin.reporting.folder import RUN_FILE
from suixin.reporting.tables import decisions_table, read_decision
from suixin.reporting.wording import words
from suixin.underwriting.decide import decide
from suixin.underwriting.decision import Decision, Reason
from suixin.underwriting.policy import LoadedPolicy, load_policy
from suixin.underwriting.whatif import UNKNOWN, read_settings, with_features

SHOWN = (
    "decision",
    "score",
    "grade",
    "pd",
    "confidence",
    "limit",
    "binding",
    "annual_rate",
    "all_in_rate",
    "fee",
    "term_months",
    "method",
    "limit_components",
    "price_components",
    "reasons",
    "currency",
    "policy_hash",
)
"""What is said of each side; all but `binding` are columns of decisions.parquet."""
FIRST_REASONS = 3


def add_to(program: typer.Typer) -> None:
    """Register the command."""
    program.command("whatif")(_whatif)


def _whatif(
    book: Annotated[Path, typer.Argument(help="The book's folder.")],
    merchant: Annotated[str, typer.Argument(help="The merchant.")],
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FEATURE=VALUE",
            help="Another value of a feature; may be given more than once. Units as in features.parquet: money in "
            "major units, shares as fractions or percentages; `unknown` for what is not known.",
        ),
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="Policy file; else the book's own policy.")] = None,
    model: Annotated[
        Path | None, typer.Option(help="Where the model that scored the book lies now, if it was moved.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Decide one merchant of a book again, with other features or by another policy; nothing is written.

    Features move the score with its grade and price, the rules, the debts, and what the household can carry. The monthly net sales
    that the limit and the schedule rest on are no feature: they stay as they were, whatever sales feature is set.

    For example:

        suixin whatif book 17 --set household_debt=20000 --set lenders=1

        suixin whatif book 17 --set top_buyer_share=35% --json

        suixin whatif book 17 --policy ours.yaml
    """
    if not settings and policy is None:
        raise UsageError("nothing is changed; add --set feature=value or --policy FILE")
    chosen = read_settings(settings or ())
    held, case = read_decision(book, merchant), read_case(book, merchant)
    run = read_run(book / RUN_FILE)
    own, scored_by = run.loaded, same_model(run, model)
    trained = scored_by.model if scored_by else None
    before = decide(case, own, model=trained)
    _refuse_other(book, held, before)
    after = decide(with_features(case, chosen), _other(policy, own) if policy else own, model=trained)
    sides = _side(before), _side(after)
    changed = [name for name in SHOWN if sides[0][name] != sides[1][name]]
    if json:
        top = {"merchant_id": merchant, "as_of": case.as_of}
        print_json({**top, "before": sides[0], "after": sides[1], "set": chosen, "changed": changed})
        return
    was = {name: case.features.get(name) for name in chosen}
    _show(before, after, {name: (was[name], value) for name, value in chosen.items()}, changed)


def _other(policy: Path, own: LoadedPolicy) -> LoadedPolicy:
    loaded = load_policy(policy)
    if loaded.policy.currency != own.policy.currency:
        raise PolicyError(
            f"policy {loaded.policy.name} is in {loaded.policy.currency}, the book in {own.policy.currency}; "
            f"use a policy in {own.policy.currency}"
        )
    return loaded


def _refuse_other(book: Path, held: Decision, again: Decision) -> None:
    """A change can only be told from a starting point that stands: the book's decision, made again."""
    then, now = (decisions_table([decision]).row(0, named=True) for decision in (held, again))
    moved = [name for name, value in then.items() if not _same(value, now[name])]
    if moved:
        raise BookError(
            f"{book}: this release decides merchant {held.merchant_id!r} differently ({', '.join(moved[:3])}); "
            f"make the book again with: suixin assess LAKE --replay {book / RUN_FILE} --out BOOK"
        )


def _same(then: Any, now: Any) -> bool:
    """Equal, whatever the last digit that another machine's logarithm gives."""
    if isinstance(then, float) and isinstance(now, float):
        return math.isclose(then, now, rel_tol=1e-12)
    if isinstance(then, list) and isinstance(now, list):
        return len(then) == len(now) and all(map(_same, then, now))
    if isinstance(then, dict) and isinstance(now, dict):
        return then.keys() == now.keys() and all(_same(value, now[name]) for name, value in then.items())
    return bool(then == now)


def _side(decision: Decision) -> dict[str, Any]:
    row = decisions_table([decision]).row(0, named=True)
    row["binding"] = next((part.name for part in decision.limit_components if part.binding), None)
    return {name: row[name] for name in SHOWN}


def _show(
    before: Decision,
    after: Decision,
    chosen: dict[str, tuple[float | None, float | None]],
    changed: list[str],
) -> None:
    english = words("en")
    for name, (was, value) in chosen.items():
        label = english.feature_label(name)
        shown = [english.value(name, v, before.currency) if v is not None else UNKNOWN for v in (was, value)]
        say(f"set {name} ({label}): {shown[0]} -> {shown[1]}")
    if before.policy_hash != after.policy_hash:
        say(f"policy {before.policy_hash} -> {after.policy_hash}")
    one, two = _lines(before), _lines(after)
    rows = [(name, one[name], two[name], "" if one[name] == two[name] else "changed") for name in one]
    title = f"Merchant {before.merchant_id}, as of {before.as_of}"
    print_table(title, ("", "book", "what if", ""), rows)
    for name, decision in (("book", before), ("what if", after)):
        against = [reason for reason in decision.reasons if reason.outcome or reason.points < 0]
        say(f"first reasons, {name}:" if against else f"first reasons, {name}: nothing stands against it")
        for reason in against[:FIRST_REASONS]:
            say(f"  - {_said(reason, decision.currency)}")
    if not changed:
        say("nothing changes: no band, rule or figure of the policy hangs on it")
    say("the monthly net sales that the limit rests on are no feature: they stay as they were")


def _lines(decision: Decision) -> dict[str, str]:
    """Label -> what is shown of one side."""
    english, terms = words("en"), decision.terms
    lines = {
        "decision": english.outcome(decision.outcome.value),
        "score": english.number(decision.score),
        "grade": decision.grade,
        "probability of default": english.percent(decision.pd, 2),
        "confidence": english.percent(decision.confidence),
        "limit": english.money(decision.limit_fen, decision.currency),
        "annual rate": english.rate(terms.annual_rate_ppm) if terms else "-",
        "all-in rate": english.rate(terms.all_in_rate_ppm) if terms else "-",
    }
    for part in decision.limit_components:
        mark = " (binds)" if part.binding else ""
        name = english.limit_component(part.name) if part.name != "limit" else "limit by the sums"
        lines[name] = english.money(part.amount_fen, decision.currency) + mark
    return lines


def _said(reason: Reason, currency: str) -> str:
    demand = f" -> {reason.outcome}" if reason.outcome else f" ({reason.points:+.1f} points)"
    return words("en").reason(reason, currency) + demand
