"""A merchant's forms keep what was typed and say what they do; what the house says among itself stays in the house."""

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation
from house import AT
from journeys import APPROVED, DAY, REFERRED, Desk

from suixin.server import tenancy
from suixin.server.identity.models import User
from suixin.server.identity.roles import Role
from suixin.server.origination.actions.approve import approve
from suixin.server.origination.actions.draw import draw
from suixin.server.origination.actions.review import review
from suixin.server.origination.actions.vote import vote
from suixin.server.origination.models import Application


def phone(desk, merchant):
    """A merchant's browser."""
    with tenancy.within(desk.organisation.pk):
        user = User.objects.get(username=f"rural-m{merchant}")
    client = Client(HTTP_HOST="localhost")
    client.force_login(user, backend="suixin.server.identity.backend.Backend")
    return client


def page_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_application_that_is_refused_is_mended_and_not_typed_anew(sqlite):
    """Amount, use, words and every tick; a link ticks nothing, for a consent is hers alone to give."""
    desk = Desk()
    desk.enrolled(APPROVED)
    client = phone(desk, APPROVED)
    sent = {
        "amount": "三万",
        "purpose": "收购备货",
        "purpose_own": "买柑橘苗",
        "P103": "yes",
        "by_people": "yes",
    }
    page = page_of(client.post("/me/apply", sent))
    assert "“三万”不是金额，请用数字填写" in page
    assert re.findall(r'name="(\w+)" value="yes" checked', page) == ["P103", "by_people"]
    for part in (
        'value="三万"',
        'value="收购备货" selected',
        'name="purpose_own" maxlength="60" autocomplete="off" value="买柑橘苗"',
    ):
        assert part in page
    assert " checked" not in page_of(client.get("/me/apply?P103=yes&by_people=yes"))


def test_what_withdrawing_does_is_said_before_it_is_done(sqlite):
    """Behind a fold that no thumb opens by the way, with what it ends and what is needed to apply anew."""
    desk = Desk()
    case = desk.filed(APPROVED, amount=500_000)
    page = page_of(phone(desk, APPROVED).get(f"/me/applications/{case.number}"))
    fold = page.partition("<summary>不想借了</summary>")[2].partition("</details>")[0]
    assert f'action="/me/applications/{case.number}/withdraw"' in fold
    assert "不能恢复" in fold
    assert page.count("/withdraw") == 1


@pytest.mark.parametrize(
    ("state", "declined", "shown"),
    [("signed", False, True), ("declined", False, False), ("review", True, False)],
)
def test_who_is_refused_is_promised_no_next_rung(state, declined, shown):
    """What repaying would lead to is no use to whoever has nothing to repay."""
    rung = {"loans_repaid": 1, "cap_fen": 15_000_000}
    case = Application(number="A2026-000001", state=state, amount_minor=1, purpose="种苗", filed_on=DAY)
    told = {"case": case, "held": True, "rung": rung, "declined": declined}
    with translation.override("zh-hans"):
        page = render_to_string("merchant/application.html", told)
    assert ("最高可借 150,000.00元" in page) == shown


def test_a_complaint_that_is_refused_keeps_its_words(sqlite):
    desk = Desk()
    case = desk.assessed(APPROVED, amount=500_000)
    words = "我的销售数据不对"
    sent = {"kind": "price", "feature": "lenders", "about": case.number, "words": words}
    page = page_of(phone(desk, APPROVED).post("/me/complaints/file", sent))
    assert "只有“数据有误”的投诉才指明数据" in page
    for part in (
        f">{words}</textarea>",
        'value="price" selected',
        'value="lenders" selected',
        f"<option selected>{case.number}<",
    ):
        assert part in page


def test_a_payment_that_is_refused_keeps_what_it_was_to_do(sqlite):
    """Whoever chose an earlier end and typed too much does not get lower instalments for a second try."""
    desk = Desk()
    case = desk.signed(APPROVED, amount=500_000)
    loan = draw(case.number, 300_000, key="k", by=desk.owner(APPROVED), at=AT)
    page = page_of(phone(desk, APPROVED).post(f"/me/loans/{loan}/pay", {"amount": "99999", "way": "shorten"}))
    assert "请不要超过" in page
    assert 'value="99999"' in page
    assert '<option value="shorten" selected>' in page


def test_a_merchant_reads_the_answer_and_not_who_voted_what(sqlite, monkeypatch):
    """A reviewer's advice, an approver's referral and single votes are steps without words; the committee's outcome is told."""
    desk = Desk()
    case = desk.assessed(REFERRED, amount=200_000)
    where, client = f"/me/applications/{case.number}", phone(desk, REFERRED)

    def told():
        steps = re.search(r'(?s)<ol class="timeline">(.*?)</ol>', page_of(client.get(where)))[1]
        return [
            re.sub("<[^>]+>", "", step.partition("<br>")[2]).strip() for step in steps.split("</li>")[2:-1]
        ]

    review(case.number, "approve", reason="sound", by=desk.as_(Role.REVIEWER), at=AT)
    monkeypatch.setattr("suixin.server.origination.authority.above_approver", lambda *_: True)
    approve(case.number, reason="large", by=desk.as_(Role.APPROVER), at=AT)
    for number, verdict in enumerate(("decline", "approve")):
        vote(case.number, verdict, reason="x", by=desk.as_(Role.COMMITTEE, number), at=AT)
    assert told() == ["审查", "审批", "贷审会"]
    vote(case.number, "approve", reason="x", by=desk.as_(Role.COMMITTEE, 2), at=AT)
    assert told() == ["审查", "审批", "贷审会 · 同意 · 2,000.00元"]
