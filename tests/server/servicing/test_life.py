"""A loan's life on the server, on both databases: what is asked for happens once, and what is refused writes nothing."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError
from house import AT, in_threads, moved, posted
from lender import DAY, NEXT, Lender

from suixin.errors import (
    AccessError,
    BusinessDateError,
    ConflictError,
    CurrencyError,
    LendingError,
    UsageError,
)
from suixin.ledger.balances import out_of_balance
from suixin.ledger.loan import Risk
from suixin.lending.amortise import build
from suixin.lending.class_facts import Flag
from suixin.lending.disaster import Disaster
from suixin.lending.lpr import LprTable, Reprice
from suixin.lending.periods import regular
from suixin.lending.prepay import Way
from suixin.lending.relief import Change
from suixin.lending.schedule import Method
from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity.access import Hands
from suixin.server.identity.roles import Role
from suixin.server.ledger import queries
from suixin.server.ledger.actions.advance import advance
from suixin.server.ledger.actions.open_book import open_book
from suixin.server.ledger.models import Transaction
from suixin.server.servicing import keeping, tie
from suixin.server.servicing import queries as queries_of_loans
from suixin.server.servicing.actions.accept import accept
from suixin.server.servicing.actions.authorise_sweep import authorise_sweep
from suixin.server.servicing.actions.charge import charge
from suixin.server.servicing.actions.declare_disaster import declare_disaster
from suixin.server.servicing.actions.disburse import disburse
from suixin.server.servicing.actions.end_day import end_day
from suixin.server.servicing.actions.extend import extend
from suixin.server.servicing.actions.flag import flag
from suixin.server.servicing.actions.open_facility import open_facility
from suixin.server.servicing.actions.receive import receive
from suixin.server.servicing.actions.refund import refund
from suixin.server.servicing.actions.relieve import relieve
from suixin.server.servicing.actions.renew import renew
from suixin.server.servicing.actions.reprice import reprice
from suixin.server.servicing.actions.return_sale import return_sale
from suixin.server.servicing.actions.settle import settle
from suixin.server.servicing.actions.take_back import take_back
from suixin.server.servicing.actions.withdraw import withdraw
from suixin.server.servicing.actions.write_off import write_off
from suixin.server.servicing.models import DayEnd, Loan, LoanEvent, Profile, Settlement
from suixin.server.servicing.repricing import Floats
from suixin.simulation.lives import APPLICANT


@pytest.fixture
def lender(database):
    return Lender()


def row(lender, number="L1"):
    with tenancy.within(lender.organisation.pk):
        return Loan.objects.get(book=lender.book, number=number)


def rows(lender, model):
    with tenancy.within(lender.organisation.pk):
        return model.objects.count()


def balances(lender):
    with tenancy.within(lender.organisation.pk):
        assert out_of_balance(queries.trial_balance(lender.book)) == {}
        return {
            (account, subject): minor
            for (account, subject, _), minor in queries.stored_balances(lender.book).items()
        }


def pays(lender, amount, key="p1", number="L1", on=None, **more):
    by = lender.as_(Role.POST_LOAN)
    held = {"currency": "CNY", **more}
    return receive(lender.book, number, amount, on=on or lender.day, key=key, by=by, at=AT, **held)


def test_a_first_month_is_kept_as_the_library_says(lender):
    contract = lender.lent()
    assert row(lender).state == Loan.State.ACTIVE
    first = build(contract.terms).rows[0]
    counts = lender.end((first.due_on - DAY).days)
    assert (counts["opened"], counts["broken"]) == (1, 0)
    assert balances(lender)["1303.02", "L1"] == 816_849
    told = pays(lender, first.total_fen)
    assert told["booked"] == ["L1/p1"]
    assert told["allocation"] == [
        ["due_interest", "2026-02-05", 36_250],
        ["due_principal", "2026-02-05", 816_849],
    ]
    held = balances(lender)
    assert held["1303.01", "L1"] == 10_000_000 - 816_849
    assert ("1303.02", "L1") not in held
    assert held["1002.01", ""] == -10_000_000 + 853_099
    assert held["6011.01", "L1"] == -36_250
    assert held["1304.01", "L1"] == -100_000


def test_arrears_class_allowance_write_off_and_recovery(lender):
    lender.lent()
    lender.end((date(2026, 2, 5) - DAY).days + 2)
    assert (row(lender).state, row(lender).five_class) == (Loan.State.ARREARS, 2)
    lender.end(91)
    held = row(lender)
    assert (held.five_class, held.books_state) == (3, "suspended")
    assert held.allowance_minor == -balances(lender)["1304.01", "L1"] == 2_600_000
    approver, other = lender.as_(Role.APPROVER), lender.as_(Role.APPROVER, 1)
    with pytest.raises(AccessError, match="second person"):
        write_off(lender.book, "L1", key="off", reason="fled", by=approver, second=approver, at=AT)
    write_off(lender.book, "L1", key="off", reason="fled", by=approver, second=other, at=AT)
    lender.end()
    assert row(lender).state == Loan.State.WRITTEN_OFF
    assert ("1304.01", "L1") not in balances(lender)
    pays(lender, 100_000, "r1")
    assert balances(lender)["6301.01", "L1"] == -100_000
    lender.end()


def test_a_payment_is_taken_in_once_and_a_key_stands_for_one(lender):
    lender.lent()
    first = pays(lender, 1_000)
    assert pays(lender, 1_000) == first
    assert rows(lender, LoanEvent) == 2
    with pytest.raises(ConflictError, match="was used before"):
        pays(lender, 1_001)
    assert rows(lender, LoanEvent) == 2


def test_a_payment_heard_of_late_and_one_taken_back(lender):
    """Backdating through the database is backdating in the library; the books tie after each."""
    lender.lent()
    lender.end((date(2026, 2, 5) - DAY).days + 10)
    late = balances(lender)["1132.03", "L1"]
    assert late > 0
    told = pays(lender, 853_099, on=date(2026, 2, 5))
    assert ("1132.03", "L1") not in balances(lender)
    lender.end()
    by = lender.as_(Role.POST_LOAN)
    back = take_back(lender.book, "L1", "p1", key="b1", reason="bounced", by=by, at=AT)
    assert back["booked"] == ["L1/p1/taken back", "L1/p1/taken back/reprocessed"]
    assert balances(lender)["1132.03", "L1"] > late
    assert take_back(lender.book, "L1", "p1", key="b1", reason="bounced", by=by, at=AT) == back
    with pytest.raises(LendingError, match="no event 'p1'"):
        take_back(lender.book, "L1", "p1", key="b2", reason="bounced", by=by, at=AT)
    lender.end()
    assert told["overpaid_minor"] == 0


@pytest.mark.parametrize(
    ("do", "error", "words"),
    [
        (lambda one: pays(one, 5, currency="USD"), CurrencyError, "is in USD; book main is in CNY"),
        (lambda one: pays(one, 5, number="L2"), LendingError, "before the loan is paid out"),
        (lambda one: pays(one, -5), UsageError, "not above 0"),
        (lambda one: pays(one, 0), UsageError, "not above 0"),
        (lambda one: pays(one, 5, on=DAY + NEXT), LendingError, "lies after the open day"),
        (lambda one: pays(one, 5, number="L9"), LendingError, "has no loan 'L9'"),
        (lambda one: one.disburse("L2", 9_999_999), LendingError, "begins with ¥100,000.00 on"),
        (lambda one: one.disburse("L3", 10_000_000), LendingError, "is offered; only an accepted"),
        (
            lambda one: charge(one.book, "L1", "management", 5, key="f", by=one.as_(Role.POST_LOAN), at=AT),
            LendingError,
            "not on the loan's cost table",
        ),
        (
            lambda one: refund(one.book, "L1", 5, key="f", by=one.as_(Role.POST_LOAN), at=AT),
            LendingError,
            "only ¥0.00 are held",
        ),
        (
            lambda one: end_day(one.book, DAY - NEXT, by=one.program, at=AT),
            BusinessDateError,
            "is at 2026-01-05, not 2026-01-04",
        ),
        (lambda one: one.contract(months=0), UsageError, "term of 0 months"),
        (
            lambda one: receive(
                one.book, "L1", 5, on=DAY, key="x", currency="CNY", by=one.as_(Role.AUDITOR), at=AT
            ),
            AccessError,
            "may not do this: receive a payment",
        ),
    ],
)
def test_what_is_refused_is_refused_by_name_and_writes_nothing(lender, do, error, words):
    lender.lent()
    lender.accepted(lender.contract("L2"))
    lender.offered(lender.contract("L3"))
    counts = [rows(lender, model) for model in (LoanEvent, Transaction, Record, DayEnd)]
    with pytest.raises(error, match=words):
        do(lender)
    assert [rows(lender, model) for model in (LoanEvent, Transaction, Record, DayEnd)] == counts


def test_a_closed_loan_takes_no_payment(lender):
    lender.lent(method=Method.INTEREST_FIRST)
    lender.end(3)
    owed = pays(lender, 20_000_000, "all", ahead=Way.KEEP)
    assert owed["owed_minor"] == -owed["overpaid_minor"] < 0
    with pytest.raises(LendingError, match="closed"):
        pays(lender, 5, "more")
    refund(lender.book, "L1", owed["overpaid_minor"], key="back", by=lender.as_(Role.POST_LOAN), at=AT)
    lender.end()
    assert row(lender).state == Loan.State.CLOSED
    assert not row(lender).is_live


def test_two_drawdowns_at_once_never_pass_the_limit(lender):
    """Eight at once of a third of the limit each: three are paid."""
    by = lender.as_(Role.APPROVER)
    open_facility(lender.book, "F1", "P1", 10_000_000, DAY, DAY + 365 * NEXT, by=by, at=AT)
    for number in range(8):
        lender.accepted(lender.contract(f"L{number}", principal=3_300_000), facility="F1")
    done = in_threads(8, lambda number: lender.disburse(f"L{number}", 3_300_000))
    assert sum(isinstance(one, dict) for one in done) == 3
    refused = [str(one) for one in done if not isinstance(one, dict)]
    assert len(refused) == 5
    assert all("passes the limit of facility F1: 9900000 of 10000000 are drawn" in one for one in refused)
    assert balances(lender)["1002.01", ""] == -9_900_000


def test_who_investigated_or_approved_does_not_pay_out(lender):
    lender.accepted(lender.contract())
    by = lender.as_(Role.DISBURSEMENT)
    with pytest.raises(AccessError):
        disburse(
            lender.book,
            "L1",
            10_000_000,
            key="d",
            by=by,
            at=AT,
            hands=Hands(approved_by=frozenset({by.name})),
        )
    with pytest.raises(AccessError):
        disburse(lender.book, "L1", 10_000_000, key="d", by=lender.as_(Role.ADMINISTRATOR), at=AT)


def test_sales_repay_the_loan_and_a_return_takes_it_back_exactly(lender):
    lender.lent()
    by = lender.as_(Role.CUSTOMER_MANAGER)
    held = authorise_sweep(
        lender.book,
        "L1",
        platform="mall",
        shop="S1",
        share_ppm=200_000,
        keep_minor=50_000,
        return_days=7,
        signed_on=DAY,
        signature="a" * 64,
        by=by,
        at=AT,
    )
    lender.end(2)
    sold = settle(held, 600_000, settled_on=lender.day, key="s1", by=lender.program, at=AT)
    assert settle(held, 600_000, settled_on=lender.day, key="s1", by=lender.program, at=AT).pk == sold.pk
    with pytest.raises(ConflictError):
        settle(held, 1, settled_on=lender.day, key="s1", by=lender.program, at=AT)
    settle(held, 40_000, settled_on=lender.day, key="small", by=lender.program, at=AT)
    before = balances(lender)
    lender.end(7)
    assert (
        balances(lender)["1002.01", ""] == before["1002.01", ""]
    )  # inside the return window nothing is withheld
    assert lender.end()["swept"] == 1  # the small one stays with the household
    after = balances(lender)
    assert after["1002.01", ""] == before["1002.01", ""] + 120_000
    assert after["1303.01", "L1"] < before["1303.01", "L1"]
    returned = return_sale(lender.book, sold, key="r1", reason="returned", by=lender.program, at=AT)
    assert (
        return_sale(lender.book, sold, key="r1", reason="returned", by=lender.program, at=AT).pk
        == returned.pk
    )
    gone = balances(lender)
    assert (gone["1002.01", ""], gone["1303.01", "L1"]) == (before["1002.01", ""], before["1303.01", "L1"])
    lender.end()


def swept(code, sales):
    """A loan with a fifth of its sales authorised, and settled sales whose return window is over tomorrow."""
    lender = Lender(code)
    lender.lent()
    held = authorise_sweep(
        lender.book,
        "L1",
        platform="mall",
        shop="S1",
        share_ppm=200_000,
        keep_minor=50_000,
        return_days=2,
        signed_on=DAY,
        signature="a" * 64,
        by=lender.as_(Role.CUSTOMER_MANAGER),
        at=AT,
    )
    sold = settle(held, sales, settled_on=lender.day, key="s1", by=lender.program, at=AT)
    return lender, held, sold


def back(lender, sold, key, sales_minor=None):
    asked = {
        "sales_minor": sales_minor,
        "key": key,
        "reason": "a crate came back",
        "by": lender.program,
        "at": AT,
    }
    return return_sale(lender.book, sold, **asked)


def test_a_part_of_a_settlement_comes_back_as_if_only_the_rest_had_been_sold(database):
    """Two nights later the loan stands as that of a shop that sold so much less; what came back is named, and once."""
    lender, _, sold = swept("more", 600_000)
    twin, *_ = swept("less", 450_000)
    for one in (lender, twin):
        one.end(5)
    assert balances(lender)["1002.01", ""] == balances(twin)["1002.01", ""] + 30_000
    found = back(lender, sold, "r1", 150_000)
    assert (found.state, found.withheld_minor, found.returned_minor) == ("swept", 90_000, 150_000)
    assert back(lender, sold, "r1", 150_000).returned_minor == 150_000
    for one in (lender, twin):
        one.end()
    assert balances(lender) == balances(twin)
    with tenancy.within(lender.organisation.pk):
        events = LoanEvent.objects.filter(loan__number="L1").order_by("id")
        assert list(events.values_list("key", "kind", "takes_back")) == [
            ("drawn", "drawn", ""),
            ("sweep 1 s1", "received", ""),
            ("r1", "taken back", "sweep 1 s1"),
            ("sweep 1 s1 -1", "received", ""),
        ]


def test_what_is_left_after_several_returns_is_what_the_household_keeps(lender):
    """Less than what stays with the household gives nothing, and all of it is a returned sale; no more can come back."""
    lender, held, sold = swept("parts", 600_000)
    lender.end(3)
    before = balances(lender)["1002.01", ""]
    back(lender, sold, "r1", 150_000)
    with pytest.raises(ConflictError, match="used before for something else"):
        back(lender, sold, "r1", 150_001)
    with pytest.raises(
        LendingError, match=r"¥4,500\.01 of settlement s1 cannot come back: ¥4,500\.00 of it are left"
    ):
        back(lender, sold, "r2", 450_001)
    for wrong in (0, -1):
        with pytest.raises(LendingError, match="cannot come back"):
            back(lender, sold, "r2", wrong)
    found = back(lender, sold, "r2", 420_000)
    assert (found.state, found.withheld_minor, found.returned_minor) == ("left", 0, 570_000)
    assert balances(lender)["1002.01", ""] == before - 120_000
    found = back(lender, sold, "r3")
    assert (found.state, found.returned_minor) == ("returned", 600_000)
    waiting = settle(held, 400_000, settled_on=lender.day, key="s2", by=lender.program, at=AT)
    assert back(lender, waiting, "r4", 100_000).state == "waiting"
    lender.end(3)
    with tenancy.within(lender.organisation.pk):
        assert Settlement.objects.get(key="s2").withheld_minor == 60_000


def test_a_part_that_was_never_withheld_takes_nothing_back(lender):
    """What closed the loan is less than the share: while the rest still gives it, the payment stays."""
    lender, _, sold = swept("closes", 100_000_000)
    lender.end(4)
    with tenancy.within(lender.organisation.pk):
        withheld = Settlement.objects.get(pk=sold.pk).withheld_minor
    assert (withheld, row(lender).state) == (10_002_417, Loan.State.CLOSED)
    assert back(lender, sold, "r1", 40_000_000).withheld_minor == withheld
    assert row(lender).state == Loan.State.CLOSED
    found = back(lender, sold, "r2", 30_000_000)
    assert (found.withheld_minor, row(lender).state) == (6_000_000, Loan.State.ACTIVE)
    lender.end(2)


def test_a_renewal_is_one_transaction_and_two_lives(lender):
    """The borrower pays the interest; in the renewal itself no money moves, and it qualifies."""
    old = lender.lent(method=Method.INTEREST_FIRST)
    lender.end(10)
    lender.accepted(lender.contract("L2", start=lender.day))
    by = lender.as_(Role.APPROVER)
    told = renew(lender.book, "L1", "L2", APPLICANT, key="n1", reason="good standing", by=by, at=AT)
    assert told["booked"] == ["L1/paid towards L2", "L1/renewed"]
    assert (told["qualifies"], told["failed"]) == (True, [])
    assert renew(lender.book, "L1", "L2", APPLICANT, key="n1", reason="good standing", by=by, at=AT) == told
    assert (row(lender).state, row(lender, "L2").state) == (Loan.State.RENEWED, Loan.State.ACTIVE)
    assert row(lender, "L2").flags == ["new_for_old", "qualifying_renewal"]
    assert balances(lender)["1002.01", ""] == -old.terms.principal_fen + 12_083
    with tenancy.within(lender.organisation.pk):
        ends = [queries_of_loans.statement(lender.book, number)[-1] for number in ("L1", "L2")]
    assert [(line.kind, line.owed_minor) for line in ends] == [("renewed", 0), ("renewed", 10_000_000)]
    lender.end(2)
    assert row(lender, "L2").five_class == 1


def test_an_extension_is_later_within_the_rules_and_agreed_by_two(lender):
    """Six months become nine; a maturity that is no later, or later than six months again, is refused and nothing written."""
    contract = lender.lent(method=Method.INTEREST_FIRST, months=6)
    first = build(contract.terms).rows[0]
    lender.end((first.due_on - DAY).days)
    pays(lender, first.interest_fen)
    by, other = lender.as_(Role.APPROVER), lender.as_(Role.APPROVER, 1)
    asked = {"difficulty": False, "key": "e1", "reason": "a late harvest", "by": by, "at": AT}
    with pytest.raises(AccessError, match="second person"):
        extend(lender.book, "L1", regular(lender.day, 8), second=by, **asked)
    with pytest.raises(UsageError, match="an extension to 2026-07-05 is not later than 2026-07-05"):
        extend(lender.book, "L1", regular(lender.day, 5), second=other, **asked)
    with pytest.raises(UsageError, match="an extension to 2027-02-05 is longer than the rules allow"):
        extend(lender.book, "L1", regular(lender.day, 12), second=other, **asked)
    told = extend(lender.book, "L1", regular(lender.day, 8), second=other, **asked)
    assert told["concessions"] == ["later_maturity"]
    assert (told["restructured"], told["over_limit"]) == (False, False)
    assert extend(lender.book, "L1", regular(lender.day, 8), second=other, **asked) == told
    with pytest.raises(ConflictError):
        extend(lender.book, "L1", regular(lender.day, 7), second=other, **asked)
    with tenancy.within(lender.organisation.pk):
        held = keeping.read(Loan.objects.get(number="L1"), with_events=True)
        assert held.account.course.terms.periods[-1].due_on == date(2026, 10, 5)
        reasons = Record.objects.filter(action="lending.loan.relieve").values_list("reason", flat=True)
        assert list(reasons) == [f"a late harvest ({other.name})"]
    lender.end(2)
    assert (row(lender).five_class, row(lender).state) == (1, Loan.State.ACTIVE)


def test_a_restructuring_needs_two_people_and_is_watched(lender):
    """Special-mention the same night, and until its watch is over."""
    contract = lender.lent(method=Method.INTEREST_FIRST)
    first = build(contract.terms).rows[0]
    lender.end((first.due_on - DAY).days)
    pays(lender, first.interest_fen)
    by, other = lender.as_(Role.APPROVER), lender.as_(Role.APPROVER, 1)
    asked = {"difficulty": True, "key": "r1", "reason": "hail", "by": by, "at": AT}
    wanted = Change(annual_rate=Decimal("0.03"))
    with pytest.raises(AccessError, match="second person"):
        relieve(lender.book, "L1", wanted, second=by, **asked)
    told = relieve(lender.book, "L1", wanted, second=other, **asked)
    assert (told["concessions"], told["restructured"]) == (["lower_rate"], True)
    assert relieve(lender.book, "L1", wanted, second=other, **asked) == told
    assert row(lender).state == Loan.State.RESTRUCTURED
    lender.end(2)
    assert (row(lender).five_class, row(lender).restructurings) == (2, 1)
    assert row(lender).restructured_on == [first.due_on.isoformat()]


def test_a_hailstorm_freezes_the_loans_of_its_townships_and_crops(lender):
    """A batch of two people: dates move, nothing falls due, and who is left out is told why."""
    lender.lent("L1")
    lender.lent("L2")
    by, other = lender.as_(Role.APPROVER), lender.as_(Role.APPROVER, 1)
    hail = Disaster(
        event="hail 2026-3",
        source="county notice 7",
        townships=frozenset({"371302001"}),
        crops=frozenset(),
        first_on=DAY + 2 * NEXT,
        last_on=date(2026, 4, 30),
        made_by=by.name,
        checked_by=other.name,
    )
    lender.end(3)
    lender.lent("L3")  # after it struck
    with pytest.raises(AccessError, match="signed by others"):
        declare_disaster(lender.book, hail, key="h1", by=other, second=by, at=AT)
    told = declare_disaster(lender.book, hail, key="h1", by=by, second=other, at=AT)
    assert told["relieved"] == {"L1": "2027-04-05", "L2": "2027-04-05"}
    assert told["excluded"] == {"L3": "later"}
    assert declare_disaster(lender.book, hail, key="h1", by=by, second=other, at=AT) == told
    lender.end(40)
    held = balances(lender)
    assert ("1303.02", "L1") not in held  # nothing fell due on 5 February
    assert held["1303.02", "L3"] > 0
    assert held["1132.01", "L1"] > 0  # interest ran on


def test_what_a_loan_carries_never_changes(lender):
    lender.lent()
    with (
        pytest.raises(DatabaseError, match=r"rows stay as they are"),
        tenancy.within(lender.organisation.pk),
    ):
        Profile.objects.update(purpose="other")


def test_a_break_between_loan_and_ledger_is_listed(lender):
    """Planted: a posting to a loan's account that is no event of the loan."""
    lender.lent()
    posted(lender.book, lender.program, moved("by hand", 7, subject="L1", day=lender.day))
    with tenancy.within(lender.organisation.pk):
        found = tie.breaks(lender.book)
    assert [tuple(one) for one in found] == [("L1", "1303.01", 10_000_000, 10_000_007)]


def test_nothing_is_written_to_loans_while_the_day_ends(lender):
    lender.lent()
    with tenancy.within(lender.organisation.pk):
        DayEnd(book=lender.book, day=lender.day, step="close", began_at=AT).save()
    with pytest.raises(BusinessDateError, match="is ending 2026-01-05; try again"):
        pays(lender, 5)
    lender.end()  # goes on where it stopped
    pays(lender, 5)
    assert lender.day - DAY == timedelta(days=1)


def test_the_same_number_and_key_in_another_book_is_another_loan(lender):
    """Loan numbers are a book's own; so are the keys of what is asked."""
    lender.lent()
    first = lender.book
    with tenancy.within(lender.organisation.pk):
        administrator = lender.as_(Role.ADMINISTRATOR)
    lender.book = open_book("two", "CNY", DAY, by=administrator, at=AT)
    lender.lent()
    assert balances(lender)["1303.01", "L1"] == 10_000_000
    lender.book = first
    assert balances(lender)["1303.01", "L1"] == 10_000_000


def test_asked_again_on_the_next_day_it_is_the_same_drawdown(lender):
    """A client that timed out over midnight must not draw twice."""
    lender.accepted(lender.contract())
    told = lender.disburse("L1", 10_000_000)
    lender.end()
    assert lender.disburse("L1", 10_000_000) == told
    with tenancy.within(lender.organisation.pk):
        DayEnd(book=lender.book, day=lender.day, step="close", began_at=AT).save()
    assert lender.disburse("L1", 10_000_000) == told  # while the day ends, too


def test_a_drawdown_taken_back_leaves_nothing_and_takes_who_may_draw(lender):
    lender.lent()
    lender.end(2)
    by = lender.as_(Role.POST_LOAN)
    asked = {"key": "b1", "reason": "wrong loan", "at": AT}
    with pytest.raises(AccessError, match="pay a loan out"):
        take_back(lender.book, "L1", "drawn", by=by, **asked)
    both = replace(by, granted=by.granted | {"lending.loan.disburse"})
    take_back(lender.book, "L1", "drawn", by=both, **asked)
    assert row(lender).state == Loan.State.ACCEPTED
    lender.end()
    assert balances(lender) == {}
    assert not row(lender).is_live


def test_a_write_off_is_taken_back_by_two_people(lender):
    lender.lent()
    lender.end((date(2026, 2, 5) - DAY).days + 2)
    approver, other = lender.as_(Role.APPROVER), lender.as_(Role.APPROVER, 1)
    write_off(lender.book, "L1", key="off", reason="fled", by=approver, second=other, at=AT)
    both = replace(approver, granted=approver.granted | {"lending.payment.take_back"})
    asked = {"key": "b1", "reason": "found", "by": both, "at": AT}
    with pytest.raises(AccessError, match="second person"):
        take_back(lender.book, "L1", "off", **asked)
    take_back(lender.book, "L1", "off", second=other, **asked)
    assert row(lender).state == Loan.State.ARREARS
    lender.end()


def test_one_leg_of_a_renewal_is_not_taken_back_alone(lender):
    lender.lent(method=Method.INTEREST_FIRST)
    lender.end(10)
    lender.accepted(lender.contract("L2", start=lender.day))
    renew(lender.book, "L1", "L2", APPLICANT, key="n1", reason="", by=lender.as_(Role.APPROVER), at=AT)
    by = lender.as_(Role.POST_LOAN)
    with pytest.raises(LendingError, match="one leg of a renewal"):
        take_back(lender.book, "L1", "renewed by L2", key="b", reason="x", by=by, at=AT)


def test_a_renewal_keeps_to_its_facility(lender):
    lender.lent(method=Method.INTEREST_FIRST)
    by = lender.as_(Role.APPROVER)
    open_facility(lender.book, "F1", "P1", 5_000_000, DAY, DAY + 365 * NEXT, by=by, at=AT)
    lender.end(10)
    lender.accepted(lender.contract("L2", start=lender.day), facility="F1")
    with pytest.raises(LendingError, match="passes the limit of facility F1"):
        renew(lender.book, "L1", "L2", APPLICANT, key="n1", reason="", by=by, at=AT)


def test_who_offered_a_loan_does_not_pay_it_out(lender):
    lender.accepted(lender.contract())
    by = lender.as_(Role.APPROVER)
    both = replace(by, granted=by.granted | {"lending.loan.disburse"})
    with pytest.raises(AccessError, match="another person pays it out"):
        disburse(lender.book, "L1", 10_000_000, key="d", by=both, at=AT)


def test_an_offer_stands_for_one_thing_and_can_be_withdrawn(lender):
    contract = lender.contract()
    lender.offered(contract)
    lender.offered(contract)
    with pytest.raises(ConflictError, match="offered before with other terms"):
        lender.offered(contract, risk=Risk(Decimal("0.1"), Decimal("0.1"), Decimal("0.4")))
    with pytest.raises(CurrencyError, match="is in USD"):
        lender.offered(lender.contract("L2", currency="USD"))
    with pytest.raises(LendingError, match="without '/'"):
        lender.offered(lender.contract("L/2"))
    withdraw(lender.book, "L1", reason="went away", by=lender.as_(Role.APPROVER), at=AT)
    with pytest.raises(LendingError, match="is withdrawn; only an open offer"):
        accept(lender.book, "L1", signature="0" * 64, by=lender.as_(Role.CUSTOMER_MANAGER), at=AT)
    with pytest.raises(LendingError, match="without '/'"):
        pays(lender, 5, "2026-01-08/accrued")


def test_a_book_with_loans_moves_with_its_nights_alone(lender):
    lender.lent()
    by, other = lender.as_(Role.ADMINISTRATOR), lender.as_(Role.ADMINISTRATOR, 1)
    with pytest.raises(BusinessDateError, match="its date moves with their nights"):
        advance(lender.book, DAY + NEXT, by=by, second=other, at=AT)


def test_a_rate_set_by_hand_on_the_day_stays(lender):
    """Between the turn of the date and the repricing a person may have set the rate."""
    start = date(2025, 12, 20)
    lender = Lender("floats", opened_on=start)
    contract = lender.contract(method=Method.INTEREST_FIRST)
    lender.accepted(contract, floats=Floats(Reprice.NEW_YEAR, 100, 12))
    lender.accepted(
        lender.contract("L2", method=Method.INTEREST_FIRST), floats=Floats(Reprice.NEW_YEAR, 100, 12)
    )
    for number in ("L1", "L2"):
        lender.disburse(number, 10_000_000)
    table = LprTable.from_rows([{"published_on": "2025-12-20", "one_year": "3%", "five_years": "3.5%"}])
    lender.end(11)
    with pytest.raises(LendingError, match="2 loans are repriced on 2026-01-01; give the table"):
        end_day(lender.book, lender.day, by=lender.program, at=AT)
    reprice(lender.book, "L1", Decimal("0.05"), key="by hand", by=lender.program, at=AT)
    assert lender.end(lpr=table)["repriced"] == 1
    with tenancy.within(lender.organisation.pk):
        rates = [
            keeping.read(row(lender, n), with_events=True).account.course.terms.rate_on(lender.day)
            for n in ("L1", "L2")
        ]
    assert rates == [Decimal("0.05"), Decimal("0.04")]


def test_a_quote_closes_the_loan_and_the_statement_adds_up_to_it(lender):
    lender.lent(charges={"notary": 5_000})
    lender.end(10)
    charge(lender.book, "L1", "notary", 700, key="n", by=lender.as_(Role.POST_LOAN), at=AT)
    lender.end(25)
    with tenancy.within(lender.organisation.pk):
        quote = queries_of_loans.payoff(lender.book, "L1")
        lines = queries_of_loans.statement(lender.book, "L1")
        later = queries_of_loans.payoff(lender.book, "L1", lender.day + 5 * NEXT)
        with pytest.raises(LendingError, match="is over"):
            queries_of_loans.payoff(lender.book, "L1", DAY)
    assert [line.kind for line in lines] == ["drawn", "interest", "charged", "interest"]
    assert lines[-1].owed_minor == quote.total_minor
    assert (quote.principal_minor, quote.fees_minor) == (10_000_000, 700)
    assert later.total_minor > quote.total_minor
    pays(lender, quote.total_minor, ahead=Way.KEEP)
    assert row(lender).state == Loan.State.CLOSED
    with tenancy.within(lender.organisation.pk):
        assert queries_of_loans.statement(lender.book, "L1")[-1].owed_minor == 0
        assert queries_of_loans.payoff(lender.book, "L1").total_minor == 0


def test_a_flag_is_classed_the_same_night_and_the_allowance_follows(lender):
    """Spent on another purpose: special-mention, without a day past due; taken away, normal again."""
    lender.lent()
    by = lender.as_(Role.POST_LOAN)
    with pytest.raises(LendingError, match="without a reason"):
        flag(lender.book, "L1", [Flag.MISUSE], reason="", by=by, at=AT)
    lender.end(2)
    flag(lender.book, "L1", [Flag.MISUSE], reason="visit 3", by=by, at=AT)
    flag(lender.book, "L1", [Flag.MISUSE], reason="visit 3", by=by, at=AT)
    lender.end()
    assert (row(lender).five_class, row(lender).allowance_minor) == (2, 300_000)
    flag(lender.book, "L1", [], reason="paid back", by=by, at=AT)
    lender.end()
    assert (row(lender).five_class, balances(lender)["1304.01", "L1"]) == (1, -100_000)
