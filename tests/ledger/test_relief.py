"""Relief of loans that are kept: what it does to class, days past due and the book, night by night."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suixin.errors import LendingError, UsageError
from suixin.ledger.balances import fold as balances
from suixin.ledger.balances import out_of_balance, trial_balance
from suixin.ledger.relief import Place, change, extend, flagged, relieve, renew
from suixin.ledger.servicing import Loan, happen, night, opened, taken_on
from suixin.lending.account import fold
from suixin.lending.class_facts import Flag
from suixin.lending.class_rules import FiveClass
from suixin.lending.contract import Contract
from suixin.lending.disaster import Disaster, Excluded
from suixin.lending.events import Drawn, Received, WrittenOff
from suixin.lending.periods import regular
from suixin.lending.positions import positions
from suixin.lending.prepay import Way
from suixin.lending.recognition import State
from suixin.lending.relief import Change, Concession
from suixin.lending.renewal import Applicant, Borrower, Failed
from suixin.lending.schedule import Method
from suixin.lending.terms import Terms

DAY = timedelta(days=1)
START, ON = date(2025, 1, 15), date(2025, 4, 15)
FARMER = Applicant(Borrower.FARMER, lawful=True, going_concern=True, good_credit=True)
LOWER = Change(annual_rate=Decimal("0.03"))
HAIL = Disaster(
    "hail", "notice 12", frozenset({"A"}), frozenset(), ON, date(2025, 7, 31), made_by="x", checked_by="y"
)


def paid_out(number="L1", months=36, method=Method.EQUAL_INSTALMENT, **other) -> tuple[Loan, list]:
    terms = Terms(12_000_000, Decimal("0.06"), START, method, regular(START, months))
    held = replace(taken_on(Contract(number, terms)), **other)
    done = happen(held, Drawn("drawn", START, 12_000_000), START)
    return done.loan, [*done.booked]


def lived(loan: Loan, day: date, *, late: int | None = 0) -> tuple[Loan, list]:
    """Nights up to the opening of a day; every due date is paid so many days late, never if None."""
    made = []
    while loan.account.today < day:
        today = loan.account.today
        bills = loan.account.arrears.bills
        if late is not None and bills and (today - bills[0].due_on).days >= late:
            owed = sum(bill.open_fen for bill in bills) + loan.account.late_fen
            paid = happen(loan, Received(f"p {today}", today, owed), today)
            loan, made = paid.loan, [*made, *paid.booked]
        ended = night(loan, today)
        loan, made = ended.loan, made + ended.booked
    return loan, made


def paid(loan: Loan) -> Loan:
    """What is due on the open day is paid."""
    today = loan.account.today
    owed = loan.account.due_interest_fen + loan.account.due_principal_fen + loan.account.late_fen
    return happen(loan, Received(f"p {today}", today, owed), today).loan


def restructured(**other) -> Loan:
    loan, _ = lived(paid_out(**other)[0], ON)
    return change(paid(loan), ON, LOWER, key="relief", difficulty=True).changed.loan


def test_a_restructured_loan_is_special_mention_until_its_watch_is_over():
    """Protects the watch: from the first due date of the changed contract, 15 May, for a year."""
    loan = restructured()
    assert (loan.restructurings, loan.restructured_on) == (1, (ON,))
    assert loan.account.course.terms.rate_on(ON) == Decimal("0.03")
    first, _ = lived(loan, ON + DAY)
    assert first.five_class is FiveClass.SPECIAL_MENTION
    last, _ = lived(first, date(2026, 5, 15))
    assert (last.five_class, last.restructurings) == (FiveClass.SPECIAL_MENTION, 1)
    over, _ = lived(last, date(2026, 5, 16))
    assert (over.five_class, over.restructurings, over.restructured_on) == (FiveClass.NORMAL, 0, (ON,))


def test_a_missed_date_begins_the_watch_anew():
    """Protects the watch against a late payment in it: it counts from 15 August, the date that was missed."""
    loan, _ = lived(restructured(), date(2025, 8, 15))
    loan, _ = lived(loan, date(2025, 8, 18), late=3)
    loan, _ = lived(paid(loan), date(2026, 8, 15))
    assert loan.five_class is FiveClass.SPECIAL_MENTION
    assert lived(loan, date(2026, 8, 16))[0].five_class is FiveClass.NORMAL


def test_a_second_restructuring_in_the_watch_is_substandard():
    """Protects against relief upon relief; a small retail loan comes back when the new watch is over."""
    again = date(2025, 9, 15)
    loan, _ = lived(restructured(), again)
    twice = change(paid(loan), again, Change(annual_rate=Decimal("0.02")), key="again", difficulty=True)
    loan, _ = lived(twice.changed.loan, again + DAY)
    assert (loan.five_class, loan.restructurings) == (FiveClass.SUBSTANDARD, 2)
    assert loan.non_performing_on == again
    assert loan.allowance_fen == (loan.account.books.principal_fen * 26 + 50) // 100  # 1 % and 25 %
    loan, _ = lived(loan, date(2026, 10, 15))
    assert loan.five_class is FiveClass.SUBSTANDARD
    assert lived(loan, date(2026, 10, 16))[0].five_class is FiveClass.NORMAL


def test_an_extension_without_difficulty_lowers_nothing():
    """Protects the borrower who only asks for time: no watch, and the limits of the rules hold."""
    loan, _ = lived(paid_out(months=12)[0], ON)
    longer = regular(ON, 15)
    done = extend(paid(loan), ON, longer, key="longer", difficulty=False)
    assert done.relief.concessions == (Concession.LATER_MATURITY,)
    loan, _ = lived(done.changed.loan, ON + DAY)
    assert (loan.five_class, loan.restructurings) == (FiveClass.NORMAL, 0)
    assert loan.account.course.schedule.rows[-1].due_on == date(2026, 7, 15)
    with pytest.raises(UsageError, match="longer than the rules allow"):
        extend(paid(lived(paid_out(months=12)[0], ON)[0]), ON, regular(ON, 30), key="k", difficulty=False)


def test_arrears_are_taken_in_and_stay_as_old_as_they_are():
    """Protects 重组 of a loan in arrears: overdue principal joins the new instalments, unpaid interest stays overdue."""
    loan, _ = lived(paid_out()[0], ON, late=None)
    loan = opened(loan, ON).loan
    overdue = loan.account.due_principal_fen
    done = change(loan, ON, Change(arrears_fen=overdue), key="relief", difficulty=True)
    account = done.changed.loan.account
    assert (account.current, account.due_principal_fen) == (12_000_000, 0)
    assert account.days_past_due == loan.account.days_past_due == 59
    assert done.relief.before.first_overdue_on == date(2025, 2, 15)


def test_a_batch_leaves_out_loans_that_ended_and_reaches_those_swept_since():
    """Protects a township's relief: one loan that has nothing ahead stops nobody's, and a sweep does not cost it."""
    heard = ON + 5 * DAY
    swept, _ = lived(paid_out("L1")[0], ON + 2 * DAY, late=None)
    sweep = Received("sweep", ON + 2 * DAY, 3_000_000, ahead=Way.KEEP)
    swept, _ = lived(happen(swept, sweep, ON + 2 * DAY).loan, heard, late=None)
    gone, off, far = (lived(paid_out(number)[0], heard)[0] for number in ("L2", "L3", "L4"))
    gone = happen(gone, Received("all", heard, gone.on(heard).payoff_fen, ahead=Way.KEEP), heard).loan
    off = happen(off, WrittenOff("off", heard), heard).loan
    places = [Place(loan, "A", "kiwi") for loan in (swept, gone, off)]
    batch = relieve(HAIL, [*places, Place(replace(gone, contract=far.contract), "B", "kiwi")], heard, key="h")
    assert batch.batch.excluded == (
        ("L2", Excluded.ENDED),
        ("L3", Excluded.ENDED),
        ("L4", Excluded.TOWNSHIP),
    )
    (changed,) = batch.changed
    account = changed.loan.account
    assert [bill.due_on for bill in account.arrears.bills] == []
    due = [row.due_on for row in account.course.schedule.rows if row.total_fen]
    assert due[0] == date(2025, 8, 15)
    assert account.cash == -9_000_000


def test_arrears_taken_in_by_new_terms_do_not_become_young():
    """Protects the class after 重组: days past due go on from the first missed date until a new date is paid in time."""
    loan, _ = lived(paid_out()[0], ON, late=None)
    loan = opened(loan, ON).loan
    interest = loan.account.due_interest_fen + loan.account.late_fen
    loan = happen(loan, Received("interest", ON, interest), ON).loan
    wanted = Change(periods=regular(ON, 24), arrears_fen=loan.account.due_principal_fen)
    loan = change(loan, ON, wanted, key="relief", difficulty=False).changed.loan
    assert (loan.account.due_principal_fen, loan.account.days_past_due) == (0, 59)
    loan, _ = lived(loan, date(2025, 5, 15), late=None)
    assert (loan.account.days_past_due, loan.five_class) == (89, FiveClass.SPECIAL_MENTION)
    kept, _ = lived(paid(opened(loan, date(2025, 5, 15)).loan), date(2025, 5, 16))
    assert (kept.account.days_past_due, kept.five_class) == (0, FiveClass.NORMAL)
    missed, _ = lived(loan, date(2025, 5, 25), late=None)
    assert (missed.account.days_past_due, missed.five_class) == (99, FiveClass.SUBSTANDARD)
    assert missed.account.books.state is State.SUSPENDED
    late, _ = lived(paid(missed), date(2025, 6, 15), late=None)
    assert (late.account.days_past_due, late.account.books.state) == (120, State.SUSPENDED)
    late, _ = lived(paid(opened(late, date(2025, 6, 15)).loan), date(2025, 6, 16))
    assert (late.account.days_past_due, late.account.books.state) == (0, State.ACCRUING)


def test_a_disaster_freezes_days_and_moves_dates():
    """Protects 延期: a date on the first day moves, ordinary interest alone and no day past due in the span, no class."""
    loan, before = lived(paid_out()[0], ON - 20 * DAY, late=None)  # 39 days past due
    loan, more = lived(loan, ON, late=None)
    assert (loan.account.days_past_due, loan.five_class) == (59, FiveClass.SPECIAL_MENTION)
    other, _ = paid_out("L2")
    other, _ = lived(other, ON)
    batch = relieve(HAIL, [Place(loan, "A", "kiwi"), Place(other, "B", "kiwi")], ON, key="hail")
    assert batch.batch.excluded == (("L2", Excluded.TOWNSHIP),)
    (changed,) = batch.changed
    assert [row.moved for row in batch.batch.beneficiaries] == [
        tuple(date(2025, m, 15) for m in (4, 5, 6, 7))
    ]
    end, rest = lived(changed.loan, HAIL.last_on + DAY, late=None)
    assert {bill.due_on for bill in end.account.arrears.bills} == {date(2025, 2, 15), date(2025, 3, 15)}
    assert end.account.days_past_due == 59
    ordinary = end.account.due_principal_fen * 60_000 * 108  # 15 April to 31 July
    assert end.account.arrears.late == loan.account.arrears.late + ordinary
    last, _ = lived(end, HAIL.last_on + 33 * DAY, late=None)
    assert (last.account.days_past_due, last.five_class) == (91, FiveClass.SPECIAL_MENTION)
    assert lived(last, HAIL.last_on + 34 * DAY, late=None)[0].five_class is FiveClass.SUBSTANDARD
    assert out_of_balance(trial_balance(balances([*before, *more, *changed.booked, *rest]))) == {}
    with pytest.raises(LendingError, match="wait for it"):
        relieve(HAIL, [Place(other, "A", "kiwi")], ON - DAY, key="hail")


@pytest.mark.parametrize(
    ("applicant", "failed", "five_class"),
    [
        (FARMER, (), FiveClass.NORMAL),
        (replace(FARMER, good_credit=False),
         (Failed.POOR_CREDIT,), FiveClass.SPECIAL_MENTION),
    ],
)  # fmt: skip
def test_a_renewal_that_qualifies_lowers_nothing(applicant, failed, five_class):
    """Protects 无还本续贷: interest is paid, the new contract pays the principal off, no money of it moves."""
    loan, made = lived(paid_out(months=12, method=Method.INTEREST_FIRST)[0], date(2026, 1, 15))
    on = loan.account.today
    terms = Terms(12_000_000, Decimal("0.05"), on, Method.INTEREST_FIRST, regular(on, 12))
    done = renew(loan, Contract("L2", terms), applicant, on)
    assert done.renewal.failed == failed
    assert done.paid.booked[0].entries[0] == ("1002.01", "", "CNY", done.renewal.paid_fen)
    assert done.old.account.is_closed
    assert not any(entry.account == "1002.01" for entry in done.booked.entries)
    new, rest = lived(done.new, on + DAY)
    assert new.five_class is five_class
    first = happen(taken_on(loan.contract), Drawn("drawn", START, 12_000_000), START).booked
    journal = [*first, *made, *done.paid.booked, done.booked, *rest]
    assert out_of_balance(trial_balance(balances(journal))) == {}


def test_a_renewal_carries_arrears_and_the_watch():
    """Protects against young arrears: the new contract's first missed date is as old as the old loan's."""
    loan = restructured(months=12)
    loan, _ = lived(loan, date(2025, 6, 24), late=None)  # 15 May and 15 June are missed
    on, owed = loan.account.today, loan.account.payoff_fen
    terms = Terms(owed, Decimal("0.05"), on, Method.EQUAL_INSTALMENT, regular(on, 24))
    done = renew(loan, Contract("L2", terms), FARMER, on)
    assert (done.paid, done.renewal.failed) == (None, (Failed.ARREARS, Failed.CAPITALISED))
    assert done.new.contract.first_overdue_on == date(2025, 5, 15)
    assert (done.new.restructurings, done.new.restructured_on) == (1, (ON,))
    new, _ = lived(done.new, date(2025, 7, 26), late=None)
    assert new.account.days_past_due == (date(2025, 7, 26) - date(2025, 5, 15)).days
    watched, _ = lived(done.new, date(2026, 7, 24))
    assert (watched.restructurings, watched.five_class) == (1, FiveClass.SPECIAL_MENTION)
    over, _ = lived(watched, date(2026, 7, 25))
    assert (over.restructurings, over.five_class) == (0, FiveClass.SPECIAL_MENTION)  # new money for old


@pytest.mark.parametrize("small", [True, False])
def test_a_renewal_of_a_suspended_loan_makes_no_income_and_lifts_no_class(small):
    """Protects income and class: the borrower pays the suspended interest, and days past due go on in the new loan."""
    loan, _ = lived(
        paid_out(months=3, method=Method.INTEREST_FIRST, small_retail=small)[0], date(2025, 6, 15), late=None
    )
    on, account = loan.account.today, loan.account
    assert (account.days_past_due, account.books.state) == (120, State.SUSPENDED)
    assert loan.five_class is FiveClass.SUBSTANDARD
    wanted = [
        Contract("L2", Terms(owed, Decimal("0.05"), on, Method.INTEREST_FIRST, regular(on, 12)))
        for owed in (account.payoff_fen, account.principal_fen)
    ]
    with pytest.raises(LendingError, match="the borrower pays"):
        renew(loan, wanted[0], FARMER, on)
    done = renew(loan, wanted[1], FARMER, on)
    assert done.old.account.is_closed
    assert done.old.account.books.income_fen == account.books.income_fen + done.renewal.paid_fen
    first, _ = lived(done.new, on + DAY)
    assert (first.account.days_past_due, first.five_class) == (121, FiveClass.SUBSTANDARD)
    assert first.account.books.income_fen == 0
    kept, _ = lived(first, date(2025, 7, 16))
    assert kept.account.days_past_due == 0
    assert kept.five_class is (FiveClass.SPECIAL_MENTION if small else FiveClass.SUBSTANDARD)
    later, _ = lived(kept, date(2026, 1, 16))
    assert later.five_class is FiveClass.SPECIAL_MENTION  # half a year after the cure; new money for old


def test_what_a_person_learns_is_in_tonights_class():
    """Protects the flags: evasion is doubtful from the night on, and remembered as the first day of default."""
    loan, _ = lived(paid_out()[0], START + 5 * DAY)
    seen = flagged(loan, frozenset({Flag.EVASION}), START + 5 * DAY)
    assert seen.booked == []
    loan, _ = lived(seen.loan, START + 6 * DAY)
    assert (loan.five_class, loan.non_performing_on) == (FiveClass.DOUBTFUL, START + 5 * DAY)
    with pytest.raises(LendingError, match="is not among the quiet days"):
        flagged(lived(paid_out()[0], START + 5 * DAY)[0], frozenset(), ON)


@pytest.mark.parametrize("small", [True, False])
def test_the_way_back_from_non_performing(small):
    """Protects the upgrade: a small retail loan by its days past due; another half a year and two dates after the cure."""
    loan, _ = lived(paid_out(small_retail=small)[0], date(2025, 5, 20), late=None)
    assert loan.five_class is FiveClass.SUBSTANDARD
    cured, _ = lived(paid(loan), date(2025, 5, 21))
    assert cured.five_class is (FiveClass.NORMAL if small else FiveClass.SUBSTANDARD)
    later, _ = lived(cured, date(2025, 11, 20))
    assert later.five_class is (FiveClass.NORMAL if small else FiveClass.SUBSTANDARD)
    assert lived(later, date(2025, 11, 21))[0].five_class is FiveClass.NORMAL


PAID = st.lists(st.tuples(st.integers(20, 150), st.integers(1, 900_000)), max_size=5)


@settings(max_examples=25)
@given(PAID, st.integers(2, 4), st.sampled_from(["change", "hail"]), st.integers(0, 40), st.booleans())
def test_relief_never_changes_what_was_booked_before_its_day(payments, month, kind, heard, settle):
    """Protects the book: up to the day of the relief every position stays, and the journal is that of the account."""
    on = date(2025, 1 + month, 15)
    heard_on = on if kind == "change" else on + heard * DAY
    loan, journal = paid_out()
    keys = sorted((START + day * DAY, amount) for day, amount in payments)
    while loan.account.today < heard_on + 10 * DAY:
        today = loan.account.today
        for at, (day, amount) in enumerate(keys):
            if day == today:
                done = happen(loan, Received(f"p{at}", today, amount), today)
                loan, journal = done.loan, [*journal, *done.booked]
        if today == heard_on:
            if settle and loan.account.arrears.bills:
                owed = sum(bill.open_fen for bill in loan.account.arrears.bills) + loan.account.late_fen
                done = happen(loan, Received("settled", today, owed), today)
                loan, journal = done.loan, [*journal, *done.booked]
            before = loan
            if kind == "change":
                wanted = replace(LOWER, arrears_fen=loan.account.due_principal_fen)
                relieved = change(loan, on, wanted, key="relief", difficulty=True).changed
            else:
                (relieved,) = relieve(
                    replace(HAIL, first_on=on), [Place(loan, "A", "kiwi")], today, key="hail"
                ).changed
            loan, journal = relieved.loan, [*journal, *relieved.booked]
        ended = night(loan, today)
        loan, journal = ended.loan, journal + ended.booked
    for day in (on - 40 * DAY, on - DAY):
        old, new = (positions(fold(one.contract, one.events, day)) for one in (before, loan))
        assert old == new, day
    end = loan.account.today
    assert loan.positions_on(end) == positions(fold(loan.contract, loan.events, end))
    book = balances(journal)
    assert out_of_balance(trial_balance(book)) == {}
    principal = sum(amount for (account, _, _), amount in book.items() if account in {"1303.01", "1303.02"})
    assert principal == loan.on(end).books.principal_fen
