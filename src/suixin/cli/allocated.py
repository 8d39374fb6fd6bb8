"""A shared budget, told to machines and to people."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from suixin.cli.output import print_table, say
from suixin.money import Currency, format_rate, to_major
from suixin.reporting.candidates import Found
from suixin.reporting.offers import money
from suixin.reporting.rows import rate
from suixin.underwriting.budget import Plan, Shared
from suixin.underwriting.budget_task import Terms
from suixin.underwriting.decision import Outcome
from suixin.underwriting.offers import Candidate


def summary(
    shared: Shared, people: Sequence[Candidate], found: Found, terms: Terms, currency: Currency
) -> dict[str, Any]:
    """What `--json` prints: money in major units, rates and shares as fractions."""
    equal = shared.equal
    return {
        "budget": to_major(terms.budget_fen, currency),
        "currency": currency.code,
        "candidates": len(people),
        **_plan(shared.plan, currency),
        "gap": shared.plan.gap,
        "equal_shares": {
            **_plan(equal, currency),
            "annual_rate": rate(equal.offers[0].rate_ppm) if equal.offers else None,
            "breaks": shared.equal_breaks,
        },
        "undiversified": {**_plan(shared.undiversified, currency), "gap": shared.undiversified.gap},
        "by": {name: _by(shared.plan, people, name, terms, currency) for name in terms.caps},
        "by_decision": _by_decision(shared.plan),
        "left_out": dict(found.left_out),
        "offers_left_out": dict(found.offers_left_out),
        "unprofitable": shared.unprofitable,
        "pd_basis": list(found.pd_bases),
    }


def _plan(plan: Plan, currency: Currency) -> dict[str, Any]:
    return {
        "offered": to_major(plan.offered_fen, currency),
        "expected_lent": money(plan.expected_fen, currency),
        "merchants": len(plan.offers),
        "expected_profit": money(plan.profit_fen, currency),
    }


def _by_decision(plan: Plan) -> dict[str, int]:
    """How many of the merchants who are offered something the book approves, refers and declines."""
    decided = Counter(offer.candidate.booked.decision for offer in plan.offers if offer.candidate.booked)
    return {outcome.value: decided[outcome.value] for outcome in Outcome}


def _by(
    plan: Plan, people: Sequence[Candidate], name: str, terms: Terms, currency: Currency
) -> dict[str, Any]:
    """One attribute: its cap, how many candidates it does not bind, and what each value is offered, most first.

    A cap by what is known of nobody binds nobody.
    """
    sums: Counter[str] = Counter()
    for offer in plan.offers:
        label = offer.candidate.labels.get(name)
        if label is not None:
            sums[label] += offer.amount_fen
    unknown = sum(one.labels.get(name) is None for one in people)
    return {
        "cap": terms.caps[name],
        "unknown": unknown,
        "binds_nobody": unknown == len(people),
        "offered": {label: to_major(fen, currency) for label, fen in sums.most_common()},
    }


def show(told: dict[str, Any], out: Path | None) -> None:
    """Print the summary for people."""
    code, equal, free = told["currency"], told["equal_shares"], told["undiversified"]
    at = "" if equal["annual_rate"] is None else f" at {format_rate(equal['annual_rate'])}"
    rows = [("shared", told, f"{told['gap']:.4%}"), (f"equal shares{at}", equal, "")]
    if told["by"]:
        rows.append(("shared without caps", free, f"{free['gap']:.4%}"))
    print_table(
        f"A budget of {told['budget']:,} {code} over {told['candidates']:,} candidates",
        ("", "merchants", "offered", "expected to be taken", "expected profit", "proven gap"),
        [
            (
                name,
                plan["merchants"],
                *(f"{plan[column]:,}" for column in ("offered", "expected_lent", "expected_profit")),
                gap,
            )
            for name, plan, gap in rows
        ],
    )
    if equal["breaks"]:
        say(f"equal shares would break {equal['breaks']}")
    _show_caps(told)
    decided = told["by_decision"]
    say(
        f"of {told['merchants']:,} merchants with an offer a person still has to look at {decided['refer']:,}, "
        f"and the book declines {decided['decline']:,}"
    )
    for why, count in told["left_out"].items():
        say(f"left out: {count:,} {why}")
    for why, count in told["offers_left_out"].items():
        say(f"left out: {count:,} offers of a rate to a merchant, {why}")
    if told["unprofitable"]:
        say(f"no rate makes a loan worth it: {told['unprofitable']:,} candidates")
    if "assumed" in told["pd_basis"]:
        say("the probabilities of default are assumed by the expert card, and so is the profit")
    if out is not None:
        say(f"offers: {out}")


def _show_caps(told: dict[str, Any]) -> None:
    rows = []
    for name, part in told["by"].items():
        most = next(iter(part["offered"].items()), ("", 0))
        held = f"{most[1] / told['budget']:.2%}"
        rows.append((name, f"{part['cap']:.2%}", most[0], held, len(part["offered"]), part["unknown"]))
    if rows:
        print_table(
            "Caps as shares of the budget",
            ("attribute", "cap", "largest", "its share", "values", "candidates without a value"),
            rows,
        )
    for name, part in told["by"].items():
        if part["binds_nobody"]:
            say(f"the cap {name}={part['cap']:.2%} binds nobody: no candidate has a known {name}")
