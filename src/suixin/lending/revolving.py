"""Revolving credit (随借随还): drawn and repaid at will within a limit, interest by the day on what is used."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from suixin.calendar import DayCount
from suixin.errors import UsageError
from suixin.lending.interest import by_days
from suixin.lending.periods import Period
from suixin.lending.schedule import Drawdown, Instalment, Method, Schedule
from suixin.lending.terms import judge_rate
from suixin.money import check_minor, major_text, round_ratio


class Move(NamedTuple):
    """Drawn on a day, fen; repaid if negative. It counts from that day on."""

    moved_on: date
    amount_fen: int


def revolving(
    limit_fen: int,
    annual_rate: Decimal,
    periods: Sequence[Period],
    moves: Sequence[Move],
    *,
    day_count: DayCount = DayCount.ACT_360,
) -> Schedule:
    """Make the schedule of what was used: interest on each due date, principal when it was repaid, the rest last.

    The interest of a period is the sum over its days of used balance x annual rate / base, rounded half-up once.

    Args:
        limit_fen: the most that may be used on any day, above 0.
        annual_rate: nominal annual fraction.
        periods: of the facility, from its first day to its end.
        moves: drawdowns and repayments by day, on the first day or later and before the end; those of one day
            are netted. The schedule starts with the first drawdown.
        day_count: how days bear interest.

    Raises:
        UsageError: an argument out of range, nothing drawn, the limit passed, or more repaid than is used.
    """
    judge_rate(annual_rate)
    net = _judged(limit_fen, periods, moves)
    start_on = min(net)
    draws = [Drawdown(on, amount) for on, amount in sorted(net.items()) if amount > 0]
    charges = {
        period.due_on: _interest(period, net, annual_rate, day_count)
        for period in periods
        if period.end > start_on
    }
    end = periods[-1].due_on
    repaid = {on: -amount for on, amount in net.items() if amount < 0}
    rows: list[Instalment] = []
    paid = 0
    for number, day in enumerate(sorted({*charges, *repaid}), start=1):
        used = sum(amount for on, amount in draws if on < day) - paid
        part, charge = (used if day == end else repaid.get(day, 0)), charges.get(day, 0)
        paid += part
        rows.append(Instalment(number, day, part, charge, part + charge, used - part))
    drawn = sum(amount for _, amount in draws)
    return Schedule(drawn, annual_rate, start_on, Method.REVOLVING, tuple(rows), tuple(draws[1:]))


def _interest(period: Period, net: dict[date, int], rate: Decimal, day_count: DayCount) -> int:
    used = sum(amount for on, amount in net.items() if on <= period.begin)
    inside = sorted((on, amount) for on, amount in net.items() if period.begin < on < period.end)
    found = by_days(used, period.begin, period.end, rate, day_count, moves=inside)
    return round_ratio(found.numerator, found.denominator)


def _judged(limit_fen: int, periods: Sequence[Period], moves: Sequence[Move]) -> dict[date, int]:
    """Movements netted by day, the limit kept on each."""
    if check_minor(limit_fen, "limit") <= 0:
        raise UsageError(f"limit of {major_text(limit_fen)} is not above 0")
    if not periods:
        raise UsageError("a facility without periods; make some with lending.periods.regular")
    first, end = periods[0].begin, min(periods[-1].end, periods[-1].due_on)
    net: Counter[date] = Counter()
    for moved_on, amount in moves:
        if not check_minor(amount, "movement") or not first <= moved_on < end:
            raise UsageError(
                f"movement of {major_text(amount)} on {moved_on}: give a sum, from {first} and before {end}"
            )
        net[moved_on] += amount
    used = 0
    for on, amount in sorted(net.items()):
        used += amount
        if used > limit_fen:
            raise UsageError(
                f"{major_text(used)} used on {on} pass the limit of {major_text(limit_fen)}; draw less"
            )
        if used < 0:
            raise UsageError(f"repayment on {on} is {major_text(-used)} more than is used; repay less")
    held = {on: amount for on, amount in net.items() if amount}
    if not held:
        raise UsageError("nothing is drawn; a schedule needs a drawdown")
    return held
