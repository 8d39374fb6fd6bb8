"""A merchant's whole way in a browser, in both languages, on a phone and at a desk: apply, consent, sign, draw, pay."""

import gzip

import pytest
from browsing import browser, faults, page, served, sign_in
from journeys import APPROVED, DECLINED, PASSWORD, SEASONAL, Desk

from suixin.server import tenancy
from suixin.server.servicing.models import Loan, LoanEvent
from suixin.server.sharing.models import Receipt

pytestmark = pytest.mark.full

LIGHT = "9"
MERCHANT_BUDGET = 60_000
"""Bytes of a merchant's page with all that it loads, compressed."""


@pytest.fixture(scope="module")
def world(lasting):
    """A desk with its server and a browser, for all tests of this file: each has a merchant of its own."""
    desk = Desk()
    for merchant in (APPROVED, SEASONAL, DECLINED, LIGHT):
        desk.enrolled(merchant)
    with served(lasting.url) as address:
        yield desk, address


@pytest.fixture
def opened(world, chromium, monkeypatch):
    monkeypatch.setenv(
        "DJANGO_ALLOW_ASYNC_UNSAFE", "1"
    )  # Playwright has a loop in this thread, of no concern to Django
    with browser(chromium) as program:
        yield *world, program


def press(tab, zh, en):
    """Press what bears this text, in whichever language the page speaks."""
    name = zh if tab.evaluate("document.documentElement.lang").startswith("zh") else en
    tab.locator(f"main button:has-text('{name}'), main a.button:has-text('{name}')").first.click()
    tab.wait_for_load_state()


def looked_at(tab, found, where):
    """Note what axe finds on this page, and that nothing is wider than the screen."""
    found += [f"{where}: {fault}" for fault in faults(tab)]
    wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        found.append(f"{where}: {wide} px wider than the screen")


@pytest.mark.parametrize(("lang", "width", "merchant"), [("zh-CN", 390, APPROVED), ("en-GB", 1280, SEASONAL)])
def test_from_the_application_to_the_payment(opened, lang, width, merchant):
    """Every page on the way without a fault of accessibility; whoever goes back after a draw is told of it."""
    desk, address, program = opened
    found = []
    with page(program, address, lang=lang, width=width) as tab:
        sign_in(tab, f"rural-m{merchant}", PASSWORD)
        looked_at(tab, found, "home before")
        press(tab, "开始申请", "Apply")
        looked_at(tab, found, "apply")
        tab.fill("#amount", "3000")
        for code in ("P103", "P103B"):
            tab.check(f"[name={code}]")
        press(tab, "提交申请", "Apply")
        looked_at(tab, found, "application")
        press(tab, "看费用", "Read the costs")
        looked_at(tab, found, "agreement")
        name, code = (one.inner_text() for one in tab.locator(".hint strong").all())
        tab.fill("[name=name]", name)
        tab.fill("[name=code]", code)
        tab.check("[name=costs_read]")
        press(tab, "签约", "Sign")
        tab.fill("#amount", "2000")
        press(tab, "看看要还多少", "See what it costs")
        looked_at(tab, found, "draw")
        tab.check("[name=costs_read]")
        tab.check("[name=from_sales]")
        press(tab, "确认用款", "Draw")
        looked_at(tab, found, "loan")
        tab.go_back()
        assert tab.get_by_text("今天已用款" if lang == "zh-CN" else "drawn today").count() == 1
        assert tab.locator("[name=costs_read]").count() == 0  # 1,000 are left
        tab.goto("/me/")
        tab.click("main a[href^='/me/loans/']")
        tab.fill("#amount", "100")
        press(tab, "还款", "Pay")
        for where in ("/me/", "/me/season", "/me/consents", "/me/learn"):
            tab.goto(where)
            looked_at(tab, found, where)
    assert found == []
    with tenancy.within(desk.organisation.pk):
        loan = Loan.objects.get(borrower=merchant)
        events = list(LoanEvent.objects.filter(loan_id=loan.pk).order_by("id").values_list("kind", flat=True))
        receipts = sorted(Receipt.objects.filter(merchant_id=merchant).values_list("purpose", flat=True))
    assert (loan.principal_minor, events) == (190_000, ["drawn", "received"])
    assert receipts == ["P103", "P103B"]


def test_a_refusal_is_explained_and_appealed_and_a_consent_withdrawn(opened):
    """The reasons in words, people asked for, a consent taken back by one tap."""
    desk, address, program = opened
    case = desk.assessed(DECLINED)
    found = []
    with page(program, address) as tab:
        sign_in(tab, f"rural-m{DECLINED}", PASSWORD)
        tab.goto(f"/me/applications/{case.number}")
        assert tab.locator("main li").count() >= 1
        looked_at(tab, found, "declined")
        tab.fill("[name=reason]", "一半的销售在另一个平台")
        press(tab, "提交申诉", "Appeal")
        assert "待审查" in tab.inner_text("main")
        tab.goto("/me/consents")
        before = tab.locator("main .badge.good").count()
        press(tab, "撤回", "Withdraw")
        assert tab.locator("main .badge.good").count() == before - 1
    assert found == []
    assert desk.case(case.number).state == "review"


def test_a_merchants_page_is_light(opened):
    """Page, style and picture together, compressed, on slow networks."""
    desk, address, program = opened
    desk.signed(LIGHT, amount=100_000)
    sizes = {}
    with page(program, address) as tab:
        sign_in(tab, f"rural-m{LIGHT}", PASSWORD)
        for where in ("/me/", "/me/season", "/me/consents", "/me/apply"):
            tab.goto(where)
            loaded = tab.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
            assert loaded
            bodies = [tab.request.get(one).body() for one in [tab.url, *loaded]]
            sizes[where] = sum(len(gzip.compress(body)) for body in bodies)
    assert max(sizes.values()) <= MERCHANT_BUDGET
