"""A loan's page, and what each role does with it: once, with a message, or not at all."""

import re
from datetime import date

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from house import AT
from lender import DAY, NEXT
from screens import PASSWORD, Screens

from suixin.lending.documents import EVENTS
from suixin.lending.schedule import Method
from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity.roles import Role
from suixin.server.servicing.actions.authorise_sweep import authorise_sweep
from suixin.server.servicing.actions.open_facility import open_facility
from suixin.server.servicing.actions.receive import receive
from suixin.server.servicing.actions.settle import settle
from suixin.server.servicing.easing import Ease, tried
from suixin.server.servicing.models import Facility, Loan, LoanEvent

DUE = date(2026, 2, 5)


@pytest.fixture
def house(sqlite):
    made = Screens()
    made.lend("L1")
    return made


def events(house):
    with tenancy.within(house.organisation.pk):
        return list(LoanEvent.objects.order_by("id").values_list("kind", "by", "reason"))


def key_of(text):
    return re.search(r'name="key" value="([0-9a-f]{16})"', text)[1]


def to_due_date(house):
    house.end((DUE - DAY).days)


def test_the_page_says_all_of_it(house):
    """Numbers, schedule, statement, timeline, payoff, class and what the loan carries, in both languages."""
    to_due_date(house)
    text = house.page(Role.AUDITOR, "/bank/loans/L1")
    for said in (
        "100,000.00元",
        "8,530.99元",
        "逾期 0 天",
        "催收：应还未还",
        "农户",
        "seedlings",
        "全部由本行承担",
    ):
        assert said in text, said
    assert text.count(">未到期<") == 11
    assert '<form method="post" action="/bank' not in text  # an auditor changes nothing
    text = house.page(Role.AUDITOR, "/bank/loans/L1?payoff_on=2026-03-05", lang="en")
    assert "special mention" not in text
    assert "5 Mar 2026" in text
    text = house.page(Role.AUDITOR, "/bank/loans/L1?payoff_on=2026-01-01", lang="en")
    assert "2026-01-01 is over; ask for 2026-02-05 or a later day" in text
    assert house.page(Role.AUDITOR, "/bank/loans/none", status=404)


def test_a_payment_at_the_counter_comes_in_once(house):
    """The same form twice; then it is taken back with a reason, and without one it is not."""
    to_due_date(house)
    text = house.page(Role.POST_LOAN, "/bank/loans/L1")
    form = {"amount": "8,530.99", "on": "2026-02-05", "way": "", "key": key_of(text)}
    for _ in range(2):
        told = house.send(Role.POST_LOAN, "/bank/loans/L1/receive", form)
        assert told == ("/bank/loans/L1", ["已收款"])
    assert [kind for kind, *_ in events(house)] == ["drawn", "received"]
    assert house.loan().principal_minor == 9_183_151
    back = {"key": "k1", "event": f"counter {form['key']}", "reason": ""}
    _, said = house.send(Role.POST_LOAN, "/bank/loans/L1/take-back", back)
    assert said == ["请写明冲回的原因"]
    for _ in range(2):
        told = house.send(Role.POST_LOAN, "/bank/loans/L1/take-back", back | {"reason": "转账退回"})
        assert told == ("/bank/loans/L1", ["已冲回，之后的账已重算"])
    by = house.actor(Role.POST_LOAN).name
    assert events(house)[2:] == [("taken back", by, "转账退回")]
    assert house.loan().principal_minor == 10_000_000
    text = house.page(Role.POST_LOAN, "/bank/loans/L1")
    assert "转账退回" in text
    assert f"{Role.POST_LOAN.label}0" in text
    assert (
        text.count('还款 <span class="badge">冲回</span>') == 1
    )  # in the statement, beside the payment itself


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"amount": "many"}, "“many”不是金额，请用数字填写，如 30000"),
        ({"amount": "1", "on": "yesterday"}, "“yesterday”不是日期，请写成 2026-03-01"),
        ({"amount": "1", "way": "never"}, "请选择多还的部分怎么处理"),
        ({"amount": "0"}, None),
        ({"amount": "1", "key": "a/b"}, None),
    ],
)
def test_what_is_refused_is_told_and_writes_nothing(house, form, said):
    held = {"amount": "1", "on": "", "way": "", "key": "k"} | form
    status, told = house.send(Role.COLLECTION, "/bank/loans/L1/receive", held)
    assert status == 200
    assert len(told) == 1
    assert said is None or told == [said]
    assert len(events(house)) == 1


def test_a_payment_that_is_refused_keeps_what_it_was_to_do(house):
    """Whoever asked for lower instalments does not get the money held for a second try."""
    form = {"amount": "many", "on": "2026-01-04", "way": "lower", "key": "k"}
    text = house.client(Role.COLLECTION).post("/bank/loans/L1/receive", form).content.decode()
    for part in ('value="many"', 'name="on" value="2026-01-04"', '<option value="lower" selected>'):
        assert part in text


def test_what_came_too_much_is_given_back(house):
    """At the counter no more is taken than closes it; what came by itself beyond that is told, and refunded once."""
    _, told = house.send(Role.COLLECTION, "/bank/loans/L1/receive", {"amount": "200000", "key": "k"})
    assert told == ["借款 L1 今天还 100,000.00元 即可结清，请不要超过"]
    money = {"on": DAY, "key": "transfer", "currency": "CNY", "by": house.program, "at": AT}
    receive(house.book, "L1", 10_050_000, **money)
    text = house.page(Role.POST_LOAN, "/bank/loans/L1")
    assert "退还（元），最多 500.00元" in text
    assert "/refund" not in house.page(Role.COLLECTION, "/bank/loans/L1")
    sent = {"amount": "500", "key": key_of(text)}
    for _ in range(2):
        assert house.send(Role.POST_LOAN, "/bank/loans/L1/refund", sent) == (
            "/bank/loans/L1",
            ["已登记退还"],
        )
    assert [kind for kind, *_ in events(house)] == ["drawn", "received", "refunded"]
    assert "退还（元）" not in house.page(Role.POST_LOAN, "/bank/loans/L1")


def test_each_form_is_for_its_roles(house):
    """Any other role of the house is turned away by 403, and nothing is written."""
    may = {
        "receive": {Role.POST_LOAN, Role.COLLECTION},
        "take-back": {Role.POST_LOAN},
        "refund": {Role.POST_LOAN},
        "give-up": {Role.DISBURSEMENT, Role.CUSTOMER_MANAGER},
        "pay-out": {Role.DISBURSEMENT},
        "freeze": {Role.APPROVER, Role.COMMITTEE, Role.POST_LOAN},
        "write-off": {Role.APPROVER, Role.COMMITTEE},
        "relief": {Role.APPROVER, Role.COMMITTEE},
    }
    for verb, roles in may.items():
        for role in set(Role) - roles:
            assert house.client(role).post(f"/bank/loans/L1/{verb}").status_code == 403, (verb, role)
        assert house.client(Role.APPROVER).post(f"/bank/loans/none/{verb}").status_code in {403, 404}, verb
    assert len(events(house)) == 1


def test_the_desk_pays_out_what_waits_for_it(database):
    """Once, by somebody who neither offered the loan nor saw it signed."""
    house = Screens()
    house.accepted(house.contract("L2"))
    text = house.page(Role.DISBURSEMENT, "/bank/loans/L2")
    assert "待放款：由放款岗核对后支付" in text
    assert house.send(Role.DISBURSEMENT, "/bank/loans/L2/pay-out", {}) == ("/bank/loans/L2", ["已放款"])
    assert house.send(Role.DISBURSEMENT, "/bank/loans/L2/pay-out", {}) == ("/bank/loans/L2", ["已放款"])
    assert [kind for kind, *_ in events(house)] == ["drawn"]
    assert house.loan("L2").principal_minor == 10_000_000
    house.offered(house.contract("L3"))
    _, said = house.send(Role.DISBURSEMENT, "/bank/loans/L3/pay-out", {})
    assert said == ["借款 L3 现在不能放款（未签约，或已放款）"]


def test_a_line_is_frozen_and_released_with_a_reason(house):
    by = house.as_(Role.APPROVER)
    open_facility(house.book, "F1", "P1", 20_000_000, DAY, DAY + 365 * NEXT, by=by, at=AT)
    house.accepted(house.contract("L2"), facility="F1")
    freeze = {"frozen": "yes", "reason": "预警"}
    assert house.send(Role.POST_LOAN, "/bank/loans/L2/freeze", freeze)[1] == ["额度已冻结"]
    _, said = house.send(Role.DISBURSEMENT, "/bank/loans/L2/pay-out", {})
    assert said == ["额度 F1 已冻结，解冻前不能用款"]
    assert house.send(Role.POST_LOAN, "/bank/loans/L2/freeze", freeze | {"reason": ""}, lang="en")[1] == [
        "There is no credit line, or no reason is given"
    ]
    assert house.send(Role.APPROVER, "/bank/loans/L2/freeze", {"frozen": "no", "reason": "查明"})[1] == [
        "额度已解冻"
    ]
    assert "预警" in house.page(Role.AUDITOR, "/bank/loans/L2")
    with tenancy.within(house.organisation.pk):
        assert not Facility.objects.get().frozen
        done = Record.objects.filter(action="lending.facility.freeze").order_by("id")
        assert list(done.values_list("reason", flat=True)) == ["预警", "查明"]


def test_two_people_write_off(house):
    """Not one alone, not by a wrong password, not with a colleague who may not; then once."""
    house.person(Role.APPROVER, 1, PASSWORD)
    house.person(Role.REVIEWER, 1, PASSWORD)
    form = {"reason": "失联", "key": "k", "second": "rural-approver-1", "password": PASSWORD}
    wrong = "复核人的用户名或密码不正确"
    for held, said in (
        (form | {"password": "guessed it"}, wrong),
        (form | {"second": "nobody"}, wrong),
        (
            form | {"second": "rural-reviewer-1"},
            "复核人没有办理此事的权限，或因经手过本案的其他环节而须回避（核销）",
        ),
        (form | {"reason": ""}, "请写明核销原因"),
    ):
        assert house.send(Role.APPROVER, "/bank/loans/L1/write-off", held) == ("/bank/loans/L1", [said])
    assert house.send(Role.APPROVER, "/bank/loans/L1/write-off", form, number=1)[1] == [
        "须由另一位有权人员复核"
    ]
    assert len(events(house)) == 1
    for _ in range(2):
        assert house.send(Role.APPROVER, "/bank/loans/L1/write-off", form)[1] == ["已核销，债权仍在"]
    second = house.actor(Role.APPROVER, 1).name
    assert events(house)[1:] == [("written off", house.actor(Role.APPROVER).name, f"失联 ({second})")]
    assert house.loan().state == "written_off"


def test_relief_is_tried_and_then_done_by_two(house):
    """The page works it out and writes nothing; two people do it, once."""
    house.person(Role.APPROVER, 1, PASSWORD)
    to_due_date(house)
    ask = {"annual_rate": "3", "more_months": "12", "grace_periods": "", "take_in": "", "difficulty": "yes"}
    query = "&".join(f"{name}={value}" for name, value in ask.items())
    _, said = house.send(Role.APPROVER, "/bank/loans/L1/relief", ask)
    assert said == ["复核人的用户名或密码不正确"]
    pay = {"amount": "8530.99", "on": "", "way": "", "key": "k"}
    house.send(Role.POST_LOAN, "/bank/loans/L1/receive", pay)
    text = house.page(Role.APPROVER, f"/bank/loans/L1/relief?{query}")
    for part in ("重组贷款，进入观察期", "降低利率", "延后到期", "2028年1月5日"):
        assert part in text, part
    assert len(events(house)) == 2
    form = ask | {"reason": "雹灾", "key": key_of(text), "second": "rural-approver-1", "password": PASSWORD}
    for _ in range(2):
        told = house.send(Role.APPROVER, "/bank/loans/L1/relief", form)
        assert told == ("/bank/loans/L1", ["还款条件已变更"])
    assert [kind for kind, *_ in events(house)] == ["drawn", "received", "replanned"]
    held = house.loan()
    assert (held.state, held.rate_ppm, held.restructurings) == ("restructured", 30_000, 1)
    house.end()
    assert house.loan().five_class == 2


@pytest.mark.parametrize("kind", [*EVENTS, "interest", "renewed", "reprocessed"])
def test_every_line_of_a_statement_has_words(kind):
    """Whatever the ledger books for a loan; none shows the ledger's own name for it."""
    for lang in ("zh-hans", "en"):
        with translation.override(lang):
            told = render_to_string("parts/line.html", {"kind": kind}).strip()
        assert told
        assert told != kind


def test_it_was_never_less_late_than_it_is(house):
    """The row counts days past due only when it changes; the page says no longest that is shorter than today's."""
    to_due_date(house)
    house.end(50)
    days = re.search(r"逾期 (\d+) 天，截至", house.page(Role.AUDITOR, "/bank/loans/L1"))[1]
    assert house.loan().worst_days < int(days)
    assert f"<dt>最长逾期</dt><dd>{days} 天</dd>" in house.page(Role.AUDITOR, "/bank/loans/L1")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("difficulty=no", "nothing is asked for"),
        ("difficulty=no&more_months=37", "37 months more"),
        ("difficulty=&more_months=1", "Say whether the borrower"),
        ("difficulty=no&annual_rate=low", "&#x27;low&#x27; is no rate"),
        ("difficulty=no&annual_rate=3.12345", "3.12345 % is no rate of at most four decimals"),
        ("difficulty=no&more_months=1", "is not settled; choose a due date"),
    ],
)
def test_relief_that_is_none_is_refused_in_words(house, query, said):
    house.end()
    assert said in house.page(Role.COMMITTEE, f"/bank/loans/L1/relief?{query}", lang="en")


def test_more_months_keep_the_day_of_the_month(sqlite):
    """From 31 January: 28 February, 31 March, 30 April; a bullet's one date moves, and bears interest to it."""
    house = Screens(opened_on=date(2026, 1, 31))
    house.lend("E1", months=1)
    house.lend("B1", months=1, method=Method.BULLET)
    with tenancy.within(house.organisation.pk):
        longer = tried(Loan.objects.get(number="E1"), Ease(more_months=2), house.day, difficulty=False).rows
        later = tried(Loan.objects.get(number="B1"), Ease(more_months=2), house.day, difficulty=False).rows
    assert [one.due_on for one in longer] == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    assert [(one.due_on, one.interest_fen) for one in later] == [
        (date(2026, 4, 30), 107_542)
    ]  # 89 days, ACT/360


def test_the_sweep_and_what_it_withheld(house):
    by = house.as_(Role.POST_LOAN)
    held = authorise_sweep(
        house.book, "L1", platform="mall", shop="s1", share_ppm=200_000, keep_minor=10_000, return_days=7,
        signed_on=DAY, signature="1" * 64, by=by, at=AT,
    )  # fmt: skip
    settle(held, 500_000, settled_on=DAY, key="s1", by=house.program, at=AT)
    text = house.page(Role.CUSTOMER_MANAGER, "/bank/loans/L1")
    assert "每笔扣 20.00%，每笔至少留 100.00元，退货期 7 天" in text
    assert "待过退货期" in text
    house.end(8)
    text = house.page(Role.CUSTOMER_MANAGER, "/bank/loans/L1", lang="en")
    assert "swept" in text
    assert "¥1,000.00" in text
