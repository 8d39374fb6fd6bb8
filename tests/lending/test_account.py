"""The life of a loan: golden days, an oracle that counts every day anew, and payments that come late or are taken back."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suixin.calendar import Convention
from suixin.errors import LendingError, UsageError
from suixin.lending.account import fold
from suixin.lending.amortise import build
from suixin.lending.contract import Contract, Late
from suixin.lending.events import Charged, Drawn, Received, Refunded, Replanned, Repriced, WrittenOff
from suixin.lending.periods import BusinessDays, regular
from suixin.lending.positions import positions
from suixin.lending.prepay import Way, payoff, reamortise
from suixin.lending.recognition import CashTo, State
from suixin.lending.schedule import Method
from suixin.lending.terms import Moratorium, Terms
from suixin.money import round_ratio

DAY = timedelta(days=1)
START = date(2025, 1, 15)
RATE = Decimal("0.0435")


def terms(method=Method.EQUAL_INSTALMENT, months=12, principal=10_000_000, **other) -> Terms:
    return Terms(principal, RATE, START, method, regular(START, months), **other)


EVEN = Contract("L1", terms())
DRAWN = Drawn("draw", START, 10_000_000)


def paid(on, amount, key="pay", **other):
    return Received(key, on, amount, **other)


def test_a_loan_paid_on_its_dates_ends_at_zero_with_the_interest_of_its_schedule():
    """The golden loan: 100,000 at 4.35 % in 12 instalments earns 2,371.90."""
    rows = build(EVEN.terms).rows
    events = [DRAWN, *[paid(row.due_on, row.total_fen, f"p{row.number}") for row in rows]]
    account = fold(EVEN, events, rows[-1].due_on)
    assert account.is_closed
    assert positions(account)._asdict() == {
        **dict.fromkeys(positions(account)._fields, 0),
        "settlement": 237_190,
        "interest_income": -237_190,
    }


def test_interest_is_accrued_by_the_day_and_is_what_a_payoff_of_the_day_asks():
    for days in (1, 16, 30, 31, 45, 200):
        on = START + days * DAY
        rows = [row for row in build(EVEN.terms).rows if row.due_on <= on]
        account = fold(EVEN, [DRAWN, *[paid(row.due_on, row.total_fen) for row in rows]], on)
        owed = payoff(EVEN.terms, on)
        assert (account.current, account.accrued_fen) == (owed.principal_fen, owed.interest_fen)


def test_lateness_is_charged_from_the_due_date_to_the_day_before_the_payment():
    """The reference's figure: 20,000 overdue for 30 days at 4.35 % x 1.5 on ACT/360 cost 108.75."""
    bullet = Contract(
        "L1", Terms(2_000_000, RATE, START, Method.BULLET, regular(START, 6, every="half-year"))
    )
    due = bullet.terms.periods[-1].due_on
    interest = build(bullet.terms).total_interest_fen
    draw = Drawn("draw", START, 2_000_000)
    # The interest is paid on the day; the principal stays away.
    account = fold(bullet, [draw, paid(due, interest)], due + 30 * DAY)
    assert (account.due_principal_fen, account.due_interest_fen) == (2_000_000, 0)
    assert (account.late_fen, account.days_past_due) == (10_875, 30)


@pytest.mark.parametrize(
    ("days", "back", "late_fen", "past_due"),
    [
        (5, True, round_ratio(2_000_000 * 43_500 * 5, 360 * 10**6), 0),
        (6, True, round_ratio(2_000_000 * 65_250 * 6, 360 * 10**6), 6),
        (6, False, round_ratio(2_000_000 * (43_500 * 5 + 65_250), 360 * 10**6), 1),
    ],
)
def test_a_missed_grace_counts_from_the_due_date_or_from_its_own_end(days, back, late_fen, past_due):
    """Within grace ordinary interest runs and no day is past due."""
    made = Terms(2_000_000, RATE, START, Method.BULLET, regular(START, 6, every="half-year"))
    contract = Contract("L1", made, Late(grace_days=5, back_to_due=back))
    due = made.periods[-1].due_on
    events = [Drawn("draw", START, 2_000_000), paid(due, build(made).total_interest_fen)]
    account = fold(contract, events, due + days * DAY)
    assert (account.late_fen, account.days_past_due) == (late_fen, past_due)


def test_money_ahead_of_its_date_is_held_and_pays_the_date():
    row = build(EVEN.terms).rows[0]
    account = fold(EVEN, [DRAWN, paid(START + 20 * DAY, 900_000)], START + 21 * DAY)
    assert (account.overpaid, account.current) == (900_000, 10_000_000)
    account = fold(EVEN, [DRAWN, paid(START + 20 * DAY, 900_000)], row.due_on)
    assert (account.overpaid, account.current) == (900_000 - row.total_fen, 10_000_000 - row.principal_fen)
    assert not account.arrears.bills


@pytest.mark.parametrize("way", list(Way))
def test_a_prepayment_goes_on_as_the_schedule_of_what_is_left(way):
    on = START + 45 * DAY
    first = build(EVEN.terms).rows[0]
    events = [DRAWN, paid(first.due_on, first.total_fen), paid(on, 3_000_000, "ahead", ahead=way)]
    account = fold(EVEN, events, on)
    left = 10_000_000 - first.principal_fen - (3_000_000 - payoff(EVEN.terms, on).interest_fen)
    assert (account.current, account.accrued_fen, account.overpaid) == (left, 0, 0)
    events += [paid(row.due_on, row.total_fen) for row in account.course.schedule.rows]
    closed = fold(EVEN, events, events[-1].on)
    assert closed.is_closed
    assert (
        positions(closed).interest_income
        == -positions(closed).settlement
        < -payoff(EVEN.terms, on).interest_fen
    )


def test_interest_over_ninety_days_overdue_leaves_the_balance_sheet_and_comes_back_when_all_is_paid():
    due = build(EVEN.terms).rows[0].due_on
    before = positions(fold(EVEN, [DRAWN], due + 91 * DAY))  # 90 days past due as the last day closed
    assert before.memo_interest == 0
    account = fold(EVEN, [DRAWN], due + 92 * DAY)
    after = positions(account)
    assert account.books.state is State.SUSPENDED
    assert after.memo_interest == account.interest_fen
    assert (after.accrued, after.due, after.late, after.interest_income) == (0, 0, 0, 0)
    cured = fold(
        EVEN,
        [DRAWN, paid(due + 92 * DAY, account.payoff_fen - account.current - account.accrued_fen)],
        due + 92 * DAY,
    )
    assert (cured.books.state, cured.days_past_due) == (State.ACCRUING, 0)
    assert positions(cured).interest_income == -account.interest_fen


@pytest.mark.parametrize("cash_to", list(CashTo))
def test_cash_for_suspended_interest_goes_to_principal_or_to_income(cash_to):
    """What the borrower owes is the same either way."""
    contract = replace(EVEN, cash_to=cash_to)
    due = build(EVEN.terms).rows[0].due_on
    on = due + 100 * DAY
    owed = fold(contract, [DRAWN], on)
    account = fold(contract, [DRAWN, paid(on, 50_000)], on)
    assert account.interest_fen == owed.interest_fen - 50_000
    made = positions(account)
    lowered = 50_000 if cash_to is CashTo.PRINCIPAL else 0
    assert made.current + made.overdue == 10_000_000 - lowered
    assert made.interest_income == -(50_000 - lowered)


def test_a_write_off_uses_the_allowance_and_the_claim_lives_on():
    due = build(EVEN.terms).rows[0].due_on
    on = due + 400 * DAY
    account = fold(EVEN, [DRAWN, WrittenOff("w", on), paid(on + DAY, 100_000, "r")], on + DAY)
    made = positions(account)
    assert (made.current, made.overdue, made.allowance, made.recovered) == (0, 0, 10_000_000, -100_000)
    assert made.memo_claim == account.principal_fen + account.interest_fen > 10_000_000


def test_a_charge_that_is_not_on_the_cost_table_is_refused():
    contract = replace(EVEN, charges={"notary": 20_000})
    on = START + 3 * DAY
    account = fold(contract, [DRAWN, Charged("f", on, "notary", 15_000)], on)
    assert (account.fees_fen, positions(account).fee_income) == (15_000, -15_000)
    with pytest.raises(LendingError, match="'management' is not on the loan's cost table"):
        fold(contract, [DRAWN, Charged("f", on, "management", 1)], on)
    with pytest.raises(LendingError, match=r"more than the ¥200\.00"):
        fold(contract, [DRAWN, Charged("f", on, "notary", 20_001)], on)


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([paid(START, 100)], "before the loan is paid out"),
        ([Drawn("d", START, 9_999_999)], "begins with ¥100,000.00 on"),
        ([DRAWN, paid(START + DAY, 100), paid(START, 100)], "comes behind"),
        ([DRAWN, Refunded("r", START + DAY, 1)], "only ¥0.00 are held"),
        ([DRAWN, Replanned("m", START + DAY, terms(months=3, principal=5))], "change what was drawn"),
    ],
)
def test_what_the_state_of_the_loan_does_not_allow_is_refused(events, words):
    with pytest.raises(LendingError, match=words):
        fold(EVEN, events, START + 60 * DAY)


@pytest.mark.parametrize("amount", [0, -5, 1.5])
def test_a_payment_of_nothing_is_none(amount):
    with pytest.raises(UsageError, match="payment"):
        fold(EVEN, [DRAWN, paid(START + DAY, amount)], START + DAY)


def test_relief_moves_dates_freezes_days_past_due_and_stops_the_penalty():
    """A disaster moratorium of three months, declared twenty days after a missed date; ordinary interest runs on."""
    first = build(EVEN.terms).rows[0]
    on = first.due_on + 20 * DAY
    before = fold(EVEN, [DRAWN], on)
    held = Moratorium(on, date(2025, 5, 31))
    relief = Replanned("relief", on, replace(EVEN.terms, moratorium=held), frozen_to=date(2025, 5, 31))
    after = fold(EVEN, [DRAWN, relief], date(2025, 6, 1))
    assert (before.days_past_due, after.days_past_due) == (20, 20)
    overdue = first.principal_fen * (65_250 * 20 + 43_500 * (after.today - on).days)
    assert (before.late_fen, after.late_fen) == (2_961, round_ratio(overdue, 360 * 10**6))
    assert len(after.arrears.bills) == 1  # March, April and May asked for nothing
    assert after.accrued_fen > 0  # interest ran on
    assert fold(EVEN, [DRAWN, relief], date(2025, 6, 2)).days_past_due == 21


def test_an_extension_goes_on_from_a_due_date_with_other_periods():
    first = build(EVEN.terms).rows[0]
    other = reamortise(EVEN.terms, first.due_on, periods=regular(first.due_on, 24))
    events = [DRAWN, paid(first.due_on, first.total_fen), Replanned("x", first.due_on, other)]
    account = fold(EVEN, events, first.due_on)
    assert len(account.course.schedule.rows) == 24
    assert account.principal_fen == 10_000_000 - first.principal_fen
    with pytest.raises(LendingError, match="not paid"):
        fold(
            EVEN,
            [
                *events[:2],
                Replanned(
                    "x",
                    first.due_on + DAY,
                    replace(other, start_on=first.due_on + DAY, periods=regular(first.due_on + DAY, 24)),
                ),
            ],
            first.due_on + DAY,
        )


def test_repricing_changes_interest_from_its_day_on():
    contract = Contract("L1", terms(Method.INTEREST_FIRST, by_days=True))
    on = START + 10 * DAY
    account = fold(contract, [DRAWN, Repriced("r", on, Decimal("0.0335"))], START + 20 * DAY)
    assert account.accrued_fen == round_ratio(10_000_000 * (43_500 + 33_500) * 10, 360 * 10**6)


# ---- an oracle that knows no schedule ahead: every day anew, with fractions -----------------------------------


def oracle(contract, payments, until):
    """Owed on a day by an interest-first loan by days: (current, due principal, due interest, late, accrued, held)."""
    made = contract.terms
    due = {row.due_on: row for row in build(made).rows}
    bills: list[list[int]] = []
    current, held, late_paid = made.principal_fen, 0, 0
    accrued = late = Fraction(0)
    day = made.start_on
    while True:
        if day in due:
            row = due[day]
            current -= row.principal_fen
            bills.append([row.interest_fen, row.principal_fen])
            accrued = Fraction(0)
        if day in payments or (day in due and held):
            money = held + payments.get(day, 0)
            owed = round_ratio(late.numerator, late.denominator) - late_paid
            part = min(money, max(owed, 0))
            late_paid, money = late_paid + part, money - part
            # past due before what is due today; interest before principal in each
            groups = [bills[:-1], bills[-1:]] if day in due else [bills]
            for group in groups:
                for kind in (0, 1):
                    for bill in group:
                        part = min(money, bill[kind])
                        bill[kind], money = bill[kind] - part, money - part
            held = money
        bills = [bill for bill in bills if bill != [0, 0]]
        if day == until:
            owed = max(0, round_ratio(late.numerator, late.denominator) - late_paid)
            whole = round_ratio(accrued.numerator, accrued.denominator)
            return current, sum(b[1] for b in bills), sum(b[0] for b in bills), owed, whole, held
        accrued += Fraction(current) * Fraction(made.annual_rate) / 360
        late += sum(Fraction(b[1]) for b in bills) * Fraction(made.annual_rate) * Fraction(3, 2) / 360
        day += DAY


LIVES = st.dictionaries(st.integers(1, 420), st.integers(1, 4_000_000), max_size=8)


@settings(max_examples=60, deadline=None)
@given(LIVES, st.integers(1, 500))
def test_every_day_counted_anew_gives_the_same_debt(days, until):
    """The account jumps from date to date; the oracle takes every day, with fractions."""
    contract = Contract("L1", terms(Method.INTEREST_FIRST))
    payments, total = {}, 0
    for day, amount in sorted(days.items()):
        total += amount
        if total < 9_900_000:  # it never closes
            payments[START + day * DAY] = amount
    on = START + until * DAY
    events = [DRAWN, *[paid(day, amount, f"p{day}") for day, amount in sorted(payments.items())]]
    account = fold(contract, events, on)
    found = (
        account.current,
        account.due_principal_fen,
        account.due_interest_fen,
        account.late_fen,
        account.accrued_fen,
        account.overpaid,
    )
    assert found == oracle(contract, {day: amount for day, amount in payments.items() if day <= on}, on)


@settings(max_examples=60, deadline=None)
@given(LIVES, st.integers(1, 500), st.data())
def test_the_books_balance_on_every_day_and_do_not_depend_on_how_days_are_closed(days, until, data):
    """Property 8: thirty days at once are thirty days one by one; and on and off the balance sheet sum to zero."""
    contract = replace(EVEN, late=Late(grace_days=3, compound=True), suspend_after_days=60)
    on = START + until * DAY
    events = [DRAWN]
    way = data.draw(st.sampled_from([None, *Way]))
    for day, amount in sorted(days.items()):
        events.append(paid(START + day * DAY, amount, f"p{day}", ahead=way))
    try:
        whole = fold(contract, events, on)
    except LendingError:  # it closes before the last payment
        return
    stepwise = fold(contract, [], START)
    for event in events:
        if event.on > on:
            break
        while stepwise.today < event.on:
            stepwise.close(stepwise.today)
            made = positions(stepwise)
            assert sum(made[:12]) == 0
            assert sum(made[12:]) == 0
        stepwise.apply(event)
    stepwise.close(on - DAY)
    assert positions(stepwise) == positions(whole)
    assert whole.arrears.bills == stepwise.arrears.bills


@settings(max_examples=40, deadline=None)
@given(LIVES, st.integers(0, 7), st.integers(430, 500))
def test_a_payment_that_comes_late_and_is_folded_in_is_as_if_it_had_come_in_time(days, at, until):
    """Property 9; and a payment taken back is as if it had never come."""
    events = [
        DRAWN,
        *[paid(START + day * DAY, amount // 10 + 1, f"p{day}") for day, amount in sorted(days.items())],
    ]
    on = START + until * DAY
    intime = fold(EVEN, events, on)
    left = [event for number, event in enumerate(events) if number != at + 1]
    known = positions(fold(EVEN, left, on))
    change = positions(intime).since(known)
    assert sum(change[:12]) == 0
    assert change.settlement == sum(event.amount_fen for event in events if event not in left)


MOVED = regular(START, 12, business_days=BusinessDays(Convention.FOLLOWING))


@pytest.mark.parametrize(
    ("periods", "days", "before"),
    [
        (regular(START, 12), 0, ()),  # the first day
        (regular(START, 12), 45, (1_000_000,)),  # a sweep of that morning
        (MOVED, 31, ()),  # Saturday the 15th of February; it falls due on Monday
    ],
)
def test_the_quoted_payoff_closes_the_loan_on_any_day(periods, days, before):
    """Protects the borrower who pays what was asked: nothing runs on, whatever day it is and whatever came before."""
    contract = Contract("L1", replace(terms(), periods=periods))
    on = START + days * DAY
    events = [DRAWN, *[paid(on, amount, f"s{amount}", ahead=Way.KEEP) for amount in before]]
    asked = fold(contract, events, on).payoff_fen
    account = fold(contract, [*events, paid(on, asked, ahead=Way.KEEP)], on)
    assert account.is_closed
    account.close(on + 90 * DAY)
    assert (account.payoff_fen, account.overpaid, account.cash) == (0, 0, account.books.income_fen)


def test_held_money_counts_towards_the_payoff():
    """Protects a borrower whose money is held already: the rest closes the loan, and nothing is left with the lender."""
    contract = Contract("L1", replace(terms(), periods=MOVED))
    on = date(2025, 2, 16)
    events = [DRAWN, paid(on - DAY, 9_000_000, "held")]
    asked = fold(contract, events, on).payoff_fen
    assert asked == 1_000_000 + 36_250 + 1_110
    account = fold(contract, [*events, paid(on, asked, ahead=Way.KEEP)], on)
    assert (account.is_closed, account.overpaid, account.books.income_fen) == (True, 0, 37_360)


@pytest.mark.parametrize("order", [(1_000_000, 2_000_000), (2_000_000, 1_000_000)])
def test_two_sweeps_of_one_day_both_prepay_in_either_order(order):
    """Protects the end of the day against the order of shops: what is left of the loan is the same."""
    on = START + 10 * DAY
    events = [DRAWN, *[paid(on, amount, f"s{amount}", ahead=Way.KEEP) for amount in order]]
    account = fold(EVEN, events, on)
    assert (account.current, account.accrued_fen, account.overpaid) == (7_012_083, 0, 0)


EARLY = regular(START, 3, business_days=BusinessDays(Convention.PRECEDING))  # Friday the 14th of February


def test_a_date_moved_before_its_periods_end_bills_and_books_the_whole_interest():
    """Protects loans whose dates move earlier: nothing accrues below 0, and paying on the date is no fault."""
    contract = Contract("L1", replace(terms(months=3), periods=EARLY))
    due = date(2025, 2, 14)
    assert fold(contract, [DRAWN], due - DAY).books.income_fen == 35_042
    account = fold(contract, [DRAWN], due)
    assert (account.due_interest_fen, account.accrued_fen, account.books.income_fen) == (36_250, 0, 36_250)
    events = [DRAWN, paid(due, account.payoff_fen - account.current)]
    assert [
        (
            fold(contract, events, due + day * DAY).accrued_fen,
            sum(positions(fold(contract, events, due))[:12]),
        )
        for day in range(3)
    ] == [(0, 0), (0, 0), (round_ratio(account.current * 43_500, 360 * 10**6), 0)]


@pytest.mark.parametrize(
    ("event", "accrued", "interest"),
    [
        (Drawn("more", date(2025, 2, 14), 1_000_000), 121, 37_458 + 121 + 37_217 + 41_204),
        (Repriced("low", date(2025, 2, 14), Decimal("0.0335")), 0, 37_458 + 26_056 + 28_847),
        (Repriced("high", date(2025, 2, 14), Decimal("0.0535")), 278, 37_458 + 278 + 41_611 + 46_069),
    ],
)
def test_what_happens_between_a_date_and_its_periods_end_loses_nothing(event, accrued, interest):
    """Protects both sides in these days: what was billed stays, and what is drawn then bears interest to the last date."""
    contract = Contract("L1", replace(terms(Method.INTEREST_FIRST, 3), periods=EARLY))
    account = fold(contract, [DRAWN, event], event.on)
    assert (account.due_interest_fen, account.accrued_fen) == (37_458, accrued)
    account.close(date(2025, 4, 14))
    assert (account.current, account.accrued_fen) == (0, 0)
    assert account.due_interest_fen == interest


def test_a_day_that_two_reliefs_freeze_is_left_out_once():
    """Protects the count of days past due: overlapping freezes do not make a loan younger than it is."""
    due = date(2025, 2, 15)
    frozen = [
        Replanned(f"f{first}", due + first * DAY, EVEN.terms, due + last * DAY)
        for first, last in ((4, 30), (9, 30), (20, 39))
    ]
    account = fold(EVEN, [DRAWN, *frozen], due + 60 * DAY)
    assert account.days_past_due == 60 - 36


def test_a_write_off_takes_open_fees_with_it():
    """Protects the balance sheet: no fee stays an asset, what is paid of it is a recovery, later ones are a claim alone."""
    contract = replace(EVEN, charges={"letter": 1_000})
    on = date(2025, 2, 20)
    events = [DRAWN, Charged("f", on, "letter", 700), WrittenOff("w", on)]
    off = positions(fold(contract, events, on))
    assert (off.fees, off.allowance, off.fee_income, off.interest_income) == (0, 10_000_700, -700, 0)
    assert off.memo_claim == fold(contract, events, on).payoff_fen
    events += [Charged("g", on + DAY, "letter", 300), paid(on + DAY, 1_000, "r")]
    later = positions(fold(contract, events, on + DAY))
    assert (later.fees, later.fee_income, later.recovered, later.settlement) == (0, -700, -1_000, -9_999_000)
    assert later.memo_claim == fold(contract, events, on + DAY).payoff_fen
    assert (sum(later[:12]), sum(later[12:])) == (0, 0)


def test_a_payment_on_a_loan_that_is_closed_is_refused_at_the_desk_and_held_in_the_record():
    """Protects corrections: a payment of the record stays where its money is when an earlier one has closed the loan."""
    on = START + 40 * DAY
    events = [DRAWN, paid(on, 20_000_000, ahead=Way.KEEP)]
    closed = fold(EVEN, events, on + DAY)
    with pytest.raises(LendingError, match="is closed"):
        closed.apply(paid(on + DAY, 5, "p2"))
    later = [paid(on + DAY, 5, "p2"), Repriced("r", on + DAY, Decimal("0.03")), Refunded("x", on + DAY, 5)]
    held = fold(EVEN, [*events, *later], on + 2 * DAY)
    assert (held.is_closed, held.overpaid, held.cash) == (True, closed.overpaid, closed.cash)
