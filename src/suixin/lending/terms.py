"""The terms of a loan as data: all that a schedule is made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from suixin.calendar import DayCount
from suixin.errors import UsageError
from suixin.lending.periods import Period
from suixin.lending.schedule import Drawdown, Method
from suixin.money import check_minor, major_text

Weight = int | Decimal | Fraction | float


class RateStep(NamedTuple):
    """From this day on the loan bears this nominal annual rate."""

    from_on: date
    annual_rate: Decimal


class Deferred(StrEnum):
    """When the interest of a moratorium falls due: put off until instalments are paid again, or on its dates."""

    DUE = "due"  # on its own dates; only the principal moves
    NEXT = "next"  # with the first instalment
    SPREAD = "spread"  # in equal parts with every instalment left
    LAST = "last"  # with the last instalment


class Moratorium(NamedTuple):
    """No instalment falls due from the first day to the last, both included; interest runs and is deferred.

    `extend` moves the instalments behind the last date instead of asking more of those that are left.
    """

    first_on: date
    last_on: date
    deferred: Deferred = Deferred.NEXT
    extend: bool = True


@dataclass(frozen=True, slots=True)
class Terms:
    """What the contract says.

    Attributes:
        principal_fen: all that is disbursed, later drawdowns included.
        annual_rate: nominal annual fraction on the first day, at least 0 and below 1.
        start_on: the day of the first drawdown.
        method: how the principal comes back; REVOLVING and SWEEP depend on what happens and are made in
            `lending.revolving` and `lending.sweep`.
        periods: of `lending.periods`.
        day_count: how days bear interest.
        by_days: whether whole months bear interest by days too; None means that they do where the method says
            so (interest first and bullet), else they bear annual / 12 each.
        weights: for HARVEST and SEASON, a part of the principal for each period that is no stub.
        defer_interest: HARVEST only: a period of weight 0 pays nothing, its interest is added to the next that
            pays; else it pays its interest.
        compound: deferred interest bears interest itself; only if the contract says so.
        grace_periods: so many first periods pay interest only (只还息).
        moratorium: a span in which nothing falls due.
        drawdowns: later parts of the principal, by day.
        rate_steps: repricings, by day; the instalment is made anew from the first whole period after each.
        instalment_fen: a fixed instalment instead of the computed one (equal instalment only); the schedule
            ends when all is repaid.
        parts_fen: the principal of each period instead of the computed parts.
    """

    principal_fen: int
    annual_rate: Decimal
    start_on: date
    method: Method
    periods: tuple[Period, ...]
    day_count: DayCount = DayCount.ACT_360
    by_days: bool | None = None
    weights: tuple[Weight, ...] | None = None
    defer_interest: bool = False
    compound: bool = False
    grace_periods: int = 0
    moratorium: Moratorium | None = None
    drawdowns: tuple[Drawdown, ...] = ()
    rate_steps: tuple[RateStep, ...] = ()
    instalment_fen: int | None = None
    parts_fen: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        _judge_loan(self)
        _judge_drawdowns(self)
        _judge_steps(self)
        _judge_plan(self)

    @property
    def counts_days(self) -> bool:
        """Whether whole months bear interest by days."""
        days = self.method in {Method.INTEREST_FIRST, Method.BULLET}
        return days if self.by_days is None else self.by_days

    @property
    def opening_fen(self) -> int:
        """What is paid out on the first day."""
        return self.principal_fen - sum([part.amount_fen for part in self.drawdowns])

    def rate_on(self, day: date) -> Decimal:
        """The rate that the loan bears on a day."""
        if not self.rate_steps:
            return self.annual_rate
        reached = [step.annual_rate for step in self.rate_steps if step.from_on <= day]
        return reached[-1] if reached else self.annual_rate


def judge_rate(rate: Decimal) -> Decimal:
    """Return a nominal annual rate if it is one.

    Raises:
        UsageError: no Decimal, or outside 0 to 1 (a units mistake).
    """
    if not isinstance(rate, Decimal):
        raise UsageError(f"annual rate {rate!r} is no Decimal; pass Decimal('0.0435') for 4.35 %")
    if not rate.is_finite() or not 0 <= rate < 1:
        raise UsageError(f"annual rate {rate} is outside 0 to 1; write 0.0435 for 4.35 %")
    if int(rate.as_tuple().exponent) < -28:
        raise UsageError(f"annual rate {rate} has over 28 decimals; round it")
    return rate


def _judge_loan(terms: Terms) -> None:
    if check_minor(terms.principal_fen, "principal_fen") <= 0:
        raise UsageError(f"principal of {major_text(terms.principal_fen)} is not above 0")
    judge_rate(terms.annual_rate)
    if not isinstance(terms.start_on, date) or isinstance(terms.start_on, datetime):
        raise UsageError(f"start {terms.start_on!r} is no date; pass the civil date of the drawdown")
    if not terms.periods:
        raise UsageError("a loan without periods; make some with lending.periods.regular")
    begin = terms.start_on
    for period in terms.periods:
        if period.begin != begin or period.end <= begin:
            raise UsageError(f"period {period.begin} to {period.end} does not follow {begin}")
        begin = period.end
    if terms.method in {Method.REVOLVING, Method.SWEEP}:
        raise UsageError(
            f"method {terms.method.value} depends on what happens; use lending.{terms.method.value}"
        )
    if terms.method is Method.BULLET and len(terms.periods) > 1 and terms.moratorium is None:
        raise UsageError(f"a bullet has one due date, not {len(terms.periods)}; give the last alone")
    if not 0 <= terms.grace_periods < len(terms.periods):
        raise UsageError(
            f"{terms.grace_periods} grace periods of {len(terms.periods)}; leave at least one that repays"
        )


def _judge_drawdowns(terms: Terms) -> None:
    last = min(terms.periods[-1].end, terms.periods[-1].due_on)
    before = terms.start_on
    for drawn_on, amount in terms.drawdowns:
        if check_minor(amount, "drawdown") <= 0:
            raise UsageError(f"drawdown of {major_text(amount)} on {drawn_on} is not above 0")
        if not before < drawn_on < last:
            raise UsageError(
                f"drawdown on {drawn_on} must lie after {before} and before {last}; one a day, in order"
            )
        before = drawn_on
    if terms.opening_fen <= 0:
        raise UsageError(
            f"drawdowns leave {major_text(terms.opening_fen)} of {major_text(terms.principal_fen)} for the first day; draw less later"
        )


def _judge_steps(terms: Terms) -> None:
    before = terms.start_on
    for from_on, rate in terms.rate_steps:
        judge_rate(rate)
        if from_on <= before:
            raise UsageError(f"repricing on {from_on} must lie after {before}; one a day, in order")
        before = from_on


def _judge_plan(terms: Terms) -> None:
    weighted = terms.method in {Method.HARVEST, Method.SEASON}
    if weighted and terms.weights is None and terms.parts_fen is None:
        raise UsageError(f"method {terms.method.value} needs weights, one a period")
    if not weighted and terms.weights is not None:
        raise UsageError(f"weights do not belong to method {terms.method.value}; use harvest")
    if terms.weights is not None:
        _judge_weights(terms, terms.weights)
    if terms.defer_interest and terms.method is not Method.HARVEST:
        raise UsageError(f"method {terms.method.value} does not defer interest; use harvest")
    if terms.instalment_fen is not None and (
        terms.method is not Method.EQUAL_INSTALMENT or check_minor(terms.instalment_fen, "instalment") <= 0
    ):
        raise UsageError(f"a fixed instalment of {terms.instalment_fen} fen needs method equal_instalment")
    parts = terms.parts_fen
    if parts is not None and (
        len(parts) != len(terms.periods) or min(parts) < 0 or sum(parts) != terms.principal_fen
    ):
        raise UsageError(
            f"{len(parts)} parts of principal, {sum(parts)} fen in all, do not repay {terms.principal_fen} fen "
            f"in {len(terms.periods)} periods"
        )


def _judge_weights(terms: Terms, weights: Sequence[Weight]) -> None:
    wanted = sum(not period.stub for period in terms.periods)
    if len(weights) != wanted:
        raise UsageError(f"{len(weights)} weights for {wanted} periods; give one a period")
    if any(not weight >= 0 for weight in weights):
        raise UsageError(f"weights {list(weights)} hold a value below 0; each must be 0 or more")
    if not any(weights[max(0, terms.grace_periods - len(terms.periods) + wanted) :]):
        raise UsageError(f"weights {list(weights)} leave nothing to repay after the grace; give one above 0")
