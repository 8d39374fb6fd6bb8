"""Internal rates of return: the all-in cost of a loan, and conversions between rate conventions.

Each figure states its convention: 12 % nominal a year, charged monthly, is 12.68 % effective; 12 % on ACT/360
is 12.17 % read over 365 days.
"""

import math
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Context, Decimal

from suixin.errors import UsageError

_PRECISION = Context(prec=34)
_FIRST_STEP = 0.01
_MAX_EXPONENT = 600.0  # e^600 times 10^18 fen still fits a float
_MAX_ITERATIONS = 200


def dated_irr(flows: Sequence[tuple[date, int]]) -> float:
    """Return the annual effective rate r at which the sum of flow / (1 + r)^(days / 365) is 0 (XIRR, ACT/365).

    Args:
        flows: (date, amount in fen) in any order; the lender's view and the borrower's give the same rate.

    Returns:
        The rate as a fraction, to about 1e-12. Flows that change sign more than once can have several rates;
        the one nearest to 0 is returned.

    Raises:
        UsageError: no inflow or no outflow, one single date, or no rate at which the flows balance.

    Source: the definition that spreadsheets use for XIRR; Directive 2008/48/EC, annex I, part I, has the same
    equation for the annual percentage rate of charge.
    """
    if not flows:
        raise UsageError("cash flows [] are empty; give at least a drawdown and a repayment")
    first = min(on for on, _ in flows)
    return math.expm1(_log_rate([((on - first).days / 365, amount) for on, amount in flows]))


def monthly_nominal_irr(flows_by_month: Sequence[int]) -> float:
    """Return 12 times the monthly rate at which the flows of months 0, 1, 2 ... (fen) are worth 0.

    This is the nominal annual rate that a loan contract quotes; see `nominal_to_effective`. Several rates and
    errors are as in `dated_irr`.
    """
    return 12 * math.expm1(_log_rate([(float(month), amount) for month, amount in enumerate(flows_by_month)]))


def nominal_to_effective(rate: Decimal, periods: int) -> Decimal:
    """Return (1 + rate / periods)^periods - 1: 0.12 charged monthly is 0.126825... effective a year.

    Raises:
        UsageError: the rate is no finite Decimal above -1, or periods is not a whole number from 1.
    """
    if not isinstance(rate, Decimal) or not rate.is_finite() or rate <= -1:
        raise UsageError(f"rate {rate!r} is no finite Decimal above -1; pass Decimal('0.12') for 12 %")
    if not isinstance(periods, int) or periods < 1:
        raise UsageError(f"{periods!r} periods a year; give a whole number from 1, such as 12")
    growth = _PRECISION.add(1, _PRECISION.divide(rate, periods))
    return _PRECISION.subtract(_PRECISION.power(growth, periods), 1)


def act360_over_365(rate: Decimal) -> Decimal:
    """Return what a rate on ACT/360 costs over 365 days: 0.12 is 0.121666... a year, uncompounded."""
    return _PRECISION.divide(_PRECISION.multiply(rate, 365), 360)


def _log_rate(timed: list[tuple[float, int]]) -> float:
    """Solve for u = ln(1 + r), in which the present value is a smooth sum of exponentials on the whole line."""
    for _, amount in timed:
        if not isinstance(amount, int) or isinstance(amount, bool):
            raise UsageError(f"cash flow {amount!r} is a {type(amount).__name__}; pass an int of minor units")
    if not (any(amount > 0 for _, amount in timed) and any(amount < 0 for _, amount in timed)):
        raise UsageError("cash flows have no change of sign; give drawdowns and repayments opposite signs")
    if not any(time for time, _ in timed):
        raise UsageError("cash flows all fall on one date; a rate needs time between them")

    def value(u: float) -> tuple[float, float]:
        parts = [(time, amount * math.exp(-u * time)) for time, amount in timed]
        return math.fsum(part for _, part in parts), -math.fsum(time * part for time, part in parts)

    return _solve(value, *_bracket(value, _MAX_EXPONENT / max(1.0, *(time for time, _ in timed))))


def _bracket(value: Callable[[float], tuple[float, float]], limit: float) -> tuple[float, float]:
    """Widen outwards from 0, on both sides in turn, until the value changes sign."""
    low = high = 0.0
    at_low = at_high = value(0.0)[0]
    step = _FIRST_STEP
    if at_high == 0:
        return 0.0, 0.0  # a loan without interest costs exactly 0
    while high < limit:
        next_high, next_low = min(high + step, limit), max(low - step, -limit)
        value_high, value_low = value(next_high)[0], value(next_low)[0]
        if (value_high <= 0) != (at_high <= 0) or value_high == 0:
            return high, next_high
        if (value_low <= 0) != (at_low <= 0) or value_low == 0:
            return next_low, low
        low, high, at_low, at_high = next_low, next_high, value_low, value_high
        step *= 1.5
    raise UsageError("cash flows balance at no rate; check the amounts and their signs")


def _solve(value: Callable[[float], tuple[float, float]], low: float, high: float) -> float:
    """Newton's method inside the bracket; a step that leaves it, or stalls, becomes a bisection."""
    rising = value(high)[0] > value(low)[0]
    u = (low + high) / 2
    for _ in range(_MAX_ITERATIONS):
        amount, slope = value(u)
        if amount == 0:
            return u
        if (amount > 0) == rising:
            high = u
        else:
            low = u
        following = u - amount / slope if slope else low
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - u) <= 1e-15 * max(1.0, abs(u)):
            return following
        u = following
    return u
