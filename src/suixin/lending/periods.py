"""The periods of a loan: from daily to yearly, on settlement days, on dates of one's own, off holidays.

Interest runs over a period from its begin to its end; the instalment falls due on its due date, which a business-day
rule may move. Unless the contract says that interest moves too, the period keeps its end, so that a holiday costs
neither side a fen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from suixin.calendar import (
    MAX_MONTHS,
    BusinessCalendar,
    Convention,
    add_months,
    adjust,
    due_dates,
    settlement_in_month,
)
from suixin.errors import UsageError

MAX_PERIODS = 3_660  # ten years of days


class Every(StrEnum):
    """How often an instalment falls due."""

    DAY = "day"
    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"
    TWO_MONTHS = "two-months"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"


_DAYS = {Every.DAY: 1, Every.WEEK: 7, Every.FORTNIGHT: 14}
_MONTHS = {Every.MONTH: 1, Every.TWO_MONTHS: 2, Every.QUARTER: 3, Every.HALF_YEAR: 6, Every.YEAR: 12}


class Period(NamedTuple):
    """Interest runs from begin (counts) to end (does not); the instalment falls due on `due_on`.

    `months` are the whole months of the period, 0 for one that bears interest by days. `stub` marks the short
    period up to the first settlement day, which bears interest only.
    """

    begin: date
    end: date
    due_on: date
    months: int = 0
    stub: bool = False


@dataclass(frozen=True, slots=True)
class BusinessDays:
    """What happens to a due date on a day that is not worked.

    Attributes:
        convention: the rule; 'none' leaves every date where it is.
        interest_moves: interest runs to the moved date, by days; else to the date of the contract.
        calendar: holidays and make-up workdays; China's official one if None.
    """

    convention: Convention = Convention.NONE
    interest_moves: bool = False
    calendar: BusinessCalendar | None = None


UNMOVED = BusinessDays()


def regular(
    start_on: date,
    months: int,
    every: Every = Every.MONTH,
    *,
    settlement_day: int | None = None,
    business_days: BusinessDays = UNMOVED,
) -> tuple[Period, ...]:
    """Return the periods of a term of whole months; the last ends on the maturity, and is shorter if need be.

    Dates of whole months are anchored to the day of the drawdown (31 -> 30 -> 31), never chained.

    Args:
        start_on: the day of the drawdown.
        months: the term, 1 to 600.
        every: the frequency.
        settlement_day: the day of the month on which interest falls due (结息日), 1 to 31, with a frequency of
            whole months; by quarter it is that of March, June, September and December, and so on. The short
            first period up to it is a stub if it comes on top of the term's own number of periods.
        business_days: how dates move off days that are not worked.

    Raises:
        UsageError: an argument out of range, too many periods, or dates that a business-day rule makes equal.
    """
    due_dates(start_on, 1, settlement_day)  # the day alone is judged here
    if not isinstance(months, int) or isinstance(months, bool) or not 1 <= months <= MAX_MONTHS:
        raise UsageError(f"term of {months!r} months is out of range; give 1 to {MAX_MONTHS} whole months")
    every = Every(every)
    maturity = add_months(start_on, months)
    if every in _DAYS:
        if settlement_day is not None:
            raise UsageError(f"settlement day {settlement_day} needs whole months, not every {every}")
        return custom(start_on, _by_days(start_on, maturity, _DAYS[every]), business_days=business_days)
    step = _MONTHS[every]
    if settlement_day is None:
        numbers = [*range(step, months, step), months]
        ends = [add_months(start_on, number) for number in numbers]
        whole = [number - before for before, number in zip([0, *numbers], numbers, strict=False)]
        return _moved(start_on, ends, whole, stub=False, rule=business_days)
    ends = [*_settlements(start_on, maturity, months, step, settlement_day), maturity]
    bounds = [start_on, *ends]
    whole = [_whole(begin, end, step, settlement_day) for begin, end in pairwise(bounds)]
    # The settlement day adds a date to those of the term; if it does not, every period repays.
    stub = len(ends) > -(-months // step) and not whole[0]
    return _moved(start_on, ends, whole, stub=stub, rule=business_days)


def custom(
    start_on: date, ends: Sequence[date], *, business_days: BusinessDays = UNMOVED
) -> tuple[Period, ...]:
    """Return periods that end on the given dates; each bears interest by days.

    Raises:
        UsageError: no dates, over 3,660 of them, or dates that do not increase from the start.
    """
    if not ends or len(ends) > MAX_PERIODS:
        raise UsageError(f"{len(ends)} due dates; give 1 to {MAX_PERIODS}")
    for before, end in zip([start_on, *ends], ends, strict=False):
        if end <= before:
            raise UsageError(f"due date {end} does not lie after {before}; give dates in order")
    return _moved(start_on, ends, [0] * len(ends), stub=False, rule=business_days)


def _by_days(start_on: date, maturity: date, days: int) -> list[date]:
    count = -(-(maturity - start_on).days // days)
    if count > MAX_PERIODS:
        raise UsageError(f"{count} instalments are over {MAX_PERIODS}; give a shorter term or a longer step")
    return [start_on + timedelta(days=days * number) for number in range(1, count)] + [maturity]


def _settlements(start_on: date, maturity: date, months: int, step: int, day: int) -> list[date]:
    found = []
    for number in range(months + 1):
        on = settlement_in_month(start_on, number, day)
        if on.month % step == 0 and start_on < on < maturity:
            found.append(on)
    return found


def _whole(begin: date, end: date, step: int, day: int) -> int:
    """Whole months only from one settlement day to the next; every other period is broken."""
    whole = begin == settlement_in_month(begin, 0, day) and end == settlement_in_month(begin, step, day)
    return step if whole else 0


def _moved(
    start_on: date, ends: Sequence[date], whole: Sequence[int], *, stub: bool, rule: BusinessDays
) -> tuple[Period, ...]:
    dues = [adjust(end, rule.convention, rule.calendar) for end in ends]
    for before, due_on in zip([start_on, *dues], dues, strict=False):
        if due_on <= before:
            raise UsageError(
                f"due dates fall together on {due_on} once moved off holidays; "
                "use a longer step or the convention 'none'"
            )
    if rule.interest_moves:
        whole = [
            months if due == end and begin == before else 0
            for months, due, end, begin, before in zip(
                whole, dues, ends, [start_on, *dues], [start_on, *ends], strict=False
            )
        ]
        ends = dues
    return tuple(
        Period(begin, end, due_on, months, stub and number == 0)
        for number, (begin, end, due_on, months) in enumerate(
            zip([start_on, *ends], ends, dues, whole, strict=False)
        )
    )
