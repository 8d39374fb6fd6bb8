"""Every page that can be opened, looked at by axe: both languages, a phone and a desk; and nothing wider than the screen."""

import base64
import shutil
import time

import pytest
from browsing import browser, faults, page, served, sign_in
from counter import FILED, OFFERED, REVIEW, Counter
from doors import addresses
from hearing import added, happens
from house import AT
from journeys import APPROVED, PASSWORD, county
from programs import Program

from suixin.lake import quarantine
from suixin.lake.store import Lake
from suixin.scoring.watch.rules import parse_rules, shipped_rules
from suixin.server import tenancy
from suixin.server.complaints.actions.file_complaint import Said, file_complaint
from suixin.server.identity import access, factor
from suixin.server.identity.actions.found_organisation import NewPerson, add_person
from suixin.server.identity.models import Membership, User
from suixin.server.identity.roles import Role
from suixin.server.identity.scopes import Scope
from suixin.server.intake.actions.read_mended import read_mended
from suixin.server.merchants.models import Merchant
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination.actions.draw import draw
from suixin.server.origination.actions.read_batch import read_batch
from suixin.server.origination.actions.take_consents import ASKED, take_consents
from suixin.server.origination.models import Desk
from suixin.server.regions import queries
from suixin.server.regions.actions.publish_regions import publish_regions
from suixin.server.regions.documents import digest
from suixin.server.tasks.actions.ask import ask
from suixin.server.tasks.models import Task
from suixin.server.tasks.working import carry_out_what_waits
from suixin.server.verification.actions.ask_bureau import ask_bureau
from suixin.server.watching.actions.watch import watch
from suixin.server.webhooks.actions.spread import spread
from suixin.server.webhooks.actions.switch_off import switch_off
from suixin.server.webhooks.models import Attempt, Delivery

SKIPPED = {"healthz", "readyz", "metrics", "language", "", "sign-out", "sign-in/code"}
"""No pages: a word of JSON, and what only forms call."""
MERCHANT = ("<str:merchant_id>", APPROVED)
EVERY = (
    Role.CUSTOMER_MANAGER,
    Role.APPROVER,
    Role.DISBURSEMENT,
    Role.AUDITOR,
    Role.REVIEWER,
    Role.MODEL_OWNER,
    Role.POST_LOAN,
    Role.OFFICIAL,
    Role.ADMINISTRATOR,
    Role.OPERATOR,
)


def openable(staff):
    """The addresses of pages of one wing, with something that is there in each place."""
    for path, view in addresses():
        if path in SKIPPED or not view.allows or (Role.OWNER in view.allows) == staff:
            continue
        if ".pdf" in path or "xlsx" in path or "csv" in path or "json" in path or "<str:key>" in path:
            continue
        if "<int:" in path and not path.startswith(
            ("bank/alerts/", "bank/imports/", "bank/people/", "bank/webhooks/", "platform/")
        ):
            continue
        number = "F2026-000001-01" if "loans/" in path else REVIEW if staff else OFFERED
        path = path.replace("platform/ingests/<int:number>", "platform/ingests/2")  # noqa: PLW2901
        path = path.replace("<str:table>", "orders")  # noqa: PLW2901
        number = "C2026-000001" if "complaints/" in path else number
        if path == "bank/imports/<int:number>":
            yield "/bank/imports/2"  # whose columns are to be chosen
        yield "/" + path.replace("<int:number>", "1").replace("<str:number>", number).replace(*MERCHANT)


def looked_at(tab, name):
    """The faults of the page that is open, at both widths."""
    found = []
    for width in (1280, 390):
        tab.set_viewport_size({"width": width, "height": 844})
        found += [f"{name} at {width}: {fault}" for fault in faults(tab)]
    return found


def publish_month(made):
    with tenancy.within(made.organisation.pk):
        shown = digest(queries.draft(made.book).document)
    publish_regions(made.book, shown=shown, by=made.actor(Role.APPROVER), at=AT)


def webhook(made):
    """An endpoint and an event that it did not take; it is off, so that the server that is looked at sends nothing."""
    code = added(made, "https://core.example.com/suixin", ("relief.granted",)).code
    happens(made)
    spread(by=access.system(made.organisation.pk, "webhooks"), at=AT)
    with tenancy.within(made.organisation.pk):
        Attempt(delivery=Delivery.objects.get(), at=AT, milliseconds=7, status=500, said="no").save()
    switch_off(code, by=made.as_(Role.ADMINISTRATOR), reason="it is moved", at=AT)


def deliver(made, lake):
    """A push of which a row is set aside, and the file that mends it, read but not put in."""
    shutil.copytree(county(), lake)
    with tenancy.within(made.organisation.pk):
        Desk.objects.update(lake=str(lake))
    row = (
        b'{"order_id": "x", "merchant_id": "4", "ordered_at": "2025-12-30T10:00:00+08:00", "amount": "%s"}\n'
    )
    assert Program(made, Scope.DATA_WRITE).post("/data/orders", row % b"1" + row % b"-1")[0] == 200
    name = quarantine.of_ingest(Lake.open(lake), "orders", 2)["file"][0]
    sent = f"#file,#row,order_id,merchant_id,ordered_at,amount\n{name},2,y,4,2025-12-30,5\n{name},9,,,,\n"
    file = read_mended(2, "orders", "mended.csv", sent.encode(), by=made.actor(Role.OPERATOR), at=AT)
    assert (file.good, len(file.faults)) == (1, 1)


def import_half(made):
    """A file of applications whose filing failed, for who asked had lost the role; a row has a fault. And one to choose columns of."""
    by = made.actor(Role.CUSTOMER_MANAGER, 2)
    file = read_batch("a.csv", b"merchant_id,amount,purpose\n6,100,seed\n99,1,x\n", by=by, at=AT)
    read_batch("b.csv", "客户号,拟贷款额,资金投向\n6,100,种苗\n".encode(), by=by, at=AT)
    ask(Task.Kind.APPLICATIONS, file.pk, by=by, at=AT)
    with tenancy.within(made.organisation.pk):
        Membership.objects.filter(user=made.user(Role.CUSTOMER_MANAGER, 2)).update(withdrawn_at=AT)
    assert [one.state for one in carry_out_what_waits()] == ["failed"]


def ask_by_file(made):
    """A query of the bureau that waits for its answer, and may be given up."""
    with tenancy.within(made.organisation.pk):
        case, merchant = made.case(FILED), merchant_of("5")
    take_consents(case, merchant, dict.fromkeys(ASKED, True), by=made.owner("5"), at=AT)
    assert len(ask_bureau("某持牌征信", by=made.as_(Role.CUSTOMER_MANAGER), at=AT)) == 1


@pytest.fixture(scope="module")
def house(lasting, tmp_path_factory):
    """A bank with cases in many states and a loan; one person has every role, for the looks alone."""
    made = Counter().prepared()
    made.sign(OFFERED)
    draw(OFFERED, 300_000, key="k", by=made.owner(APPROVED), at=AT)
    publish_month(made)
    sharp = parse_rules(shipped_rules().text.replace("from_points: 36", "from_points: 3"), "tests")
    assert watch(made.book, by=made.program, at=AT, rules=sharp).counts["opened"] == 1
    with tenancy.within(made.organisation.pk):
        merchant = Merchant.objects.get(merchant_id=APPROVED)
        file_complaint(merchant, Said("price", "看不懂"), by=made.owner(APPROVED), at=AT)
        add_person(NewPerson("everybody", "周晓岚", EVERY[0], PASSWORD), AT)
        add_person(NewPerson("admin", "赵敏", Role.ADMINISTRATOR, PASSWORD), AT)
        everybody = User.objects.get(username="everybody")
        for role in EVERY[1:]:
            everybody.memberships.model(user=everybody, role=role, granted_at=AT).save()
    webhook(made)
    ask_by_file(made)
    import_half(made)
    deliver(made, tmp_path_factory.mktemp("deliveries") / "lake")
    with served(lasting.url) as address:
        yield address


@pytest.mark.full
@pytest.mark.parametrize("staff", [True, False])
@pytest.mark.parametrize("lang", ["zh-CN", "en-GB"])
def test_no_page_keeps_anybody_out(house, chromium, monkeypatch, lang, staff):
    """0 faults of WCAG 2.2 A and AA; a reader with large letters and a reader by ear come through."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    found, seen = [], 0
    with browser(chromium) as program, page(program, house, lang=lang, width=1280) as tab:
        found += [f"sign-in: {fault}" for fault in faults(tab)] if tab.goto("/sign-in") else []
        sign_in(tab, "everybody" if staff else f"rural-m{APPROVED}", PASSWORD)
        for where in openable(staff=staff):
            if tab.request.get(where).status in {404, 405}:
                continue
            assert tab.goto(where).status == 200, where
            seen += 1
            for width in (1280, 390):
                tab.set_viewport_size({"width": width, "height": 844})
                found += [f"{where} at {width}: {fault}" for fault in faults(tab)]
                wide = tab.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                found += [f"{where}: {wide} px wider than {width}"] if wide > 0 else []
        tab.goto("/account/")
        assert tab.inner_text(".who .name") == {"zh-CN": "我的登录", "en-GB": "My sign-in"}[lang]  # at 390
    assert found == []
    assert seen >= (16 if staff else 7)


@pytest.mark.full
def test_the_way_in_by_two_steps_keeps_nobody_out(house, chromium, monkeypatch):
    """The picture to scan, the recovery codes, the second step: as a person sets it up and comes in by it."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with browser(chromium) as program, page(program, house, lang="en-GB") as tab:
        sign_in(tab, "admin", PASSWORD)
        tab.goto("/account/second-factor")
        tab.click("main form button")
        found = looked_at(tab, "to scan")
        key = base64.b32decode(tab.inner_text("code").replace(" ", ""))
        tab.fill("[name=code]", factor.code_at(key, int(time.time()) // 30))
        tab.click("main form button")
        found += looked_at(tab, "recovery codes")
        codes = tab.locator(".codes code").all_inner_texts()
        tab.click("text=Sign out")
        sign_in(tab, "admin", PASSWORD)
        assert tab.url == f"{house}/sign-in/code"
        found += looked_at(tab, "second step")
        tab.fill("[name=code]", codes[0])
        tab.click("main form button")
        tab.wait_for_url("**/bank/log")
    assert found == []
    assert len(codes) == 10
