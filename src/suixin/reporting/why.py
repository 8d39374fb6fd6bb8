"""The figures that led to a limit, as a tree for the terminal."""

from rich.text import Text
from rich.tree import Tree

from suixin.features.registry import FEATURES
from suixin.reporting import phrases, why_phrases
from suixin.reporting.wording import Words, words
from suixin.underwriting.steps import SHARE, UNKNOWN, Step

_NAMES = phrases.COST_NAMES | why_phrases.NAMES | phrases.CAPACITY_NAMES | phrases.LIMIT_NAMES
_MONTHS = ("month", "month_ahead")
_FORECAST = "forecast:"


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
    text = Text(_name(step.code, say), "bold" if step.parts else "")
    if step.code in _MONTHS and step.value is not None:
        text.append(f" {step.value:.0f}")
    for figure in _figures(step, currency, say):
        text.append(f"  {figure}")
    if step.binding:
        text.append(f"  ← {say.text('binding')}", "yellow")
    if step.note:
        text.append(f"  {say.named(phrases.WHY_NOTES, step.note)}", "yellow")
    for note in (_formula(step, say), _source(step, say)):
        if note:
            text.append(f"  {_safe(note)}", "dim")
    return text


def _figures(step: Step, currency: str, say: Words) -> list[str]:
    """The amount, then the share or the number; nothing of what is unknown."""
    if step.note == UNKNOWN:
        return []
    found = []
    if step.amount_fen is not None:
        found.append(say.money(step.amount_fen, currency, exact=True))
    if step.value is not None and step.code not in _MONTHS:
        plain = say.number(step.value * 100 if step.unit == SHARE else step.value, 4)
        found.append(f"{plain}%" if step.unit == SHARE else plain)
    return found


def _name(code: str, say: Words) -> str:
    if code in FEATURES and code not in _NAMES:
        return say.feature_label(code)
    return say.named(_NAMES, code)


def _formula(step: Step, say: Words) -> str:
    """The formula in words of the language; each figure under the name that it is printed by."""
    names = {code: _name(code, say) for code in _codes(step.template)}
    return say.text(step.template, **{**names, **step.numbers})


def _codes(template: str) -> list[str]:
    return [part.partition("}")[0] for part in template.split("{")[1:]]


def _source(step: Step, say: Words) -> str:
    """Where it was read; what a forecast rests on in words, once for all its months."""
    if step.source.startswith(_FORECAST):
        return "" if step.code in _MONTHS else say.basis(step.source.removeprefix(_FORECAST))
    return step.source


def _safe(text: str) -> str:
    """Text from data without control codes."""
    return "".join(char if char.isprintable() else "�" for char in text)
