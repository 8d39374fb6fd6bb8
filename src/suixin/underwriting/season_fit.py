"""Repayments that fall when money comes in.

Each month pays the same share t of what it has left for debt service, and t is the smallest share that repays the loan
by the last month that brings anything. No schedule over these months has a lower highest share: whoever pays less in
one month owes more later. Months that bring nothing pay nothing, and their interest is deferred to the next that does.
tests/underwriting/test_season_fit.py holds this against a linear programme.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from suixin.lending.schedule import Schedule, equal_instalment, harvest, interest_first

_HALVINGS = 60
YEAR = 12


@dataclass(frozen=True, slots=True)
class Alternative:
    """What another way of repaying the same amount would cost and ask for.

    Attributes:
        method: of `lending.schedule.Method`.
        interest_fen: over the whole term.
        lowest_coverage: the smallest ratio of what a month has left to what it must pay; None where nothing is due.
    """

    method: str
    interest_fen: int
    lowest_coverage: float | None


def fitted(
    principal_fen: int,
    annual_rate: Decimal,
    start_on: date,
    available: Sequence[int],
    *,
    floor_fen: int = 0,
    floor_share: float = 1.0,
    grace_months: int = 0,
) -> Schedule:
    """The schedule whose highest share of what is available is the lowest possible.

    Args:
        principal_fen: the amount lent, above 0.
        annual_rate: nominal annual rate as a fraction.
        start_on: the day of the drawdown.
        available: what is left for debt service by month of the term, fen, not all 0.
        floor_fen: the least that a month pays which has as much.
        floor_share: of what a month has, the most that the floor may take.
        grace_months: the first months, which pay nothing; fewer if no later month brings anything.
    """
    months = max(number for number, room in enumerate(available, start=1) if room > 0)
    grace = grace_of(available, grace_months)
    room = [0] * grace + [max(0, month) for month in available[grace:months]]
    floors = [min(floor_fen, int(month * floor_share)) for month in room]

    def paid(share: float) -> list[float]:
        return [max(float(floor), share * month) for floor, month in zip(floors, room, strict=True)]

    share = _smallest_share(principal_fen, float(annual_rate) / YEAR, paid)
    most = [max(floor, math.ceil(share * month)) for floor, month in zip(floors, room, strict=True)]
    return harvest(principal_fen, annual_rate, start_on, most)


def grace_of(available: Sequence[int], months: int) -> int:
    """The first months that pay nothing: as many as wished for, but one that brings something comes after them."""
    return min(months, max((at for at, room in enumerate(available) if room > 0), default=0))


def lowest_coverage(schedule: Schedule, available: Sequence[int]) -> float | None:
    """The smallest ratio of what a month has left to what it must pay; None if nothing is due."""
    found = [
        room / row.total_fen for row, room in zip(schedule.rows, available, strict=False) if row.total_fen
    ]
    return min(found, default=None)


def alternatives(
    principal_fen: int, annual_rate: Decimal, start_on: date, months: int, available: Sequence[int]
) -> tuple[Alternative, ...]:
    """Equal instalments, and interest only until the end, over the months of the term."""
    made = (
        equal_instalment(principal_fen, annual_rate, months, start_on),
        interest_first(principal_fen, annual_rate, months, start_on),
    )
    return tuple(
        Alternative(one.method.value, one.total_interest_fen, lowest_coverage(one, available)) for one in made
    )


def _smallest_share(principal: int, rate: float, paid: Callable[[float], Sequence[float]]) -> float:
    """Bisection: what is left at the end falls with the share."""
    low, high = 0.0, 1.0
    while left_over(paid(high), principal, rate) > 0.0:
        low, high = high, 2.0 * high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if left_over(paid(middle), principal, rate) > 0.0:
            low = middle
        else:
            high = middle
    return high


def left_over(payments: Sequence[float], principal: int, monthly_rate: float) -> float:
    """What is still owed after the last month; interest that a month cannot bear is deferred and bears none."""
    balance, accrued = float(principal), 0.0
    for paid in payments:
        accrued += balance * monthly_rate
        charge = min(paid, accrued)
        accrued -= charge
        balance = max(0.0, balance - (paid - charge))
    return balance + accrued
