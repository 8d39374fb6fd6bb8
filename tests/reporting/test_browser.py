"""The page in a real browser: it works, in both languages, at both widths, alone and at once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from chromium import FLAGS
from suixin.reporting.book import Book
from suixin.reporting.page import write_page
from suixin.reporting.wording import words
from suixin.underwriting.decision import Decision, Outcome

pytestmark = pytest.mark.full


@dataclass
class Visit:
    """A page with everything it said and asked for."""

    page: Page
    address: str
    told: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def goto(self, fragment: str = "") -> None:
        self.page.goto("about:blank")
        self.page.goto(self.address + fragment)
        self.page.wait_for_selector("#merchant h3")

    def choose(self, merchant_id: str) -> None:
        self.page.evaluate("id => { location.hash = `merchant=${encodeURIComponent(id)}`; }", merchant_id)
        self.page.wait_for_function(
            "id => document.querySelector('#merchant h3').textContent === id", arg=merchant_id
        )

    def text(self, selector: str) -> str:
        return self.page.inner_text(selector)


@pytest.fixture(scope="module")
def browser(chromium) -> Iterator[Browser]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


def visit(browser: Browser, file: Path, width: int = 1280) -> Visit:
    page = browser.new_page(viewport={"width": width, "height": 900})
    found = Visit(page, file.as_uri())
    page.on("console", lambda message: found.told.append(message.text))
    page.on("pageerror", lambda error: found.told.append(str(error)))
    page.on("dialog", lambda dialog: (found.told.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: found.asked.append(request.url))
    return found


@pytest.fixture(scope="module")
def file(county, hostile, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("page") / "book.html"
    write_page(county(2000, hostile), path)
    return path


@pytest.fixture
def opened(browser, file) -> Iterator[Visit]:
    """The page of 2,000 merchants; it must end without a word on the console and without a request."""
    found = visit(browser, file)
    yield found
    found.page.close()
    assert found.told == []
    assert [url for url in found.asked if not url.startswith(("about:", "data:", file.as_uri()))] == []


def kinds(book: Book) -> list[Decision]:
    """Decisions of every kind: by outcome, with and without a season, thin, hinted, hostile."""
    found: dict[object, Decision] = {}
    for d in book.decisions:
        seasonal = bool(d.terms and d.terms.schedule != d.terms.comparator)
        found.setdefault((d.outcome, seasonal, bool(d.raise_hints), d.forecast.basis), d)
        found.setdefault(("thin", d.confidence < 0.4), d)
        if d.forecast.standing:
            found.setdefault(d.forecast.standing.sign, d)
    return [*found.values(), *book.decisions[-3:]]


def test_a_list_of_thousands_is_filtered(opened) -> None:
    """Of 2,000 merchants the ten stay whose number begins as typed."""
    opened.goto()
    opened.page.fill("#filters input", "M00123")
    opened.page.wait_for_function("document.querySelectorAll('#list tbody tr').length === 10")


def test_it_speaks_both_languages(opened) -> None:
    """Chinese first; the other language is one click away, stays in the address, and says everything."""
    opened.goto()
    assert opened.text("h1") == "决策书"
    assert opened.page.get_attribute("html", "lang") == "zh-Hans"
    opened.page.click("button[data-lang=en]")
    assert opened.text("h1") == "Decision book"
    assert "lang=en" in opened.page.url
    opened.page.reload()
    opened.page.wait_for_selector("#merchant h3")
    assert opened.text("h1") == "Decision book"
    body = opened.page.evaluate("document.body.innerText").replace("中文", "").replace("穗信", "")
    assert re.findall(r"[\u4e00-\u9fff]+", body) == []


def test_the_key_figures_are_the_decisions(opened, county, hostile) -> None:
    """What a reader sees first is exact."""
    opened.goto("#lang=en")
    decisions = county(2000, hostile).decisions
    for outcome in Outcome:
        mine = [d for d in decisions if d.outcome is outcome]
        assert opened.text(f"[data-count={outcome.value}]") == f"{len(mine):,}"
    total = sum(d.limit_fen for d in decisions if d.outcome is Outcome.APPROVE)
    opened.page.click("#overview summary")
    assert words("en").money(total, "CNY", exact=True) in opened.text("#overview table")


def test_a_merchant_opens_by_keyboard_and_by_address(opened) -> None:
    """Rows are links: Tab and Enter suffice, and the address can be sent to a colleague."""
    opened.goto("#lang=en")
    link = opened.page.locator("#list tbody a").nth(3)
    name = link.inner_text()
    link.focus()
    opened.page.keyboard.press("Enter")
    opened.page.wait_for_function(
        "() => document.activeElement.id === 'merchant'"
    )  # even if it was open already
    assert opened.text("#merchant h3") == name
    assert opened.page.locator("#list tr[aria-current]").count() == 1
    opened.goto("#lang=zh&merchant=M001234")
    assert opened.text("#merchant h3") == "M001234"


def test_search_sort_and_filter(opened, county, hostile) -> None:
    """The list finds a merchant among thousands."""
    opened.goto("#lang=en")
    page, decisions = opened.page, county(2000, hostile).decisions
    page.select_option("select[name=outcome]", "refer")
    referred = [d for d in decisions if d.outcome is Outcome.REFER]
    assert opened.text("#found") == f"{len(referred):,} of {len(decisions):,} merchants"
    page.click("#list thead button >> text=score")
    page.click("#list thead button >> text=score")
    assert page.locator("#list thead th").nth(2).get_attribute("aria-sort") == "ascending"
    first = min(referred, key=lambda d: (d.score, d.merchant_id))
    assert page.locator("#list tbody tr").first.locator("a").inner_text() == first.merchant_id
    page.select_option("select[name=reason]", "rule.one_buyer")
    wanted = [d for d in referred if any(r.code == "rule.one_buyer" for r in d.reasons)]
    assert opened.text("#found") == f"{len(wanted):,} of {len(decisions):,} merchants"
    page.fill("#filters input", "nobody has this name")
    assert "No merchant fits" in opened.text("#found")
    page.fill("#filters input", "<script>")
    page.select_option("select[name=outcome]", "")
    page.select_option("select[name=reason]", "")
    assert page.locator("#list tbody a").all_inner_texts() == [n for n in hostile if "<script>" in n]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_kind_of_merchant_is_drawn_in_the_catalogues_words(opened, county, hostile, lang) -> None:
    """The page's own formatting says what the workbook and the terminal say, and the waterfall adds up."""
    say, book = words(lang), county(2000, hostile)
    opened.goto(f"#lang={lang}")
    for decision in kinds(book):
        opened.choose(decision.merchant_id)
        shown = opened.page.evaluate("document.getElementById('merchant').textContent")
        assert opened.text("#merchant h3") == " ".join(decision.merchant_id.split())
        assert not re.search(r"undefined|NaN|null|\{\w+\}", shown)
        for reason in decision.reasons:
            if reason.outcome:
                assert say.reason(reason, "CNY") in shown
            else:
                assert say.value(reason.feature, reason.value, "CNY") in shown
        for hint in decision.raise_hints:
            assert say.hint(hint, "CNY") in shown
        for part in decision.limit_components:
            assert say.money(part.amount_fen, "CNY", exact=True) in shown
        assert say.standing(decision.forecast.standing, "CNY") in shown
        if decision.terms:
            extra = decision.terms.schedule.total_interest_fen - decision.terms.comparator.total_interest_fen
            if extra:
                assert say.money(abs(extra), "CNY", exact=True) in shown
            for row in decision.terms.schedule.rows:
                assert say.date(row.due_on) in shown
                assert f"{row.balance_fen / 100:,.2f}" in shown
        sentences = [say.reason(reason, "CNY") for reason in decision.reasons if not reason.outcome]
        steps = opened.page.locator(".waterfall li[data-tenths]:not(.folded) .step").all_text_contents()
        assert [step for step in steps if step not in sentences] == []
        steps = opened.page.eval_on_selector_all(
            "[data-tenths]", "rows => rows.map(row => Number(row.dataset.tenths))"
        )
        assert sum(steps) == round((decision.score - book.policy.cutoffs.approve_from) * 10)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_hangs_over_the_edge(browser, file, width, lang) -> None:
    """On a phone and on a desk the page scrolls down only, and the pictures fill their width."""
    found = visit(browser, file, width)
    found.goto(f"#lang={lang}")
    found.page.wait_for_selector("#merchant .picture svg")
    assert found.page.evaluate("document.documentElement.scrollWidth") == width
    for picture in found.page.locator(".picture").all():
        box, image = picture.bounding_box(), picture.locator("> svg").bounding_box()
        assert abs(box["width"] - image["width"]) <= 1
    assert found.told == []
    found.page.close()


def test_landmarks_and_names(opened) -> None:
    """A screen reader finds its way: one h1, named pictures, labelled fields, a table for every picture."""
    opened.goto("#lang=en")
    page = opened.page
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    assert page.locator("svg[role=img]:not([aria-label])").count() == 0
    assert page.locator("svg:not([role=img]):not([aria-hidden]):not(svg svg)").count() == 0
    for name in page.locator("#filters input, #filters select").all():
        assert name.evaluate("node => node.labels.length") == 1
    for block in page.locator("figure:has(svg)").all():
        assert block.locator("details table, .schedule").count() >= 1


def test_a_large_book_and_an_empty_one(browser, county, tmp_path) -> None:
    """The page says what it leaves out; a book without decisions is a page, not an error."""
    write_page(county(12_000), tmp_path / "large.html")
    found = visit(browser, tmp_path / "large.html")
    found.goto("#lang=en")
    notice = found.text("#held")
    assert "covers 12,000 merchants" in notice
    assert "holds 2,000 of the" in notice
    assert found.text("#found") == "3,800 of 3,800 merchants"
    assert found.told == []
    found.page.close()
    write_page(Book([], county(20).policy, {}), tmp_path / "empty.html")
    found = visit(browser, tmp_path / "empty.html")
    found.page.goto(found.address)
    found.page.wait_for_selector("#overview .lead")
    assert found.text("#list tbody") == ""
    assert found.told == []
    found.page.close()
