"""book.html is one file: whole, small, harmless."""

import base64
import json
import re
from hashlib import sha256

import pytest

from suixin.errors import BookError
from suixin.reporting.book import Book
from suixin.reporting.page import embedded, render_page, write_page
from suixin.reporting.pagedata import REFERRED, SAMPLED, merchant, page_data
from suixin.underwriting.decision import Outcome


def data_of(text: str) -> dict:
    """The data as the page's script reads it."""
    return json.loads(
        re.search(r'<script type="application/json" id="book">(.*?)</script>', text, re.DOTALL)[1]
    )


def test_two_thousand_merchants_in_one_small_file(county, tmp_path) -> None:
    """The book opens from a USB stick: one file of at most 8 MB that names nothing outside itself."""
    book = county(2000)
    write_page(book, tmp_path / "book.html")
    size = (tmp_path / "book.html").stat().st_size
    assert 1_000_000 < size <= 8_000_000
    text = (tmp_path / "book.html").read_text(encoding="utf-8")
    data = data_of(text)
    assert [m["id"] for m in data["merchants"]] == [d.merchant_id for d in book.decisions]
    assert data["held"]["whole"] is True
    outside = re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?(https?:|//)", text)
    assert outside == []


def test_four_thousand_merchants_still_fit(county) -> None:
    """The largest book that is held whole stays within the limit as well."""
    assert len(render_page(county(4000)).encode()) <= 8_000_000


def test_totals_on_the_page_equal_the_decisions(county) -> None:
    """The page's figures are sums in fen, without rounding."""
    book = county(2000)
    shown = data_of(render_page(book))["summary"]
    for outcome in Outcome:
        mine = [d for d in book.decisions if d.outcome is outcome]
        assert shown["outcomes"][outcome.value] == [len(mine), sum(d.limit_fen for d in mine)]
    assert shown["merchants"] == len(book.decisions)


def test_a_merchant_on_the_page_equals_its_decision(county) -> None:
    """What is drawn is what was decided, to the fen."""
    for decision in county(2000).decisions[:400]:
        shown = merchant(decision)
        assert shown["limit"] == decision.limit_fen
        assert shown["ceilings"] == [
            [c.name, c.amount_fen, int(c.binding)] for c in decision.limit_components
        ]
        prices = [[c.name, c.rate_ppm] for c in decision.price_components]
        assert shown["price"] == (prices if decision.by_the_sums_fen else [])
        assert (shown["p10"], shown["p90"]) == (list(decision.forecast.p10), list(decision.forecast.p90))
        line = 620.0  # the shipped policy's accept line
        assert sum(row[3] for row in shown["card"]) == round((decision.score - line) * 10)
        assert len(shown["checks"]) + len(shown["card"]) == len(decision.reasons)
        steps = [part for part in decision.capacity if part.basis or part.name == "shortfall"]
        held = next(part.name for part in decision.limit_components if part.binding)
        if decision.terms or held == "repayment_capacity":
            assert [row[1] for row in shown["capacity"]] == [part.amount_fen for part in steps]
        if decision.terms:
            costs = [item for item in decision.terms.costs if item.kind in ("overdue", "misuse")]
            assert [row[1:3] for row in shown["costs"]] == [[None, item.rate_ppm] for item in costs]
            assert [row[:2] for row in shown["ways"]] == [
                [way.method, way.interest_fen] for way in decision.terms.alternatives
            ]
            swept = decision.terms.sweep
            share, cash, last, *interest = shown["sweep"][:5]
            assert (share, cash) == (swept.share_ppm, swept.working_cash_fen)
            assert last == (swept.last_on - decision.as_of).days
            assert interest == [swept.bad_interest_fen, swept.usual_interest_fen]
            for paid, name in zip(shown["sweep"][5:], ("floor", "bad", "usual"), strict=True):
                amounts = [getattr(month, f"{name}_fen") for month in swept.months]
                assert paid + [0] * (len(amounts) - len(paid)) == amounts
            schedule, even = decision.terms.schedule, decision.terms.comparator
            assert shown["schedule"] == [[row.principal_fen, row.interest_fen] for row in schedule.rows]
            assert shown["due"] == [(row.due_on - decision.as_of).days for row in schedule.rows]
            assert shown["even"] == (
                None if schedule == even else [[row.principal_fen, row.interest_fen] for row in even.rows]
            )
        else:
            assert "schedule" not in shown


def test_a_large_book_says_what_it_leaves_out(county) -> None:
    """Over 4,000 merchants the summary is of all, and the page names what it holds of them."""
    book = county(12_000)
    text = render_page(book)
    data = data_of(text)
    assert len(text.encode()) <= 8_000_000
    assert data["summary"]["merchants"] == 12_000
    assert data["held"] == {"whole": False, "approve": SAMPLED, "refer": REFERRED, "decline": SAMPLED}
    assert len(data["merchants"]) == 2 * SAMPLED + REFERRED
    assert "To stay light the page holds" in text


def test_hostile_text_cannot_leave_the_data(county, hostile) -> None:
    """A merchant called '</script>' is a merchant, not markup."""
    book = county(20, hostile)
    text = render_page(book)
    assert "alert(" not in text.replace("\\u003cscript\\u003ealert(1)", "").replace(
        "onerror=alert(2)\\u003e", ""
    )
    assert text.count("<script") == 2
    assert text.count("</script>") == 2
    assert "<b>north</b>" not in text
    assert [m["id"] for m in data_of(text)["merchants"]][-len(hostile) :] == list(hostile)
    assert data_of(text)["sources"][0][1] == "county <b>north</b>"


def test_embedded_json_has_no_character_that_matters_to_html() -> None:
    """What JSON escapes, HTML cannot read as its own."""
    hostile = {"</script>": "<!--", "&": ["\u2028", "<![CDATA["]}
    text = embedded(hostile)
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == hostile


def test_only_the_pages_own_style_and_script_may_run(county) -> None:
    """The content security policy names their digests and forbids everything else."""
    text = render_page(county(20))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1].replace(
        "&#39;", "'"
    )
    style, script = (
        re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1],
        re.findall(r"<script>(.*?)</script>", text, re.DOTALL),
    )
    assert len(script) == 1
    digest = [base64.b64encode(sha256(part.encode()).digest()).decode() for part in (style, script[0])]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest[0]}'; script-src 'sha256-{digest[1]}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    assert "innerHTML" not in text
    assert " style=" not in text
    assert "localStorage" not in text


def test_a_page_of_a_run_that_says_nothing(county) -> None:
    """Missing facts about the run leave gaps, not errors."""
    book = county(20)
    assert data_of(render_page(Book(book.decisions, book.policy, {})))["sources"] == []
    assert page_data(Book([], book.policy, {}))["merchants"] == []


def test_a_page_that_cannot_be_written_is_one_clear_line(county, tmp_path) -> None:
    """No traceback for a folder that is not there."""
    with pytest.raises(BookError, match=r"book\.html: cannot be written: No such file or directory"):
        write_page(county(20), tmp_path / "nowhere" / "book.html")
