"""What is told, by whom and when: each action writes its event in its own transaction, with the topic's data and no more."""

import json
import re
from pathlib import Path

import pytest
from house import AT
from journeys import APPROVED, DECLINED, Desk
from lender import DAY, NEXT, Lender

from suixin.errors import UsageError
from suixin.lending.disaster import Disaster
from suixin.lending.prepay import Way
from suixin.scoring.watch.rules import parse_rules, shipped_rules
from suixin.server import tenancy
from suixin.server.identity.roles import Role
from suixin.server.origination.actions.draw import draw
from suixin.server.outbox.models import Message
from suixin.server.servicing.actions.authorise_sweep import authorise_sweep
from suixin.server.servicing.actions.charge import charge
from suixin.server.servicing.actions.declare_disaster import declare_disaster
from suixin.server.servicing.actions.receive import receive
from suixin.server.servicing.actions.return_sale import return_sale
from suixin.server.servicing.actions.settle import settle
from suixin.server.servicing.actions.take_back import take_back
from suixin.server.servicing.queries import payoff
from suixin.server.sharing.actions.withdraw import withdraw
from suixin.server.sharing.models import Consent
from suixin.server.watching.actions.watch import watch
from suixin.server.webhooks.topics import TOPICS, news, rate_of, sum_of


def told(lender):
    """(topic, data) of every message, in their order."""
    with tenancy.within(lender.organisation.pk):
        return list(Message.objects.order_by("pk").values_list("topic", "payload"))


def yuan(amount):
    return {"amount": amount, "currency": "CNY"}


def paid(lender, amount, key):
    by = lender.as_(Role.POST_LOAN)
    return receive(
        lender.book, "L1", amount, on=lender.day, key=key, currency="CNY", by=by, at=AT, ahead=Way.KEEP
    )


def test_a_loans_events_are_told_as_they_happen(sqlite):
    """Drawn, paid, taken back, paid off: amounts, what is left, the state; a fee is another change; what is refused is not told."""
    lender = Lender()
    lender.lent(principal=1_000_000, charges={"notary": 5_000})
    paid(lender, 100_000, "p1")
    take_back(lender.book, "L1", "p1", key="b1", reason="it bounced", by=lender.as_(Role.POST_LOAN), at=AT)
    charge(lender.book, "L1", "notary", 500, key="f1", by=lender.as_(Role.POST_LOAN), at=AT)
    with pytest.raises(UsageError):
        paid(lender, -1, "p2")
    with tenancy.within(lender.organisation.pk):
        owed = payoff(lender.book, "L1").total_minor
    paid(lender, owed, "p3")
    found = told(lender)
    assert [topic for topic, _ in found] == [
        "loan.drawn",
        "repayment.received",
        "repayment.taken_back",
        "loan.changed",
        "repayment.received",
        "loan.repaid",
    ]
    her = {"loan": "L1", "merchant_id": "P1"}
    assert found[1][1] == her | {
        "key": "p1",
        "amount": yuan("1000.00"),
        "source": "borrower",
        "on": "2026-01-05",
        "principal": yuan("9000.00"),
        "state": "active",
    }
    assert found[2][1] == her | {
        "key": "p1",
        "on": "2026-01-05",
        "principal": yuan("10000.00"),
        "state": "active",
    }
    assert found[3][1]["what"] == "fee.charge"
    assert found[5][1] == her | {"on": "2026-01-05", "state": "closed"}


def test_a_platform_is_told_how_to_part_a_settlement_and_of_a_payment_made_smaller(sqlite):
    """Once its window is over: to the lender, to the merchant; a crate that comes back takes the payment back and pays less."""
    lender = Lender()
    lender.lent()
    held = authorise_sweep(
        lender.book,
        "L1",
        platform="mall",
        shop="S1",
        share_ppm=200_000,
        keep_minor=50_000,
        return_days=1,
        signed_on=DAY,
        signature="a" * 64,
        by=lender.as_(Role.CUSTOMER_MANAGER),
        at=AT,
    )
    sold = settle(held, 600_000, settled_on=DAY, key="s1", by=lender.program, at=AT)
    settle(held, 40_000, settled_on=DAY, key="small", by=lender.program, at=AT)
    lender.end(2)
    found = [(topic, data) for topic, data in told(lender) if topic == "settlement.split"]
    assert [(data["settlement"], data["withheld"], data["left"]) for _, data in found] == [
        ("s1", yuan("1200.00"), yuan("4800.00")),
        ("small", yuan("0.00"), yuan("400.00")),
    ]
    assert {name: found[0][1][name] for name in ("loan", "platform", "shop", "sales", "returned")} == {
        "loan": "L1",
        "platform": "mall",
        "shop": "S1",
        "sales": yuan("6000.00"),
        "returned": yuan("0.00"),
    }
    before = len(told(lender))
    return_sale(lender.book, sold, sales_minor=100_000, key="r1", reason="a crate", by=lender.program, at=AT)
    (gone, less) = told(lender)[before:]
    assert (gone[0], gone[1]["key"]) == ("repayment.taken_back", "sweep 1 s1")
    assert (less[0], less[1]["key"], less[1]["amount"]) == (
        "repayment.received",
        "sweep 1 s1 -1",
        yuan("1000.00"),
    )


def test_a_disaster_tells_of_every_loan_that_it_relieves(sqlite):
    """And of no other."""
    lender = Lender()
    lender.lent("L1")
    lender.lent("L2")
    by, other = lender.as_(Role.APPROVER), lender.as_(Role.COMMITTEE)
    hail = Disaster(
        event="hail 2026-3",
        source="county notice 7",
        townships=frozenset({"371302001"}),
        crops=frozenset(),
        first_on=DAY + NEXT,
        last_on=DAY + 100 * NEXT,
        made_by=by.name,
        checked_by=other.name,
    )
    lender.end(2)
    declare_disaster(lender.book, hail, key="h1", by=by, second=other, at=AT)
    found = [data for topic, data in told(lender) if topic == "relief.granted"]
    assert found == [
        {"loan": number, "merchant_id": "P1", "key": "h1", "on": "2026-01-07"} for number in ("L1", "L2")
    ]


def test_a_cases_events_tell_identifiers_and_no_names(sqlite):
    """Granted, signed, drawn, an alert, a consent withdrawn, a decline: and in none of it a name, a telephone or an identity number."""
    desk = Desk()
    case = desk.signed(APPROVED, amount=500_000)
    draw(case.number, 300_000, key="k", by=desk.owner(APPROVED), at=AT)
    sharp = parse_rules(shipped_rules().text.replace("from_points: 36", "from_points: 3"), "tests")
    watch(desk.book, by=desk.program, at=AT, rules=sharp)
    with tenancy.within(desk.organisation.pk):
        consent = Consent.objects.get(merchant_id=APPROVED, purpose="P104").consent_id
    for _ in range(2):
        withdraw(consent, by=desk.owner(APPROVED), at=AT)
    desk.assessed(DECLINED, amount=500_000)
    found = told(desk)
    assert [topic for topic, _ in found] == [
        "application.decided",
        "offer.signed",
        "loan.drawn",
        "alert.raised",
        "consent.withdrawn",
        "application.decided",
    ]
    by_topic = dict(found[:5])
    rate = by_topic["application.decided"].pop("annual_rate")
    assert re.fullmatch(r"0\.\d{2,6}", rate)
    assert by_topic["application.decided"] == {
        "application": case.number,
        "merchant_id": APPROVED,
        "outcome": "granted",
        "granted": yuan("5000.00"),
        "on": "2026-01-01",
    }
    assert by_topic["offer.signed"]["limit"] == yuan("5000.00")
    assert by_topic["consent.withdrawn"] == {"consent": consent, "merchant_id": APPROVED, "purpose": "P104"}
    assert by_topic["alert.raised"]["loan"] == by_topic["loan.drawn"]["loan"] == "F2026-000001-01"
    assert (found[5][1]["outcome"], found[5][1]["granted"], found[5][1]["annual_rate"]) == (
        "declined",
        None,
        None,
    )
    assert "张" not in json.dumps(found, ensure_ascii=False)


def test_the_page_has_every_topic_with_its_data():
    """Who hears a topic finds there what it tells."""
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "hear-by-webhooks.md").read_text(encoding="utf-8")
    for name, topic in TOPICS.items():
        data = "; ".join(f"`{field}` {said}" for field, said in topic.data.items())
        assert f"| `{name}` {topic.zh} | {topic.en} | {data} |" in page


def test_a_topic_takes_its_own_data_and_nothing_else():
    """A slip that would tell a name, or leave the sum out, is a fault of the program and stops it."""
    right = dict.fromkeys(TOPICS["consent.withdrawn"].data, "x")
    assert news("consent.withdrawn", "k", **right).payload == right
    for wrong in (right | {"name": "张三"}, {"consent": "x"}):
        with pytest.raises(
            TypeError, match=r"consent\.withdrawn tells \['consent', 'merchant_id', 'purpose'\]"
        ):
            news("consent.withdrawn", "k", **wrong)
    with pytest.raises(TypeError):
        news("consent.gone", "k", **right)
    assert (sum_of(-1, "CNY"), rate_of(43_500), rate_of(0)) == (yuan("-0.01"), "0.0435", "0.0")
