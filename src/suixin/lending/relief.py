"""Extension (展期) and restructuring (重组): the same loan with other terms from a day on.

A loan is restructured if the debtor is in difficulty *and* the lender concedes something it would not else concede;
what was conceded is read off the terms before and after. The first overdue date of the loan is carried through.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from suixin.calendar import MAX_MONTHS, add_months
from suixin.errors import UsageError
from suixin.lending.parameters import Dated, Stated
from suixin.lending.periods import Period
from suixin.lending.prepay import reamortise
from suixin.lending.schedule import Method
from suixin.lending.standing import Standing
from suixin.lending.terms import Moratorium, RateStep, Terms, Weight
from suixin.money import check_minor


class Concession(StrEnum):
    """What the new terms give up against the old ones."""

    LOWER_RATE = "lower_rate"
    LATER_MATURITY = "later_maturity"
    INTEREST_ONLY = "interest_only"  # a grace
    PUT_OFF = "put_off"  # a moratorium
    FORGIVEN = "forgiven"  # of principal


class Limit(NamedTuple):
    """How long all extensions of a loan of up to so many months may be in all: a share of its term, and at most."""

    up_to_months: int
    share: Fraction
    most_months: int


EXTENSION_LIMITS = Dated(
    "extension_limits",
    (
        Stated(
            (
                Limit(12, Fraction(1), 12),
                Limit(60, Fraction(1, 2), 30),
                Limit(MAX_MONTHS, Fraction(1), 36),
            ),
            date(1996, 8, 1),
            "General Rules for Loans (贷款通则), article 12: up to a year the original term again, up to five years "
            "half of it, else three years",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Change:
    """Other terms from a day on; what is None stays.

    Attributes:
        annual_rate: nominal, from the day on.
        periods: from the day on; those of a bullet from its start.
        weights: of a harvest loan, one for each of the periods.
        grace_periods: so many periods from the day on pay interest only.
        moratorium: a span from the day on in which no instalment falls due.
        arrears_fen: overdue principal that the new instalments take in; else it stays overdue in the account. The
            terms alone hold every past instalment for paid.
        forgiven_fen: principal that the lender gives up on the day.
    """

    annual_rate: Decimal | None = None
    periods: tuple[Period, ...] | None = None
    weights: tuple[Weight, ...] | None = None
    grace_periods: int | None = None
    moratorium: Moratorium | None = None
    arrears_fen: int = 0
    forgiven_fen: int = 0

    def __post_init__(self) -> None:
        if check_minor(self.arrears_fen, "arrears") < 0 or check_minor(self.forgiven_fen, "forgiven") < 0:
            raise UsageError(f"arrears of {self.arrears_fen} or {self.forgiven_fen} fen forgiven is below 0")


@dataclass(frozen=True, slots=True)
class Relief:
    """What a change of terms was.

    Attributes:
        on: the day.
        before: the loan as it was.
        after: the loan as it goes on, with its first overdue date and its count of restructurings.
        concessions: what the lender gave up.
        restructured: difficulty and concession: the loan is watched, and at least special-mention.
        over_limit: longer than all extensions may be in all.
    """

    on: date
    before: Standing
    after: Standing
    concessions: tuple[Concession, ...]
    restructured: bool
    over_limit: bool


def change(before: Standing, on: date, wanted: Change, *, difficulty: bool) -> Relief:
    """Give a loan other terms from a day on.

    Args:
        before: the loan as it is.
        on: a due date whose interest is settled; any day for a bullet.
        wanted: the new terms.
        difficulty: whether the debtor is in financial difficulty, as a person has judged it.

    Raises:
        UsageError: as in `prepay.reamortise` and `Terms`, or all principal is forgiven.
    """
    terms = before.terms
    changed = _bullet(terms, on, wanted) if terms.method is Method.BULLET else _reamortised(terms, on, wanted)
    conceded = _concessions(terms, changed, on, wanted)
    restructured = difficulty and bool(conceded)
    after = replace(before, terms=changed, restructurings=before.restructurings + restructured)
    return Relief(on, before, after, conceded, restructured, _over_limit(after, on))


def extend(
    before: Standing,
    on: date,
    periods: tuple[Period, ...],
    *,
    difficulty: bool,
    weights: tuple[Weight, ...] | None = None,
    annual_rate: Decimal | None = None,
) -> Relief:
    """Give a loan a later maturity; arguments as in `Change` and `change`.

    Raises:
        UsageError: the maturity is not later, it is longer than the rules allow, or as in `change`.
    """
    done = change(before, on, Change(annual_rate, periods, weights), difficulty=difficulty)
    if Concession.LATER_MATURITY not in done.concessions:
        raise UsageError(f"an extension to {_end(done.after.terms)} is not later than {_end(before.terms)}")
    if done.over_limit:
        raise UsageError(
            f"an extension to {_end(done.after.terms)} is longer than the rules allow for a loan of "
            f"{before.granted_on} to {before.matures_on}; restructure or renew it"
        )
    return done


def _reamortised(terms: Terms, on: date, wanted: Change) -> Terms:
    held = reamortise(terms, on, annual_rate=wanted.annual_rate)
    return replace(
        held,
        principal_fen=held.principal_fen + wanted.arrears_fen - wanted.forgiven_fen,
        periods=wanted.periods or held.periods,
        weights=wanted.weights or held.weights,
        grace_periods=held.grace_periods if wanted.grace_periods is None else wanted.grace_periods,
        moratorium=wanted.moratorium or held.moratorium,
    )


def _bullet(terms: Terms, on: date, wanted: Change) -> Terms:
    """A bullet keeps its start, so that its interest runs through; a new rate is a repricing."""
    if wanted.arrears_fen or wanted.forgiven_fen or wanted.grace_periods or wanted.weights:
        raise UsageError("a bullet has no parts of principal; change its rate or its date, or renew it")
    steps = tuple(step for step in terms.rate_steps if step.from_on < on)
    if wanted.annual_rate is not None:
        steps = (*steps, RateStep(on, wanted.annual_rate))
    return replace(
        terms,
        periods=wanted.periods or terms.periods,
        moratorium=wanted.moratorium or terms.moratorium,
        rate_steps=steps if wanted.annual_rate is not None else terms.rate_steps,
    )


def _concessions(old: Terms, new: Terms, on: date, wanted: Change) -> tuple[Concession, ...]:
    tests = {
        Concession.LOWER_RATE: new.rate_on(on) < old.rate_on(on),
        Concession.LATER_MATURITY: _end(new) > _end(old),
        Concession.INTEREST_ONLY: bool(wanted.grace_periods),
        Concession.PUT_OFF: wanted.moratorium is not None,
        Concession.FORGIVEN: wanted.forgiven_fen > 0,
    }
    return tuple(found for found, holds in tests.items() if holds)


def _over_limit(after: Standing, on: date) -> bool:
    begin, end = after.granted_on, after.matures_on
    longer = (number for number in range(1, MAX_MONTHS) if add_months(begin, number) >= end)
    months = next(longer, MAX_MONTHS)
    limit = next(limit for limit in EXTENSION_LIMITS.on(on) if months <= limit.up_to_months)
    latest = add_months(end, min(int(months * limit.share), limit.most_months))
    if add_months(begin, months) != end:  # a term of days is measured in days
        latest = min(latest, end + timedelta(days=int((end - begin).days * limit.share)))
    return _end(after.terms) > latest


def _end(terms: Terms) -> date:
    return terms.periods[-1].due_on
