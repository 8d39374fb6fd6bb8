"""Interest of a period, exactly: whole months at annual / 12, everything else by days on what is used each day."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from suixin.calendar import DayCount
from suixin.lending.periods import Period
from suixin.lending.terms import RateStep, Terms
from suixin.money import round_ratio


def by_days(
    balance_fen: int,
    begin: date,
    end: date,
    annual_rate: Decimal,
    day_count: DayCount,
    *,
    moves: Sequence[tuple[date, int]] = (),
    steps: Sequence[RateStep] = (),
) -> Fraction:
    """Return the exact interest, in fen, from begin (counts) to end (does not), of a balance that moves.

    Args:
        balance_fen: what is used on the first day.
        begin: the first day.
        end: the day after the last.
        annual_rate: on the first day.
        day_count: how days bear interest.
        moves: (day, fen drawn, or repaid if negative) after begin and before end, in order.
        steps: repricings after begin and before end, in order.
    """
    moved, priced = dict(moves), dict(steps)
    bounds = sorted({begin, end, *moved, *priced})
    total, rate = Fraction(0), annual_rate
    for first, after in pairwise(bounds):
        balance_fen += moved.get(first, 0)
        rate = priced.get(first, rate)
        total += balance_fen * Fraction(rate) * day_count.year_fraction(first, after)
    return total


def period_interest(terms: Terms, period: Period, balance_fen: int, until: date | None = None) -> int:
    """Return the interest of a period on the balance at its begin, fen, rounded half-up once.

    Drawdowns and repricings inside the period break it, so that it bears interest by days; `until` cuts it.
    """
    end = until or period.end
    moves = [part for part in terms.drawdowns if period.begin < part.drawn_on < end]
    steps = [step for step in terms.rate_steps if period.begin < step.from_on < end]
    rate = terms.rate_on(period.begin)
    if not (moves or steps):
        top, bottom = rate.as_integer_ratio()
        if period.months and end == period.end and not terms.counts_days:
            return round_ratio(balance_fen * top * period.months, bottom * 12)
        years = terms.day_count.year_fraction(period.begin, end)
        return round_ratio(balance_fen * top * years.numerator, bottom * years.denominator)
    found = by_days(balance_fen, period.begin, end, rate, terms.day_count, moves=moves, steps=steps)
    return round_ratio(found.numerator, found.denominator)
