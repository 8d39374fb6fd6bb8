"""The application page in a real browser: the what-if is live under our own rules for scripts."""

import pytest
from browsing import served_here
from counter import OFFERED

from suixin.server.identity.roles import Role
from suixin.server.origination.models import DecisionRecord

playwright = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"


@pytest.mark.full
def test_a_moved_slider_decides_again_at_once(counter, chromium, monkeypatch):
    """The table comes without a page load; the browser blocks nothing, axe finds nothing, no decision is stored."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright's own loop runs in this thread
    session = counter.client(Role.REVIEWER).cookies["sessionid"].value
    errors = []
    with served_here() as address, playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS.split())
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
        context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        page = context.new_page()
        page.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}/bank/applications/{OFFERED}")
        page.locator("#f_late_handover_share_180d").focus()
        page.keyboard.press("Home")
        page.wait_for_selector("#whatif table")
        assert "延迟揽收占比: 25.9% → 0.0%" in page.inner_text("#whatif")
        assert page.url == f"{address}/bank/applications/{OFFERED}"
        found = axe.Axe().run(page).response["violations"]
        browser.close()
    assert [one["id"] for one in found] == []
    assert errors == []
    with counter.within():
        assert DecisionRecord.objects.count() == 4
