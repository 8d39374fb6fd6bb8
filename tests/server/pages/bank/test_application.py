"""The application page: what it shows, what each role does on it, and what is refused."""

import io
from hashlib import sha256

import orjson
import pytest
from counter import FILED, OFFERED, REFUSED, REVIEW, SEASON, said, text_of
from house import AT
from journeys import APPROVED, DECLINED, POLICY
from pypdf import PdfReader

from suixin.server.identity.roles import Role
from suixin.server.merchants.models import Holder
from suixin.server.origination import documents
from suixin.server.origination.actions.appeal import appeal
from suixin.server.origination.actions.review import review
from suixin.server.origination.models import Application, DecisionRecord, Opinion
from suixin.server.pages.templatetags.words import charted
from suixin.server.sharing.models import Receipt
from suixin.underwriting.decide import decide
from suixin.underwriting.policy import parse_policy
from suixin.underwriting.whatif import with_features

PAGE = "/bank/applications/"


def state(counter, number):
    return counter.case(number).state


def season_rows(counter):
    """Each month's figures as the decision has them, in yuan: good, usual, bad."""
    with counter.within():
        decision = documents.read_decision(DecisionRecord.objects.get(application__number=OFFERED).document)
    rows = zip(decision.left_p90, decision.left_p50, decision.left_p10, strict=True)
    return [" ".join(map(charted, row)) for row in rows]


def test_it_shows_the_three_numbers_and_why(counter):
    """Score, limit with what holds it, price; reasons with points; the parts of limit, capacity and price."""
    page = text_of(counter.client(Role.AUDITOR).get(PAGE + OFFERED))
    for shown in (
        "评分 · 等级 677 · B 违约概率 1.3%（假定）",
        "政策额度 7,200.00元 受限于 还款能力（含已有负债）",
        "年利率 4.35% 综合成本 4.46%",
        "25.9%的订单超过时限才交快递：相对准入线 -21.6 分；低于12.0%时归零",
        "还款能力（含已有负债） 10,116.92元 受限于此",
        "已有负债 -2,829.00元",
        "资金成本 1.80%",
        "预期损失 0.78%",
        "家庭负债 2,829.00元",
        "按农时还款 拟用",
        *season_rows(counter),
        "下一步：签约",
    ):
        assert shown in page, shown
    assert "system:policy" not in page
    assert "2026年1月5日 16:00 · 系统 系统评估 · 同意 · 5,000.00元" in page


def test_it_shows_the_orders_that_were_left_out(counter):
    """Each with its sign and points, as the decision kept them."""
    page = text_of(counter.client(Role.AUDITOR).get(PAGE + REVIEW))
    assert "100000217 货款从卖家账户流回付款账户 3" in page
    english = text_of(counter.client(Role.AUDITOR, language="en").get(PAGE + REVIEW))
    assert "100000217 the money went back from the seller's account to the account that paid 3" in english
    assert "Next: review" in english


def test_it_shows_consents_and_receipts(counter):
    """What was given, what is used up, and each reading with its act."""
    page = text_of(counter.client(Role.AUDITOR).get(PAGE + REVIEW))
    assert "贷款申请 有效" in page
    assert "查询征信 已用完" in page
    assert "查看凭条（2）" in page
    assert f"评估 {REVIEW}" in page


@pytest.mark.parametrize(
    ("role", "number", "offered"),
    [
        (Role.REVIEWER, REVIEW, {"review", "assess", "visit"}),
        (Role.APPROVER, REVIEW, set()),
        (Role.CUSTOMER_MANAGER, REVIEW, {"assess", "assist", "visit", "withdraw"}),
        (Role.CUSTOMER_MANAGER, OFFERED, {"assist", "sign", "visit", "withdraw"}),
        (Role.CUSTOMER_MANAGER, REFUSED, {"appeal", "assist"}),
        (Role.AUDITOR, REVIEW, set()),
        (Role.DISBURSEMENT, SEASON, set()),
    ],
)
def test_each_role_is_offered_its_own_steps(counter, role, number, offered):
    """And no form of another's."""
    assert counter.client(role).get(PAGE + number).context["steps"] == offered


def test_a_case_goes_through_three_people_in_the_browser(counter):
    """Reviewer, approver, and it is offered; the reasons stand in the timeline, a second tap does nothing."""
    number = REVIEW
    reviewer, approver = counter.client(Role.REVIEWER), counter.client(Role.APPROVER)
    sent = {"verdict": "approve", "amount": "1,500", "reason": "果园属实"}
    assert said(reviewer.post(f"{PAGE}{number}/review", sent)) == ["审查意见已提交，转审批"]
    (again,) = said(reviewer.post(f"{PAGE}{number}/review", sent))
    assert again == f"申请 {number} 的状态已是“待审批”：别人已先办理，或已过办理时间"
    assert approver.post(f"{PAGE}{number}/approve", {"reason": "同意审查意见"}).url == PAGE + number
    case = counter.case(number)
    assert (case.state, case.granted_minor, case.automatic) == ("offered", 150_000, False)
    with counter.within():
        stages = list(
            Opinion.objects.filter(application__number=number).order_by("id").values_list("stage", "reason")
        )
    assert stages[2:] == [("review", "果园属实"), ("approval", "同意审查意见")]
    page = text_of(approver.get(PAGE + number))
    assert "等客户签约：客户自己办理，或由客户经理当面协助。" in page
    assert "审查0 审查 · 同意 · 1,500.00元 果园属实" in page
    assert "审批0 审批 · 同意 · 1,500.00元 同意审查意见" in page


def test_what_is_refused_is_told_and_nothing_is_written(counter):
    """No reason, more than the policy bears, an amount that is none, a reviewer who approves."""
    reviewer = counter.client(Role.REVIEWER)
    where = f"{PAGE}{REVIEW}/review"
    refusals = [
        ({"verdict": "approve", "reason": " "}, "请写明审查理由"),
        ({"verdict": "approve", "reason": "好", "amount": "9000"}, "9,000.00 元不在 0 至政策额度"),
        ({"verdict": "approve", "reason": "好", "amount": "三千"}, "“三千”不是金额，请用数字填写，如 30000"),
        ({"verdict": "maybe", "reason": "好"}, "请写明审查理由"),
        ({"verdict": "approve", "reason": "好" * 501}, "文字有 501 个字，请不超过 500 个"),
    ]
    for sent, told in refusals:
        (message,) = said(reviewer.post(where, sent))
        assert message.startswith(told), sent
    page = reviewer.post(
        where, {"verdict": "approve", "reason": "果园属实，去过", "amount": "9000"}
    ).content.decode()
    assert (
        'name="amount" inputmode="decimal" value="9000"' in page
    )  # typed once, and not lost by being refused
    assert ">果园属实，去过</textarea>" in page
    assert reviewer.post(f"{PAGE}{REVIEW}/approve", {"reason": "好"}).status_code == 403
    assert reviewer.get(where).status_code == 405
    with counter.within():
        case = Application.objects.get(number=REVIEW)
        assert (case.state, case.opinions.count()) == ("review", 2)


def test_a_reviewed_case_is_declined(counter):
    """The approver says why; a customer manager has no such form."""
    review(REVIEW, "decline", reason="没有其他销售", by=counter.actor(Role.REVIEWER), at=AT)
    where = f"{PAGE}{REVIEW}/decline"
    assert counter.client(Role.CUSTOMER_MANAGER).post(where, {"reason": "x"}).status_code == 403
    approver = counter.client(Role.APPROVER)
    typed = approver.post(f"{PAGE}{REVIEW}/approve", {"reason": "再看看", "amount": "九千"}).content.decode()
    assert ">再看看</textarea>" in typed
    assert said(approver.post(where, {"reason": "同审查"})) == [
        "已拒绝；客户会看到理由（每笔申请可申诉一次）"
    ]
    assert state(counter, REVIEW) == "declined"


def test_an_approval_that_the_policy_does_not_bear_is_not_offered(counter):
    """With a limit of nothing it would be refused whatever is typed; declining is left, and why is said."""
    appeal(REFUSED, reason="今年有了合同", by=counter.owner(DECLINED), at=AT)
    review(REFUSED, "decline", reason="没有其他销售", by=counter.actor(Role.REVIEWER), at=AT)
    page = counter.client(Role.APPROVER).get(PAGE + REFUSED).content.decode()
    assert "政策额度为零，不能同意" in page
    assert (f"{REFUSED}/approve" in page, f"{REFUSED}/decline" in page) == (False, True)


def test_the_committee_votes_in_the_browser(counter, monkeypatch):
    """Three votes; who has voted is offered no second one, and told so if they send it."""
    review(REVIEW, "approve", reason="可行", by=counter.actor(Role.REVIEWER), at=AT)
    monkeypatch.setattr("suixin.server.origination.authority.above_approver", lambda *_: True)
    approver = counter.client(Role.APPROVER)
    assert approver.get(PAGE + REVIEW).context["to_people"] is True
    approver.post(f"{PAGE}{REVIEW}/approve", {"reason": "金额大"})
    assert state(counter, REVIEW) == "committee"
    where = f"{PAGE}{REVIEW}/vote"
    first = counter.client(Role.COMMITTEE)
    assert said(first.post(where, {"verdict": "approve", "reason": "可以"})) == ["表决已记录"]
    page = text_of(first.get(PAGE + REVIEW))
    assert "您已表决：赞成。 已有 1 票；至少 3 票，且过半数一致才有结果。" in page
    assert "由其他岗位的人办理" not in page
    assert first.get(PAGE + REVIEW).context["steps"] == frozenset()
    assert "您已对申请" in said(first.post(where, {"verdict": "approve", "reason": "再"}))[0]
    for number, verdict in ((1, "decline"), (2, "approve")):
        counter.client(Role.COMMITTEE, number).post(where, {"verdict": verdict, "reason": "表决"})
    assert state(counter, REVIEW) == "offered"


def test_assessing_anew_needs_a_new_bureau_consent(counter):
    """The old one is used up: refused, told, and nothing is read or written."""
    with counter.within():
        before = (DecisionRecord.objects.count(), Receipt.objects.count())
    (told,) = said(counter.client(Role.REVIEWER).post(f"{PAGE}{REVIEW}/assess", {}))
    assert told == "还缺授权：查询征信（该同意的使用次数已用完，请重新征求）。授权齐全后才能评估"
    with counter.within():
        assert (DecisionRecord.objects.count(), Receipt.objects.count()) == before
    assert counter.client(Role.APPROVER).post(f"{PAGE}{REVIEW}/assess", {}).status_code == 403


def test_a_customer_manager_withdraws_because_the_customer_said_so(counter):
    """The words go into the case."""
    client = counter.client(Role.CUSTOMER_MANAGER)
    assert said(client.post(f"{PAGE}{FILED}/withdraw", {"reason": "不借了"})) == ["申请已撤回"]
    assert "不借了" in text_of(client.get(PAGE + FILED))
    assert state(counter, FILED) == "withdrawn"


def test_the_decision_is_given_as_it_was_kept(counter):
    """Byte for byte, with the digest of it and its case."""
    answer = counter.client(Role.AUDITOR).get(f"{PAGE}{SEASON}/decision.json")
    with counter.within():
        record = DecisionRecord.objects.get(application__number=SEASON)
    assert answer.content.decode() == record.document
    assert answer["X-Suixin-Digest"] == record.digest
    assert orjson.loads(answer.content)["limit_fen"] == 6_240_000
    assert counter.client(Role.AUDITOR).get(f"{PAGE}{FILED}/decision.json").status_code == 404


def test_the_agreement_is_printed_before_and_after_it_is_signed(counter):
    """Before, today's text; of what is not offered there is none."""
    client = counter.client(Role.CUSTOMER_MANAGER)
    page = text_of(client.get(f"{PAGE}{OFFERED}/agreement"))
    assert "待签，今日文本" in page
    assert "人民币伍仟元整" in page
    counter.sign(OFFERED)
    signed = text_of(client.get(f"{PAGE}{OFFERED}/agreement"))
    assert counter.case(OFFERED).signature["digest"] in signed
    assert said(client.get(f"{PAGE}{REVIEW}/agreement"))[0].startswith(f"申请 {REVIEW} 的状态已是“待审查”")


def test_the_agreement_is_taken_away_as_a_pdf(counter):
    """The words of the page, the same bytes each time, and inside it the text whose digest was signed."""
    client, where = counter.client(Role.CUSTOMER_MANAGER, language="en"), f"{PAGE}{OFFERED}/agreement.pdf"
    before = words_of(client.get(where).content)
    assert "Borrower" in before
    assert "Signed by" not in before
    counter.sign(OFFERED)
    answer = client.get(where)
    assert answer["Content-Disposition"] == f'attachment; filename="agreement-{OFFERED}.pdf"'
    assert client.get(where).content == answer.content
    words, case = words_of(answer.content), counter.case(OFFERED)
    page = text_of(client.get(f"{PAGE}{OFFERED}/agreement"))
    for part in (
        "人民币伍仟元整",
        "¥5,000.00",
        "Nothing else is charged.",
        "Interest in all",
        "张",
        "rural",
    ):
        assert part in words, part
    assert case.signature["digest"] in words
    assert all(part in page for part in ("Nothing else is charged.", "人民币伍仟元整"))
    inside = PdfReader(io.BytesIO(answer.content)).attachments["agreement.json"][0]
    assert sha256(inside).hexdigest() == case.signature["digest"]
    chinese = words_of(counter.client(Role.CUSTOMER_MANAGER).get(where).content)
    assert "除上列费用外，不收取任何其他费用。" in chinese
    assert said(client.get(f"{PAGE}{REVIEW}/agreement.pdf"))[0].startswith(
        f"application {REVIEW} is under review"
    )


def test_a_name_that_no_font_prints_is_told(counter):
    """Better no agreement than one with an empty box where the name is."""
    with counter.within():
        Holder.objects.filter(merchant__merchant_id=APPROVED).update(name="张\U000f0000")
    (told,) = said(counter.client(Role.CUSTOMER_MANAGER).get(f"{PAGE}{OFFERED}/agreement.pdf"))
    assert "fonts-noto-cjk" in told


def test_words_in_a_name_are_not_markup(counter):
    """What somebody is called is printed as it is."""
    with counter.within():
        Holder.objects.filter(merchant__merchant_id=APPROVED).update(name="#panic() *王* $x$ <b>")
    words = words_of(counter.client(Role.CUSTOMER_MANAGER).get(f"{PAGE}{OFFERED}/agreement.pdf").content)
    assert "#panic() *王* $x$ <b>" in words


def words_of(pdf):
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_what_if_decides_again_and_stores_nothing(counter):
    """As the library decides; fields that hold the case's own figures move nothing; another sum is granted as asked."""
    client = counter.client(Role.REVIEWER)
    sliders = client.get(PAGE + OFFERED).context["sliders"]
    own = {f"f_{one.name}": one.own for one in sliders}
    same = client.get(f"{PAGE}{OFFERED}/whatif", own).context
    assert same["changed"] == []
    assert same["after"].decision.limit_fen == same["before"].decision.limit_fen == 720_000
    moved = own | {"f_late_handover_share_180d": "0.05", "f_household_debt": "0", "amount": "3000"}
    answer = client.get(f"{PAGE}{OFFERED}/whatif", moved, headers={"hx-request": "true"})
    after = answer.context["after"]
    with counter.within():
        record = DecisionRecord.objects.get(application__number=OFFERED)
        count = DecisionRecord.objects.count()
    changed = {"late_handover_share_180d": 0.05, "household_debt": 0.0}
    case = with_features(documents.read_case(record.case), changed)
    expected = decide(case, parse_policy(POLICY, "tests"), hints=False)
    assert after.decision == expected
    assert (after.granted_minor, after.automatic) == (300_000, True)
    assert expected.score > 677
    assert "<html" not in answer.content.decode()
    assert "延迟揽收占比: 25.9% → 5.0%" in text_of(answer)
    assert count == 4


def test_what_if_refuses_in_words(counter):
    """A figure that cannot be; a sum that is none."""
    client = counter.client(Role.REVIEWER)
    where = f"{PAGE}{OFFERED}/whatif"
    assert "a share is a fraction" in text_of(client.get(where, {"f_late_handover_share_180d": "25"}))
    assert "不是金额" in text_of(client.get(where, {"amount": "many"}))
    assert client.get(f"{PAGE}{FILED}/whatif").status_code == 404
    assert counter.client(Role.VILLAGE_AGENT).get(where).status_code == 403


def test_the_page_carries_no_script_or_style_of_its_own(counter):
    """What the rules for browsers would stop is not there; htmx is one file of ours."""
    answer = counter.client(Role.REVIEWER).get(PAGE + REVIEW)
    page = answer.content.decode()
    assert " style=" not in page
    assert " onclick=" not in page
    assert "<style" not in page
    assert page.count("<script") == 1
    assert "script-src 'self'" in answer["Content-Security-Policy"]
