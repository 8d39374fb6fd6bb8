"""Overdue principal: penalty interest, grace, and days past due.

The uplifts are the contract's and come in as arguments; the law's bounds belong to the policy.
"""

from datetime import date, timedelta
from decimal import Decimal

from suixin.calendar import DayCount
from suixin.errors import UsageError
from suixin.lending.interest import by_days
from suixin.lending.terms import judge_rate
from suixin.money import check_minor, round_ratio


def penalty_rate(annual_rate: Decimal, overdue: Decimal, misuse: Decimal = Decimal(0)) -> Decimal:
    """Return contract rate x (1 + uplift); of the uplifts for overdue and misuse the heavier applies, never both.

    4.35 % with 50 % is 6.525 %.

    Raises:
        UsageError: the rate is outside 0 to 1, or an uplift below 0.
    """
    judge_rate(annual_rate)
    if overdue < 0 or misuse < 0:
        raise UsageError(f"uplifts {overdue} and {misuse}: give 0 or more, such as 0.5 for 50 %")
    return annual_rate * (1 + max(overdue, misuse))


def days_past_due(due_on: date, as_of: date, grace_days: int = 0, *, back_to_due: bool = True) -> int:
    """Return the days past due of something unpaid: none within the grace, and then from the due date.

    Args:
        due_on: the due date, moved off holidays if the contract says so.
        as_of: the business date.
        grace_days: so many days after the due date cost no penalty and no day past due.
        back_to_due: a missed grace counts from the due date; else from its own last day.

    Raises:
        UsageError: grace below 0.
    """
    last = last_free_day(due_on, grace_days)
    if as_of <= last:
        return 0
    return (as_of - (due_on if back_to_due else last)).days


def penalty_interest(
    overdue_fen: int,
    rate: Decimal,
    due_on: date,
    paid_on: date,
    *,
    grace_days: int = 0,
    back_to_due: bool = True,
    day_count: DayCount = DayCount.ACT_360,
) -> int:
    """Return the penalty interest, fen, on an overdue sum from its due date (counts) to the payment (does not).

    Within the grace there is none: ordinary interest runs on, which is not part of this figure.

    Raises:
        UsageError: a sum below 0, or grace below 0.
    """
    if check_minor(overdue_fen, "overdue") < 0:
        raise UsageError(f"overdue sum of {overdue_fen} fen is below 0")
    last = last_free_day(due_on, grace_days)
    if paid_on <= last:
        return 0
    found = by_days(overdue_fen, due_on if back_to_due else last, paid_on, rate, day_count)
    return round_ratio(found.numerator, found.denominator)


def last_free_day(due_on: date, grace_days: int) -> date:
    """Return the last day on which a payment is on time.

    Raises:
        UsageError: grace below 0.
    """
    if not isinstance(grace_days, int) or grace_days < 0:
        raise UsageError(f"{grace_days!r} days of grace; give 0 or more")
    return due_on + timedelta(days=grace_days)
