"""Each check of the reliability properties 8 to 11 finds a bug that is planted in one line of the rule."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from reliability import DAY, check_8, check_9, check_10, check_11_order, check_11_whole
from suixin.ledger import servicing
from suixin.lending import allocation
from suixin.lending.allocation import AllocationRule, Bucket, Future, Owed, allocate
from suixin.lending.amortise import build
from suixin.lending.contract import Contract
from suixin.lending.events import Drawn, Received
from suixin.lending.periods import regular
from suixin.lending.schedule import Method, Schedule, ScheduleError
from suixin.lending.stretch import Columns
from suixin.lending.terms import Terms

START = date(2025, 1, 6)
TERMS = Terms(1_000_003, Decimal("0.0737"), START, Method.EQUAL_PRINCIPAL, regular(START, 6, "week"))
CONTRACT = Contract("L1", TERMS)
EVENTS = [
    Drawn("drawn", START, 1_000_003),
    Received("p1", START + 7 * DAY, 20_000),
    Received("p2", START + 15 * DAY, 30_000),
    Received("p3", START + 21 * DAY, 45_000),
]
END = START + 30 * DAY


def test_property_8_finds_nights_that_are_rounded_one_by_one(monkeypatch):
    """A night bears the difference of two rounded sums; its own interest rounded would drift from k days at once."""
    check_8(CONTRACT, EVENTS, END)

    def alone(self, day):
        del day
        return np.rint(self.interest_daily / self.unit).astype(np.int64), 0 * self.late

    monkeypatch.setattr(Columns, "night", alone)
    with pytest.raises(AssertionError):
        check_8(CONTRACT, EVENTS, END)


def test_property_8_finds_a_key_that_differs_the_second_time(monkeypatch):
    check_8(CONTRACT, EVENTS, END)
    turn = iter(range(10_000))
    provided = servicing.provided

    def again(loan, day, need_fen):
        made = provided(loan, day, need_fen)
        return made and replace(made, key=f"{made.key} {next(turn)}")

    monkeypatch.setattr(servicing, "provided", again)
    with pytest.raises(AssertionError):
        check_8(CONTRACT, EVENTS, END)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_property_9_finds_a_late_payment_that_counts_from_today(monkeypatch, number):
    """Heard of five days late, it must count from its own day."""
    late = EVENTS[number]
    check_9(CONTRACT, EVENTS, late, late.on + 5 * DAY, END)

    def from_today(loan, events, open_on):
        (new,) = [event for event in events if event not in loan.events]
        account = loan.on(open_on)
        return account, account.apply(new._replace(on=open_on))

    monkeypatch.setattr(servicing, "_after", from_today)
    with pytest.raises(AssertionError):
        check_9(CONTRACT, EVENTS, late, late.on + 5 * DAY, END)


def test_property_10_finds_a_residue_that_nobody_pays(monkeypatch):
    """The schedule itself refuses it; and were that forgotten too, the check would find it."""
    check_10(TERMS.principal_fen, START, build(TERMS).rows)

    def without_residue(self, number, plan, charge, balance):
        del self, charge, balance
        return plan[number] - (number == len(plan) - 1)

    monkeypatch.setattr("suixin.lending.amortise._Loop._part", without_residue)
    with pytest.raises(ScheduleError, match="leaves a balance of 1 fen"):
        build(TERMS)
    monkeypatch.setattr(Schedule, "__post_init__", lambda *_: None)
    with pytest.raises(AssertionError):
        check_10(TERMS.principal_fen, START, build(TERMS).rows)


OWED = [
    Owed(Bucket.PAST_DUE_INTEREST, START, 100),
    Owed(Bucket.PAST_DUE_PRINCIPAL, START, 1_000),
    Owed(Bucket.IN_ADVANCE_PRINCIPAL, START + 30 * DAY, 1_000),
    Owed(Bucket.IN_ADVANCE_PRINCIPAL, START + 60 * DAY, 1_000),
    Owed(Bucket.IN_ADVANCE_PRINCIPAL, START + 90 * DAY, 1_001),
]


def test_property_11_finds_a_fen_that_is_lost_in_a_split(monkeypatch):
    rule = AllocationRule(allocation.DEFAULT.order, future=Future.REAMORTISE)
    check_11_whole(2_001, OWED, rule, allocate(2_001, OWED, rule))
    monkeypatch.setattr(allocation, "split", lambda total, by: [total * one // sum(by) for one in by])
    with pytest.raises(AssertionError):
        check_11_whole(2_001, OWED, rule, allocate(2_001, OWED, rule))


def test_property_11_finds_principal_before_interest(monkeypatch):
    rule = allocation.DEFAULT
    check_11_order(OWED, rule, allocate(500, OWED, rule))
    place = AllocationRule.place
    monkeypatch.setattr(AllocationRule, "place", lambda self, owed: -place(self, owed))
    with pytest.raises(AssertionError):
        check_11_order(OWED, rule, allocate(500, OWED, rule))
