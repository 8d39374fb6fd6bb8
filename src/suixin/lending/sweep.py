"""Repayment from sales (销售回款扣还): a share of settled sales goes to the loan, with a floor schedule as backstop.

Of each settlement min(share x sales, what is due + the cap on prepaying) is withheld, and a fixed sum of it stays with
the household. What is due is the interest to the day and the floor's principal up to its next date. On a date of the
floor schedule the borrower pays what the sweep left open of it. Interest runs by days on what is left, and is settled
before principal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from suixin.calendar import DayCount
from suixin.errors import UsageError
from suixin.lending.interest import by_days
from suixin.lending.schedule import Instalment, Method, Schedule
from suixin.money import check_minor, major_text, round_ratio

PPM = 1_000_000


class Settled(NamedTuple):
    """Sales paid out on a day, past their return window, fen."""

    settled_on: date
    sales_fen: int


class Payment(NamedTuple):
    """What a day brought, fen: sales, withheld from them, and paid by the borrower to reach the floor."""

    paid_on: date
    sales_fen: int
    withheld_fen: int
    own_fen: int


@dataclass(frozen=True, slots=True)
class Swept:
    """The loan as it was repaid: the schedule of what was paid, and where each payment came from."""

    schedule: Schedule
    payments: tuple[Payment, ...]


def withheld(sales_fen: int, share_ppm: int, keep_fen: int = 0) -> int:
    """Return what a share of sales gives, fen rounded down, while `keep_fen` of them stays with the household."""
    return min(max(0, sales_fen) * share_ppm // PPM, max(0, sales_fen - keep_fen))


def sweep(
    floor: Schedule,
    settled: Sequence[Settled],
    share_ppm: int,
    *,
    keep_fen: int = 0,
    prepay_cap_fen: int | None = None,
    day_count: DayCount = DayCount.ACT_360,
) -> Swept:
    """Repay a loan from settled sales.

    Args:
        floor: the schedule that is due if sales stay away; it gives principal, rate and start.
        settled: settlements, one a day, in order, after the start; those after the loan is repaid are left alone.
        share_ppm: of each settlement, in parts per million, 1 to 1,000,000.
        keep_fen: of each settlement, stays with the household.
        prepay_cap_fen: the most that a settlement pays above what is due; all that is owed if None.
        day_count: how days bear interest.

    Raises:
        UsageError: a share or sum out of range, settlements out of order, or a floor with part drawdowns.
    """
    _judge(floor, settled, share_ppm, keep_fen, prepay_cap_fen)
    sales = dict(settled)
    due = {row.due_on: row for row in floor.rows}
    running = _Running(floor, day_count)
    rows: list[Instalment] = []
    payments: list[Payment] = []
    for day in sorted({*sales, *due}):
        if not running.balance and not running.owed(day):
            break
        swept, own = 0, 0
        interest_before, principal_before = running.interest_paid, running.balance
        if day in sales:
            most = running.due(day) + (running.balance if prepay_cap_fen is None else prepay_cap_fen)
            most = min(most, running.balance + running.owed(day))
            swept = running.pay(day, min(withheld(sales[day], share_ppm, keep_fen), most))
        if day in due and due[day].total_fen:
            own = running.pay(day, running.open(day))
        if swept or own:
            part, charge = (
                principal_before - running.balance,
                running.interest_paid - interest_before,
            )
            rows.append(Instalment(len(rows) + 1, day, part, charge, part + charge, running.balance))
            payments.append(Payment(day, sales.get(day, 0), swept, own))
    schedule = Schedule(floor.principal_fen, floor.annual_rate, floor.start_on, Method.SWEEP, tuple(rows))
    return Swept(schedule, tuple(payments))


class _Running:
    """What is owed from day to day; interest is rounded on its sum, so that no fen drifts."""

    def __init__(self, floor: Schedule, day_count: DayCount) -> None:
        self.floor, self.day_count = floor, day_count
        self.balance, self.interest_paid = floor.principal_fen, 0
        self.day, self.accrued = floor.start_on, Fraction(0)

    def owed(self, day: date) -> int:
        """Interest to the day that is not paid."""
        if day > self.day:
            rate = self.floor.annual_rate
            self.accrued += by_days(self.balance, self.day, day, rate, self.day_count)
            self.day = day
        # Paid is what was rounded before, so this can lie half a fen below it.
        return max(0, round_ratio(self.accrued.numerator, self.accrued.denominator) - self.interest_paid)

    def open(self, day: date) -> int:
        """What a date of the floor still asks: interest to the day, and principal up to its row."""
        ahead = [row.balance_fen for row in self.floor.rows if row.due_on <= day]
        return self.owed(day) + max(0, self.balance - ahead[-1])

    def due(self, day: date) -> int:
        """What is due on a day: interest to it, and the floor's principal up to the next date."""
        ahead = next((row.balance_fen for row in self.floor.rows if row.due_on >= day), 0)
        return self.owed(day) + max(0, self.balance - ahead)

    def pay(self, day: date, amount: int) -> int:
        """Interest first, then principal."""
        charge = min(amount, self.owed(day))
        self.interest_paid += charge
        self.balance -= amount - charge
        return amount


def _judge(
    floor: Schedule, settled: Sequence[Settled], share_ppm: int, keep_fen: int, prepay_cap_fen: int | None
) -> None:
    if floor.drawdowns:
        raise UsageError("a floor schedule with part drawdowns cannot be swept; sweep each drawdown alone")
    if not isinstance(share_ppm, int) or not 1 <= share_ppm <= PPM:
        raise UsageError(f"share of {share_ppm!r} parts per million is out of range; give 1 to {PPM}")
    for name, sum_fen in (("sum kept", keep_fen), ("cap on prepaying", prepay_cap_fen or 0)):
        if check_minor(sum_fen, name) < 0:
            raise UsageError(f"{name} of {major_text(sum_fen)} is below 0; give 0 or more")
    _judge_days(floor.start_on, settled)


def _judge_days(before: date, settled: Iterable[Settled]) -> None:
    for settled_on, sales in settled:
        if settled_on <= before:
            raise UsageError(f"settlement on {settled_on} must lie after {before}; one a day, in order")
        if check_minor(sales, "sales") < 0:
            raise UsageError(
                f"sales of {major_text(sales)} on {settled_on} are below 0; net refunds off first"
            )
        before = settled_on
