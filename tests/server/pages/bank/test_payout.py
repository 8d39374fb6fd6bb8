"""Paying out: a third person does, once."""

import pytest
from counter import APPROVED, OFFERED, Counter, said, text_of
from house import AT

from suixin.errors import LendingError
from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity.models import Membership
from suixin.server.identity.roles import Role
from suixin.server.origination.actions.draw import draw
from suixin.server.origination.models import Opinion
from suixin.server.servicing.models import Loan, SweepAuthorisation
from suixin.underwriting.policy import Policy


def accepted(counter, monkeypatch):
    """A loan that the policy may not pay out by itself."""
    monkeypatch.setattr(Policy, "authority_minor", lambda *_: 0)
    counter.sign(OFFERED)
    return draw(OFFERED, 300_000, key="k", by=counter.owner(APPROVED), at=AT)


def test_a_third_person_pays_out_once(counter, monkeypatch):
    """It waits in the queue of who pays out; a second tap pays nothing more."""
    loan = accepted(counter, monkeypatch)
    client = counter.client(Role.DISBURSEMENT)
    home = client.get("/bank/")
    assert home.context["payouts"] == 1
    assert counter.client(Role.REVIEWER).get("/bank/").context["payouts"] == 0
    assert f"{loan} 张4 3,000.00元" in text_of(client.get("/bank/payouts"))
    for _ in range(2):
        assert said(client.post(f"/bank/payouts/{loan}")) == ["已放款"]
    with counter.within():
        assert [(one.state, one.principal_minor) for one in Loan.objects.all()] == [("active", 300_000)]
    assert "没有待放款的借款" in text_of(client.get("/bank/payouts"))


def test_those_that_were_ticked_are_paid_out_each_by_itself(counter, monkeypatch):
    """Not before somebody says that the amounts were compared; one that is none stops none of the others, and is told."""
    loan = accepted(counter, monkeypatch)
    client = counter.client(Role.DISBURSEMENT)
    sent = {"loan": [loan, "L0"], "question": "township=371302"}
    answer = client.post("/bank/payouts/chosen", sent)
    assert answer.url == "/bank/payouts?township=371302"
    assert said(answer) == ["2 项没有办理：请确认已核对合同与金额"]
    told = said(client.post("/bank/payouts/chosen", sent | {"sure": "yes"}))
    assert told == ["已放款 1 笔", "1 项没有办理：没有贷款 L0"]
    assert counter.client(Role.AUDITOR).post("/bank/payouts/chosen", sent).status_code == 403
    with counter.within():
        assert [(one.state, one.principal_minor) for one in Loan.objects.all()] == [("active", 300_000)]


def test_who_had_the_case_in_another_hand_does_not_pay(counter, monkeypatch):
    """Not the reviewer who has the other role too, not a relative, not a stranger; the auditor looks on."""
    loan = accepted(counter, monkeypatch)
    with counter.within():
        user = counter.user(Role.REVIEWER)
        Membership(user=user, role=Role.DISBURSEMENT, granted_at=AT).save()
        case = counter.case(OFFERED)
        Opinion(
            application=case, stage="review", verdict="approve", by=f"user:{user.pk}", on=case.filed_on, at=AT
        ).save()
    (told,) = said(counter.client(Role.REVIEWER).post(f"/bank/payouts/{loan}"))
    assert told.endswith("须回避（放款）")
    assert counter.client(Role.AUDITOR).get("/bank/payouts").status_code == 200
    for role in (Role.AUDITOR, Role.APPROVER, Role.OWNER):
        assert counter.client(role).post(f"/bank/payouts/{loan}").status_code == 403
    theirs = Counter("theirs").staffed(Role.DISBURSEMENT)
    assert theirs.client(Role.DISBURSEMENT).post(f"/bank/payouts/{loan}").status_code == 404
    with tenancy.within(counter.organisation.pk):
        assert Loan.objects.get().state == "accepted"


def test_what_waits_is_taken_from_the_line_and_can_be_given_up(counter, monkeypatch):
    """Of 5,000 yuan 3,000 wait: no more than 2,000 can be drawn beside them; given up, the line is whole and nothing is swept."""
    monkeypatch.setattr(Policy, "authority_minor", lambda *_: 0)
    counter.sign(OFFERED)
    owner = counter.owner(APPROVED)
    loan = draw(OFFERED, 300_000, key="k", by=owner, at=AT, from_sales=True)
    with pytest.raises(LendingError, match=r"¥2,000\.00 may still be drawn"):
        draw(OFFERED, 300_000, key="l", by=owner, at=AT)
    hers = counter.client(Role.OWNER)
    home = text_of(hers.get("/me/"))
    told = ("还可以用 2,000.00元", f"{loan} 待放款 3,000.00元", "借款已还清")
    assert [one in home for one in told] == [True, True, False]
    assert "撤回这笔用款" in text_of(hers.get(f"/me/loans/{loan}"))
    client, where = counter.client(Role.DISBURSEMENT), f"/bank/loans/{loan}/give-up"
    assert said(client.post(where, {"reason": " "})) == ["请填写原因"]
    for _ in range(2):
        assert said(client.post(where, {"reason": "客户账户已注销"})) == ["已撤回，额度已恢复"]
    assert said(client.post(f"/bank/payouts/{loan}")) == [f"借款 {loan} 现在不能放款（未签约，或已放款）"]
    assert "还可以用 5,000.00元" in text_of(hers.get("/me/"))
    assert "这笔用款已撤回，没有放款" in text_of(hers.get(f"/me/loans/{loan}"))
    second = draw(OFFERED, 500_000, key="m", by=owner, at=AT)
    assert said(hers.post(f"/me/loans/{second}/give-up")) == ["已撤回，额度已恢复"]
    with counter.within():
        assert {one.state for one in Loan.objects.all()} == {"withdrawn"}
        assert SweepAuthorisation.objects.get().ended_on is not None
        given_up = Record.objects.filter(action="lending.loan.withdraw").order_by("pk")
        assert [(one.actor, one.reason) for one in given_up] == [
            (counter.actor(Role.DISBURSEMENT).name, "客户账户已注销"),
            (counter.actor(Role.OWNER).name, "客户本人撤回"),
        ]
