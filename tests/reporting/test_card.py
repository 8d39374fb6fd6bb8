"""The terminal's card says what the page says, and text from data stays text."""

import io

import pytest
from rich.console import Console

from suixin.reporting.card import render_card
from suixin.reporting.wording import words
from suixin.underwriting.decision import Outcome


def shown(decision, lang: str, *, width: int = 160, colour: bool = False) -> str:
    buffer = io.StringIO()
    Console(
        file=buffer, width=width, force_terminal=colour, color_system="standard" if colour else None
    ).print(render_card(decision, lang))
    return buffer.getvalue()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_card_has_everything(county, lang, outcome) -> None:
    """Outcome, score, limit, price, schedule, reasons and hints, to the fen."""
    say = words(lang)
    decisions = [d for d in county(2000).decisions if d.outcome is outcome]
    decision = max(decisions, key=lambda d: len(d.raise_hints))
    text = shown(decision, lang)
    assert decision.merchant_id in text
    assert say.outcome(outcome.value) in text
    assert say.grade(decision.grade) in text
    assert say.pd_basis("assumed") in text
    assert say.text("binding") in text
    for reason in decision.reasons:
        assert say.reason(reason, "CNY") in text
    for hint in decision.raise_hints:
        assert say.hint(hint, "CNY") in text
    assert say.standing(decision.forecast.standing, "CNY") in text
    assert say.basis(decision.forecast.basis) in text
    for part in decision.limit_components:
        if part.amount_fen or part.name != "existing_debt":
            assert say.money(part.amount_fen, "CNY", exact=True) in text
    if decision.terms:
        assert say.rate(decision.terms.all_in_rate_ppm) in text
        for row in decision.terms.schedule.rows:
            assert say.date(row.due_on) in text
            assert say.money(row.balance_fen, "CNY", exact=True) in text
    else:
        assert outcome is Outcome.DECLINE


def test_the_season_says_what_it_costs(county) -> None:
    """The extra interest stands on the card."""
    decision = next(d for d in county(2000).decisions if d.terms and d.terms.schedule != d.terms.comparator)
    extra = decision.terms.schedule.total_interest_fen - decision.terms.comparator.total_interest_fen
    assert words("en").money(abs(extra), "CNY", exact=True) in shown(decision, "en")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_other_ways_and_the_sweep_stand_on_the_card(county, lang) -> None:
    """Every way with its interest and what it costs beside equal instalments; the sweep month by month."""
    say = words(lang)
    decision = next(d for d in county(2000).decisions if d.terms and d.terms.schedule != d.terms.comparator)
    text, terms = shown(decision, lang), decision.terms
    lines = text[text.index(say.text("Other ways of repaying")) :].splitlines()
    even = terms.comparator.total_interest_fen
    assert {way.method for way in terms.alternatives} == {"equal_instalment", "interest_first", "sweep"}
    for way in terms.alternatives:
        line = next(line for line in lines if line.lstrip("│ ").startswith(say.method(way.method)))
        assert say.money(way.interest_fen, "CNY", exact=True) in line
        extra = way.interest_fen - even
        assert not extra or f"{'+' if extra > 0 else ''}{say.money(extra, 'CNY', exact=True)}" in line
    assert say.percent(terms.sweep.share_ppm / 1e6) in text
    assert say.date(terms.sweep.last_on) in text
    for month in terms.sweep.months:
        for fen in (month.floor_fen, month.bad_fen, month.usual_fen):
            assert say.money(fen, "CNY", exact=True) in text


def test_text_from_data_is_no_markup_and_no_control_code(county, hostile) -> None:
    """A merchant's name cannot paint the terminal."""
    for decision in county(20, hostile).decisions[-len(hostile) :]:
        text = shown(decision, "en", colour=True)
        assert decision.merchant_id.replace("\x1b", "�") in text
        assert "\x1b[31mescape" not in text


@pytest.mark.parametrize("width", [60, 80])
def test_a_narrow_terminal_is_no_crash(county, width) -> None:
    """The card wraps."""
    assert max(map(len, shown(county(2000).decisions[0], "en", width=width).splitlines())) <= width
