"""What staff do for others, in a browser from the first page to the last: the old woman, the file, the hail, the policy."""

from contextlib import ExitStack

import pytest
from browsing import browser, faults, page, served_here
from counter import NEW, PAPER, Counter, enrolled
from house import AT
from journeys import APPROVED, STRICTER
from screens import APPLE, HAIL, PASSWORD, PEAR, house_of

from suixin.server import tenancy
from suixin.server.identity.roles import Role
from suixin.server.origination.models import Application, PolicyRelease
from suixin.server.servicing.models import Loan, LoanEvent
from suixin.server.sharing.models import Consent
from suixin.server.tasks.models import Task
from suixin.server.tasks.working import carry_out_what_waits

pytestmark = pytest.mark.full

PHONE, DESK = 390, 1280
GOOD_AND_BAD = (
    "merchant_id,amount,purpose\n7,30000,seedlings\n8,1200.50,packing\n9,-3,seed\n5,100,seed\n99,100,=1+1\n"
)


@pytest.fixture
def tab_of(sqlite, chromium, monkeypatch):
    """`tab_of(client)` is a tab of somebody who has signed in; no page of the test may have a fault or be too wide."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's own loop runs in this thread
    found = []
    with served_here() as address, browser(chromium) as program, ExitStack() as tabs:

        def opened(client, lang="zh-CN", width=DESK):
            tab = tabs.enter_context(page(program, address, lang=lang, width=width))
            cookie = client.cookies["sessionid"].value
            tab.context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
            return tab

        opened.found = found
        yield opened
    assert found == []


def looked_at(tab_of, tab):
    """Axe looks at the page, and nothing may be wider than the screen."""
    tab_of.found += [f"{tab.url}: {fault}" for fault in faults(tab)]
    wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        tab_of.found.append(f"{tab.url}: {wide} px wider than the screen")


def press(tab, name):
    """Press the one button that bears these words and is seen."""
    tab.locator(f"main button:visible:has-text('{name}')").first.click()
    tab.wait_for_load_state()


def fill(tab, **values):
    for name, value in values.items():
        tab.fill(f"main [name={name}]:visible", value)


def told(tab):
    return tab.locator(".messages").all_inner_texts()


def test_a_woman_of_seventy_two_without_a_smartphone(tab_of):
    """Enrolled and asked in the village on the agent's telephone, signed and drawn before the customer manager."""
    counter = Counter().staffed(Role.VILLAGE_AGENT, Role.CUSTOMER_MANAGER, Role.REVIEWER)
    agent = tab_of(counter.client(Role.VILLAGE_AGENT), width=PHONE)
    agent.goto("/bank/")
    agent.click("nav a:has-text('协助')")
    kind = NEW["kind"]
    fill(agent, **{name: value for name, value in NEW.items() if name != "kind"})
    agent.select_option("main [name=kind]", kind)
    looked_at(tab_of, agent)
    press(agent, "登记")
    fill(agent, amount="5000")
    agent.select_option("main [name=purpose]", "种苗农资")
    looked_at(tab_of, agent)
    press(agent, "提交")
    for code, answer in (("P103", "yes"), ("P103B", "yes"), ("P104", "no")):
        agent.check(f"[name={code}][value={answer}]")
    fill(agent, **PAPER, witness=counter.username(Role.CUSTOMER_MANAGER))
    looked_at(tab_of, agent)
    press(agent, "登记客户的答复")
    press(agent, "评估")
    looked_at(tab_of, agent)
    assert "最多可以借 5,000.00元" in agent.inner_text("main")
    assert agent.locator("main button:has-text('登记签约')").count() == 0
    manager = tab_of(counter.client(Role.CUSTOMER_MANAGER))
    manager.goto(agent.url)
    manager.check("[name=read_aloud]")
    fill(manager, **PAPER, witness=counter.username(Role.REVIEWER))
    looked_at(tab_of, manager)
    press(manager, "登记签约")
    fill(manager, amount="3000")
    press(manager, "看要还多少")
    manager.check("[name=read_aloud]")
    fill(manager, **PAPER, witness=counter.username(Role.REVIEWER))
    looked_at(tab_of, manager)
    press(manager, "登记用款")
    assert told(manager) == ["用款已登记"]
    with counter.within():
        (case,) = Application.objects.all()
        (loan,) = Loan.objects.all()
        given = dict(Consent.objects.values_list("purpose", "status"))
    assert (case.channel, case.state, case.signature["method"]) == ("assisted", "signed", "face_to_face")
    assert (loan.borrower, loan.state, loan.principal_minor) == (APPROVED, "active", 300_000)
    assert given == {"P103": "active", "P103B": "consumed", "P104": "rejected"}


def test_a_file_with_bad_rows(tab_of, tmp_path):
    """Read first, its faults by row and word, the good rows filed behind a page that moves by itself, the mended row from a second file."""
    counter = Counter().staffed(Role.CUSTOMER_MANAGER)
    counter.filed("5", amount=700_000)
    enrolled(counter, "7", "8", "9")
    tab = tab_of(counter.client(Role.CUSTOMER_MANAGER), lang="en-GB")
    (first := tmp_path / "申请 一.csv").write_text(GOOD_AND_BAD, "utf-8")
    tab.goto("/bank/imports")
    looked_at(tab_of, tab)
    tab.set_input_files("main [name=file]", first)
    press(tab, "Read it")
    looked_at(tab_of, tab)
    rows = tab.locator("section:has(h2:has-text('Faults')) tbody tr").all_inner_texts()
    assert [row.split("\t") for row in rows] == [
        ["4", "amount", "-3", "give an amount above 0 in yuan, such as 30000"],
        ["5", "merchant", "5", "application A2026-000001 is still open"],
        ["6", "merchant", "99", "not enrolled; enrol them first"],
    ]
    with tab.expect_download() as taken:
        tab.click("main a:has-text('Download the faults')")
    assert taken.value.suggested_filename.endswith(".xlsx")
    press(tab, "File 2 applications")
    assert tab.inner_text("[role=status]") == "Waiting for its turn"
    looked_at(tab_of, tab)
    with counter.within():
        Task.objects.update(begun_at=AT, total=2, done=1)
    tab.wait_for_selector("progress[value='1']")
    assert tab.inner_text("[role=status]") == "Under way, 50 % done"
    looked_at(tab_of, tab)
    carry_out_what_waits()
    tab.wait_for_selector("text=See what came of it")
    assert tab.inner_text("[role=status]") == "Done"
    tab.click("main a:has-text('See what came of it')")
    tab.wait_for_selector("text=What was filed")
    looked_at(tab_of, tab)
    (second := tmp_path / "mended.csv").write_text("merchant_id,amount,purpose\n9,300,seed\n", "utf-8")
    tab.goto("/bank/imports")
    tab.set_input_files("main [name=file]", second)
    press(tab, "Read it")
    press(tab, "File 1 application")
    carry_out_what_waits()
    with counter.within():
        filed = Application.objects.filter(channel="bulk").order_by("id")
        held = list(filed.values_list("merchant_id", "amount_minor"))
    assert held == [("7", 3_000_000), ("8", 120_050), ("9", 30_000)]


def test_relief_after_the_hail(tab_of):
    """The list first, who is left out and why; two people's word; whoever goes back finds nobody left to relieve."""
    house = house_of(("L1", "P1", APPLE), ("L2", "P2", PEAR))
    house.person(Role.COMMITTEE, 1, PASSWORD)
    tab = tab_of(house.client(Role.APPROVER), lang="en-GB")
    tab.goto("/bank/disasters")
    fill(tab, **{name: value for name, value in HAIL.items() if name not in {"deferred", "extend"}})
    press(tab, "Work out the list")
    looked_at(tab_of, tab)
    assert "Beneficiaries: 1" in tab.inner_text("main")
    assert "its crop was not struck" in tab.inner_text("main")
    fill(tab, second="rural-committee-1", password=PASSWORD)
    press(tab, "Relieve 1 loan, by two people")
    assert "/bank/disasters/disaster-" in tab.url
    assert "5 Apr 2027" in tab.inner_text("main")
    looked_at(tab_of, tab)
    tab.go_back()
    tab.reload()
    assert tab.locator("main [name=second]").count() == 0
    assert "Beneficiaries: 0" in tab.inner_text("main")
    with tenancy.within(house.organisation.pk):
        moved = LoanEvent.objects.filter(kind="replanned").values_list("loan__number", "by")
        assert list(moved) == [("L1", house.actor(Role.APPROVER).name)]
    phone = tab_of(house.client(Role.POST_LOAN), width=PHONE)
    phone.goto("/bank/loans/L1")
    looked_at(tab_of, phone)
    assert "雹灾 2026-3" in phone.inner_text("main")


def test_a_policy_is_changed_and_comes_back(tab_of):
    """Checked with its difference, proposed, tried on the last cases, released by another; then the way back."""
    counter = Counter().prepared()
    owner, approver = tab_of(counter.client(Role.MODEL_OWNER)), tab_of(counter.client(Role.APPROVER))
    owner.goto("/bank/policy")
    fill(owner, text=STRICTER, reason="收紧")
    press(owner, "检查并比较")
    looked_at(tab_of, owner)
    changed = owner.locator("section[role=status] tbody tr").all_inner_texts()
    assert [row.split("\t") for row in changed] == [
        ["authority.approver.value", "300000.0", "200000.0"],
        ["cutoffs.approve_from", "620.0", "680.0"],
        ["version", "2026.11", "2026.12"],
    ]
    press(owner, "提出")
    assert owner.locator("main button:has-text('发布生效')").count() == 0
    approver.goto("/bank/policy")
    approver.click("main a:has-text('用最近的决定试算')")
    looked_at(tab_of, approver)
    assert "同意 → 转人工：1 笔" in approver.inner_text("main")
    approver.goto("/bank/policy")
    press(approver, "发布生效")
    assert told(approver) == ["新政策已生效"]
    looked_at(tab_of, approver)
    press(approver, "恢复此版本")
    assert told(approver) == ["已提出恢复，等另一人发布"]
    assert approver.locator("main button:has-text('发布生效')").count() == 0
    second = tab_of(counter.client(Role.APPROVER, 1), width=PHONE)
    second.goto("/bank/policy")
    looked_at(tab_of, second)
    press(second, "发布生效")
    with counter.within():
        one, two, three = PolicyRelease.objects.order_by("id")
    assert (two.text, three.hash, two.hash == one.hash) == (STRICTER, one.hash, False)
