"""Prepayment in three ways, payoff, and re-amortisation: the loan as it goes on from a day.

Interest is settled to the day, on what was used until then; interest of later days is never charged. Instalments that
fell due on the day or before count as paid.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from suixin.errors import UsageError
from suixin.lending.amortise import Course, build, course, instalment_in_force
from suixin.lending.interest import period_interest
from suixin.lending.periods import Period
from suixin.lending.schedule import Method, Schedule
from suixin.lending.terms import Terms
from suixin.money import check_minor, major_text


class Way(StrEnum):
    """What a prepayment changes."""

    SHORTEN = "shorten"  # 缩短期限: the instalment stays, the last ones fall away
    LOWER = "lower"  # 减少月供: the dates stay, every instalment left is lower
    KEEP = "keep"  # 期限不变: dates and parts of principal stay, the next parts are reduced first


@dataclass(frozen=True, slots=True)
class Payoff:
    """What closes a loan on a day, fen: what is left of the principal, and interest to the day."""

    on: date
    principal_fen: int
    interest_fen: int

    @property
    def total_fen(self) -> int:
        """Both."""
        return self.principal_fen + self.interest_fen


@dataclass(frozen=True, slots=True)
class Prepaid:
    """A prepayment.

    Attributes:
        on: the day.
        principal_fen: repaid on it.
        interest_fen: settled on it.
        course: the loan as it goes on; None if it is closed.
        saved_fen: interest that is no longer due, against the schedule before.
    """

    on: date
    principal_fen: int
    interest_fen: int
    course: Course | None
    saved_fen: int

    @property
    def terms(self) -> Terms | None:
        """The loan as it goes on; None if it is closed."""
        return None if self.course is None else self.course.terms

    @property
    def after(self) -> Schedule | None:
        """Its schedule; None if it is closed."""
        return None if self.course is None else self.course.schedule


def payoff(terms: Terms, on: date) -> Payoff:
    """Return what closes the loan on a day.

    Raises:
        UsageError: the day is not within the loan, or principal is still to be drawn after it.
    """
    return payoff_of(course(terms), on)


def payoff_of(running: Course, on: date) -> Payoff:
    """Return what closes a loan on a day, from its course; errors as in `payoff`."""
    terms, at = running.terms, _reached(running, on)
    rows = running.schedule.rows[:at]
    used = terms.principal_fen - sum([row.principal_fen for row in rows])
    accrued = sum([held.interest_fen for held in running.charges[:at]]) - sum(
        [row.interest_fen for row in rows]
    )
    if on > terms.periods[at].begin:
        accrued += period_interest(terms, terms.periods[at], running.charges[at].base_fen, until=on)
    return Payoff(on, used, accrued)


def prepay(terms: Terms, on: date, amount_fen: int, way: Way) -> Prepaid:
    """Pay an amount on a day: interest to the day first, the rest off the principal.

    Raises:
        UsageError: the day is not within the loan, a drawdown still lies ahead, or the amount does not cover the
            interest to the day or is more than the payoff.
    """
    return prepay_of(course(terms), on, amount_fen, way)


def prepay_of(running: Course, on: date, amount_fen: int, way: Way) -> Prepaid:
    """Pay an amount on a day, from the loan's course; errors as in `prepay`."""
    owed = payoff_of(running, on)
    principal = check_minor(amount_fen, "prepayment") - owed.interest_fen
    if principal <= 0:
        raise UsageError(
            f"prepayment of {major_text(amount_fen)} does not exceed the interest to {on}, {major_text(owed.interest_fen)}; pay more"
        )
    if principal > owed.principal_fen:
        raise UsageError(
            f"prepayment of {major_text(amount_fen)} is more than closes the loan on {on}; pay {major_text(owed.total_fen)}"
        )
    at = _reached(running, on)
    before = sum(row.interest_fen for row in running.schedule.rows[at:])
    if principal == owed.principal_fen:
        return Prepaid(on, principal, owed.interest_fen, None, before - owed.interest_fen)
    after = course(_after(running, at, on, owed.principal_fen - principal, Way(way)))
    saved = before - owed.interest_fen - after.schedule.total_interest_fen
    return Prepaid(on, principal, owed.interest_fen, after, saved)


def reamortise(
    terms: Terms, on: date, *, annual_rate: Decimal | None = None, periods: tuple[Period, ...] | None = None
) -> Terms:
    """Return the loan as it goes on from a due date, its instalments made anew on what is left.

    Args:
        terms: the loan as it was.
        on: a due date on which interest was paid; on another day interest would be lost.
        annual_rate: from the day on; unchanged if None. Repricings ahead stay as they were.
        periods: those ahead, from the day on; unchanged if None. An extension (展期) gives more of them.

    Raises:
        UsageError: interest to the day is not settled, or as in `payoff`.
    """
    running = course(terms)
    owed = payoff_of(running, on)
    if owed.interest_fen:
        raise UsageError(
            f"interest of {major_text(owed.interest_fen)} to {on} is not settled; choose a due date that pays its interest"
        )
    held = _after(running, _reached(running, on), on, owed.principal_fen, Way.LOWER)
    if periods is not None and held.weights is not None:
        raise UsageError("other periods need other weights; make new terms for a harvest loan")
    return replace(
        held,
        annual_rate=held.annual_rate if annual_rate is None else annual_rate,
        periods=held.periods if periods is None else periods,
    )


def _reached(running: Course, on: date) -> int:
    """The first row that is not paid on the day."""
    terms, rows = running.terms, running.schedule.rows
    if not terms.start_on <= on < rows[-1].due_on:
        raise UsageError(f"{on} is not within the loan; give a day from {terms.start_on} on, before its end")
    if any(part.drawn_on >= on for part in terms.drawdowns):
        raise UsageError(f"principal is still to be drawn after {on}; prepay once all is drawn")
    at = bisect_right(rows, on, key=lambda row: row.due_on)
    if on >= terms.periods[at].end or on < terms.periods[at].begin:
        raise UsageError(
            f"{on} lies between a date and the day that a holiday moved it to; pay on the due date"
        )
    return at


def _after(running: Course, at: int, on: date, left: int, way: Way) -> Terms:
    """The loan from the day on, with so much principal left."""
    terms = running.terms
    first = terms.periods[at]
    whole = on == first.begin
    periods = (first if whole else first._replace(begin=on, months=0), *terms.periods[at + 1 :])
    stubs = sum(period.stub for period in terms.periods[:at])
    weights = None if terms.weights is None else terms.weights[at - stubs :]
    old = [row.principal_fen for row in running.schedule.rows[at:]]
    going = replace(
        terms,
        principal_fen=left,
        annual_rate=terms.rate_on(on),
        start_on=on,
        periods=periods,
        weights=weights,
        grace_periods=max(0, terms.grace_periods - (at - stubs)),
        drawdowns=(),
        rate_steps=tuple(step for step in terms.rate_steps if step.from_on > on),
        instalment_fen=None,
        parts_fen=None,
    )
    if way is Way.LOWER:
        return going
    if way is Way.SHORTEN and terms.method is Method.EQUAL_INSTALMENT and terms.parts_fen is None:
        return _shortened(going, instalment_in_force(terms, at))
    shorter = way is Way.SHORTEN
    reduced = replace(going, parts_fen=_reduced(old, sum(old) - left, from_end=shorter))
    return _trimmed(reduced) if shorter else reduced


def _reduced(parts: list[int], gone: int, *, from_end: bool) -> tuple[int, ...]:
    """Parts of principal without what is gone, taken from the last or from the next first."""
    found = parts[::-1] if from_end else parts[:]
    for number, part in enumerate(found):
        found[number] = part - min(part, gone)
        gone -= min(part, gone)
    return tuple(found[::-1] if from_end else found)


def _shortened(going: Terms, level: int) -> Terms:
    """As many periods as the instalment in force needs; a rest of some fen goes into the one before."""
    trial = build(replace(going, instalment_fen=level, rate_steps=()))
    crumb = len(trial.rows)
    needed = 1 + next(number for number, row in enumerate(trial.rows) if row.balance_fen <= crumb)
    return replace(going, instalment_fen=level, periods=going.periods[:needed])


def _trimmed(going: Terms) -> Terms:
    """Without the last periods, which repay nothing any more; a rest of some fen goes into the one before."""
    parts = list(going.parts_fen or ())
    paying = [number for number, part in enumerate(parts) if part]
    if len(paying) > 1 and parts[paying[-1]] <= len(parts):
        parts[paying[-2]] += parts[paying.pop()]
    needed = paying[-1] + 1
    weights = going.weights
    stubs = sum(period.stub for period in going.periods)
    return replace(
        going,
        parts_fen=tuple(parts[:needed]),
        periods=going.periods[:needed],
        weights=None if weights is None else weights[: needed - stubs],
    )
