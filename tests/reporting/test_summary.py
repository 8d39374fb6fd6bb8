"""The totals are exactly those of the decisions, and what the page draws adds up."""

from collections import Counter
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.reporting.book import Book, run_facts, source_notes
from suixin.reporting.pagedata import REFERRED, SAMPLED, select, whole_tenths
from suixin.reporting.summary import month_labels, summarise
from suixin.underwriting.decision import Outcome


def test_totals_are_those_of_the_decisions(county) -> None:
    """A committee that adds the sheet up gets the first page."""
    book = county(2000)
    found = summarise(book)
    for outcome in Outcome:
        mine = [d for d in book.decisions if d.outcome is outcome]
        assert found.outcomes[outcome].merchants == len(mine)
        assert found.outcomes[outcome].limit_fen == sum(d.limit_fen for d in mine)
        assert sum(each.outcomes[outcome] for each in found.bins) == len(mine)
        assert sum(row[outcome].merchants for row in found.grades.values()) == len(mine)
        assert sum(row[outcome].limit_fen for row in found.grades.values()) == sum(d.limit_fen for d in mine)
    offers = [d for d in book.decisions if d.terms]
    assert sum(tally.merchants for tally in found.binding.values()) == len(offers)
    assert (
        found.lent_fen == sum(d.limit_fen for d in offers) == sum(t.limit_fen for t in found.binding.values())
    )
    assert sum(month.due_fen for month in found.months) == found.lent_fen + found.interest_fen
    assert sum(month.even_due_fen for month in found.months) == (
        found.lent_fen + found.interest_fen - found.extra_interest_fen
    )
    assert sum(month.sales_fen for month in found.months) == sum(sum(d.forecast.p50) for d in offers)
    assert found.seasonal == sum(d.terms.schedule.method == "harvest" for d in offers)
    assert found.rate_ppm == pytest.approx(
        float(Fraction(sum(d.terms.annual_rate_ppm * d.limit_fen for d in offers), found.lent_fen)), rel=1e-12
    )


def test_reasons_are_counted_by_code_and_outcome(county) -> None:
    """The most frequent obstacle is named first, and none is lost."""
    book = county(2000)
    found = summarise(book)
    expected = Counter(
        (reason.code, reason.feature, d.outcome)
        for d in book.decisions
        for reason in d.reasons
        if reason.outcome
    )
    shown = {(row.code, row.feature, o): n for row in found.against for o, n in row.outcomes.items() if n}
    assert shown == dict(expected)
    assert [row.merchants for row in found.against] == sorted(
        (r.merchants for r in found.against), reverse=True
    )
    refused = [d for d in book.decisions if d.outcome is not Outcome.APPROVE]
    costs = [min((r.points for r in d.reasons if not r.outcome), default=0.0) for d in refused]
    assert sum(row.merchants for row in found.costly) == sum(points < 0 for points in costs)


def test_an_edge_of_the_histogram_lies_on_the_accept_line(county) -> None:
    """The picture separates exactly where the policy does."""
    book = county(2000)
    accept = book.policy.cutoffs.approve_from
    assert accept in {each.low for each in summarise(book).bins}
    for each in summarise(book).bins:
        inside = [d for d in book.decisions if each.low <= d.score < each.high]
        assert sum(each.outcomes.values()) == len(inside)


def test_a_book_without_decisions_has_a_summary(county) -> None:
    """An empty county is no crash."""
    found = summarise(Book([], county(2000).policy, {}))
    assert (found.merchants, found.bins, found.months, found.rate_ppm, found.pd) == (0, [], [], None, None)


def test_a_large_book_is_held_in_part(county) -> None:
    """Which merchants the page holds depends on the merchants alone, not on their order or on chance."""
    decisions = county(12_000).decisions
    chosen = select(decisions)
    assert not chosen.whole
    referred = sorted((d for d in decisions if d.outcome is Outcome.REFER), key=lambda d: -d.limit_fen)
    assert len(referred) > REFERRED
    held = [d for d in chosen.decisions if d.outcome is Outcome.REFER]
    assert sorted(d.limit_fen for d in held) == sorted(d.limit_fen for d in referred[:REFERRED])
    assert chosen.held == {Outcome.APPROVE: SAMPLED, Outcome.REFER: REFERRED, Outcome.DECLINE: SAMPLED}
    again = select(list(reversed(decisions)))
    assert {d.merchant_id for d in again.decisions} == {d.merchant_id for d in chosen.decisions}
    assert select(decisions[:4000]).whole


def test_months_are_named_by_the_month_they_mostly_hold(county) -> None:
    """A month after 1 January is January; one after 31 December as well."""
    decision = county(2000).decisions[0]
    assert decision.as_of == date(2026, 1, 1)
    assert month_labels(decision, 12) == [f"2026-{month:02d}" for month in range(1, 13)]


@given(st.lists(st.floats(-60, 60), max_size=40))
def test_tenths_add_up(parts) -> None:
    """The points shown sum to the distance shown, and none is off by a tenth or more."""
    tenths = whole_tenths(parts)
    assert sum(tenths) == round(sum(map(Fraction, parts)) * 10)
    assert all(abs(shown - part * 10) < 1 + 1e-9 for shown, part in zip(tenths, parts, strict=True))


def test_run_facts_and_sources_tolerate_what_is_missing(county) -> None:
    """A run that says little is shown with what it says."""
    book = county(2000)
    facts = run_facts(Book(book.decisions, book.policy, {"seconds": {"features": 1.25, "decisions": 2.0}}))
    assert facts["as_of"] == "2026-01-01"
    assert facts["lake_snapshot"] == "5f3c9a10"
    assert facts["seconds"] == "3.2"
    assert source_notes({}) == []
    [note] = source_notes(
        {
            "ingests": [
                {"adapter": "standard", "assumptions": "one"},
                {"adapter": "standard", "assumptions": ["one"]},
            ]
        }
    )
    assert (note.adapter, note.route, note.assumptions) == ("standard", "", ("one",))
