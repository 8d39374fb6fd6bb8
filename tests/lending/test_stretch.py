"""Quiet nights in columns are the nights of the account, one by one."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loan_lives import START, lives
from suixin.errors import LendingError
from suixin.lending.account import Account, fold
from suixin.lending.contract import Contract, Late
from suixin.lending.events import Drawn, Repriced
from suixin.lending.periods import regular
from suixin.lending.positions import positions
from suixin.lending.schedule import Method
from suixin.lending.stretch import Columns, booked, stretch
from suixin.lending.terms import Terms

DAY = timedelta(days=1)


@settings(max_examples=150, deadline=None)
@given(lives(), st.integers(0, 450))
def test_every_quiet_night_is_the_night_of_the_account(life, day):
    contract, events = life
    try:
        account = fold(contract, events, START + day * DAY)
    except LendingError:  # closed, or nothing left to reprice
        return
    ahead = [event.on for event in events if event.on > account.today]
    held = stretch(account)
    columns = Columns.of([held])
    while columns.quiet(account.today)[0] and account.today not in ahead:
        interest, late = columns.night(account.today)
        before = positions(account)
        state = account.books.state
        assert held.on(account.today) == before
        account.close(account.today)
        assert account.books.state is state
        assert booked(before, state, int(interest[0]), int(late[0])) == positions(account)
        if account.today > START + 520 * DAY:
            break


def test_a_stretch_ends_where_something_else_happens():
    made = Terms(10_000_000, Decimal("0.0435"), START, Method.EQUAL_INSTALMENT, regular(START, 12))
    contract = Contract("L", made)
    drawn = Drawn("d", START, 10_000_000)
    due = date(2025, 2, 15)
    assert stretch(fold(contract, [drawn], START)).until_on == due
    assert stretch(fold(contract, [drawn], due)).until_on == due + 2 * DAY  # then days past due begin
    assert stretch(fold(contract, [drawn], due + 2 * DAY)).until_on == date(2025, 3, 15)
    # The next class after 90 days: the night of the 91st needs a look, and so does what falls due before.
    waiting = fold(replace(contract, terms=replace(made, periods=regular(START, 1))), [drawn], due + 2 * DAY)
    assert stretch(waiting, [90, 270]).until_on == due + 92 * DAY
    repriced = [drawn, Repriced("r", START + 5 * DAY, Decimal("0.04"))]
    assert stretch(fold(contract, repriced, START + 3 * DAY)).until_on == due  # not known of yet
    graced = replace(contract, late=Late(grace_days=3))
    assert stretch(fold(graced, [drawn], due)).until_on == due + 3 * DAY
    assert stretch(fold(graced, [drawn], due + 3 * DAY)).until_on == due + 3 * DAY


def test_a_day_outside_the_stretch_is_refused():
    made = Terms(10_000_000, Decimal("0.0435"), START, Method.EQUAL_INSTALMENT, regular(START, 12))
    held = stretch(fold(Contract("L", made), [Drawn("d", START, 10_000_000)], START))
    with pytest.raises(LendingError, match="not among the quiet days"):
        held.on(date(2025, 2, 15))


def test_a_book_of_many_loans_is_closed_like_each_of_them():
    accounts: list[Account] = []
    for number in range(40):
        principal = 1_000_000 + 7_919 * number
        start = START + number * DAY
        made = Terms(principal, Decimal("0.0435"), start, Method.INTEREST_FIRST, regular(start, 6))
        accounts.append(fold(Contract(f"L{number}", made), [Drawn("d", start, principal)], date(2025, 3, 10)))
    columns = Columns.of([stretch(account) for account in accounts])
    quiet = columns.quiet(date(2025, 3, 10))
    interest, late = columns.night(date(2025, 3, 10))
    assert 30 < quiet.sum() < 40
    for at in np.flatnonzero(quiet):
        before = accounts[at].accrued_fen
        accounts[at].close(date(2025, 3, 10))
        assert (accounts[at].accrued_fen - before, 0) == (interest[at], late[at])


@pytest.mark.parametrize(
    ("yuan", "days"),
    [(50_000_000, 90), (5_000_000_000, 33), (30_000_000_000, 3), (500_000_000_000, 0)],
)
def test_a_large_loan_in_arrears_leaves_the_columns_and_never_stops_the_book(yuan, days):
    """Protects the end of the day of a whole book: a stretch ends before its figures outgrow 64 bits, or is empty."""
    principal = yuan * 100
    made = Terms(principal, Decimal("0.0435"), START, Method.INTEREST_FIRST, regular(START, 1))
    on = date(2025, 2, 17)
    account = fold(Contract("L", made), [Drawn("d", START, principal)], on)
    held = stretch(account, [90])
    assert (held.until_on - on).days == min(days, 90)
    assert bool(Columns.of([held]).quiet(on)[0]) == (days > 1)
    if days > 1:
        last = held.until_on - DAY
        account.close(last - DAY)
        assert held.on(last) == positions(account)
