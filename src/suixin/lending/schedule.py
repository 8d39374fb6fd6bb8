"""Repayment schedules, exact to the fen.

Every figure is a ratio of integers that is rounded half-up once, where it is posted: the rate is taken as its
exact fraction, so nothing between two posted figures is ever rounded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from suixin.calendar import DayCount, due_dates, settlement_in_month
from suixin.errors import SuixinError, UsageError
from suixin.money import check_minor, major_text, round_ratio, split

_MAX_RATE_DECIMALS = 28


class ScheduleError(SuixinError):
    """The rows of a schedule contradict each other or the loan."""


class Method(StrEnum):
    """How the principal comes back."""

    EQUAL_INSTALMENT = "equal_instalment"  # 等额本息
    EQUAL_PRINCIPAL = "equal_principal"  # 等额本金
    INTEREST_FIRST = "interest_first"  # 先息后本
    BULLET = "bullet"  # 到期一次还本付息
    SEASON = "season"  # 农时: principal by weights, interest every month
    HARVEST = "harvest"  # 农时: so much as each month can bear, interest deferred where it bears nothing
    SWEEP = (
        "sweep"  # 随销还款: a share of each month's sales is withheld; the rows are what a bad year brings
    )
    REVOLVING = "revolving"  # 随借随还: drawn and repaid at will within a limit, interest on what is used


class Instalment(NamedTuple):
    """One due date: its parts in fen, and the balance of principal after it is paid."""

    number: int
    due_on: date
    principal_fen: int
    interest_fen: int
    total_fen: int
    balance_fen: int


_row = Instalment._make  # half the time of a call by fields


class Drawdown(NamedTuple):
    """A part of the principal paid out on a day after the start, fen."""

    drawn_on: date
    amount_fen: int


@dataclass(frozen=True)
class Schedule:
    """A loan's instalments, checked as a whole when it is made.

    `principal_fen` is all that is disbursed, `annual_rate` the nominal annual fraction (0.0435), `start_on` the
    day of the first drawdown; `drawdowns` are the later ones by day, if the principal is paid out in parts.
    Whoever holds a Schedule may rely on: numbers 1, 2, 3 ...; dates after `start_on` and strictly increasing;
    no negative part; total = principal + interest; each balance = the one before and what was drawn since, less
    the principal; final balance 0, so that the principal sums exactly to what was disbursed.

    Raises:
        ScheduleError: the rows break one of these; the message names the first one.
    """

    principal_fen: int
    annual_rate: Decimal
    start_on: date
    method: Method
    rows: tuple[Instalment, ...]
    drawdowns: tuple[Drawdown, ...] = ()

    def __post_init__(self) -> None:
        balance, day, later = self.principal_fen, self.start_on, list(reversed(self.drawdowns))
        balance -= sum([amount for _, amount in later])
        for number, row in enumerate(self.rows, start=1):
            seq, due_on, principal, interest, total, after = row
            while later and later[-1].drawn_on < due_on:
                balance += later.pop().amount_fen
            if (
                seq != number
                or due_on <= day
                or principal < 0
                or interest < 0
                or total != principal + interest
                or after != balance - principal
            ):
                raise ScheduleError(f"instalment {number} does not follow from {balance} fen on {day}: {row}")
            balance, day = after, due_on
        if balance or later or not self.rows:
            raise ScheduleError(f"schedule of {self.principal_fen} fen leaves a balance of {balance} fen")

    @property
    def total_interest_fen(self) -> int:
        """Interest over the whole term, fen."""
        return sum(row.interest_fen for row in self.rows)

    @property
    def total_fen(self) -> int:
        """Everything the borrower pays, fen."""
        return self.principal_fen + self.total_interest_fen


def equal_instalment(
    principal_fen: int,
    annual_rate: Decimal,
    months: int,
    start_on: date,
    *,
    settlement_day: int | None = None,
    day_count: DayCount = DayCount.ACT_360,
) -> Schedule:
    """Build a schedule of equal instalments A = P r (1+r)^n / ((1+r)^n - 1), r = annual / 12; P / n when r = 0.

    The last instalment is the balance with its interest, so it carries the residue of the rounding.

    Args:
        principal_fen: the amount disbursed, above 0.
        annual_rate: nominal annual rate as a fraction, at least 0 and below 1.
        months: the term, 1 to 600.
        start_on: the day of the drawdown; due dates are anchored to it.
        settlement_day: another day of the month to fall due (结息日). The short first period up to it then
            bears interest only, and the last instalment falls on the maturity.
        day_count: how broken first and last periods bear interest; whole months always bear annual / 12.

    Raises:
        UsageError: an argument out of range, or a float.
    """
    rate = _check(principal_fen, annual_rate, start_on)
    dates, interest = _periods(rate, months, start_on, settlement_day, day_count)
    instalment = _annuity(principal_fen, rate, months)
    rows: list[Instalment] = []
    balance, stub, last = principal_fen, len(dates) - months, len(dates)
    for number, (due_on, (top, bottom)) in enumerate(zip(dates, interest, strict=True), start=1):
        charge = (2 * balance * top + bottom) // (2 * bottom)  # round_ratio, inlined: this is the hot loop
        # A rounded-up instalment can end a tiny loan early: never repay more than is left.
        part = instalment - charge if number > stub else 0
        part = max(part, 0)
        if part > balance or number == last:
            part = balance
        balance -= part
        rows.append(_row((number, due_on, part, charge, part + charge, balance)))
    return Schedule(principal_fen, annual_rate, start_on, Method.EQUAL_INSTALMENT, tuple(rows))


def equal_principal(
    principal_fen: int,
    annual_rate: Decimal,
    months: int,
    start_on: date,
    *,
    settlement_day: int | None = None,
    day_count: DayCount = DayCount.ACT_360,
) -> Schedule:
    """Build a schedule of equal parts of principal P / n, residue last; arguments as in `equal_instalment`."""
    rate = _check(principal_fen, annual_rate, start_on)
    periods = _periods(rate, months, start_on, settlement_day, day_count)
    part = round_ratio(principal_fen, months)
    parts, left = [], principal_fen
    for _ in range(months - 1):
        parts.append(min(part, left))
        left -= parts[-1]
    rows = _rows(principal_fen, [*parts, left], *periods)
    return Schedule(principal_fen, annual_rate, start_on, Method.EQUAL_PRINCIPAL, rows)


def interest_first(
    principal_fen: int,
    annual_rate: Decimal,
    months: int,
    start_on: date,
    *,
    settlement_day: int | None = None,
    day_count: DayCount = DayCount.ACT_360,
) -> Schedule:
    """Build a schedule of interest each month, principal at the end; arguments as in `equal_instalment`."""
    rate = _check(principal_fen, annual_rate, start_on)
    periods = _periods(rate, months, start_on, settlement_day, day_count)
    rows = _rows(principal_fen, [0] * (months - 1) + [principal_fen], *periods)
    return Schedule(principal_fen, annual_rate, start_on, Method.INTEREST_FIRST, rows)


def season(
    principal_fen: int,
    annual_rate: Decimal,
    months: int,
    start_on: date,
    weights: Sequence[int | Decimal | Fraction | float],
    *,
    settlement_day: int | None = None,
    day_count: DayCount = DayCount.ACT_360,
) -> Schedule:
    """Build a schedule whose principal follows the harvest and whose interest is paid every month.

    The principal is split by largest remainder over `weights`, one weight a month from the first due date,
    each at least 0, their sum above 0; a month of weight 0 pays interest only. At r a month the interest is
    P r times the weighted mean month of repayment (to the rounding), so it never exceeds interest-first.
    Months after the last weight stay in the schedule with amounts of 0. Other arguments as in
    `equal_instalment`; with a settlement day the weights begin after the short first period.

    Raises:
        UsageError: an argument out of range, or weights of the wrong length or sign.
    """
    rate = _check(principal_fen, annual_rate, start_on)
    periods = _periods(rate, months, start_on, settlement_day, day_count)
    if len(weights) != months:
        raise UsageError(f"{len(weights)} weights for {months} months; give one weight a month")
    rows = _rows(principal_fen, split(principal_fen, weights), *periods)
    return Schedule(principal_fen, annual_rate, start_on, Method.SEASON, rows)


def harvest(
    principal_fen: int,
    annual_rate: Decimal,
    start_on: date,
    payments_fen: Sequence[int],
) -> Schedule:
    """Build a schedule that pays at most a given sum each month: what has accrued first, then principal.

    Interest that a month cannot bear is deferred: it is added to what is owed, and bears no interest itself. The
    last month pays all that is left, and months after the last fen was paid are not in the schedule. At r a month
    the interest is r times the sum of the monthly balances, so that it never exceeds interest-first over the same
    months but by the rounding of each month.

    Args:
        principal_fen: the amount disbursed, above 0.
        annual_rate: nominal annual rate as a fraction, at least 0 and below 1.
        start_on: the day of the drawdown; due dates are anchored to it.
        payments_fen: the most that each monthly due date pays, one a month, at least 0.

    Raises:
        UsageError: an argument out of range.
    """
    rate = _check(principal_fen, annual_rate, start_on)
    if not payments_fen or min(payments_fen) < 0:
        raise UsageError(f"payments {list(payments_fen)!r}: give one a month, each at least 0")
    dates, interest = _periods(rate, len(payments_fen), start_on, None, DayCount.ACT_360)
    rows: list[Instalment] = []
    balance, accrued = principal_fen, 0
    for number, (due_on, (top, bottom), most) in enumerate(
        zip(dates, interest, payments_fen, strict=True), start=1
    ):
        accrued += (2 * balance * top + bottom) // (2 * bottom)
        paid = balance + accrued if number == len(dates) else min(most, balance + accrued)
        charge = min(paid, accrued)
        part = paid - charge
        accrued -= charge
        balance -= part
        rows.append(Instalment(number, due_on, part, charge, paid, balance))
        if not balance + accrued:
            break
    return Schedule(principal_fen, annual_rate, start_on, Method.HARVEST, tuple(rows))


def bullet(
    principal_fen: int,
    annual_rate: Decimal,
    start_on: date,
    due_on: date,
    day_count: DayCount = DayCount.ACT_360,
) -> Schedule:
    """Build the one instalment of a loan repaid at maturity with its interest P R days / base.

    Raises:
        UsageError: an argument out of range, a float, or a due date not after the start.
    """
    rate = _check(principal_fen, annual_rate, start_on)
    if due_on <= start_on:
        raise UsageError(f"due date {due_on} is not after the start {start_on}; give a later one")
    top, bottom = _charge(rate, DayCount(day_count).year_fraction(start_on, due_on))
    rows = _rows(principal_fen, [principal_fen], (due_on,), [(top, bottom)])
    return Schedule(principal_fen, annual_rate, start_on, Method.BULLET, rows)


def _check(principal_fen: int, annual_rate: Decimal, start_on: date) -> tuple[int, int]:
    if check_minor(principal_fen, "principal_fen") <= 0:
        raise UsageError(f"principal of {major_text(principal_fen)} is not above 0")
    if not isinstance(annual_rate, Decimal):
        raise UsageError(f"annual rate {annual_rate!r} is no Decimal; pass Decimal('0.0435') for 4.35 %")
    if not annual_rate.is_finite() or not 0 <= annual_rate < 1:
        raise UsageError(f"annual rate {annual_rate} is outside 0 to 1; write 0.0435 for 4.35 %")
    if int(annual_rate.as_tuple().exponent) < -_MAX_RATE_DECIMALS:
        raise UsageError(f"annual rate {annual_rate} has over {_MAX_RATE_DECIMALS} decimals; round it")
    if not isinstance(start_on, date) or isinstance(start_on, datetime):
        raise UsageError(f"start {start_on!r} is no date; pass the civil date of the drawdown")
    return annual_rate.as_integer_ratio()


def _charge(rate: tuple[int, int], years: Fraction) -> tuple[int, int]:
    return rate[0] * years.numerator, rate[1] * years.denominator


def _periods(
    rate: tuple[int, int], months: int, start_on: date, day: int | None, day_count: DayCount
) -> tuple[tuple[date, ...], list[tuple[int, int]]]:
    """Return the due dates and, for each period, the interest on one fen as an integer ratio."""
    dates = due_dates(start_on, months, day)
    interest = [(rate[0], rate[1] * 12)] * len(dates)
    if day is not None:
        # Only the first and the last period of a settlement-day schedule can be other than a whole month.
        for index in {0, len(dates) - 1}:
            begin, end = (dates[index - 1] if index else start_on), dates[index]
            if begin != settlement_in_month(begin, 0, day) or end != settlement_in_month(begin, 1, day):
                interest[index] = _charge(rate, DayCount(day_count).year_fraction(begin, end))
    return dates, interest


def _annuity(principal_fen: int, rate: tuple[int, int], months: int) -> int:
    top, bottom = rate[0], rate[1] * 12
    if not top:
        return round_ratio(principal_fen, months)
    grown, base = (bottom + top) ** months, bottom**months
    return round_ratio(principal_fen * top * grown, bottom * (grown - base))


def _rows(
    principal_fen: int,
    parts: Sequence[int],
    dates: Sequence[date],
    interest: Sequence[tuple[int, int]],
) -> tuple[Instalment, ...]:
    rows: list[Instalment] = []
    balance = principal_fen
    padded = [0] * (len(dates) - len(parts)) + list(parts)  # a short first period bears interest only
    for number, (due_on, part, (top, bottom)) in enumerate(
        zip(dates, padded, interest, strict=True), start=1
    ):
        charge = (2 * balance * top + bottom) // (2 * bottom)
        balance -= part
        rows.append(_row((number, due_on, part, charge, part + charge, balance)))
    return tuple(rows)
