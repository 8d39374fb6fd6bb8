"""How principal is spread over the periods that repay it: a level instalment, or parts."""

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from suixin.lending.periods import Period
from suixin.lending.schedule import Method
from suixin.lending.terms import Terms, Weight
from suixin.money import round_ratio, split


def level(terms: Terms, balance_fen: int, rate: Decimal, repays: Sequence[bool]) -> int:
    """Return the instalment, fen, that repays a balance in the periods that repay, rounded half-up.

    Whole months, and a period that a settlement day or a prepayment breaks among them, count as the loan's step
    of months; a loan by days counts each period's days. With equal periods this is P r (1+r)^n / ((1+r)^n - 1).
    """
    factors = _factors(terms, rate, [p for p, open_ in zip(terms.periods, repays, strict=True) if open_])
    if not any(factors):
        return round_ratio(balance_fen, len(factors))
    common = math.lcm(*{part.denominator for part in factors})
    # Everything over powers of the common denominator: grown / common^n is the growth of one fen to the end,
    # paid / common^n that of one fen paid each period.
    grown, paid, power = 1, 0, 1
    for part in factors:
        growth = common + part.numerator * (common // part.denominator)
        power *= common
        grown *= growth
        paid = paid * growth + power
    return round_ratio(balance_fen * grown, paid)


def _factors(terms: Terms, rate: Decimal, periods: Sequence[Period]) -> list[Fraction]:
    """Interest on one fen over each period."""
    step = max(period.months for period in terms.periods)
    annual = Fraction(rate)
    if step and not terms.counts_days:
        return [annual * (period.months or step) / 12 for period in periods]
    return [annual * terms.day_count.year_fraction(period.begin, period.end) for period in periods]


def parts(method: Method, balance_fen: int, weights: Sequence[Weight]) -> list[int]:
    """Return the principal of each period, fen; weight 0 repays nothing, the last other one takes the residue."""
    open_ = [number for number, weight in enumerate(weights) if weight]
    if method in {Method.HARVEST, Method.SEASON}:
        return split(balance_fen, weights)
    found, left = [0] * len(weights), balance_fen
    if method is Method.EQUAL_PRINCIPAL:
        part = round_ratio(balance_fen, len(open_))
        for number in open_[:-1]:
            found[number] = min(part, left)
            left -= found[number]
    found[open_[-1]] = left
    return found
