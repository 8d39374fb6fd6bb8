"""A loan in the lender's hands: every change is one balanced transaction, and corrections need no rules of their own."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suixin.errors import ConflictError, LendingError
from suixin.ledger.balances import fold as balances
from suixin.ledger.end_of_day import end_of_day
from suixin.ledger.servicing import (
    Loan,
    Risk,
    happen,
    journal_order,
    lessen,
    night,
    renew,
    take_back,
    taken_on,
)
from suixin.lending.account import fold
from suixin.lending.class_rules import FiveClass
from suixin.lending.contract import Contract
from suixin.lending.events import Drawn, Received, WrittenOff
from suixin.lending.periods import regular
from suixin.lending.positions import positions
from suixin.lending.prepay import Way
from suixin.lending.schedule import Method
from suixin.lending.terms import Terms
from suixin.money import amount_text

DAY = timedelta(days=1)
START = date(2025, 1, 15)
DUE = date(2025, 2, 15)


def contract(number="L1", principal=10_000_000, start=START, method=Method.EQUAL_INSTALMENT) -> Contract:
    return Contract(number, Terms(principal, Decimal("0.0435"), start, method, regular(start, 12)))


def paid_out(number="L1", **other) -> Loan:
    held = taken_on(contract(number), **other)
    return happen(held, Drawn("drawn", START, 10_000_000), START).loan


def to(loan: Loan, day: date) -> tuple[Loan, list]:
    """Nights up to the opening of a day, each one looked at."""
    made = []
    while loan.account.today < day:
        ended = night(loan, loan.account.today)
        loan, made = ended.loan, made + ended.booked
    return loan, made


def test_a_first_month_in_transactions():
    """Paid out, the nights, the date: what an auditor reads."""
    held = happen(taken_on(contract()), Drawn("drawn", START, 10_000_000), START)
    assert held.booked[0].entries == (
        ("1002.01", "", "CNY", -10_000_000),
        ("1303.01", "L1", "CNY", 10_000_000),
    )
    loan, made = to(held.loan, DUE)
    assert [one.key for one in made[:3]] == [
        "L1/2025-01-15/accrued",
        "L1/2025-01-15/provided",
        "L1/2025-01-16/accrued",
    ]
    assert made[0].entries == (("1132.01", "L1", "CNY", 1_208), ("6011.01", "L1", "CNY", -1_208))
    assert made[1].entries == (("1304.01", "L1", "CNY", -100_000), ("6702.01", "L1", "CNY", 100_000))
    assert (made[-1].key, made[-1].booked_on) == ("L1/2025-02-15/due", DUE)
    assert made[-1].entries == (
        ("1132.01", "L1", "CNY", -36_250),
        ("1132.02", "L1", "CNY", 36_250),
        ("1303.01", "L1", "CNY", -816_849),
        ("1303.02", "L1", "CNY", 816_849),
    )
    paid = happen(loan, Received("p1", DUE, 853_099), DUE)
    assert paid.booked[0].entries == (
        ("1002.01", "", "CNY", 853_099),
        ("1132.02", "L1", "CNY", -36_250),
        ("1303.02", "L1", "CNY", -816_849),
    )
    assert [part.bucket.value for part in paid.allocation.parts] == ["due_interest", "due_principal"]


def test_a_payment_heard_of_late_takes_its_lateness_back():
    """Property 9: it is as if it had been booked in time, but for the day on which the book says so."""
    late, made = to(paid_out(), DUE + 10 * DAY)
    changed = happen(late, Received("p1", DUE, 853_099), DUE + 10 * DAY)
    assert changed.booked[0].value_on == DUE
    in_time, _ = to(paid_out(), DUE)
    in_time, _ = to(happen(in_time, Received("p1", DUE, 853_099), DUE).loan, DUE + 10 * DAY)
    assert changed.loan.stretch.begins == in_time.stretch.begins
    lateness = [one for one in made for entry in one.entries if entry.account == "1132.03"]
    assert lateness
    assert ("1132.03", "L1", "CNY") not in balances([*made, *changed.booked])


def test_a_payment_taken_back_was_never_there():
    loan, _ = to(paid_out(), DUE)
    with_it = happen(loan, Received("p1", DUE, 853_099), DUE)
    without, _ = to(loan, DUE + 3 * DAY)
    later, _ = to(with_it.loan, DUE + 3 * DAY)
    back = take_back(later, "p1", DUE + 3 * DAY, "returned", with_it.booked[0])
    exact, rest = back.booked
    assert (exact.reverses, exact.reason, exact.value_on) == ("L1/p1", "returned", DUE)
    assert balances([*with_it.booked, exact]) == {}
    assert rest.kind == "reprocessed"  # three nights of lateness
    assert [entry.account for entry in rest.entries] == ["1132.03", "6011.01"]
    assert back.loan.stretch.begins == without.stretch.begins
    with pytest.raises(LendingError, match="has no event 'p1'"):
        take_back(back.loan, "p1", DUE + 3 * DAY, "again", None)


def test_a_payment_that_was_a_smaller_one_is_as_if_it_had_been_small_from_its_day():
    """Protects a part of a sale that came back: lessened twice and then gone, the loan is what it would have been."""
    loan, _ = to(paid_out(), DUE)
    paid = happen(loan, Received("p1", DUE, 853_099, ahead=Way.KEEP), DUE)
    later, nights = to(paid.loan, DUE + 3 * DAY)
    small, _ = to(happen(loan, Received("p2", DUE, 500_000, ahead=Way.KEEP), DUE).loan, DUE + 3 * DAY)
    less = lessen(later, "p1", 500_000, "p2", DUE + 3 * DAY, "a part came back", paid.booked[0])
    exact, made = less.booked
    assert (exact.key, exact.reverses, exact.reason) == ("L1/p1/taken back", "L1/p1", "a part came back")
    assert balances([*paid.booked, exact]) == {}
    assert (made.key, made.kind, made.booked_on, made.value_on) == ("L1/p2", "received", DUE + 3 * DAY, DUE)
    assert {line.account: line.amount_minor for line in made.entries}["1002.01"] == 500_000
    assert less.loan.stretch.begins == small.stretch.begins
    assert [event.key for event in less.loan.events] == ["drawn", "p2"]
    again = lessen(less.loan, "p2", 1, "p3", DUE + 3 * DAY, "more came back", made)
    gone = take_back(again.loan, "p3", DUE + 3 * DAY, "all of it", again.booked[1])
    ended, night_after = to(gone.loan, DUE + 4 * DAY)  # the allowance follows in the night
    never, without = to(loan, DUE + 4 * DAY)
    booked = [*paid.booked, *nights, *less.booked, *again.booked, *gone.booked, *night_after]
    assert ended.stretch.begins == never.stretch.begins
    assert balances(booked) == balances(without)


@pytest.mark.parametrize(("of", "amount"), [("p1", 0), ("p1", 853_099), ("p1", -1), ("drawn", 5)])
def test_what_is_no_part_of_a_payment_is_refused(of, amount):
    loan, _ = to(paid_out(), DUE)
    paid = happen(loan, Received("p1", DUE, 853_099), DUE)
    with pytest.raises(LendingError, match=f"{amount_text(amount, 'CNY')} are no part of {of}"):
        lessen(paid.loan, of, amount, "p2", DUE, "a part came back", paid.booked[0])
    with pytest.raises(ConflictError, match="event drawn has happened"):
        lessen(paid.loan, "p1", 5, "drawn", DUE, "a part came back", paid.booked[0])


def test_a_transfer_found_after_the_desk_took_the_payoff_is_the_borrowers_money():
    """Protects the borrower who paid twice: the transfer counts from its day, and the desk's payment is held."""
    loan, _ = to(paid_out(), DUE + 5 * DAY)
    on, asked = loan.account.today, loan.account.payoff_fen
    loan = happen(loan, Received("desk", on, asked, ahead=Way.KEEP), on).loan
    assert loan.account.is_closed
    loan, _ = to(loan, on + 3 * DAY)
    in_time = to(paid_out(), DUE)[0].account.payoff_fen
    found = happen(loan, Received("wire", DUE, in_time, ahead=Way.KEEP), on + 3 * DAY)
    assert (found.loan.account.is_closed, found.loan.account.overpaid) == (True, asked)
    assert found.booked[-1].entries == (
        ("1002.01", "", "CNY", in_time),
        ("2241.01", "L1", "CNY", -asked),
        ("6011.01", "L1", "CNY", asked - in_time),
    )
    assert found.loan.is_live


def test_a_key_stands_for_one_event():
    loan = happen(paid_out(), Received("p", START, 5), START).loan
    with pytest.raises(ConflictError, match="event p has happened"):
        happen(loan, Received("p", START, 6), START)
    with pytest.raises(LendingError, match="lies after the open day"):
        happen(loan, Received("q", START + DAY, 6), START)


def test_the_allowance_follows_the_class_or_the_expected_loss():
    by_class, _ = to(paid_out(), DUE + 92 * DAY)
    assert (by_class.five_class, by_class.allowance_fen) == (FiveClass.SUBSTANDARD, 2_600_000)  # 1 % and 25 %
    risk = Risk(Decimal("0.03"), Decimal("0.05"), Decimal("0.45"), Decimal("0.03"))
    first, _ = to(paid_out(risk=risk), START + DAY)
    assert first.allowance_fen == 135_000
    second, _ = to(first, DUE + 3 * DAY)
    assert (second.five_class, second.allowance_fen) == (FiveClass.SPECIAL_MENTION, 225_000)
    third, _ = to(second, DUE + 92 * DAY)
    assert third.allowance_fen == 4_500_000


def test_a_write_off_uses_the_allowance_up_and_the_night_tops_it_up():
    loan, made = to(paid_out(), DUE + 400 * DAY)
    assert loan.allowance_fen == 10_100_000
    off = happen(loan, WrittenOff("off", loan.account.today), loan.account.today)
    assert off.loan.allowance_fen == 100_000
    gone, rest = to(off.loan, loan.account.today + DAY)
    assert gone.allowance_fen == 0
    book = balances([*made, *off.booked, *rest])
    assert ("1304.01", "L1", "CNY") not in book
    assert book["6702.01", "L1", "CNY"] == 10_000_000


def test_a_renewal_settles_the_old_loan_without_money():
    """One balanced transaction in which no money moves."""
    old = happen(
        taken_on(contract(method=Method.INTEREST_FIRST)), Drawn("drawn", START, 10_000_000), START
    ).loan
    on = date(2026, 1, 15)
    for row in old.account.course.schedule.rows[:-1]:
        old, _ = to(old, row.due_on)
        old = happen(old, Received(f"p{row.number}", row.due_on, row.interest_fen), row.due_on).loan
    old, _ = to(old, on)
    owed = old.account.payoff_fen
    new = taken_on(contract("L2", owed, on))
    settled, begun, booked = renew(old, new, on)
    assert settled.loan.account.is_closed
    assert begun.loan.account.principal_fen == owed
    assert {entry.account for entry in booked.entries} == {"1132.02", "1303.01", "1303.02"}
    with pytest.raises(LendingError, match="settle L1"):
        renew(old, taken_on(contract("L2", owed - 1, on)), on)


MONEY = st.lists(st.tuples(st.integers(0, 120), st.integers(0, 9), st.integers(1, 3_000_000)), max_size=8)


@settings(max_examples=40, deadline=None)
@given(MONEY, st.integers(1, 3))
def test_going_on_is_folding_anew_and_the_journal_adds_up_to_the_account(payments, parts):
    """Events that come in any order, some late: the loan kept step by step is the fold of its events, each
    transaction balances, and the balances of the journal are the positions of the account."""
    loans = [paid_out(f"L{number}") for number in range(3)]
    journal = [
        happen(taken_on(contract(f"L{n}")), Drawn("drawn", START, 10_000_000), START).booked[0]
        for n in range(3)
    ]
    arrivals = sorted((day + delay, day, amount) for day, delay, amount in payments)
    for at in range(130):
        today = START + at * DAY
        for number, (known, day, amount) in enumerate(arrivals):
            if known == at:
                event = Received(
                    f"p{number}", START + day * DAY, amount, ahead=Way.KEEP if amount % 2 else None
                )
                try:
                    changed = happen(loans[0], event, today)
                except LendingError:  # it closes before this one
                    continue
                loans[0] = changed.loan
                journal += changed.booked
        live = [loan for loan in loans if loan.is_live]
        for first in range(parts):  # however the book is parted
            ended = end_of_day(live[first::parts], today)
            journal += ended.booked
            by_number = {loan.contract.loan: loan for loan in ended.changed}
            loans = [by_number.get(loan.contract.loan, loan) for loan in loans]
    end = START + 130 * DAY
    for loan in loans:
        anew = fold(loan.contract, loan.events, end)
        assert loan.positions_on(end) == positions(anew)
    assert sum(sum(entry.amount_minor for entry in one.entries) for one in journal) == 0
    assert len({one.key for one in journal}) == len(journal)
    principal = sum(
        amount for (account, _, _), amount in balances(journal).items() if account in {"1303.01", "1303.02"}
    )
    assert principal == sum(loan.on(end).books.principal_fen for loan in loans)


def test_the_same_day_ended_twice_or_in_parts_gives_the_same_transactions():
    """Property 8: keys and content do not depend on partition, order or repetition."""
    day = DUE + DAY
    loans = [to(paid_out(f"L{number}"), day)[0] for number in range(8)]
    whole = journal_order(end_of_day(loans, day).booked)
    assert whole == journal_order(end_of_day(loans, day).booked)
    halves = [*end_of_day(loans[1::2][::-1], day).booked, *end_of_day(loans[::2], day).booked]
    assert journal_order(halves) == whole
    assert {one.kind for one in whole} == {"accrued", "provided"}


def test_quiet_nights_give_the_transactions_of_a_look_at_the_loan():
    loan = to(paid_out(), START + 3 * DAY)[0]
    day = START + 3 * DAY
    quiet = end_of_day([loan], day)
    assert (quiet.quiet, quiet.changed) == (1, [])
    looked = end_of_day([replace(loan, stretch=loan.stretch._replace(until_on=day))], day)
    assert looked.quiet == 0
    assert quiet.booked == looked.booked
