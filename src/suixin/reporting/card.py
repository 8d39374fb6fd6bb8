"""One decision as a card for the terminal."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from suixin.reporting import phrases
from suixin.reporting.card_terms import (
    alternatives,
    capacity,
    costs,
    grid,
    next_rung,
    price,
    schedule,
    season,
    sweep,
    sweep_lead,
)
from suixin.reporting.wording import Words, words
from suixin.underwriting.decision import Decision, Outcome, Reason

_STYLE = {Outcome.APPROVE: "green", Outcome.REFER: "yellow", Outcome.DECLINE: "red"}
_BAR_CELLS = 16
_DEDUCTED = "existing_debt"


def render_card(decision: Decision, lang: str) -> RenderableType:
    """The decision in words and figures; lang is 'zh' or 'en'. Text from data is neither markup nor a control code."""
    say = words(lang)
    parts = [_headline(decision, say), *_sections(decision, say), _proof(decision, say)]
    title = Text(f" {say.column('merchant_id')} {_safe(decision.merchant_id)} ", style="bold")
    return Panel(
        Group(*parts), title=title, title_align="left", border_style=_STYLE[decision.outcome], padding=(1, 2)
    )


def _safe(text: str) -> str:
    """Text from data without control codes."""
    return "".join(char if char.isprintable() else "�" for char in text)


def _sections(decision: Decision, say: Words) -> Iterator[RenderableType]:
    against = [reason for reason in decision.reasons if reason.outcome]
    if against:
        yield _heading(say.text("What stands against it"))
        yield _against(against, decision, say)
    yield _heading(
        say.text("Reasons"),
        say.text("From the accept line to the score: what each item of the card takes or gives."),
    )
    yield _reasons(decision, say)
    yield _heading(say.text("Limit"))
    yield _limit(decision, say)
    if decision.capacity:
        yield from _carried(decision, say)
    if decision.by_the_sums_fen:
        yield _heading(say.text("Price"))
        yield price(decision, say)
    if decision.terms:
        yield _heading(say.text("Schedule"), season(decision, say))
        yield schedule(decision, say)
        if decision.terms.alternatives:
            yield _heading(say.text("Other ways of repaying"))
            yield alternatives(decision, say)
        if decision.terms.sweep:
            yield _heading(
                say.text("Repaid from sales"), sweep_lead(decision.terms.sweep, decision.currency, say)
            )
            yield sweep(decision.terms.sweep, decision.currency, say)
        if decision.terms.costs:
            yield _heading(say.text("What it costs in all"), say.text("Nothing else is charged."))
            yield costs(decision, say)
    if decision.rung and decision.rung.next:
        yield _heading(say.text("Next rung"), next_rung(decision.rung.next, decision.currency, say))
    if decision.raise_hints:
        yield _heading(say.text("What would raise it"))
        yield Group(*(Text(f"  ↗ {say.hint(hint, decision.currency)}") for hint in decision.raise_hints))


def _carried(decision: Decision, say: Words) -> Iterator[RenderableType]:
    """What the household can carry, what the forecast of its sales rests on, and what moves that most."""
    yield _heading(say.text("What the household can carry"), say.text("in a bad year, over the term"))
    yield capacity(decision, say)
    yield _indented(Text(_safe(say.basis(decision.forecast.basis)), "dim"))
    if why := say.standing(decision.forecast.standing, decision.currency):
        yield _indented(Text(why, "yellow"))


def _indented(text: Text) -> RenderableType:
    return Padding(text, (0, 0, 0, 2))


def _heading(title: str, note: str = "") -> RenderableType:
    return Padding(Text.assemble((title, "bold"), (f"  {note}" if note else "", "dim")), (1, 0, 0, 0))


def _headline(decision: Decision, say: Words) -> RenderableType:
    table = grid("l", "l")
    table.add_row(Text(say.column("as_of"), "dim"), Text(say.date(decision.as_of)))
    table.add_row(
        Text(say.column("decision"), "dim"),
        Text(say.outcome(decision.outcome.value), f"bold {_STYLE[decision.outcome]}"),
    )
    table.add_row(
        Text(say.column("score"), "dim"),
        Text(f"{say.number(decision.score)}  {say.grade(_safe(decision.grade))}"),
    )
    pd = f"{say.percent(decision.pd, 2)}  {say.pd_basis(decision.pd_basis)}"
    table.add_row(Text(say.column("pd"), "dim"), Text(pd))
    table.add_row(Text(say.column("confidence"), "dim"), Text(say.percent(decision.confidence, 0)))
    table.add_row(
        Text(say.column("limit"), "dim"),
        Text(say.money(decision.limit_fen, decision.currency, exact=True), "bold"),
    )
    if decision.terms:
        rates = f"{say.rate(decision.terms.annual_rate_ppm)}  {say.text('all-in {rate}', rate=say.rate(decision.terms.all_in_rate_ppm))}"
        table.add_row(Text(say.column("annual_rate"), "dim"), Text(rates, "bold"))
    return table


def _against(reasons: list[Reason], decision: Decision, say: Words) -> RenderableType:
    table = grid("l", "l")
    for reason in reasons:
        demand = Text(f"→ {say.outcome(reason.outcome)}", _STYLE[Outcome(reason.outcome)])
        table.add_row(Text(f"  • {_safe(say.reason(reason, decision.currency))}"), demand)
    return table


def _reasons(decision: Decision, say: Words) -> RenderableType:
    card = [reason for reason in decision.reasons if not reason.outcome]
    most = max((abs(reason.points) for reason in card), default=0.0) or 1.0
    table = grid("r", "r", "l", "l")
    for reason in card:
        bar = "█" * max(1, round(abs(reason.points) / most * _BAR_CELLS)) if reason.points else ""
        minus = reason.points < 0
        table.add_row(
            Text(f"{reason.points:+.1f}", "red" if minus else "green"),
            Text(bar if minus else "", "red"),
            Text("" if minus else bar, "green"),
            Text(_safe(say.reason(reason, decision.currency))),
        )
    return Padding(table, (0, 0, 0, 2))


def _limit(decision: Decision, say: Words) -> RenderableType:
    table = grid("l", "r", "l")
    for part in decision.limit_components:
        last = part.name == "limit"
        unknown = part.name == _DEDUCTED and decision.features.get("household_debt") is None
        if part.name == _DEDUCTED and not part.amount_fen and not unknown:
            continue
        amount = say.money(part.amount_fen, decision.currency, exact=True)
        note = Text(f"← {say.text('binding')}", "yellow") if part.binding else Text()
        if unknown:
            amount, note = "", Text(say.named(phrases.WHY_NOTES, "unknown"), "dim")
        table.add_row(
            Text(say.limit_component(part.name), "bold" if last else ""),
            Text(amount, "bold" if last else ""),
            note,
        )
    rows: list[RenderableType] = [Padding(table, (0, 0, 0, 2))]
    if decision.outcome is Outcome.DECLINE:
        rows.append(Text(f"  {say.text('Declined: nothing is offered, whatever the sums say.')}", "dim"))
    return Group(*rows)


def _proof(decision: Decision, say: Words) -> RenderableType:
    facts = {
        say.column("decision_id"): decision.decision_id,
        say.text(phrases.RUN_FACTS["lake_snapshot"]): decision.lake_snapshot,
        say.text(phrases.RUN_FACTS["policy_hash"]): decision.policy_hash,
        say.text(phrases.RUN_FACTS["model_version"]): decision.model_version,
    }
    line = " · ".join(f"{name} {_safe(str(value))}" for name, value in facts.items())
    return Padding(Text(line, "dim"), (1, 0, 0, 0))
