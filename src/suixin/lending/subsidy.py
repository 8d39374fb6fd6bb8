"""Interest subsidy (财政贴息): what of each interest the government pays, as a flow of its own.

The loan's schedule stays as it is: the lender is owed all of it, by two payers.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from suixin.errors import UsageError
from suixin.lending.schedule import Schedule
from suixin.lending.terms import judge_rate
from suixin.money import check_minor, round_ratio


class Subsidised(NamedTuple):
    """The interest of one due date, fen, and who pays it."""

    due_on: date
    interest_fen: int
    borrower_fen: int
    government_fen: int


def subsidise(
    schedule: Schedule, subsidy_rate: Decimal, *, until: date | None = None, cap_fen: int | None = None
) -> tuple[Subsidised, ...]:
    """Split each interest by subsidy rate / contract rate, the government's part rounded half-up.

    Args:
        schedule: of one rate; a loan that was repriced is split in the schedules between its repricings.
        subsidy_rate: annual fraction that the government pays; at most the contract rate.
        until: the last due date that is subsidised; all if None.
        cap_fen: the most that is paid in all; no cap if None.

    Raises:
        UsageError: a rate above the contract's, or a cap below 0.
    """
    if judge_rate(subsidy_rate) > schedule.annual_rate:
        raise UsageError(
            f"subsidy of {subsidy_rate} is above the contract rate {schedule.annual_rate}; give at most that"
        )
    if cap_fen is not None and check_minor(cap_fen, "cap") < 0:
        raise UsageError(f"cap of {cap_fen} fen is below 0")
    share = Fraction(subsidy_rate) / Fraction(schedule.annual_rate) if subsidy_rate else Fraction(0)
    left = schedule.total_interest_fen if cap_fen is None else cap_fen
    found = []
    for row in schedule.rows:
        given = round_ratio(row.interest_fen * share.numerator, share.denominator)
        given = min(given, left) if until is None or row.due_on <= until else 0
        left -= given
        found.append(Subsidised(row.due_on, row.interest_fen, row.interest_fen - given, given))
    return tuple(found)


def totals(rows: Sequence[Subsidised]) -> tuple[int, int]:
    """Return what borrower and government pay of the interest in all, fen."""
    return sum(row.borrower_fen for row in rows), sum(row.government_fen for row in rows)
