"""The figures that led to a limit, as a tree for the terminal."""

from rich.markup import escape
from rich.text import Text
from rich.tree import Tree

from suixin.reporting import phrases
from suixin.reporting.wording import Words, words
from suixin.underwriting.why import Step


def render_why(step: Step, currency: str, lang: str) -> Tree:
    """The tree in words and figures; lang is 'zh' or 'en'."""
    say = words(lang)
    root = Tree(_line(step, currency, say))
    _grow(root, step, currency, say)
    return root


def _grow(tree: Tree, step: Step, currency: str, say: Words) -> None:
    for part in step.parts:
        _grow(tree.add(_line(part, currency, say)), part, currency, say)


def _line(step: Step, currency: str, say: Words) -> Text:
    name = say.named(phrases.WHY_NAMES | phrases.CAPACITY_NAMES | phrases.LIMIT_NAMES, step.code)
    text = Text(name, "bold" if step.parts else "")
    if step.code in ("month", "month_ahead") and step.value is not None:
        text.append(f" {step.value:.0f}")
    if step.amount_fen is not None:
        text.append(f"  {say.money(step.amount_fen, currency, exact=True)}")
    elif step.value is not None:
        text.append(f"  {say.number(step.value, 4)}")
    if step.binding:
        text.append(f"  ← {say.text('binding')}", "yellow")
    for note in (step.formula, step.source):
        if note:
            text.append(f"  {escape(note)}", "dim")
    return text
