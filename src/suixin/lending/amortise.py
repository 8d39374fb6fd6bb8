"""Schedules from terms: one loop for every method, frequency, grace, moratorium, repricing and part drawdown.

The builders of `lending.schedule` make the plain monthly cases faster; tests hold both to the same rows.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from suixin.errors import UsageError
from suixin.lending.interest import period_interest
from suixin.lending.moratorium import extended, inside
from suixin.lending.plan import level, parts
from suixin.lending.schedule import Instalment, Method, Schedule
from suixin.lending.terms import Deferred, Terms, Weight
from suixin.money import split


class Charge(NamedTuple):
    """What a period bears interest on, and its interest, fen: due with its instalment, or deferred to a later one."""

    base_fen: int
    interest_fen: int


class Course(NamedTuple):
    """How a loan runs: its terms with every period, its schedule, and the interest of each period."""

    terms: Terms
    schedule: Schedule
    charges: tuple[Charge, ...]


def course(terms: Terms) -> Course:
    """Return the schedule of a loan and what accrues behind it; errors as in `build`."""
    made = extended(terms)
    loop = _Loop(made)
    rows = tuple(loop.rows())
    built = Schedule(made.principal_fen, made.annual_rate, made.start_on, made.method, rows, made.drawdowns)
    return Course(made, built, tuple(loop.charges))


def build(terms: Terms) -> Schedule:
    """Make the schedule of a loan, exact to the fen, the residue in the last instalment that repays.

    Raises:
        UsageError: the terms leave no period that repays principal, or a moratorium covers the last date.
    """
    return course(terms).schedule


def instalment_in_force(terms: Terms, number: int) -> int:
    """Return the level instalment that holds in a period (from 0) of an equal-instalment loan, fen."""
    loop = _Loop(extended(terms))
    loop.rows()
    return loop.levels[number]


class _Loop:
    """What is owed, period by period."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.weights = _weights(terms)
        self.frozen = [inside(terms.moratorium, period) for period in terms.periods]
        self.repays = _repaying(terms, self.weights, self.frozen)
        if not any(self.repays) or self.frozen[-1]:
            raise UsageError(
                "nothing is left to repay on the last dates; shorten the grace or the moratorium"
            )
        self.last = max(number for number, open_ in enumerate(self.repays) if open_)
        self.paid = self.accrued = 0
        self.levels: list[int] = []
        self.charges: list[Charge] = []
        self.extra: dict[int, int] = {}  # interest put off to a later row, by row

    def rows(self) -> list[Instalment]:
        """All rows."""
        made: list[Instalment] = []
        rate: Decimal | None = None
        drawn = -1
        plan: Sequence[int] | int = 0
        for number, period in enumerate(self.terms.periods):
            used = self._drawn(period.begin, included=True) - self.paid
            balance = self._drawn(period.due_on, included=False) - self.paid
            base = used + (self.accrued if self.terms.compound else 0)
            charge = period_interest(self.terms, period, base)
            self.charges.append(Charge(base, charge))
            now = self.terms.rate_on(period.begin), self._drawn(period.begin, included=True)
            if now != (rate, drawn):
                plan = self._plan(number, max(used, 0), now[0], first=rate is None)
                rate, drawn = now
            self.levels.append(plan if isinstance(plan, int) else 0)
            part = self._part(number, plan, charge, balance)
            interest = self._interest(number, charge)
            self.paid += part
            made.append(
                Instalment(number + 1, period.due_on, part, interest, part + interest, balance - part)
            )
        return made

    def _drawn(self, day: date, *, included: bool) -> int:
        """All that is paid out before a day, or up to it."""
        later = self.terms.drawdowns
        if not later:
            return self.terms.principal_fen
        return self.terms.opening_fen + sum(
            amount for on, amount in later if on < day or (included and on == day)
        )

    def _plan(self, number: int, balance: int, rate: Decimal, *, first: bool) -> Sequence[int] | int:
        terms = self.terms
        if terms.parts_fen is not None:
            return terms.parts_fen
        if terms.method is Method.EQUAL_INSTALMENT:
            if first and terms.instalment_fen is not None:
                return terms.instalment_fen
            return level(terms, balance, rate, [self.repays[at] and at >= number for at in self._all()])
        weights = [
            weight if at >= number and self.repays[at] else 0 for at, weight in enumerate(self.weights)
        ]
        return parts(terms.method, balance, weights)

    def _all(self) -> range:
        return range(len(self.terms.periods))

    def _part(self, number: int, plan: Sequence[int] | int, charge: int, balance: int) -> int:
        if number == self.last:
            return balance
        if not self.repays[number]:
            return 0
        # A rounded-up instalment can end a tiny loan early: never repay more than is left.
        part = max(plan - charge, 0) if isinstance(plan, int) else plan[number]
        return min(part, balance)

    def _interest(self, number: int, charge: int) -> int:
        """What of the interest falls due in this row; the rest is deferred."""
        self.accrued += charge
        put_off = self.terms.defer_interest and number < self.last and not self.repays[number]
        held = self.terms.moratorium
        stays = held is not None and held.deferred is Deferred.DUE
        if put_off or (self.frozen[number] and not stays):
            return 0
        if held is not None and held.deferred in {Deferred.SPREAD, Deferred.LAST}:
            self._put_off(number, self.accrued - charge, held.deferred)
            self.accrued = charge
        due = self.accrued + self.extra.pop(number, 0)
        self.accrued = 0
        return due

    def _put_off(self, number: int, amount: int, deferred: Deferred) -> None:
        left = [at for at in self._all() if number <= at <= self.last and not self.frozen[at]]
        left = left[-1:] if deferred is Deferred.LAST else left
        if amount:
            for at, share in zip(left, split(amount, [1] * len(left)), strict=True):
                self.extra[at] = self.extra.get(at, 0) + share


def _weights(terms: Terms) -> list[Weight]:
    """One weight a period; a stub has none."""
    given = iter(terms.weights if terms.weights is not None else ())
    return [0 if period.stub else next(given, 1) for period in terms.periods]


def _repaying(terms: Terms, weights: Sequence[Weight], frozen: Sequence[bool]) -> list[bool]:
    """Which periods repay principal."""
    left, found = terms.grace_periods, []
    for period, weight, closed in zip(terms.periods, weights, frozen, strict=True):
        grace = left > 0 and not period.stub
        left -= grace
        found.append(not (period.stub or grace or closed) and weight != 0)
    return found
