"""How a loan stands: its terms, and what must outlive them when relief gives it new ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from suixin.calendar import DayCount
from suixin.errors import UsageError
from suixin.lending.class_facts import Flag
from suixin.lending.interest import by_days
from suixin.lending.terms import Terms
from suixin.money import check_minor, round_ratio

_DAY = timedelta(days=1)


class Span(NamedTuple):
    """Days from the first to the last, both included."""

    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class Standing:
    """A loan at the moment of relief.

    Attributes:
        loan_id: of the lender's.
        terms: as the loan goes on.
        granted_on: the day of the original loan.
        matures_on: the original maturity, before any extension.
        first_overdue_on: the oldest due date that was not paid, of the original loan: a renewal, an extension or a
            restructuring carries it, so that no new contract makes old arrears young. None without arrears.
        frozen: spans whose days do not count as past due and bear no penalty.
        restructurings: within a watch that is not over.
        flags: for the classification.
    """

    loan_id: str
    terms: Terms
    granted_on: date
    matures_on: date
    first_overdue_on: date | None = None
    frozen: tuple[Span, ...] = ()
    restructurings: int = 0
    flags: frozenset[Flag] = frozenset()

    def __post_init__(self) -> None:
        if self.matures_on <= self.granted_on:
            raise UsageError(f"loan {self.loan_id} matures on {self.matures_on}, not after {self.granted_on}")
        if any(span.last_on < span.first_on for span in self.frozen):
            raise UsageError(
                f"loan {self.loan_id} has a frozen span that ends before it begins; swap its days"
            )

    def days_past_due(self, as_of: date) -> int:
        """Return the days past due on a business date, without the frozen ones."""
        if self.first_overdue_on is None or as_of <= self.first_overdue_on:
            return 0
        pieces = counted(self.first_overdue_on, as_of, self.frozen)
        return sum((end - begin).days for begin, end in pieces)


def counted(begin: date, end: date, frozen: Iterable[Span]) -> list[tuple[date, date]]:
    """Return the pieces from begin (counts) to end (does not) that lie in no frozen span."""
    pieces, at = [], begin
    for first_on, last_on in sorted(frozen):
        if min(first_on, end) > at:
            pieces.append((at, min(first_on, end)))
        at = max(at, last_on + _DAY)
    return [*pieces, (at, end)] if at < end else pieces


def penalty_outside(
    overdue_fen: int,
    rate: Decimal,
    due_on: date,
    paid_on: date,
    frozen: Sequence[Span],
    day_count: DayCount = DayCount.ACT_360,
) -> int:
    """Return penalty interest, fen, on an overdue sum for the days outside every frozen span, rounded half-up once.

    Raises:
        UsageError: a sum below 0.
    """
    if check_minor(overdue_fen, "overdue") < 0:
        raise UsageError(f"overdue sum of {overdue_fen} fen is below 0")
    total = sum(
        by_days(overdue_fen, begin, end, rate, day_count) for begin, end in counted(due_on, paid_on, frozen)
    )
    return round_ratio(total.numerator, total.denominator)
