"""People without a smartphone: staff record what is said and signed, and never confirm in anybody's place."""

import io
import re
import threading

import pytest
from counter import FILED, NEW, OFFERED, PAPER, REFUSED, REVIEW, Counter, browser, said, text_of
from doors import addresses, filled
from house import AT, in_threads
from journeys import APPROVED, DAY, DECLINED
from lender import Lender
from python_calamine import CalamineWorkbook

from suixin.errors import ConflictError
from suixin.server.audit.models import Record
from suixin.server.identity.models import Membership
from suixin.server.identity.roles import Role
from suixin.server.merchants.actions.enrol import Enrolled, enrol
from suixin.server.merchants.models import Merchant
from suixin.server.origination.actions.approve import decline
from suixin.server.origination.actions.review import review
from suixin.server.origination.actions.take_consents import ASKED
from suixin.server.origination.models import Application, DecisionRecord
from suixin.server.servicing.models import Loan
from suixin.server.sharing.models import Consent, ConsentEvent, Receipt
from suixin.sharing.purposes import purpose_on

GIVEN = dict.fromkeys(("P103", "P103B"), "yes") | {"P104": "no"}


def test_a_woman_of_seventy_two_is_served_from_the_village_to_the_money(database):
    """A village agent enrols and files, a customer manager sees it signed; each step with paper and another person."""
    counter = Counter().staffed(Role.VILLAGE_AGENT, Role.CUSTOMER_MANAGER, Role.REVIEWER)
    agent, manager = counter.client(Role.VILLAGE_AGENT), counter.client(Role.CUSTOMER_MANAGER)
    witness = {"witness": counter.username(Role.CUSTOMER_MANAGER)}
    assert agent.post("/bank/assisted", NEW).url == f"/bank/assisted/merchants/{APPROVED}"
    assert "最多 1,000,000.00元" in text_of(manager.get(f"/bank/assisted/merchants/{APPROVED}"))
    filed = agent.post(f"/bank/assisted/merchants/{APPROVED}", {"amount": "5000", "purpose": "种苗农资"})
    number = "A2026-000001"
    where = f"/bank/assisted/{number}"
    assert filed.url == where
    assert said(filed) == ["已登记"]
    assert said(agent.post(f"{where}/consents", GIVEN | PAPER | witness)) == ["授权已登记"]
    assert "授权齐全，可以评估" in text_of(agent.get(where))
    assert said(agent.post(f"/bank/applications/{number}/assess", {})) == []
    case = counter.case(number)
    assert (case.state, case.channel, case.granted_minor) == ("offered", "assisted", 500_000)
    aloud = text_of(agent.get(where))
    assert "最多可以借 5,000.00元" in aloud
    assert "请客户经理当面签约" in aloud
    assert "评分" not in aloud
    page = manager.get(where)
    sent = {"digest": page.context["digest"], "read_aloud": "yes", "witness": counter.username(Role.REVIEWER)}
    assert agent.post(f"{where}/sign", sent | PAPER).status_code == 403
    assert said(manager.post(f"{where}/sign", sent | PAPER)) == ["签约已登记"]
    assert said(manager.post(f"{where}/sign", sent | PAPER)) == ["签约已登记"]
    with counter.within():
        signature = Application.objects.get(number=number).signature
        assert signature["method"] == "face_to_face"
        assert signature["signer"] == counter.actor(Role.CUSTOMER_MANAGER).name
        assert signature["witness"] == counter.actor(Role.REVIEWER).name
        assert signature["evidence"] == PAPER["paper"]
        given = dict(Consent.objects.values_list("purpose", "status"))
        event = ConsentEvent.objects.get(consent__purpose="P103", kind="granted")
    assert given == {"P103": "active", "P103B": "consumed", "P104": "rejected"}
    assert (event.auth_method, event.evidence) == ("signed_paper", PAPER["paper"])
    terms = manager.get(f"{where}?amount=3000").context["terms"]
    assert terms.schedule.principal_fen == 300_000
    drawn = {"amount": "3000", "key": "k", "read_aloud": "yes", "witness": counter.username(Role.REVIEWER)}
    assert said(manager.post(f"{where}/draw", drawn | PAPER)) == ["用款已登记"]
    manager.post(f"{where}/draw", drawn | PAPER)
    with counter.within():
        (loan,) = Loan.objects.all()
        assert (loan.state, loan.principal_minor) == ("active", 300_000)
        assert Record.objects.filter(action="lending.loan.draw_on_paper").first().reason == PAPER["paper"]


def test_a_new_bureau_consent_on_paper_lets_it_be_assessed_anew(counter):
    """A case in people's hands gets a second decision and stays where it is; each reading has its receipt."""
    client = counter.client(Role.CUSTOMER_MANAGER)
    sent = {"P103B": "yes", "witness": "rural-reviewer-0"} | PAPER
    assert said(client.post(f"/bank/assisted/{REVIEW}/consents", sent)) == ["授权已登记"]
    assert said(client.post(f"/bank/applications/{REVIEW}/assess", {"reason": "新报告"})) == ["已评估"]
    with counter.within():
        case = Application.objects.get(number=REVIEW)
        assert (case.state, case.decisions.count()) == ("review", 2)
        assert Receipt.objects.filter(merchant_id="10", purpose="P103B").count() == 2
        asked = Record.objects.get(action="lending.case.have_assessed")
        assert (asked.actor, asked.reason) == (counter.actor(Role.CUSTOMER_MANAGER).name, "新报告")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("identity_number", "371302195311070021", "身份证号的校验码不符"),
        ("identity_number", "371302195313070021", "不是出生日期"),
        ("village", "371302", "“371302”不是 12 位数字的村代码"),
        ("county", "临沂", "“临沂”不是 6 位数字的县代码"),
        ("name", " ", "请填写姓名"),
        ("kind", "king", "请选择商户类型"),
        ("merchant_id", "10", "商户 10 已登记"),
    ],
)
def test_nobody_is_enrolled_by_a_slip(counter, field, value, told):
    """Each is refused with what is wrong, no merchant is there, and what was typed stands in the form."""
    sent = NEW | {"merchant_id": "77", field: value}
    answer = counter.client(Role.CUSTOMER_MANAGER).post("/bank/assisted", sent)
    (message,) = said(answer)
    assert message.startswith(told) or told in message
    assert f'name="shop_name" value="{NEW["shop_name"]}"' in answer.content.decode()
    with counter.within():
        assert not Merchant.objects.filter(merchant_id="77").exists()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"paper": " "}, "请写明客户签了哪份纸质文件"),
        ({"witness": "nobody"}, "没有用户名为“nobody”的人员"),
        ({"witness": "rural-customer_manager-0"}, "须由经办人以外的另一人见证"),
        ({"witness": "rural-approver-0"}, "须回避（见证纸质签字）"),
        ({"P103": "", "P103B": "", "P104": ""}, "请逐项勾选客户的答复"),
    ],
)
def test_consents_on_paper_need_the_paper_and_another_person(counter, changed, told):
    """Without either nothing is asked or given."""
    sent = GIVEN | PAPER | {"witness": "rural-reviewer-0"} | changed
    (message,) = said(counter.client(Role.CUSTOMER_MANAGER).post(f"/bank/assisted/{FILED}/consents", sent))
    assert told in message
    with counter.within():
        assert not Consent.objects.filter(merchant_id="5").exists()


def test_a_witness_who_is_mistyped_costs_no_second_reading(counter):
    """The answers that were read aloud, the paper and the words of an appeal stay in the form; so does what is filed."""
    client = counter.client(Role.CUSTOMER_MANAGER)
    slip = PAPER | {"witness": "nobdy"}

    def refused(address, sent):
        answer = client.post(address, sent)
        assert (answer.status_code, len(said(answer))) == (200, 1)
        return answer.content.decode()

    page = refused(f"/bank/assisted/{FILED}/consents", slip | {"P103": "yes", "P104": "no"})
    assert re.findall(r'name="(\w+)" value="(\w+)" checked', page) == [("P103", "yes"), ("P104", "no")]
    page += refused(f"/bank/assisted/{REFUSED}/appeal", slip | {"reason": "还有一个档口"})
    assert ">还有一个档口</textarea>" in page
    assert page.count(f'name="paper" value="{PAPER["paper"]}"') == page.count('value="nobdy"') == 2
    wish = {"amount": "3千", "purpose_own": "买果苗", "by_people": "yes"}
    page = refused("/bank/assisted/merchants/6", wish)
    for part in ('value="3千"', 'value="买果苗"', 'name="by_people" value="yes" checked'):
        assert part in page
    page = refused("/bank/assisted/merchants/6/sales", slip | {"P108": "yes"})
    assert '<details class="card" open>' in page


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"read_aloud": ""}, "请先把费用读给客户听"),
        ({"paper": "x"}, "请写明签了哪份纸质文件、存放在哪里"),
        ({"witness": "rural-customer_manager-0"}, "须由经办人以外的另一人见证"),
        ({"witness": "rural-auditor-0"}, "须回避（见证纸质签字）"),
        ({"digest": "0" * 64}, "合同内容已有变化，请重新阅读后再签"),
    ],
)
def test_a_signature_on_paper_needs_everything(counter, changed, told):
    """Read aloud, paper, a witness who may, the text that was shown: else the case stays offered."""
    client = counter.client(Role.CUSTOMER_MANAGER)
    where = f"/bank/assisted/{OFFERED}"
    digest = client.get(where).context["digest"]
    sent = {"digest": digest, "read_aloud": "yes", "witness": "rural-reviewer-0"} | PAPER | changed
    (message,) = said(client.post(f"{where}/sign", sent))
    assert told in message
    assert counter.case(OFFERED).state == "offered"


def test_a_relative_neither_signs_nor_witnesses(counter):
    """Staff who are the customer's relatives stay away from both."""
    client = counter.client(Role.CUSTOMER_MANAGER)
    where = f"/bank/assisted/{OFFERED}"
    sent = {"digest": client.get(where).context["digest"], "read_aloud": "yes", "witness": "rural-reviewer-0"}
    for role in (Role.REVIEWER, Role.CUSTOMER_MANAGER):
        with counter.within():
            Merchant.objects.filter(merchant_id=APPROVED).update(relatives=[counter.actor(role).name])
        (message,) = said(client.post(f"{where}/sign", sent | PAPER))
        assert "须回避" in message
    assert counter.case(OFFERED).state == "offered"


def test_there_is_no_way_to_type_a_code_for_the_customer(counter):
    """The page of those who help has neither a code nor a field for one, though the desk is a demonstration."""
    page = counter.client(Role.CUSTOMER_MANAGER).get(f"/bank/assisted/{OFFERED}").content.decode()
    assert 'name="code"' not in page
    assert 'name="name"' not in page


def test_a_refusal_is_told_without_a_score(counter):
    """Reasons in words and the right to ask for people."""
    page = text_of(counter.client(Role.CUSTOMER_MANAGER).get(f"/bank/assisted/{REFUSED}"))
    assert "测算额度0.00元，低于起贷额500.00元" in page
    assert "客户可以要求人工重新审查" in page
    assert " 分；" not in page


def open_to_the_agent(number, merchant_id):
    """Every page that opens to a village agent, of a case and its merchant."""
    for path, view in addresses():
        if view.allows and Role.VILLAGE_AGENT in view.allows:
            yield filled(path.replace("<str:number>", number).replace("<str:merchant_id>", merchant_id))


def read_of(answer):
    """The words of a page or a workbook."""
    if "spreadsheetml" in answer.headers.get("Content-Type", ""):
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
        return " ".join(str(cell) for row in sheet.to_python() for cell in row)
    return text_of(answer) if answer.headers.get("Content-Type", "").startswith("text/html") else ""


def test_a_village_agent_sees_neither_score_nor_grade_nor_limit(counter):
    """On no page that opens to her, in no workbook or column that an address names, whatever became of her own cases."""
    with counter.within():
        Application.objects.update(filed_by=counter.actor(Role.VILLAGE_AGENT).name)
        made = {one.application.number: one for one in DecisionRecord.objects.select_related("application")}
    client, found, read = counter.client(Role.VILLAGE_AGENT), [], set()
    every = {f"/bank/?col={code}" for code in ("score", "limit", "granted", "waiting")}
    for number in (OFFERED, REFUSED, REVIEW):
        record, merchant_id = made[number], made[number].application.merchant_id
        judged = rf"(?<![\d.,]){record.score:.0f}(?:\.0)?(?![\d.,])|(?<![A-Za-z0-9_-]){record.grade}(?![A-Za-z0-9_-])"
        judged += "|评分|等级|政策额度|系统意见"
        for path in sorted({*every, *open_to_the_agent(number, merchant_id)}):
            words = read_of(client.get(path, follow=True))
            read |= {number} if number in words else set()
            found += [(path, one) for one in re.findall(judged, words)]
    assert (found, read) == ([], {OFFERED, REFUSED, REVIEW})
    assert "得分" not in text_of(client.get(f"/bank/assisted/{REFUSED}"))
    assert "评分" in text_of(counter.client(Role.CUSTOMER_MANAGER).get("/bank/?col=score"))


def test_a_refusal_is_appealed_on_paper_once(counter):
    """By staff who are no relatives, with her words, paper and witness; then no page promises another one."""
    with counter.within():
        Application.objects.filter(number=REFUSED).update(filed_by=counter.actor(Role.VILLAGE_AGENT).name)
    agent, where = counter.client(Role.VILLAGE_AGENT), f"/bank/assisted/{REFUSED}"
    manager, barred = counter.username(Role.CUSTOMER_MANAGER), counter.actor(Role.CUSTOMER_MANAGER, 1)
    sent = {"reason": "另有一半卖在批发市场", "witness": manager} | PAPER
    for changed, told in (
        ({"reason": " "}, "请写明哪里不对"),
        ({"paper": "x"}, "请写明签了哪份纸质文件"),
        ({"witness": counter.username(Role.VILLAGE_AGENT)}, "须由经办人以外的另一人见证"),
    ):
        assert told in said(agent.post(f"{where}/appeal", sent | changed))[0]
    with counter.within():
        Merchant.objects.filter(merchant_id=DECLINED).update(relatives=[barred.name])
    relative = counter.client(Role.CUSTOMER_MANAGER, 1)
    assert "您须回避" in text_of(relative.get(where))
    assert "须回避" in said(relative.post(f"{where}/appeal", sent))[0]
    assert counter.case(REFUSED).state == "declined"
    assert said(agent.post(f"{where}/appeal", sent)) == ["申诉已登记，由人工重新审查"]
    case = counter.case(REFUSED)
    assert (case.state, case.by_people) == ("review", True)
    with counter.within():
        assert case.opinions.last().reason == sent["reason"]
        line = Record.objects.get(action="lending.case.appeal_on_paper")
    assert (line.actor, line.reason) == (counter.actor(Role.VILLAGE_AGENT).name, PAPER["paper"])
    review(REFUSED, "decline", reason="查无", by=counter.actor(Role.REVIEWER), at=AT)
    decline(REFUSED, reason="批发市场的流水没有凭证", by=counter.actor(Role.APPROVER), at=AT)
    assert "申诉过" in said(agent.post(f"{where}/appeal", sent))[0]
    page = text_of(agent.get(where))
    assert "客户已申诉过一次，人工复查后仍未通过" in page
    assert "登记申诉" not in page
    own = browser(counter.user(Role.OWNER))
    with counter.within():
        Membership.objects.filter(user=counter.user(Role.OWNER)).update(bound_to=DECLINED)
    hers = text_of(own.get(f"/me/applications/{REFUSED}"))
    assert "审批人的理由：批发市场的流水没有凭证" in hers
    assert "您已申诉过一次，人工复查后仍未通过" in hers
    assert "可以要求人工重新审查" not in hers


def test_who_enrolled_without_a_number_is_verified_by_a_manager(counter):
    """The agent's page says who does it and where, and offers the agent no button that leads nowhere; then it goes on."""
    agent, manager = counter.client(Role.VILLAGE_AGENT), counter.client(Role.CUSTOMER_MANAGER)
    key = "7"
    agent.post("/bank/assisted", NEW | {"merchant_id": key, "identity_number": ""})
    where = agent.post(f"/bank/assisted/merchants/{key}", {"amount": "3000", "purpose": "种苗农资"}).url
    witness = {"witness": counter.username(Role.REVIEWER)}
    agent.post(f"{where}/consents", GIVEN | PAPER | witness)
    told = "请客户带身份证找客户经理"
    assert told in text_of(agent.get(where))
    assert "先核验身份 核验证件" not in text_of(agent.get(where))
    assert told in text_of(agent.get(f"/bank/assisted/merchants/{key}"))
    seen = {"number": "11010519491231002X", "without_end": "yes", "kept_at": "柜台档案 7"}
    assert said(manager.post(f"/bank/assisted/merchants/{key}/identity", seen)) == ["身份已核验"]
    assert "授权齐全，可以评估" in text_of(agent.get(where))


def test_others_have_no_business_there(counter):
    """A reviewer, an owner; a village agent with another's case; a merchant who is not there."""
    for role in (Role.REVIEWER, Role.OWNER, Role.AUDITOR):
        assert counter.client(role).get("/bank/assisted").status_code == 403
        assert counter.client(role).post(f"/bank/assisted/{FILED}/consents", GIVEN).status_code == 403
    agent = counter.client(Role.VILLAGE_AGENT)
    assert agent.get(f"/bank/assisted/{REVIEW}").status_code == 404
    assert agent.post(f"/bank/assisted/{FILED}/consents", GIVEN | PAPER).status_code == 404
    assert agent.get("/bank/assisted/merchants/999").status_code == 404
    page = agent.get("/bank/assisted/merchants/10")
    assert page.context["cases"] == []
    with counter.within():
        assert DecisionRecord.objects.count() == 4


def test_it_speaks_english(counter):
    """The key terms, and what the officer may not do."""
    page = text_of(counter.client(Role.CUSTOMER_MANAGER, language="en").get(f"/bank/assisted/{OFFERED}"))
    assert "you never agree, sign or type a code in their place" in page
    assert "You may borrow up to ¥5,000.00, drawn until 1 Jan 2027" in page
    assert "If all is drawn today, the interest comes to ¥123.73; season-fitted." in page


@pytest.mark.parametrize(
    ("more", "told"),
    [
        *(
            ({"merchant_id": key}, "商户编号须为 1 至 40 个")
            for key in ("", "a/b", "a b", "商户", "x" * 41, "..")
        ),
        ({"county": "３７１３０２"}, "不是 6 位数字的县代码"),
        ({"village": "３７１３０２００１２０１"}, "不是 12 位数字的村代码"),
        ({"crop": "x" * 31}, "31 个字，最多 30 个（crop）"),
        ({"telephone": "1" * 21}, "21 个字，最多 20 个（telephone）"),
        ({"platform": "p" * 41}, "41 个字，最多 40 个（platform）"),
    ],
)
def test_what_no_page_could_show_is_not_enrolled(counter, more, told):
    """A key that is no part of an address broke every page that listed the merchant; PostgreSQL refuses a long text."""
    client, new = counter.client(Role.CUSTOMER_MANAGER), NEW | {"merchant_id": "m-1"}
    (words,) = said(client.post("/bank/assisted", new | more))
    assert told in words
    with counter.within():
        assert not Merchant.objects.filter(holder__name=NEW["name"]).exists()
    assert client.get("/bank/assisted?text=王").status_code == 200


def test_of_two_who_enrol_at_once_one_is_told(postgresql, monkeypatch):
    """One merchant, and words for the other one; both have looked before either writes."""
    lender, meet, save = Lender(), threading.Barrier(2), Merchant.save
    by, who = lender.as_(Role.CUSTOMER_MANAGER), Enrolled("m-1", "farmer", "371302", "371302001201", "王桂兰")

    def together(merchant, **more):
        meet.wait(20)
        return save(merchant, **more)

    monkeypatch.setattr(Merchant, "save", together)
    first, second = sorted(
        in_threads(2, lambda _: enrol(who, by=by, at=AT)), key=lambda one: isinstance(one, ConflictError)
    )
    assert (first.merchant_id, type(second)) == ("m-1", ConflictError)


def test_relatives_on_the_staff_are_named_when_a_customer_is_enrolled(counter):
    """By sign-in names, which are kept as actors' names; a name that is nobody's is refused, and nobody is enrolled."""
    client, sent = (
        counter.client(Role.CUSTOMER_MANAGER),
        NEW | {"merchant_id": "new-1", "identity_number": ""},
    )
    two = f"{counter.username(Role.APPROVER, 1)}，{counter.username(Role.POST_LOAN)}"
    told = said(client.post("/bank/assisted", sent | {"relatives": f"{two} nobody-here"}))
    assert told == ["本机构没有用户名为“nobody-here”的人员，请填写同事的用户名"]
    assert client.post("/bank/assisted", sent | {"relatives": two}).url == "/bank/assisted/merchants/new-1"
    with counter.within():
        held = Merchant.objects.get(merchant_id="new-1").relatives
    assert held == [counter.actor(Role.APPROVER, 1).name, counter.actor(Role.POST_LOAN).name]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_consent_is_asked_for_in_one_sentence_wherever_it_is_asked(counter, language):
    """On her own phone and where it is read aloud to her: the purpose's own words, with its figures."""
    manager, her = (counter.client(role, language=language) for role in (Role.CUSTOMER_MANAGER, Role.OWNER))
    with counter.within():
        Application.objects.filter(number=OFFERED).update(state="withdrawn")
    loan, needed, sales = ("P103", "P103B", "P104"), ("P103", "P103B"), ("P108",)
    asked = [
        (manager.get(f"/bank/assisted/{FILED}"), loan),
        (manager.get(f"/bank/assisted/merchants/{APPROVED}"), sales),
        (her.get("/me/apply"), loan),
        (her.get("/me/consents"), sales),
    ]
    with counter.within():
        Application.objects.filter(number=OFFERED).update(state="filed")
    asked.append((her.get(f"/me/applications/{OFFERED}"), needed))
    for answer, codes in asked:
        words = text_of(answer)
        for code in codes:
            told = purpose_on(code, DAY).asked
            assert (told.en if language == "en" else told.zh) in words, (answer.request["PATH_INFO"], code)
    assert "近 36 个月的店铺交易、物流和评价" in purpose_on("P103", DAY).asked.zh


def test_the_countys_figures_of_sales_are_answered_beside_any_loan(counter):
    """Never among an application's consents; given and withdrawn by herself and on paper, each state told; a no needs no witness."""
    manager, her = counter.client(Role.CUSTOMER_MANAGER), counter.client(Role.OWNER)
    for client, where in (
        (her, "/me/apply"),
        (her, f"/me/applications/{OFFERED}"),
        (manager, f"/bank/assisted/{FILED}"),
    ):
        assert "P108" not in client.get(where, follow=True).content.decode()
    assert "P108" not in ASKED
    where, me = f"/bank/assisted/merchants/{APPROVED}", "/me/consents"
    heading = "县域经营统计（只出汇总数） · "
    asked = text_of(manager.get(where))
    assert f"{heading}从未答复" in asked
    assert "数据提供方：您经营所在、由您提供数据的平台。" in asked
    assert "联系方式：本机构柜台。" in asked
    witness = {"witness": counter.username(Role.REVIEWER)}
    assert said(manager.post(f"{where}/sales", PAPER | witness)) == ["请勾选客户的答复"]
    assert said(manager.post(f"{where}/sales", {"P108": "no"} | PAPER)) == ["答复已登记"]
    assert re.search(f"{heading}已拒绝 20", text_of(manager.get(where)))
    assert "没有用户名为" in said(manager.post(f"{where}/sales", {"P108": "yes", "witness": "x"} | PAPER))[0]
    assert said(manager.post(f"{where}/sales", {"P108": "yes"} | PAPER | witness)) == ["答复已登记"]
    assert re.search(f"{heading}已同意 20", text_of(manager.get(where)))
    hers = text_of(her.get(me))
    assert "同意统计" not in hers
    assert re.search(r"有效 有效期 20\S+日 至 20\S+日 告知书全文", hers)
    assert "撤回后不再统计您的数据；没有任何其他影响。 以前的答复（1） 已拒绝 · 20" in hers
    assert said(manager.post(f"{where}/sales", {"P108": "no"} | PAPER)) == ["答复已登记"]
    assert re.search(f"{heading}已撤回 20", text_of(manager.get(where)))
    offered = text_of(her.get(me))
    assert (
        her.get(me).content.decode().count("<h2>县域经营统计") == 1
    )  # the answer, and the way to another one
    assert "县域经营统计（只出汇总数） 已撤回" in offered
    assert "以前的答复（2） 已撤回 · 20" in offered
    assert f"评估 {OFFERED}" in offered
    assert "assess" not in offered
    assert "不同意没有任何影响" in offered
    assert "每月最多使用 3 次" in offered
    for _ in range(2):
        assert said(her.post(f"{me}/sales")) == ["已同意，随时可以撤回"]
    page = text_of(counter.client(Role.REVIEWER).get(f"/bank/applications/{OFFERED}"))
    assert "贷后预警" in page
    assert "县域经营统计" not in page  # who decides about her loan does not see it
    with counter.within():
        held = Consent.objects.filter(purpose="P108").order_by("id")
        assert [one.status for one in held] == ["rejected", "revoked", "active"]
        number = held[2].consent_id
    assert said(her.post(f"{me}/{number}/withdraw")) == ["已撤回，今后不再读取"]
    with counter.within():
        assert Consent.objects.get(consent_id=number).status == "revoked"
        assert Application.objects.get(number=OFFERED).state == "offered"
