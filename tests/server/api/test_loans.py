"""Loans by the API: what is told of them, what comes in for them, and that a write is done once."""

import pytest
from house import AT, in_threads
from lender import Lender
from programs import Program, yuan

from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity.roles import Role
from suixin.server.identity.scopes import Scope
from suixin.server.servicing.actions.authorise_sweep import authorise_sweep
from suixin.server.servicing.models import LoanEvent, Settlement

ZERO = yuan("0.00")
REPAYMENTS, SETTLEMENTS = "/loans/L1/repayments", "/loans/L1/settlements"


def lent(months=3):
    lender = Lender()
    lender.lent(months=months)
    return lender, Program(lender)


def test_a_loan_is_told_in_decimals_fractions_and_dates(database):
    """As the pages know it: rate, dates, what closes it; the schedule sums to what was lent."""
    lender, program = lent()
    loan = {
        "number": "L1",
        "borrower": "P1",
        "state": "active",
        "five_class": 1,
        "drawn": yuan("100000.00"),
        "principal": yuan("100000.00"),
        "allowance": ZERO,
        "annual_rate": "0.0435",
        "days_past_due": 0,
        "classed_on": "2026-01-04",
        "granted_on": "2026-01-05",
        "next_due_on": "2026-02-05",
    }
    assert program.get("/loans") == (200, {"business_on": "2026-01-05", "items": [loan], "next": None})
    lender.end(2)
    status, detail = program.get("/loans/L1")
    assert (status, detail["purpose"], detail["payoff"]) == (
        200,
        "seedlings",
        {
            "on": "2026-01-07",
            "principal": yuan("100000.00"),
            "interest": yuan("24.17"),
            "late": ZERO,
            "fees": ZERO,
            "held": ZERO,
            "total": yuan("100024.17"),
        },
    )
    rows = program.get("/loans/L1/schedule")[1]["instalments"]
    assert [(row["due_on"], row["principal"]["amount"], row["interest"]["amount"]) for row in rows] == [
        ("2026-02-05", "33212.79", "362.50"),
        ("2026-03-05", "33333.19", "242.10"),
        ("2026-04-05", "33454.02", "121.27"),
    ]
    assert rows[-1]["balance"] == ZERO
    lines = program.get("/loans/L1/statement")[1]["lines"]
    assert [(one["booked_on"], one["kind"], one["owed"]["amount"]) for one in lines] == [
        ("2026-01-05", "drawn", "100000.00"),
        ("2026-01-06", "interest", "100024.17"),
    ]
    late = program.get("/loans/L1/statement", first_on="2026-01-06")[1]["lines"]
    assert late == lines[1:]
    assert program.get("/loans/L1/statement", first_on="1767571200")[0] == 422
    assert program.get("/loans/L2")[0] == program.get("/loans/L2/statement")[0] == 404


def test_a_repayment_is_taken_in_once(sqlite):
    """The same key is answered again; another body is a conflict; the log and the event name the client."""
    lender, program = lent()
    lender.end(31)
    paid = {"amount": yuan("33575.29")}
    first = program.post(REPAYMENTS, paid, key="core-17")
    due = "2026-02-05"
    assert first == (
        201,
        {
            "loan": "L1",
            "key": f"api {program.client.pk} core-17",
            "amount": yuan("33575.29"),
            "on": due,
            "parts": [
                {"to": "due_interest", "due_on": due, "amount": yuan("362.50")},
                {"to": "due_principal", "due_on": due, "amount": yuan("33212.79")},
            ],
            "held": ZERO,
            "owed": yuan("66787.21"),
        },
    )
    assert program.post(REPAYMENTS, paid, key="core-17") == first
    status, problem = program.post(REPAYMENTS, paid | {"on": "2026-02-04"}, key="core-17")
    assert (status, problem["code"]) == (409, "conflict")
    listed = program.get(REPAYMENTS)[1]["items"]
    assert [(one["key"], one["amount"], one["source"], one["taken_back"]) for one in listed] == [
        (f"api {program.client.pk} core-17", yuan("33575.29"), "borrower", False)
    ]
    other = Program(lender)
    assert other.post(REPAYMENTS, {"amount": yuan("1.00")}, key="core-17")[0] == 201
    with tenancy.within(lender.organisation.pk):
        assert [row.by for row in LoanEvent.objects.filter(kind="received")] == [program.name, other.name]
        log = Record.objects.filter(action="lending.payment.receive").order_by("pk")
        assert list(log.values_list("actor", flat=True)) == [program.name, other.name]


def test_of_many_at_once_one_repayment_is_booked(postgresql):
    """A sender that lost the answer may send it again while the first is still under way."""
    lender, program = lent()
    program.headers()

    def work(_):
        twin = object.__new__(Program)
        twin.__dict__ = {**vars(program)}
        return twin.post(REPAYMENTS, {"amount": yuan("500.00")}, key="again")

    answers = in_threads(5, work)
    assert [status for status, _ in answers] == [201] * 5
    assert all(answer == answers[0] for answer in answers)
    with tenancy.within(lender.organisation.pk):
        assert LoanEvent.objects.filter(kind="received").count() == 1


@pytest.mark.parametrize(
    ("sent", "status", "code", "where"),
    [
        ({"amount": {"amount": "1.00", "currency": "USD"}}, 422, "refused", None),  # the book's is CNY
        ({"amount": yuan("0.00")}, 422, "refused", None),
        ({"amount": yuan("1.00"), "on": "2026-01-06"}, 422, "refused", None),  # a day that has not come
        ({"amount": yuan("1.00"), "on": "2025-01-01"}, 422, "refused", None),  # before the loan was paid out
        ({"amount": yuan("-1.00")}, 422, "invalid", "body.amount.amount"),
        ({"amount": yuan("1.005")}, 422, "invalid", "body.amount.amount"),
        ({"amount": yuan("1e3")}, 422, "invalid", "body.amount.amount"),
        (
            {"amount": {"amount": 1, "currency": "CNY"}},
            422,
            "invalid",
            "body.amount.amount",
        ),  # no float, ever
        ({"amount": yuan("1.00"), "note": "x"}, 422, "invalid", "body.note"),
        ({}, 422, "invalid", "body.amount"),
        (b"{", 400, "unreadable", None),
        *(
            ({"amount": yuan("1.00"), "on": on}, 422, "invalid", "body.on")
            for on in (
                1_767_225_600,
                20_260_105,
                "1767225600",
                "2026-01-05T00:00:00",
                "2026-1-5",
                "２０２６-01-05",
            )
        ),
        (b'{"amount": {"amount": "1.00", "currency": "CNY", "amount": "2.00"}}', 400, "unreadable", None),
    ],
)
def test_a_repayment_that_cannot_be_is_refused(lasting, sent, status, code, where):
    """With the part that is wrong, and nothing written; the wrong value is not told back."""
    if not hasattr(lasting, "program"):
        lasting.lender, lasting.program = lent()
    found, problem = lasting.program.post(REPAYMENTS, sent)
    assert (found, problem["code"]) == (status, code)
    assert [one["where"] for one in problem.get("errors", [])] == ([where] if where else [])
    with tenancy.within(lasting.lender.organisation.pk):
        assert LoanEvent.objects.filter(kind="received").count() == 0


def test_a_write_without_a_key_is_refused(sqlite):
    """Or with one that no name of a transaction can bear."""
    _, program = lent()
    for key in (None, "a/b", "a b", "x" * 61, "钥"):
        status, problem = program.post(REPAYMENTS, {"amount": yuan("1.00")}, key=key)
        assert (status, problem["errors"][0]["where"]) == (422, "header.Idempotency-Key"), key


def test_a_settlement_is_taken_in_under_the_borrowers_word(sqlite):
    """Once for the platform's own name; a shop that nobody signed for is refused."""
    lender, program = lent()
    signed = {"share_ppm": 200_000, "keep_minor": 100, "return_days": 7, "signature": "0" * 64}
    by = lender.as_(Role.POST_LOAN)
    authorise_sweep(
        lender.book, "L1", platform="mall", shop="s1", signed_on=lender.day, by=by, at=AT, **signed
    )
    sold = {"platform": "mall", "shop": "s1", "settlement": "S-1", "sales": yuan("5000.00")}
    sold |= {"settled_on": "2026-01-05"}
    taken = {
        **sold,
        "loan": "L1",
        "due_on": "2026-01-12",
        "state": "waiting",
        "withheld": ZERO,
        "returned": ZERO,
    }
    assert program.post(SETTLEMENTS, sold) == (201, taken)
    assert program.post(SETTLEMENTS, sold, key="another") == (201, taken)
    assert program.get(SETTLEMENTS) == (200, {"items": [taken], "next": None})
    wrong = [
        (sold | {"sales": yuan("5000.01")}, 409),
        (sold | {"shop": "s2"}, 422),
        (sold | {"settlement": "S-2", "settled_on": "2026-01-06"}, 422),
        (sold | {"settlement": "S-3", "settled_on": "9999-12-31"}, 422),
        (sold | {"settlement": "S-4", "settled_on": "2026-01-04"}, 422),
    ]
    for number, (sent, status) in enumerate(wrong):
        assert program.post(SETTLEMENTS, sent, key=f"wrong-{number}")[0] == status, sent
    lender.end(8)
    assert program.get(SETTLEMENTS)[1]["items"][0]["withheld"] == yuan("1000.00")
    with tenancy.within(lender.organisation.pk):
        assert Settlement.objects.count() == 1
        log = Record.objects.filter(action="lending.sweep.settle")
        assert list(log.values_list("actor", flat=True)) == [program.name]


def test_a_list_goes_on_where_it_stopped_whatever_comes_meanwhile(sqlite):
    """Each row once, the oldest first; a cursor of another list, or a made-up one, is refused."""
    lender = Lender()
    for number in range(5):
        lender.offered(lender.contract(f"L{number}", months=1))
    program = Program(lender)

    def numbers(**asked):
        page = program.get("/loans", limit=2, **asked)[1]
        return [one["number"] for one in page["items"]], page["next"]

    first, cursor = numbers()
    assert first == ["L0", "L1"]
    lender.offered(lender.contract("L9", months=1))
    second, following = numbers(cursor=cursor)
    assert (second, numbers(cursor=cursor)) == (["L2", "L3"], (second, following))
    assert numbers(cursor=following) == (["L4", "L9"], None)
    assert program.get("/loans", state="active")[1]["items"] == []
    status, problem = program.get("/loans", sate="active")
    assert (status, problem["errors"]) == (422, [{"where": "query.sate", "what": "is not asked here"}])
    assert len(program.get("/loans", state="offered", borrower="P1")[1]["items"]) == 6
    for wrong in (
        {"cursor": "YWJj"},
        {"cursor": "====="},
        {"cursor": cursor[:-3]},
        {"limit": 0},
        {"limit": 201},
    ):
        assert program.get("/loans", **wrong)[0] == 422, wrong
    assert program.get("/applications", cursor=cursor)[1]["code"] == "cursor"


def test_the_portfolio_is_tied_to_the_ledger_and_names_nobody(sqlite):
    """The figures of the bank's own page."""
    _, program = lent()
    status, held = program.get("/portfolio")
    assert (status, held["business_on"], held["loans"], held["borrowers"]) == (200, "2026-01-05", 1, 1)
    assert held["principal"] == held["ledger_principal"] == yuan("100000.00")
    assert held["at_risk"][0] == {"days": 30, "principal": ZERO, "share": 0.0}
    assert [(one["code"], one["loans"]) for one in held["by_days_past_due"]] == [
        ("0", 1),
        ("1-30", 0),
        ("31-60", 0),
        ("61-90", 0),
        ("91-", 0),
    ]
    assert [(one["quarter"], one["ever_late"]) for one in held["vintages"]] == [("2026Q1", 0)]
    assert b"P1" not in program.answer.content


def test_a_scope_opens_what_it_names_and_no_more(sqlite):
    """What it lacks is told, by its name."""
    lender = Lender()
    lender.lent(months=1)
    reader = Program(lender, Scope.LOANS_READ)
    assert reader.get("/loans/L1")[0] == 200
    status, problem = reader.post(REPAYMENTS, {"amount": yuan("1.00")})
    assert (status, problem["code"], problem["detail"]) == (
        403,
        "scope",
        "the token lacks the scope repayments:write",
    )
    assert 'scope="repayments:write"' in reader.answer.headers["WWW-Authenticate"]
    assert (reader.get("/portfolio")[0], reader.get("/applications")[0]) == (403, 403)
