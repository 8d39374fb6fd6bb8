"""What a form of relief asks for, as a change of terms, and what it would come to if it were done today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from suixin.calendar import add_months
from suixin.errors import LendingError, UsageError
from suixin.ledger import relief
from suixin.lending.account import Account
from suixin.lending.periods import Period
from suixin.lending.prepay import reamortise
from suixin.lending.relief import Change, Relief
from suixin.lending.schedule import Instalment, Method
from suixin.lending.terms import Terms, Weight
from suixin.server.servicing import keeping
from suixin.server.servicing.models import Loan

_MOST_MONTHS = 36


@dataclass(frozen=True, slots=True)
class Ease:
    """What is asked for; what is None or 0 stays as it is.

    Attributes:
        annual_rate: another rate, a fraction.
        more_months: the last date comes so much later; other dates stay.
        grace_periods: so many dates pay interest only.
        take_in: overdue principal goes into the new instalments.
    """

    annual_rate: Decimal | None = None
    more_months: int = 0
    grace_periods: int = 0
    take_in: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.more_months <= _MOST_MONTHS or not 0 <= self.grace_periods <= _MOST_MONTHS:
            raise UsageError(
                f"{self.more_months} months more and {self.grace_periods} dates of interest only; give 0 to "
                f"{_MOST_MONTHS} of each",
                zh=f"延长 {self.more_months} 个月、只还利息 {self.grace_periods} 期：各须在 0 至 {_MOST_MONTHS} 之间",
            )
        if self.annual_rate is None and not (self.more_months or self.grace_periods or self.take_in):
            raise UsageError(
                "nothing is asked for; give a rate, months, dates of interest only, or take arrears in",
                zh="没有填写任何变更：请填利率、延长月数、只还利息期数，或勾选并入欠款",
            )


@dataclass(frozen=True, slots=True)
class Trial:
    """What relief would come to: what it is, and every instalment from then on."""

    relief: Relief
    rows: tuple[Instalment, ...]


def change_of(loan: Loan, ease: Ease, day: date) -> Change:
    """The change of a loan's terms on the business date.

    Raises:
        LendingError: nothing is left that could be changed.
        UsageError: the day is no due date, or the terms are none.
    """
    account = keeping.read(loan, with_events=False).on(day)
    terms = _terms(loan, account, day)
    periods = weights = None
    if ease.more_months:
        periods = _longer(terms, ease.more_months)
        weights = _later(terms.weights, ease.more_months)
    return Change(
        annual_rate=ease.annual_rate,
        periods=periods,
        weights=weights,
        grace_periods=ease.grace_periods or None,
        arrears_fen=account.due_principal_fen if ease.take_in else 0,
    )


def tried(loan: Loan, ease: Ease, day: date, *, difficulty: bool) -> Trial:
    """The same without doing it; errors as in `suixin.ledger.relief.change`."""
    held = keeping.read(loan, with_events=True)
    done = relief.change(held, day, change_of(loan, ease, day), key="tried", difficulty=difficulty)
    course = done.changed.loan.account.course
    rows = () if course is None else course.schedule.rows
    return Trial(done.relief, tuple(row for row in rows if row.due_on > day))


def _terms(loan: Loan, account: Account, day: date) -> Terms:
    if account.course is None:
        raise LendingError(
            f"nothing is left of {loan.number} that could be changed; write a new contract",
            zh=f"贷款 {loan.number} 没有未到期的部分可以变更，请另签合同",
        )
    terms = account.course.terms
    return terms if terms.method is Method.BULLET else reamortise(terms, day)


def _longer(terms: Terms, more: int) -> tuple[Period, ...]:
    """The periods of terms with more months behind them, on the day of the month that the loan began on."""
    last = terms.periods[-1]
    ends = [_after(terms.start_on, last.end, number) for number in range(1, more + 1)]
    if terms.method is Method.BULLET:
        months = last.months + more if last.months else 0
        return (Period(last.begin, ends[-1], ends[-1], months),)
    begins = [last.end, *ends[:-1]]
    return terms.periods + tuple(Period(begin, end, end, 1) for begin, end in zip(begins, ends, strict=True))


def _after(start_on: date, end: date, more: int) -> date:
    """So many months after an end, anchored to the day on which the loan began if the end is (31 -> 30 -> 31)."""
    months = (end.year - start_on.year) * 12 + end.month - start_on.month
    anchored = months > 0 and add_months(start_on, months) == end
    return add_months(start_on, months + more) if anchored else add_months(end, more)


def _later(weights: Sequence[Weight] | None, more: int) -> tuple[Weight, ...] | None:
    """The parts stay where they are; the last one moves to the new last date."""
    return None if weights is None else (*weights[:-1], *[0] * more, weights[-1])
