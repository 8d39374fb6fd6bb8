"""`suixin.client` against a live server: what it reads is what the document says, what it writes is done once."""

import dataclasses
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from browsing import served_here
from house import AT
from journeys import APPROVED, Desk
from programs import Program

from suixin.client import ApiError, Bank, Money
from suixin.client import answers as shapes
from suixin.client.bank import _parts
from suixin.errors import AnswerError, UsageError
from suixin.server import tenancy
from suixin.server.identity.actions.revoke_client import revoke_client
from suixin.server.identity.models import Client, Token
from suixin.server.identity.roles import Role
from suixin.server.identity.scopes import Scope
from suixin.server.servicing.models import LoanEvent

DOCUMENT = json.loads((Path(__file__).parent / "openapi.json").read_text())["components"]["schemas"]
VIEWS = {"Application": "ApplicationView", "Decision": "DecisionView", "Loan": "LoanView"}
VIEWS |= {
    "Portfolio": "PortfolioView",
    "Vintage": "VintageView",
    "Reason": "ReasonView",
    "Settlement": "SettlementView",
}


@pytest.fixture(scope="module")
def house(lasting):
    """A bank with an application, two loans and a program, answering on loopback."""
    desk = Desk()
    desk.case_number = desk.assessed(APPROVED, amount=500_000).number
    desk.lent("L1", months=3)
    desk.lent("L2", months=3)
    program = Program(desk, requests_a_minute=100_000)
    with served_here() as address:
        yield desk, program, address


def bank_of(house, **more):
    _, program, address = house
    return Bank(address, program.client.client_id, program.secret, **more)


def test_every_field_of_the_document_is_a_field_of_a_record():
    """And no record has one that the server does not tell."""
    records = [one for one in vars(shapes).values() if dataclasses.is_dataclass(one)]
    assert len(records) == 22
    for record in records:
        told = set(DOCUMENT[VIEWS.get(record.__name__, record.__name__)]["properties"])
        assert {one.name for one in dataclasses.fields(record)} == told, record


def test_a_program_reads_and_writes_in_pythons_own_kinds(house):
    """Lists page by page, decimals and dates, a payment that is sent twice and done once, a schedule, a statement."""
    desk, *_ = house
    bank = bank_of(house, page_rows=1)
    assert [(loan.number, loan.principal) for loan in bank.loans()] == [
        (number, Money(Decimal("100000.00"), "CNY")) for number in ("L1", "L2")
    ]
    (case,) = bank.applications(state="offered")
    assert (case.number, case.asked, case.filed_on) == (
        desk.case_number,
        Money(Decimal("5000.00"), "CNY"),
        date(2026, 1, 1),
    )
    assert bank.application(case.number) == case
    why = bank.decision(case.number)
    assert (why.outcome, why.limit_parts != (), all(one.zh and one.en for one in why.reasons)) == (
        "approve",
        True,
        True,
    )
    paid = [bank.repay("L1", Money(Decimal(500), "CNY"), key="core-17") for _ in range(2)]
    assert paid[0] == paid[1]
    assert paid[0].amount == Money(Decimal("500.00"), "CNY")
    assert [one.amount.amount for one in bank.repayments("L1")] == [Decimal("500.00")]
    with tenancy.within(desk.organisation.pk):
        assert LoanEvent.objects.filter(loan__number="L1", kind="received").count() == 1
    assert [one.due_on for one in bank.schedule("L2")] == [date(2026, month, 1) for month in (2, 3, 4)]
    assert [one.kind for one in bank.statement("L2")] == ["drawn"]
    assert bank.loan("L2").payoff.total == Money(Decimal("100000.00"), "CNY")
    assert list(bank.settlements("L2")) == []
    whole = bank.portfolio()
    assert (whole.loans, whole.borrowers, whole.by_class[0].loans) == (2, 1, 2)


def test_a_refusal_is_an_error_with_its_code_and_parts(house):
    """What is not there, a key used for something else, a part that is wrong, a client without the scope."""
    desk, _, address = house
    bank = bank_of(house, sleep=lambda _: pytest.fail("nothing of this is tried again"))
    with pytest.raises(ApiError) as refused:
        bank.loan("../token")
    assert (refused.value.status, refused.value.code) == (404, "not_found")
    bank.repay("L2", Money(Decimal(7), "CNY"), key="once")
    with pytest.raises(ApiError) as refused:
        bank.repay("L2", Money(Decimal(8), "CNY"), key="once")
    assert (refused.value.status, refused.value.code) == (409, "conflict")
    with pytest.raises(ApiError) as refused:
        bank.repay("L2", Money(Decimal("0.001"), "CNY"), key="twice")
    assert (refused.value.code, refused.value.errors[0].where) == ("invalid", "body.amount.amount")
    reader = Program(desk, Scope.PORTFOLIO_READ)
    with pytest.raises(ApiError) as refused:
        next(Bank(address, reader.client.client_id, reader.secret).loans())
    assert (refused.value.status, refused.value.code) == (403, "scope")


def test_a_token_that_is_over_is_fetched_anew_and_a_revoked_client_is_told(house):
    """One request more, and no more: a client that is revoked gets its 401."""
    desk, _, address = house
    program = Program(desk, Scope.LOANS_READ)
    bank = Bank(address, program.client.client_id, program.secret, scopes=("loans:read",))
    assert bank.loan("L1").number == "L1"
    with tenancy.within(desk.organisation.pk):
        Token.objects.filter(client_id=program.client.pk).delete()
    assert bank.loan("L1").number == "L1"
    admin = desk.as_(Role.ADMINISTRATOR)
    revoke_client(program.client.client_id, by=admin, reason="gone", at=AT)
    with pytest.raises(ApiError) as refused:
        bank.loan("L1")
    assert (refused.value.status, refused.value.code) == (401, "unauthorised")


def test_who_asks_too_often_waits_as_long_as_the_server_says(house):
    """Retry-After is heard; when the minute is over the answer comes; with no try left the error does."""
    desk, _, address = house
    program = Program(desk, Scope.LOANS_READ, requests_a_minute=1)
    waits = []

    def waited(seconds):
        waits.append(seconds)
        with tenancy.within(desk.organisation.pk):  # meanwhile the house allows more
            Client.objects.filter(pk=program.client.pk).update(requests_a_minute=1_000)

    bank = Bank(address, program.client.client_id, program.secret, sleep=waited)
    assert bank.loan("L1").number == "L1"
    assert len(waits) == 1
    assert 1 <= waits[0] <= 60
    with tenancy.within(desk.organisation.pk):
        Client.objects.filter(pk=program.client.pk).update(requests_a_minute=1)
    with pytest.raises(ApiError) as refused:
        Bank(address, program.client.client_id, program.secret, tries=1).loan("L1")
    assert refused.value.code == "too_often"
    assert 1 <= refused.value.retry_after <= 60


def test_a_server_that_is_not_there_is_asked_again_and_told(house):
    """After 1, 2 and 4 seconds; another scheme than https is for this machine alone."""
    waits = []
    bank = Bank("http://127.0.0.1:9", "1-a", "s", sleep=waits.append)
    with pytest.raises(AnswerError, match=r"^http://127\.0\.0\.1:9 did not answer"):
        bank.loan("L1")
    assert waits == [1.0, 2.0, 4.0]
    for server in ("http://bank.example.com", "bank.example.com", "ftp://bank.example.com"):
        with pytest.raises(UsageError, match="is no server to ask"):
            Bank(server, "1-a", "s")


def test_a_push_is_parted_by_size_and_takes_pythons_own_kinds():
    """Lines whole, in their order, none above 4 MiB; a value that no row can hold is refused before anything is sent."""
    rows = [{"order_id": str(number), "note": "x" * 1_000_000} for number in range(9)]
    parts = list(_parts(rows))
    assert [part.count(b"\n") for part in parts] == [4, 4, 1]
    assert [json.loads(line) for part in parts for line in part.splitlines()] == rows
    kinds = {"amount": Decimal("128.50"), "on": date(2026, 1, 5), "at": AT, "none": None}
    assert json.loads(b"".join(_parts([kinds]))) == {
        "amount": "128.50",
        "on": "2026-01-05",
        "at": "2026-01-05T08:00:00+00:00",
        "none": None,
    }
    for wrong, said in (({"a": {1}}, "cannot stand in a row"), ({"a": "x" * 5_000_000}, "is larger than")):
        with pytest.raises(UsageError, match=said):
            list(_parts([wrong]))


@pytest.mark.parametrize(
    "change",
    [{"amount": 1}, {"amount": "x"}, {"currency": None}, {"amount": None}],
)
def test_an_answer_of_another_shape_is_refused(change):
    """Nothing is guessed; what a later server adds is left out."""
    right = {"amount": "1.00", "currency": "CNY"}
    assert shapes.read(Money, right | {"later": 1}) == Money(Decimal("1.00"), "CNY")
    with pytest.raises(AnswerError, match="is no Money of this client"):
        shapes.read(Money, right | change)
