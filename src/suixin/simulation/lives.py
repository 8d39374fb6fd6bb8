"""Seeded lives of loans: borrowers with habits, against the real account and the real book.

Each borrower draws from a generator of its own (seed, number), so that the first hundred of a thousand live as the
hundred alone. What they do are events; everything that follows from them is the library's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from suixin.calendar import add_months
from suixin.ledger.end_of_day import end_of_day
from suixin.ledger.relief import renew
from suixin.ledger.servicing import Loan, Risk, happen, take_back, taken_on
from suixin.ledger.transaction import Transaction
from suixin.lending.account import Account
from suixin.lending.contract import Contract, Late
from suixin.lending.events import (
    Charged,
    Drawn,
    Event,
    Received,
    Refunded,
    Replanned,
    Repriced,
    Source,
    WrittenOff,
)
from suixin.lending.periods import regular
from suixin.lending.prepay import Way
from suixin.lending.renewal import Applicant
from suixin.lending.renewal import Borrower as Farmer
from suixin.lending.schedule import Method
from suixin.lending.terms import Moratorium, Terms

_DAY = timedelta(days=1)
_WAYS = tuple(Way)
FEE = "returned payment"
APPLICANT = Applicant(Farmer.FARMER, lawful=True, going_concern=True, good_credit=True)


class Habit(StrEnum):
    """How a borrower deals with a loan."""

    PUNCTUAL = "punctual"
    LATE = "late"  # pays some days after the date
    SWEPT = "swept"  # from sales, every week; some sales are returned
    PREPAYS = "prepays"
    BOUNCES = "bounces"  # some payments are taken back days later, and cost a fee
    UNNOTICED = "unnoticed"  # the bank hears of a payment days later
    RELIEVED = "relieved"  # a disaster: a moratorium, then on time
    RENEWS = "renews"  # at maturity a new contract settles the old one
    DRAWS_MORE = "draws_more"
    DEFAULTS = "defaults"  # stops; the guarantor pays a part, the rest is written off, a little comes back


_HABITS = tuple(Habit)
_SHARES = (0.30, 0.14, 0.12, 0.09, 0.07, 0.07, 0.06, 0.05, 0.05, 0.05)


class Customer(NamedTuple):
    """Who borrows: the merchant's number, and how likely it is to stop paying, 0 to 1."""

    merchant: int
    stops: float


@dataclass(slots=True)
class Borrower:
    """A borrower with one loan at a time."""

    number: int
    habit: Habit
    rng: np.random.Generator
    loan: Loan
    wakes_on: date
    stops_on: date = date.max
    made: int = 0
    back: list[tuple[date, str]] = field(default_factory=list)  # events to be taken back, and when
    posted: dict[str, Transaction] = field(default_factory=dict)  # by the key of the event

    def key(self, name: str) -> str:
        """A key that no other event of the loan has."""
        self.made += 1
        return f"{name} {self.made}"


@dataclass(slots=True)
class Day:
    """What a day brought: the transactions of its events, and of its end."""

    on: date
    booked: list[Transaction]


class Lives:
    """A lender's book of loans, day by day.

    Args:
        seed: one seed, one journal.
        borrowers: how many, with the usual share of those who stop paying; or who they are, each once.
        from_on: the first day.
        repriced_on: a day on which every loan alive bears another rate from then on.
        within_days: so many days from the first one on loans begin.
    """

    def __init__(
        self,
        seed: int,
        borrowers: int | Sequence[Customer],
        from_on: date,
        repriced_on: date | None = None,
        within_days: int = 365,
    ) -> None:
        customers = (
            [(number, None) for number in range(borrowers)] if isinstance(borrowers, int) else borrowers
        )
        self.open_on = from_on
        self.repriced_on = repriced_on
        self.past: list[Loan] = []  # loans that a renewal settled
        self.borrowers = [_borrower(seed, number, from_on, within_days, stops) for number, stops in customers]

    @property
    def loans(self) -> list[Loan]:
        """Every loan, in the order of its number."""
        held = [*self.past, *(one.loan for one in self.borrowers)]
        return sorted(held, key=lambda loan: loan.contract.loan)

    @property
    def merchants(self) -> dict[str, str]:
        """Number of each loan -> number of the merchant, as the lake knows it."""
        return {loan.contract.loan: str(int(loan.contract.loan[1:7])) for loan in self.loans}

    def days(self, through: date) -> Iterator[Day]:
        """Live day after day; each is closed when it is yielded."""
        while self.open_on <= through:
            day = self.open_on
            booked = [made for one in self.borrowers for made in self._morning(one, day)]
            ended = end_of_day([loan for loan in self.loans if loan.is_live], day)
            changed = {loan.contract.loan: loan for loan in ended.changed}
            self.past = [changed.get(loan.contract.loan, loan) for loan in self.past]
            for one in self.borrowers:
                one.loan = changed.get(one.loan.contract.loan, one.loan)
            self.open_on = day + _DAY
            yield Day(day, booked + ended.booked)

    def _morning(self, one: Borrower, day: date) -> Iterator[Transaction]:
        while one.back and one.back[0][0] <= day:
            _, key = one.back.pop(0)
            changed = take_back(one.loan, key, day, "退货或退票 returned", one.posted.get(key))
            one.loan = changed.loan
            yield from changed.booked
        if day == self.repriced_on and one.loan.events and one.loan.stretch.begins.current:
            yield from self._happens(one, Repriced(one.key("repriced"), day, Decimal("0.041")), day)
        if day == one.wakes_on:
            yield from self._acts(one, day)

    def _happens(self, one: Borrower, event: Event, day: date) -> Iterator[Transaction]:
        changed = happen(one.loan, event, day)
        one.loan = changed.loan
        for made in changed.booked:
            one.posted[event.key] = made
            yield made

    def _acts(self, one: Borrower, day: date) -> Iterator[Transaction]:
        loan = one.loan
        if not loan.events:
            amount = loan.contract.terms.principal_fen
            yield from self._happens(one, Drawn(one.key("drawn"), day, amount), day)
        else:
            account = loan.on(day)
            if account.is_closed:
                one.wakes_on = date.max
                if account.overpaid:
                    yield from self._happens(one, Refunded(one.key("refunded"), day, account.overpaid), day)
                return
            if (
                one.habit is Habit.RENEWS
                and account.course
                and day == account.course.schedule.rows[-1].due_on
            ):
                yield from self._renews(one, day)
            else:
                for event in _events(one, account, day):
                    yield from self._happens(one, event, day)
        one.wakes_on = _wakes(one, day)

    def _renews(self, one: Borrower, day: date) -> Iterator[Transaction]:
        """The borrower pays the interest, and the new contract the principal."""
        old = one.loan
        principal = old.on(day).principal_fen
        number = f"{old.contract.loan}R"
        terms = Terms(principal, Decimal("0.045"), day, Method.INTEREST_FIRST, regular(day, 12))
        done = renew(old, Contract(number, terms, old.contract.late), APPLICANT, day)
        self.past.append(done.old)
        one.loan, one.habit = done.new, Habit.PUNCTUAL
        yield from (*(done.paid.booked if done.paid else ()), done.booked)


def _borrower(seed: int, number: int, from_on: date, within_days: int, stops: float | None) -> Borrower:
    rng = np.random.default_rng([seed, number])
    habit = _habit(rng, stops)
    start = from_on + int(rng.integers(0, within_days)) * _DAY
    months = int(rng.choice([6, 12, 12, 18]))
    rate = Decimal(int(rng.integers(350, 900))) / 10_000
    principal = int(rng.integers(50, 3_000)) * 10_000
    terms = _terms(rng, habit, principal, rate, start, months)
    late = Late(Decimal("0.5"), int(rng.choice([0, 0, 3])), compound=bool(rng.integers(0, 2)))
    contract = Contract(f"L{number:06d}", terms, late, charges={FEE: 20_000})
    pd = Decimal(int(rng.integers(50, 1_200))) / 10_000
    risk = Risk(pd, min(Decimal(1), pd * 2), Decimal("0.45"), pd)
    stops_on = start + int(rng.integers(60, 200)) * _DAY if habit is Habit.DEFAULTS else date.max
    return Borrower(number, habit, rng, taken_on(contract, risk), start, stops_on)


def _habit(rng: np.random.Generator, stops: float | None) -> Habit:
    """By the usual shares; with a chance of its own of stopping, the others share the rest."""
    if stops is None:
        return _HABITS[int(rng.choice(len(_HABITS), p=_SHARES))]
    if rng.random() < stops:
        return Habit.DEFAULTS
    others = np.array(_SHARES[:-1])
    return _HABITS[int(rng.choice(len(others), p=others / others.sum()))]


def _terms(
    rng: np.random.Generator, habit: Habit, principal: int, rate: Decimal, start: date, months: int
) -> Terms:
    method = Method(rng.choice(["equal_instalment", "equal_principal", "interest_first", "harvest"]))
    if habit is Habit.RENEWS:
        method = Method.INTEREST_FIRST
    if habit in {Habit.RELIEVED, Habit.DRAWS_MORE} and method is Method.HARVEST:
        method = Method.EQUAL_INSTALMENT
    day = 20 if rng.random() < 0.3 and method is not Method.HARVEST else None
    periods = regular(start, months, settlement_day=day)
    weights = None
    if method is Method.HARVEST:
        weights = tuple(int(add_months(start, at + 1).month in {9, 10, 11}) for at in range(months))
        weights = weights if any(weights) else (*[0] * (months - 1), 1)
    return Terms(principal, rate, start, method, periods, weights=weights)


def _next_due(one: Borrower, day: date) -> date:
    """The next date on which the present contract asks for something; a week on where none is left."""
    dues = [period.due_on for period in one.loan.contract.terms.periods]
    return next((due for due in dues if due > day), day + 7 * _DAY)


def _wakes(one: Borrower, day: date) -> date:
    due = _next_due(one, day)
    if one.habit is Habit.SWEPT:
        return min(due, day + 7 * _DAY)
    if one.habit in {Habit.LATE, Habit.UNNOTICED}:
        return due + int(one.rng.integers(1, 25)) * _DAY
    if one.habit in {Habit.PREPAYS, Habit.DRAWS_MORE} and one.rng.random() < 0.3:
        return day + int(one.rng.integers(2, 25)) * _DAY
    if one.habit is Habit.DEFAULTS and day >= one.stops_on:
        return day + 40 * _DAY
    return due


def _due(account: Account) -> int:
    return account.due_principal_fen + account.due_interest_fen + account.late_fen + account.fees_fen


def _events(one: Borrower, account: Account, day: date) -> list[Event]:
    """What a borrower does on a day on which they wake."""
    due = max(0, _due(account) - account.overpaid)
    stopped = day >= one.stops_on
    if one.habit is Habit.SWEPT:
        return _swept(one, account, day, due)
    if one.habit is Habit.DEFAULTS and stopped:
        return _defaulted(one, account, day)
    if one.habit is Habit.RELIEVED and one.made > 2 and not stopped:
        return _relieved(one, account, day)
    if not due:
        return _ahead(one, account, day)
    return (
        _unnoticed(one, account, day, due) if one.habit is Habit.UNNOTICED else _pays(one, account, day, due)
    )


def _pays(one: Borrower, account: Account, day: date, due: int) -> list[Event]:
    paid = Received(one.key("paid"), day, due)
    if one.habit is not Habit.BOUNCES or one.rng.random() >= 0.25:
        return [paid]
    one.back.append((day + 3 * _DAY, paid.key))
    charged = account.charged.get(FEE, 0)
    return [paid, *([Charged(one.key("fee"), day, FEE, 2_000)] if charged < 18_000 else [])]


def _ahead(one: Borrower, account: Account, day: date) -> list[Event]:
    """Nothing is due: some prepay, some draw more."""
    if one.habit is Habit.DRAWS_MORE and one.made < 3:
        return _more(one, account, day)
    if one.habit is not Habit.PREPAYS or not account.current or one.rng.random() >= 0.5:
        return []
    way = _WAYS[int(one.rng.integers(0, 3))]
    whole = one.rng.random() < 0.3
    part = account.payoff_fen if whole else account.accrued_fen + account.current // 3 + 1
    return [Received(one.key("prepaid"), day, part, ahead=way)]


def _unnoticed(one: Borrower, account: Account, day: date, due: int) -> list[Event]:
    """What was paid on the oldest date comes to be known today."""
    since = account.arrears.bills[0].due_on if account.arrears.bills else day
    last = max(event.on for event in one.loan.events)
    return [Received(one.key("found"), max(since, last), due)]


def _swept(one: Borrower, account: Account, day: date, due: int) -> list[Event]:
    withheld = int(one.loan.contract.terms.principal_fen * one.rng.random() * 0.04)
    most = account.payoff_fen
    if day in [period.due_on for period in one.loan.contract.terms.periods]:
        withheld = max(withheld, due)
    amount = min(withheld, most)
    if amount <= 0:
        return []
    swept = Received(one.key("swept"), day, amount, Source.SWEEP, Way.KEEP)
    if one.rng.random() < 0.04 and amount < most:
        one.back.append((day + 5 * _DAY, swept.key))
    return [swept]


def _more(one: Borrower, account: Account, day: date) -> list[Event]:
    if account.course is None or account.course.terms.parts_fen is not None:
        return []
    if account.course.terms.periods[-1].due_on <= day + 30 * _DAY:
        return []
    return [Drawn(one.key("drawn"), day, account.drawn // 4 + 1)]


def _relieved(one: Borrower, account: Account, day: date) -> list[Event]:
    """A hailstorm: three months in which nothing falls due, and the dates move."""
    one.stops_on = day  # once
    if account.course is None or account.course.schedule.rows[-1].due_on <= day:
        return []
    last = add_months(day, 3)
    held = Moratorium(day + _DAY, last)
    moved = account.course.terms
    if moved.moratorium is not None or moved.start_on == day:
        return []
    return [Replanned(one.key("relief"), day, replace(moved, moratorium=held), last)]


def _defaulted(one: Borrower, account: Account, day: date) -> list[Event]:
    late = account.days_past_due
    if account.books.lost_fen:
        part = min(one.loan.contract.terms.principal_fen // 50 + 1, account.payoff_fen)
        return [Received(one.key("recovered"), day, part)] if one.rng.random() < 0.4 else []
    if late > 300 and one.made < 90:
        return [WrittenOff(one.key("written off"), day)]
    guaranteed = any(
        isinstance(event, Received) and event.source is Source.GUARANTOR for event in one.loan.events
    )
    if late > 100 and not guaranteed:
        return [Received(one.key("guarantee"), day, account.due_principal_fen // 2 + 1, Source.GUARANTOR)]
    return []
