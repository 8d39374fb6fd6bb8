"""The work queue: what waits for whom, what a list shows, how it is narrowed and taken away."""

import io
from datetime import timedelta

import pytest
from counter import FILED, GONE, OFFERED, REFUSED, REVIEW, SEASON, Counter, browser, light, text_of
from house import AT
from python_calamine import CalamineWorkbook

from suixin.server.identity.roles import Role
from suixin.server.merchants.models import Merchant
from suixin.server.origination import work
from suixin.server.origination.actions.approve import approve
from suixin.server.origination.actions.review import review
from suixin.server.origination.actions.vote import vote
from suixin.server.origination.models import Application, Opinion
from suixin.server.origination.work import Wanted

Verdict = Opinion.Verdict


def mine(counter, role, number=0):
    with counter.within():
        return [one.number for one in work.waits_for(counter.actor(role, number)).order_by("id")]


def listed(counter, role=Role.AUDITOR, **wanted):
    with counter.within():
        return [one.number for one in work.listed(Wanted(**wanted), counter.actor(role))]


def test_everybody_sees_what_waits_for_them(database, monkeypatch):
    """By role; never the case of another hand of one's own, or of a relative, or one that one has voted on."""
    counter, number = light(Role.REVIEWER, Role.APPROVER, Role.COMMITTEE, Role.CUSTOMER_MANAGER, Role.AUDITOR)
    assert mine(counter, Role.REVIEWER) == [number]
    assert mine(counter, Role.APPROVER) == mine(counter, Role.CUSTOMER_MANAGER) == []
    with counter.within():
        Merchant.objects.update(relatives=[counter.actor(Role.REVIEWER, 1).name])
    assert mine(counter, Role.REVIEWER, 1) == []
    review(number, Verdict.APPROVE, reason="属实", by=counter.actor(Role.REVIEWER), at=AT)
    assert mine(counter, Role.REVIEWER) == []
    assert mine(counter, Role.APPROVER) == [number]
    monkeypatch.setattr("suixin.server.origination.authority.above_approver", lambda *_: True)
    approve(number, reason="金额大", by=counter.actor(Role.APPROVER), at=AT)
    assert mine(counter, Role.APPROVER) == []
    assert mine(counter, Role.COMMITTEE) == [number]
    vote(number, Verdict.APPROVE, reason="可以", by=counter.actor(Role.COMMITTEE), at=AT)
    assert mine(counter, Role.COMMITTEE) == []
    assert mine(counter, Role.COMMITTEE, 1) == [number]
    assert mine(counter, Role.AUDITOR) == []


def test_a_list_is_narrowed_by_state_amount_and_words(counter):
    """Each of them, and all together."""
    assert listed(counter) == [GONE, FILED, REFUSED, REVIEW, SEASON, OFFERED]
    assert listed(counter, states=["offered"]) == [SEASON, OFFERED]
    assert listed(counter, least_minor=700_000, most_minor=2_000_000) == [GONE, FILED, SEASON]
    assert listed(counter, text="张30") == [SEASON]
    assert listed(counter, text="30") == [SEASON]
    assert listed(counter, text="a2026-000003") == [REVIEW]
    assert listed(counter, text="种苗", states=["review"], most_minor=200_000) == [REVIEW]
    assert listed(counter, text="%") == []
    assert listed(counter, Role.CUSTOMER_MANAGER, mine=True) == [OFFERED, SEASON, FILED]


def test_a_row_says_what_was_decided_and_what_is_next(counter):
    """As of an instant: the days are counted from what last happened."""
    with counter.within():
        rows = work.rows(work.listed(Wanted(), counter.actor(Role.AUDITOR)), AT + timedelta(days=3, hours=5))
    assert [
        (row.case.number, row.outcome, row.grade, row.score, row.limit_minor, row.next) for row in rows
    ] == [
        (GONE, "", "", None, None, ""),
        (FILED, "", "", None, None, "consent"),
        (REFUSED, "decline", "E", 530.0, 0, ""),
        (REVIEW, "refer", "B", 686.0, 250_000, "review"),
        (SEASON, "approve", "A", 761.0, 6_240_000, "sign"),
        (OFFERED, "approve", "B", 677.0, 720_000, "sign"),
    ]
    assert {row.days for row in rows} == {3}
    assert [row.name for row in rows] == ["张6", "张5", "张1", "张10", "张30", "张4"]


def test_with_the_consents_a_filed_case_waits_to_be_assessed(counter):
    """One that is missing, and it still waits for consents."""
    with counter.within():
        case = Application.objects.get(number=FILED)
    counter.consented(case, P103B=False)
    with counter.within():
        assert work.rows([case], AT)[0].next == "consent"


def test_the_page_shows_it_in_both_languages(counter):
    """Counts, the rows with amounts, the next step; each language its own words."""
    chinese = text_of(counter.client(Role.REVIEWER).get("/bank/"))
    assert "等我办理 1 待审查 1" in chinese
    assert "共 6 笔" in chinese
    assert "A2026-000003 张10 2,000.00元 种苗 待审查 686 · B 2,500.00元" in chinese
    english = text_of(counter.client(Role.REVIEWER, language="en").get("/bank/?state=review"))
    assert "1 application" in english
    assert "A2026-000003 张10 ¥2,000.00 种苗 under review 686 · B ¥2,500.00" in english
    assert "Waiting for me 1" in english


def test_an_empty_list_says_what_to_do(counter):
    """Narrowed too far, or a house without an application."""
    client = counter.client(Role.REVIEWER)
    assert "没有符合条件的申请" in text_of(client.get("/bank/?text=没有这个人"))
    answer = client.get("/bank/?from=很多")
    assert [str(one) for one in answer.context["messages"]] == ["“很多”不是金额，请用数字填写，如 30000"]
    assert answer.context["page"].paginator.count == 6


def test_another_house_sees_nothing_of_it(counter):
    """Neither a row nor a number, and no page of it."""
    theirs = Counter("theirs").staffed(Role.REVIEWER)
    client = theirs.client(Role.REVIEWER)
    page = text_of(client.get("/bank/?text=张"))
    assert "没有符合条件的申请" in page
    assert "A2026" not in page
    for path in (f"/bank/applications/{REVIEW}", f"/bank/applications/{REVIEW}/decision.json"):
        assert client.get(path).status_code == 404
    assert list(workbook(client.get("/bank/applications.xlsx"))) == [HEAD]


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMINISTRATOR, Role.OPERATOR, Role.VALIDATOR])
def test_who_has_no_business_there_is_refused(counter, role):
    """Merchants, administrators and strangers to lending see no queue and no export."""
    client = counter.client(role)
    for path in ("/bank/", "/bank/applications.xlsx", f"/bank/applications/{REVIEW}"):
        assert client.get(path).status_code == 403, path


def test_nobody_is_sent_to_sign_in(counter):
    """And comes back to where they wanted to go."""
    client = counter.client(Role.REVIEWER)
    client.cookies.clear()
    assert client.get("/bank/?mine=yes").url == "/sign-in?next=%2Fbank%2F%3Fmine%3Dyes"


def test_pages_of_twenty_five(counter):
    """The second page holds the rest, and its address keeps what was asked for."""
    with counter.within():
        case = Application.objects.get(number=GONE)
        for number in range(30):
            case.pk, case.number = None, f"A2025-{number:06d}"
            case.save(force_insert=True)
    client = counter.client(Role.AUDITOR)
    first = client.get("/bank/?state=withdrawn")
    assert (len(first.context["rows"]), first.context["page"].paginator.count) == (25, 31)
    assert b'href="?state=withdrawn&amp;page=2" rel="next"' in first.content
    assert len(client.get("/bank/?state=withdrawn&page=2").context["rows"]) == 6


HEAD = [
    "编号", "商户编号", "名称", "申请金额（元）", "用途", "状态", "系统意见", "评分", "等级", "政策额度（元）",
    "批准额度（元）", "申请日", "停留天数", "下一步",
]  # fmt: skip


def workbook(answer):
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return book.get_sheet_by_index(0).to_python()


def test_what_is_narrowed_is_taken_away_as_a_workbook(counter):
    """The same rows, to the fen; text that looks like a formula stays text."""
    with counter.within():
        Application.objects.filter(number=REVIEW).update(purpose="=HYPERLINK(1)")
    answer = counter.client(Role.REVIEWER).get("/bank/applications.xlsx?state=review")
    assert answer["Content-Disposition"] == 'attachment; filename="applications.xlsx"'
    head, row = workbook(answer)
    assert head == HEAD
    assert row[:11] == [
        "A2026-000003", "10", "张10", 2_000.0, "=HYPERLINK(1)", "待审查", "转人工", 686.0, "B", 2_500.0, 0.0,
    ]  # fmt: skip
    assert (row[11].isoformat(), row[13]) == ("2026-01-01", "审查")


def test_a_use_that_is_offered_reads_in_both_languages_whatever_it_was_chosen_in(counter):
    """On lists, in the workbook, on the customer's page and in the agreement; it is found by its words in either; own words stay."""
    manager = {
        language: counter.client(Role.CUSTOMER_MANAGER, language=language) for language in ("zh-hans", "en")
    }
    her = {language: counter.client(Role.OWNER, language=language) for language in manager}
    with counter.within():
        Application.objects.filter(number=OFFERED).update(purpose="Buying stock")  # of an earlier release
    for number, sent, kept in (
        ("8", {"purpose": "equipment or cold storage"}, "设备冷库"),
        ("9", {"purpose": "种苗农资", "purpose_own": "修灌溉渠"}, "修灌溉渠"),
    ):
        counter.enrolled(number)
        where = f"/bank/assisted/merchants/{number}"
        assert "seedlings and supplies" in text_of(manager["en"].get(where))
        made = manager["en"].post(where, {"amount": "900"} | sent).url.rpartition("/")[2]
        assert counter.case(made).purpose == kept
    for language, words in (
        ("zh-hans", ("设备冷库", "修灌溉渠", "收购备货")),
        ("en", ("equipment or cold storage", "修灌溉渠", "buying stock")),
    ):
        page = text_of(manager[language].get("/bank/"))
        sheet = workbook(manager[language].get("/bank/applications.xlsx"))
        assert [one for one in words if one not in page] == []
        assert {row[4] for row in sheet} >= set(words)
        for where in (f"/me/applications/{OFFERED}", f"/me/applications/{OFFERED}/agreement"):
            assert words[2] in text_of(her[language].get(where))
        for asked in ("冷库", "cold STORAGE"):
            found = manager[language].get("/bank/", {"text": asked}).context["rows"]
            assert [row.case.purpose for row in found] == ["设备冷库"]


def test_a_village_agent_sees_the_cases_that_they_filed(counter):
    """No other ones, and no scores: the application opens the page of those who help."""
    with counter.within():
        Application.objects.filter(number=FILED).update(filed_by=counter.actor(Role.VILLAGE_AGENT).name)
    client = counter.client(Role.VILLAGE_AGENT)
    answer = client.get("/bank/")
    assert [row.case.number for row in answer.context["rows"]] == [FILED]
    assert client.get(f"/bank/applications/{FILED}").url == f"/bank/assisted/{FILED}"
    assert client.get(f"/bank/applications/{REVIEW}").status_code == 404
    assert client.get(f"/bank/applications/{REVIEW}/decision.json").status_code == 403


def test_the_menu_is_that_of_the_role(counter):
    """A reviewer's lines, and which of them is here."""
    menu = counter.client(Role.CUSTOMER_MANAGER).get("/bank/").context["menu"]
    assert [(item.url, item.here) for item in menu][:2] == [("/bank/", True), ("/bank/assisted", False)]
    assert "/bank/assisted" not in {
        item.url for item in counter.client(Role.REVIEWER).get("/bank/").context["menu"]
    }
    assert browser(counter.user(Role.REVIEWER)).get("/").url == "/bank/"
