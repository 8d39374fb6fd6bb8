"""Prepayment in three ways, payoff, and re-amortisation: the loan as it goes on from a day.

Interest is settled to the day, on what was used until then; interest of later days is never charged. Instalments that
fell due on the day or before count as paid.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from suixin.errors import UsageError
from suixin.lending.amortise import build, instalment_in_force
from suixin.lending.interest import period_interest
from suixin.lending.moratorium import extended
from suixin.lending.periods import Period
from suixin.lending.schedule import Method, Schedule
from suixin.lending.terms import Terms
from suixin.money import check_minor


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
        terms: the loan as it goes on; None if it is closed.
        after: its schedule; None if it is closed.
        saved_fen: interest that is no longer due, against the schedule before.
    """

    on: date
    principal_fen: int
    interest_fen: int
    terms: Terms | None
    after: Schedule | None
    saved_fen: int


def payoff(terms: Terms, on: date) -> Payoff:
    """Return what closes the loan on a day.

    Raises:
        UsageError: the day is not within the loan, or principal is still to be drawn after it.
    """
    made, at, terms = _reached(terms, on)
    paid = sum(row.principal_fen for row in made.rows[:at])
    used = terms.principal_fen - paid
    period = terms.periods[at]
    accrued = _accrued(terms, made, at)
    if on > period.begin:
        base = used + (accrued if terms.compound else 0)
        accrued += period_interest(terms, period, base, until=on)
    return Payoff(on, used, accrued)


def prepay(terms: Terms, on: date, amount_fen: int, way: Way) -> Prepaid:
    """Pay an amount on a day: interest to the day first, the rest off the principal.

    Raises:
        UsageError: the day is not within the loan, a drawdown still lies ahead, or the amount does not cover the
            interest to the day or is more than the payoff.
    """
    owed = payoff(terms, on)
    principal = check_minor(amount_fen, "prepayment") - owed.interest_fen
    if principal <= 0:
        raise UsageError(
            f"prepayment of {amount_fen} fen does not exceed the interest to {on}, {owed.interest_fen} fen; pay more"
        )
    if principal > owed.principal_fen:
        raise UsageError(
            f"prepayment of {amount_fen} fen is more than closes the loan on {on}; pay {owed.total_fen} fen"
        )
    made, at, whole = _reached(terms, on)
    before = sum(row.interest_fen for row in made.rows[at:])
    if principal == owed.principal_fen:
        return Prepaid(on, principal, owed.interest_fen, None, None, before - owed.interest_fen)
    next_terms = _after(whole, made, at, on, owed.principal_fen - principal, Way(way))
    after = build(next_terms)
    saved = before - owed.interest_fen - after.total_interest_fen
    return Prepaid(on, principal, owed.interest_fen, next_terms, after, saved)


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
    made, at, whole = _reached(terms, on)
    owed = payoff(terms, on)
    if owed.interest_fen:
        raise UsageError(
            f"interest of {owed.interest_fen} fen to {on} is not settled; choose a due date that pays its interest"
        )
    held = _after(whole, made, at, on, owed.principal_fen, Way.LOWER)
    if periods is not None and held.weights is not None:
        raise UsageError("other periods need other weights; make new terms for a harvest loan")
    return replace(
        held,
        annual_rate=held.annual_rate if annual_rate is None else annual_rate,
        periods=held.periods if periods is None else periods,
    )


def _reached(terms: Terms, on: date) -> tuple[Schedule, int, Terms]:
    """The schedule, the first row that is not paid on the day, and the terms with all periods."""
    terms = extended(terms)
    made = build(terms)
    if not terms.start_on < on < made.rows[-1].due_on:
        raise UsageError(f"{on} is not within the loan; give a day after {terms.start_on} and before its end")
    if any(part.drawn_on >= on for part in terms.drawdowns):
        raise UsageError(f"principal is still to be drawn after {on}; prepay once all is drawn")
    at = sum(row.due_on <= on for row in made.rows)
    if on >= terms.periods[at].end or on < terms.periods[at].begin:
        raise UsageError(
            f"{on} lies between a date and the day that a holiday moved it to; pay on the due date"
        )
    return made, at, terms


def _accrued(terms: Terms, made: Schedule, at: int) -> int:
    """Interest of past periods that is not paid yet."""
    if not (terms.defer_interest or terms.moratorium):
        return 0
    paid, owed, left = 0, 0, terms.principal_fen
    drawn = {part.drawn_on: part.amount_fen for part in terms.drawdowns}
    for period, row in zip(terms.periods[:at], made.rows, strict=False):
        ahead = sum(amount for on, amount in drawn.items() if on > period.begin)
        base = left - ahead + (owed - paid if terms.compound else 0)
        owed += period_interest(terms, period, base)
        paid += row.interest_fen
        left -= row.principal_fen
    return owed - paid


def _after(terms: Terms, made: Schedule, at: int, on: date, left: int, way: Way) -> Terms:
    """The loan from the day on, with so much principal left."""
    first = terms.periods[at]
    whole = on == first.begin
    periods = (first if whole else first._replace(begin=on, months=0), *terms.periods[at + 1 :])
    stubs = sum(period.stub for period in terms.periods[:at])
    weights = None if terms.weights is None else terms.weights[at - stubs :]
    old = [row.principal_fen for row in made.rows[at:]]
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
    if way is Way.SHORTEN and terms.method is Method.EQUAL_INSTALMENT:
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
