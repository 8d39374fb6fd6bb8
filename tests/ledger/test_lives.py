"""A book of loans lived for two years: one seed, one journal; balanced each day; its income counted another way."""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from suixin.ledger.balances import fold, out_of_balance, trial_balance
from suixin.ledger.chain import content
from suixin.ledger.servicing import Loan, journal_order
from suixin.lending.account import fold as folded
from suixin.lending.amortise import build
from suixin.lending.events import Charged, Drawn, Received
from suixin.lending.positions import positions
from suixin.money import round_ratio
from suixin.simulation.lives import Customer, Habit, Lives

DAY = timedelta(days=1)
BEGIN, REPRICED, END = date(2024, 10, 1), date(2025, 10, 1), date(2026, 9, 30)


def lived(borrowers: int, seed: int = 7, repriced_on: date | None = REPRICED):
    """The lives, the journal, and each day's trial balance checked."""
    lives = Lives(seed, borrowers, BEGIN, repriced_on)
    journal, balances = [], {}
    for day in lives.days(END):
        balances = fold(day.booked, balances)
        assert out_of_balance(trial_balance(balances)) == {}, day.on
        journal += day.booked
    return lives, journal, balances


class Counted:
    """A loan counted night by night with fractions, by the rows of its schedule alone."""

    def __init__(self, loan: Loan) -> None:
        self.loan, self.late = loan, loan.contract.late
        self.rows = {row.due_on: row for row in build(loan.contract.terms).rows}
        self.rate = Fraction(loan.contract.terms.annual_rate)
        self.bills: list[list] = []  # due on, interest, principal, fen-days of each in grace
        self.lateness, self.late_paid = Fraction(0), 0
        self.billed = self.held = self.fees = 0

    def earned(self, until: date) -> int:
        """All interest up to the opening of a day, lateness included, fen."""
        terms, day = self.loan.contract.terms, self.loan.contract.terms.start_on
        while day <= until:
            self._falls_due(day)
            self._happens(day)
            if day < until:
                self._night(day)
            day += DAY
        late = round_ratio(self.lateness.numerator, self.lateness.denominator)
        ahead = [row for on, row in self.rows.items() if on > until]
        if not ahead:
            return self.billed + late
        since = max([terms.start_on, *(on for on in self.rows if on <= until)])
        balance = ahead[0].balance_fen + ahead[0].principal_fen
        running = balance * self.rate * (until - since).days / 360
        return (
            self.billed
            + late
            + min(ahead[0].interest_fen, round_ratio(running.numerator, running.denominator))
        )

    def _falls_due(self, day: date) -> None:
        row = self.rows.get(day)
        if row is not None:
            self.bills.append([day, row.interest_fen, row.principal_fen, 0, 0])
            self.billed += row.interest_fen

    def _happens(self, day: date) -> None:
        """Money comes in, or waits, and pays: fees, lateness, what is past due, what is due; interest first in each."""
        self.fees += sum(e.amount_fen for e in self.loan.events if isinstance(e, Charged) and e.on == day)
        self.held += sum(e.amount_fen for e in self.loan.events if isinstance(e, Received) and e.on == day)
        self.fees -= self._take(self.fees)
        late = round_ratio(self.lateness.numerator, self.lateness.denominator) - self.late_paid
        self.late_paid += self._take(max(late, 0))
        for past_due in (True, False):
            group = [bill for bill in self.bills if (day > self._free(bill)) is past_due]
            for part in (1, 2):
                for bill in group:
                    bill[part] -= self._take(bill[part])
        self.bills = [bill for bill in self.bills if bill[1] or bill[2]]

    def _take(self, owed: int) -> int:
        paid = min(self.held, owed)
        self.held -= paid
        return paid

    def _free(self, bill: list) -> date:
        return bill[0] + self.late.grace_days * DAY

    def _night(self, day: date) -> None:
        for bill in self.bills:
            interest = bill[1] if self.late.compound else 0
            if day < self._free(bill):
                self.lateness += bill[2] * self.rate / 360
                bill[3], bill[4] = bill[3] + bill[2], bill[4] + interest
                continue
            penalty = self.rate * (1 + Fraction(self.late.uplift))
            self.lateness += (
                bill[3] * (penalty - self.rate) + bill[4] * penalty
            ) / 360  # its grace after all
            bill[3] = bill[4] = 0
            self.lateness += (bill[2] + interest) * penalty / 360


def plain(loan: Loan) -> bool:
    """Whether nothing but draws, fees and payments that pay what is due has happened."""
    changes = [e for e in loan.events if not isinstance(e, Charged | Drawn | Received)]
    draws = [e for e in loan.events if isinstance(e, Drawn)]
    return (
        not changes and len(draws) == 1 and not any(isinstance(e, Received) and e.ahead for e in loan.events)
    )


def judge(lives: Lives, journal, balances, again: int, repriced_on: date | None = REPRICED) -> None:
    """The first so many borrowers once more: byte-equal; every loan is its fold, and the book that of its loans."""
    other = [made for day in Lives(7, again, BEGIN, repriced_on).days(END) for made in day.booked]
    of_these = [made for made in journal if int(made.key[1:7]) < again]
    assert [content(one) for one in journal_order(other)] == [content(one) for one in journal_order(of_these)]
    assert len({one.key for one in journal}) == len(journal)
    for loan in lives.loans:
        if loan.events:
            anew = folded(loan.contract, loan.events, END + DAY)
            assert positions(anew) == loan.positions_on(END + DAY), loan.contract.loan
    totals = {account: 0 for account, _, _ in balances}
    for (account, _, _), amount in balances.items():
        totals[account] += amount
    kept = [loan.on(END + DAY) for loan in lives.loans if loan.events]
    assert totals["1002.01"] == sum(account.cash for account in kept)
    assert totals["6011.01"] == -sum(account.books.income_fen for account in kept)
    assert totals["1304.01"] == -sum(loan.allowance_fen for loan in lives.loans)


def count(lives: Lives, at_least: int) -> None:
    plain_ones = [loan for loan in lives.loans if loan.events and plain(loan)]
    assert len(plain_ones) >= at_least
    for loan in plain_ones:
        books = loan.on(END + DAY).books
        earned = books.income_fen + books.memo_fen + books.applied_fen
        assert earned == Counted(loan).earned(END + DAY), loan.contract.loan


def test_forty_loans_for_two_years():
    """Protects the book of lives that are repriced: one seed, one journal, balanced on each day."""
    judge(*lived(40), again=40)


def test_the_interest_of_forty_loans_is_what_every_night_adds_up_to():
    """Protects the income: an independent count of every night finds the same fen."""
    lives = Lives(11, 40, BEGIN)
    for _ in lives.days(END):
        pass
    count(lives, 15)


@pytest.mark.full
def test_a_thousand_loans_for_two_years():
    """Protects the same for 1,000 loans, the first 200 of which are lived twice, and the interest of the plain ones."""
    found = lived(1_000, repriced_on=None)
    judge(*found, again=200, repriced_on=None)
    count(found[0], 400)


def test_borrowers_live_by_their_number_and_stop_as_likely_as_told():
    """Protects the loop: a customer's life depends on neither the others nor their order, and chances are kept."""
    asked = [Customer(number, 0.0) for number in range(40, 48)] + [Customer(number, 1.0) for number in (7, 9)]
    some, more = (Lives(3, chosen, BEGIN, within_days=30) for chosen in (asked[4:], asked[::-1]))
    for lives in (some, more):
        for _ in lives.days(BEGIN + 200 * DAY):
            pass
    one, other = ({loan.contract.loan: loan.events for loan in lives.loans} for lives in (some, more))
    assert one == {number: other[number] for number in one}
    assert {held.number for held in more.borrowers if held.habit is Habit.DEFAULTS} == {7, 9}
    assert some.merchants["L000007"] == "7"


def test_the_first_borrowers_of_many_live_as_they_would_alone():
    few = {loan.contract.loan: loan.events for loan in lived(5)[0].loans}
    more = {loan.contract.loan: loan.events for loan in lived(9)[0].loans}
    assert all(more[number] == events for number, events in few.items())
