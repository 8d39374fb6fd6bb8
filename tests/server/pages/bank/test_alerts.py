"""The early-warning board and an alert's page: exact figures, down to the orders, and what each role may do there."""

import re
from collections import Counter
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace

import openpyxl
import pytest
from browsing import browser, faults, page, served_here
from counter import OFFERED, SEASON, said, text_of
from house import AT
from journeys import APPROVED, SEASONAL

from suixin.scoring.watch.rules import parse_rules, shipped_rules
from suixin.server.demo.post_loan import monday
from suixin.server.identity.roles import Role
from suixin.server.origination.actions.draw import draw
from suixin.server.sharing.actions.withdraw import withdraw
from suixin.server.sharing.models import Consent, Receipt
from suixin.server.watching.actions.watch import PURPOSE, watch
from suixin.server.watching.models import Alert

LOAN = "F2026-000001-01"
RULES = shipped_rules().text.replace("from_points: 36", "from_points: 3")


@pytest.fixture
def watched(counter):
    """Two loans of 3,000 yuan: of a merchant whose sales lie far below the season, and of one who withdrew the consent.

    Somebody has looked, with sharp ears.
    """
    for number, merchant in ((OFFERED, APPROVED), (SEASON, SEASONAL)):
        counter.sign(number)
        draw(number, 300_000, key="k", by=counter.owner(merchant), at=AT)
    with counter.within():
        consent = Consent.objects.get(merchant_id=SEASONAL, purpose=PURPOSE).consent_id
    withdraw(consent, by=counter.owner(SEASONAL), at=AT)
    watch(counter.book, by=counter.program, at=AT, rules=parse_rules(RULES, "tests"))
    return counter


def address(house):
    with house.within():
        return f"/bank/alerts/{Alert.objects.get().pk}"


def receipts(house):
    with house.within():
        return Receipt.objects.filter(purpose=PURPOSE).count()


def test_the_board_says_who_is_to_be_called(counter):
    """Before the first look it names the command; without alerts it says so; a role without the menu line is kept out."""
    post = counter.client(Role.POST_LOAN)
    assert "suixin watch --organisation" in text_of(post.get("/bank/alerts"))
    watch(counter.book, by=counter.program, at=AT)
    text = text_of(post.get("/bank/alerts"))
    assert "在贷未违约 0 笔，读取 0 笔；新增 0，升级 0，关闭 0" in text
    assert "没有待处理的预警" in text
    assert counter.client(Role.DISBURSEMENT).get("/bank/alerts").status_code == 403
    assert "/bank/alerts" not in counter.client(Role.DISBURSEMENT).get("/bank/loans").content.decode()


def test_the_board_and_an_alert(watched):
    """From the board to the alert, its orders, its loan; taken and closed; nothing that is shown reads the lake again."""
    post, reviewer = watched.client(Role.POST_LOAN), watched.client(Role.REVIEWER, language="en")
    text = text_of(reviewer.get("/bank/alerts?severity=1&text=F2026"))
    assert "2 live loans not in default, 1 read; 1 opened, 0 rose, 0 closed" in text
    assert "Borrowers without a consent in force now: 1." in text
    assert f"张30 {SEASONAL} · the merchant has withdrawn the consent" in text
    assert "1 alert " in text
    assert (
        "sales far below the season when raised 42.2% 1 Jan 2026 call the borrower and note what is said 0 "
        in text
    )
    assert "the lake tells up to" not in text
    for nothing in ("severity=2", "state=taken", "text=F2027", "code=cash_low"):
        assert "No alert is like that" in text_of(reviewer.get(f"/bank/alerts?{nothing}")), nothing
    for odd in ("severity=x", "state=lost", "page=-1", "page=99"):
        assert "1 alert " in text_of(reviewer.get(f"/bank/alerts?{odd}")), odd
    with watched.within():
        consent = Consent.objects.get(merchant_id=APPROVED, purpose=PURPOSE).consent_id
    withdraw(consent, by=watched.owner(APPROVED), at=AT)  # named at once, and not with the next look
    text = text_of(reviewer.get("/bank/alerts"))
    assert "Borrowers without a consent in force now: 2." in text
    assert f"{APPROVED} · the merchant has withdrawn the consent" in text
    the_workbook(reviewer)
    an_alert_down_to_its_orders(reviewer, address(watched))
    it_is_taken_and_closed(watched, post, address(watched))
    assert receipts(watched) == 1


def the_workbook(reviewer):
    """All columns of the board, money as a number, a day as a day."""
    book = openpyxl.load_workbook(BytesIO(reviewer.get("/bank/alerts.xlsx").content))
    head, row = book.active.iter_rows(min_row=1, max_row=2, values_only=True)
    held = dict(zip(head, row, strict=True))
    assert (held["severity"], held["loan"], held["measure"]) == ("watch", LOAN, "42.2%")
    assert (held["principal left, yuan"], held["since"].date().isoformat()) == (3000, "2026-01-01")


def an_alert_down_to_its_orders(reviewer, where):
    """Three numbers, the measure, twelve months drawn and as a table, five rows of evidence, twenty orders."""
    answer = reviewer.get(where)
    text = text_of(answer)
    assert "Chance of default in 182 days 1.7% 5 points of all signals" in text
    assert "Principal left ¥3,000.00" in text
    assert "what the season lets one expect, without what the whole crop lost: 42.2%" in text
    assert "25-01 25-02 25-03 25-04 25-05 25-06 25-07 25-08 25-09 25-10 25-11 25-12" in text
    assert "31 Dec 2025 ¥47,607.79 ¥21,933.39 46.1%" in text
    assert "4020451 settlement 29 Dec 2025" in text
    assert "40001533 order 31 Dec 2025" in text
    html = answer.content.decode()
    assert len(re.findall(r'<th scope="row">4000\d+</th>', html)) == 20
    assert len(re.findall(r'<th scope="row">4020\d+</th>', html)) == 5
    assert html.count('<rect class="bar-in"') == 12
    assert html.count('<rect class="bar-bad"') == 6  # of 24 months six let one say what was to be expected
    assert f'href="/bank/loans/{LOAN}"' in html
    assert f'href="/bank/applications/{OFFERED}"' in html
    assert "Take it" not in text
    assert where in reviewer.get(f"/bank/loans/{LOAN}").content.decode()
    assert reviewer.post(f"{where}/take").status_code == 403
    assert reviewer.get("/bank/alerts/99").status_code == 404


def it_is_taken_and_closed(house, post, where):
    """Who takes it is its officer; a colleague is told; the reason stays; the board is empty then, the past is not."""
    assert said(post.post(f"{where}/take")) == ["已受理，由您处理"]
    assert "贷后0" in text_of(post.get("/bank/alerts?mine=yes"))
    colleague = house.client(Role.POST_LOAN, 1)
    assert said(colleague.post(f"{where}/take")) == ["同事已受理这条预警，请由其关闭"]
    assert said(post.post(f"{where}/close", {"reason": " "})) == ["处理结果有 0 个字，请写 1 至 500 个"]
    assert said(post.post(f"{where}/close", {"reason": "旺季推迟，已约定还款日"})) == ["已关闭"]
    text = text_of(post.get(where))
    assert "关闭 2026年1月1日 · 贷后0 旺季推迟，已约定还款日" in text
    assert "出现，程度 关注" in text
    assert "没有待处理的预警" in text_of(post.get("/bank/alerts"))
    assert "1 条" in text_of(post.get("/bank/alerts?state=all"))
    assert "预警</h2>" not in post.get(f"/bank/loans/{LOAN}").content.decode()


def test_what_is_ticked_is_taken_and_closed_together(watched):
    """One that is gone stops none of the others; without a tick nothing happens; only who may has the ticks."""
    post, board = watched.client(Role.POST_LOAN), "/bank/alerts?severity=1"
    with watched.within():
        key = Alert.objects.get().pk
    tick = f'<input type="checkbox" form="chosen" name="alert" value="{key}" aria-label="选择 销售远低于农时应有水平">'
    assert tick in post.get(board).content.decode()
    assert 'form="chosen"' not in watched.client(Role.REVIEWER).get(board).content.decode()
    sent = {"alert": [str(key), "0", "x"], "question": "severity=1"}
    answer = post.post("/bank/alerts/take", sent)
    assert answer["Location"] == board
    assert said(answer) == ["已受理 1 条，由您处理", "2 项没有办理：没有这条预警"]
    assert said(post.post("/bank/alerts/take", {})) == ["请先勾选要办理的项目"]
    assert said(post.post("/bank/alerts/close", sent)) == [
        "3 项没有办理：处理结果有 0 个字，请写 1 至 500 个"
    ]
    sent = {"alert": [str(key)], "reason": "平台停机，并非滞销"}
    assert said(post.post("/bank/alerts/close", sent)) == ["已关闭 1 条"]
    assert 'form="chosen"' not in post.get("/bank/alerts?state=closed").content.decode()
    with watched.within():
        row = Alert.objects.get()
        assert (row.state, row.reason) == ("closed", "平台停机，并非滞销")


def test_the_demonstrations_manager_closes_what_was_seen_to(watched):
    """By hand, after two weeks of work on it, though its condition lasts: a visitor reads what a person wrote, not the program."""
    post = watched.actor(Role.POST_LOAN)
    people = {"postloan": post}
    house = SimpleNamespace(
        book=watched.book, program=watched.program, organisation=watched.organisation, people=people
    )
    for weeks, state, by in ((0, "taken", ""), (1, "taken", ""), (2, "closed", post.name)):
        monday(house, AT + timedelta(weeks=weeks), Counter())
        with watched.within():
            row = Alert.objects.get()
        assert (row.state, row.taken_by, row.closed_by) == (state, post.name, by)
    assert row.reason == "已电话了解：货压在手里，约定卖出后按期还款，继续观察"


@pytest.mark.full
def test_an_alert_is_followed_to_its_orders(watched, chromium, monkeypatch):
    """In a browser by its words alone: the menu, the alert, the orders, take it, close it; axe finds nothing on the way."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    session = watched.client(Role.POST_LOAN).cookies["sessionid"].value
    found = []
    with served_here() as house, browser(chromium) as program, page(program, house) as tab:
        tab.context.add_cookies([{"name": "sessionid", "value": session, "url": house}])
        tab.goto("/bank/loans")
        tab.get_by_role("link", name="贷后预警").click()
        tab.get_by_role("link", name="销售远低于农时应有水平").click()
        tab.get_by_text("看表格").click()
        found += faults(tab)
        assert tab.locator("section", has_text="当时最近的订单").locator("tbody tr").count() == 20
        tab.get_by_role("button", name="受理").click()
        tab.fill("textarea[name=reason]", "已电话了解")
        tab.get_by_role("button", name="关闭预警").click()
        assert tab.locator(".messages").inner_text() == "已关闭"
    assert found == []
    assert receipts(watched) == 1
