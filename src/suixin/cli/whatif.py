"""suixin whatif: one decision again, with other features or by another policy."""

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from suixin.cli.output import Json, Lang, print_json, print_table
from suixin.cli.output import say as tell
from suixin.errors import BookError, PolicyError, UsageError
from suixin.replay import read_run, same_model
from suixin.reporting.cases import read_case
from suixin.reporting.folder import RUN_FILE
from suixin.reporting.tables import decisions_table, read_decision
from suixin.reporting.wording import Words, words
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
    lang: Lang = "en",
    *,
    json: Json = False,
) -> None:
    """Decide one merchant of a book again, with other features or by another policy; nothing is written.

    Features move the score with its grade and price, the rules, the debts, and what the household can carry. The monthly net sales
    that the limit and the schedule rest on are no feature: they stay as they were, whatever sales feature is set.

    For example:

        suixin whatif book 17 --set household_debt=20000 --set lenders=1

        suixin whatif book 17 --set top_buyer_share=35% --json

        suixin whatif book 17 --policy ours.yaml --lang zh
    """
    if not settings and policy is None:
        raise UsageError("nothing is changed; add --set feature=value or --policy FILE")
    say = words(lang).to_the_fen()
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
    _show(before, after, {name: (was[name], value) for name, value in chosen.items()}, changed, say)


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
    say: Words,
) -> None:
    for name, (was, value) in chosen.items():
        shown = [
            say.text(UNKNOWN) if v is None else say.value(name, v, before.currency) for v in (was, value)
        ]
        label = say.feature_label(name)
        change = " -> ".join(shown)
        tell(say.text("set {name} ({label}): {change}", name=name, label=label, change=change))
    if before.policy_hash != after.policy_hash:
        change = f"{before.policy_hash} -> {after.policy_hash}"
        tell(say.text("policy {change}", change=change))
    one, two = _lines(before, say), _lines(after, say)
    differs = say.text("changed")
    rows = [(name, one[name], two[name], "" if one[name] == two[name] else differs) for name in one]
    title = say.text("Merchant {id}, as of {day}", id=before.merchant_id, day=str(before.as_of))
    print_table(title, ("", say.text("book"), say.text("what if"), ""), rows)
    for side, decision in ((say.text("book"), before), (say.text("what if"), after)):
        against = [reason for reason in decision.reasons if reason.outcome or reason.points < 0]
        if against:
            tell(say.text("first reasons, {side}:", side=side))
        else:
            tell(say.text("first reasons, {side}: nothing stands against it", side=side))
        for reason in against[:FIRST_REASONS]:
            tell(f"  - {_said(reason, decision.currency, say)}")
    if not changed:
        tell(say.text("nothing changes: no band, rule or figure of the policy hangs on it"))
    tell(say.text("the monthly net sales that the limit rests on are no feature: they stay as they were"))


def _lines(decision: Decision, say: Words) -> dict[str, str]:
    """Label -> what is shown of one side."""
    terms = decision.terms
    lines = {
        say.text("decision"): say.outcome(decision.outcome.value),
        say.text("score"): say.number(decision.score),
        say.text("grade"): decision.grade,
        say.text("probability of default"): say.percent(decision.pd, 2),
        say.text("confidence"): say.percent(decision.confidence),
        say.text("limit"): say.money(decision.limit_fen, decision.currency),
        say.text("annual rate"): say.rate(terms.annual_rate_ppm) if terms else "-",
        say.text("all-in rate"): say.rate(terms.all_in_rate_ppm) if terms else "-",
    }
    for part in decision.limit_components:
        mark = f" ({say.text('binding')})" if part.binding else ""
        own = part.name != "limit"
        name = say.limit_component(part.name) if own else say.text("limit by the sums")
        lines[name] = say.money(part.amount_fen, decision.currency) + mark
    return lines


def _said(reason: Reason, currency: str, say: Words) -> str:
    if reason.outcome:
        return f"{say.reason(reason, currency)} -> {say.outcome(reason.outcome)}"
    points = say.text("{points} points", points=f"{reason.points:+.1f}")
    return f"{say.reason(reason, currency)} ({points})"
