"""Instalments that fell due and are not paid, and the interest on lateness, exact by the day.

Lateness is an integer: fen x ppm x days. It is divided once, when a figure is asked for, so that charging thirty days at
once or one by one gives the same fen.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from suixin.lending.contract import PPM, Contract
from suixin.lending.standing import Span, counted
from suixin.money import round_ratio


@dataclass(slots=True)
class Bill:
    """One due date's parts that are not paid, fen, and what grace has left uncharged, fen-days."""

    due_on: date
    free_on: date  # the last day on which a payment is on time
    principal_fen: int
    interest_fen: int
    rate_ppm: int
    late_ppm: int
    grace_principal: int = 0
    grace_interest: int = 0

    @property
    def open_fen(self) -> int:
        """What is left of it."""
        return self.principal_fen + self.interest_fen


@dataclass(slots=True)
class Arrears:
    """All bills, oldest first, and what their lateness has come to.

    `carried` is the first overdue date of arrears that other terms or a renewal took in, until a date of these is kept.
    """

    contract: Contract
    bills: list[Bill] = field(default_factory=list)
    late: int = 0  # fen x ppm x days
    frozen: list[tuple[date, date]] = field(default_factory=list)  # first and last day, both included
    carried: date | None = None

    def copy(self) -> "Arrears":
        """Return the same, to go on with."""
        return Arrears(
            self.contract, [replace(bill) for bill in self.bills], self.late, [*self.frozen], self.carried
        )

    def add(self, due_on: date, principal_fen: int, interest_fen: int, rate: int) -> None:
        """Put a new bill behind the others."""
        held = self.contract.late
        late_ppm = round_ratio(*(rate * (1 + held.uplift)).as_integer_ratio())
        free_on = due_on + timedelta(days=held.grace_days)
        self.bills.append(Bill(due_on, free_on, principal_fen, interest_fen, rate, late_ppm))

    def late_fen(self) -> int:
        """All interest on lateness so far, fen, rounded half-up once."""
        return round_ratio(self.late, PPM * self.contract.year_days)

    def daily(self, today: date) -> int:
        """What the night from today on adds to `late`, where no grace has just been missed.

        In days that relief froze the penalty stops; ordinary interest on the principal runs on.
        """
        if self.is_frozen(today):
            return sum(bill.principal_fen * bill.rate_ppm for bill in self.bills)
        compound = self.contract.late.compound
        return sum(
            bill.principal_fen * bill.rate_ppm
            if today < bill.free_on
            else (bill.principal_fen + (bill.interest_fen if compound else 0)) * bill.late_ppm
            for bill in self.bills
        )

    def breaks(self, today: date) -> list[date]:
        """Days after today from which lateness is charged in another way."""
        ends = [bill.free_on for bill in self.bills]
        ends += [day for first, last in self.frozen for day in (first, last + timedelta(days=1))]
        return [day for day in ends if day > today]

    def charge(self, today: date, days: int) -> None:
        """Charge the nights from today on; none of `breaks` may lie among them."""
        if self.is_frozen(today):
            self.late += self.daily(today) * days
            return
        compound, back = self.contract.late.compound, self.contract.late.back_to_due
        for bill in self.bills:
            interest = bill.interest_fen if compound else 0
            if today < bill.free_on:
                self.late += bill.principal_fen * bill.rate_ppm * days
                bill.grace_principal += bill.principal_fen * days
                bill.grace_interest += interest * days
                continue
            if back:  # the grace is missed: its days bear the penalty rate after all
                self.late += bill.grace_principal * (bill.late_ppm - bill.rate_ppm)
                self.late += bill.grace_interest * bill.late_ppm
            bill.grace_principal = bill.grace_interest = 0
            self.late += (bill.principal_fen + interest) * bill.late_ppm * days

    def is_frozen(self, day: date) -> bool:
        """Whether relief holds on a day."""
        return any(first <= day <= last for first, last in self.frozen)

    def first_overdue_on(self, day: date) -> date | None:
        """The date from which days past due count on a day: the oldest unpaid one out of grace, or that carried over."""
        back, carried = self.contract.late.back_to_due, self.carried
        for bill in self.bills:
            if day > bill.free_on:
                own = bill.due_on if back else bill.free_on
                return own if carried is None else min(own, carried)
        return carried

    def days_past_due(self, day: date) -> int:
        """Days since then, without those that relief froze, each of which counts once."""
        first = self.first_overdue_on(day)
        if first is None:
            return 0
        if not self.frozen:
            return (day - first).days
        pieces = counted(first, day, [Span(*span) for span in self.frozen])
        return sum((end - begin).days for begin, end in pieces)
