"""A stretch of days on which a loan only bears interest: its nights in closed form, one loan or a hundred thousand.

Most nights of most loans are such: nothing falls due, no grace ends, no threshold is passed. Then interest and lateness
are straight lines in units of fen x ppm x days, which are divided and rounded where a figure is booked, and the columns
of a whole book are closed at once. The first day that needs more than that ends the stretch.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from suixin.errors import LendingError
from suixin.lending.account import Account
from suixin.lending.contract import PPM, rate_ppm
from suixin.lending.interest import by_days
from suixin.lending.positions import Positions, positions
from suixin.lending.recognition import State

_DAY = timedelta(days=1)
_MOST = 2**60  # twice this, and a figure added, still fits 64 bits

Ints = npt.NDArray[np.int64]


class Stretch(NamedTuple):
    """A loan's quiet days.

    With t days since `from_on`, interest is min(cap, round((interest + t x interest_daily) / unit)) fen and lateness
    max(0, round((late + t x late_daily) / unit) - late_paid), both rounded half-up, unit = ppm x days of a year.

    Attributes:
        loan: its number.
        from_on: the open day on which it begins.
        until_on: the first open day that needs a look; nights before it are quiet.
        interest: of the running period, fen x ppm x days.
        interest_daily: what a day adds to it.
        cap_fen: the interest of the whole period.
        late: as `interest`, of all that is overdue.
        late_daily: what a day adds to it.
        late_paid_fen: of lateness.
        year_days: 360 or 365.
        state: how the books look at interest.
        begins: the positions on `from_on`.
    """

    loan: str
    from_on: date
    until_on: date
    interest: int
    interest_daily: int
    cap_fen: int
    late: int
    late_daily: int
    late_paid_fen: int
    year_days: int
    state: State
    begins: Positions

    def on(self, day: date) -> Positions:
        """Return the positions on an open day of the stretch.

        Raises:
            LendingError: the day is not in it.
        """
        if day == self.from_on:
            return self.begins
        if not self.from_on <= day < self.until_on:
            raise LendingError(
                f"{day} is not among the quiet days from {self.from_on} to before {self.until_on}"
            )
        columns = Columns.of([self])
        interest, late = columns.to(day)
        first, first_late = columns.to(self.from_on)
        return booked(self.begins, self.state, int(interest[0] - first[0]), int(late[0] - first_late[0]))


def booked(before: Positions, state: State, interest_fen: int, late_fen: int) -> Positions:
    """Return positions after more interest and lateness have accrued."""
    both = interest_fen + late_fen
    if state is State.ACCRUING:
        return before._replace(
            accrued=before.accrued + interest_fen,
            late=before.late + late_fen,
            interest_income=before.interest_income - both,
        )
    name = "memo_interest" if state is State.SUSPENDED else "memo_claim"
    return before._replace(**{name: getattr(before, name) + both}, memo_contra=before.memo_contra - both)


@dataclass(frozen=True, slots=True)
class Columns:
    """Stretches side by side, one array a figure; days are ordinals."""

    from_on: Ints
    until_on: Ints
    interest: Ints
    interest_daily: Ints
    cap_fen: Ints
    late: Ints
    late_daily: Ints
    late_paid_fen: Ints
    unit: Ints

    @classmethod
    def of(cls, stretches: Iterable[Stretch]) -> "Columns":
        """Gather stretches; see `Stretch` for the figures."""
        return cls.from_rows([one[1:10] for one in stretches])

    @classmethod
    def from_rows(cls, rows: Sequence[tuple[Any, ...]]) -> "Columns":
        """Gather rows of the figures of `Stretch` from `from_on` to `year_days`, in that order."""
        plain = [(row[0].toordinal(), row[1].toordinal(), *row[2:8], row[8] * PPM) for row in rows]
        table = np.array(plain, dtype=np.int64).reshape(len(plain), 9).T
        return cls(*np.ascontiguousarray(table))

    def quiet(self, day: date) -> npt.NDArray[np.bool_]:
        """Which loans' night from this day to the next is quiet."""
        at = day.toordinal()
        return (self.from_on <= at) & (at + 1 < self.until_on)

    def night(self, day: date) -> tuple[Ints, Ints]:
        """Return the interest and the lateness of the night from a day to the next, fen; right where it is quiet."""
        interest, late = self.to(day)
        next_interest, next_late = self.to(day + _DAY)
        return next_interest - interest, next_late - late

    def to(self, day: date) -> tuple[Ints, Ints]:
        """Return interest of the running period and lateness up to the opening of a day, fen."""
        return self._after(day.toordinal() - self.from_on)

    def to_begin(self) -> tuple[Ints, Ints]:
        """Return the same up to each loan's own first day."""
        return self._after(np.zeros_like(self.from_on))

    def _after(self, days: Ints) -> tuple[Ints, Ints]:
        interest = _rounded(self.interest + days * self.interest_daily, self.unit)
        late = _rounded(self.late + days * self.late_daily, self.unit) - self.late_paid_fen
        return np.minimum(interest, self.cap_fen), np.maximum(late, 0)


def _rounded(top: Ints, bottom: Ints) -> Ints:
    """Half-up; nothing here is below 0."""
    halves: Ints = (2 * top + bottom) // (2 * bottom)
    return halves


def stretch(account: Account, thresholds: Sequence[int] = ()) -> Stretch:
    """Return the quiet days that begin on a loan's open day; there may be none.

    Figures that would outgrow the columns end the stretch; those that do already leave no quiet day and are 0 in it,
    so that such a loan is closed by itself, night by night.

    Args:
        account: opened, so that what falls due on the day is billed.
        thresholds: so many days past due that one more changes the class.
    """
    today, arrears = account.today, account.arrears
    interest, daily, cap, period_end = _running(account)
    until_on = min([*account.breaks(), *period_end, *_crossed(account, thresholds), date.max - _DAY])
    if any(today >= bill.free_on and (bill.grace_principal or bill.grace_interest) for bill in arrears.bills):
        until_on = today  # a grace was missed: the night charges its days
    late, late_daily = arrears.late, arrears.daily(today)
    fit = min(_fit(interest, daily), _fit(late, late_daily))
    if fit < 1:
        until_on, interest, daily, cap, late, late_daily = today, 0, 0, 0, 0, 0
    elif fit < (until_on - today).days:
        until_on = today + fit * _DAY
    return Stretch(
        loan=account.contract.loan,
        from_on=today,
        until_on=until_on,
        interest=interest,
        interest_daily=daily,
        cap_fen=cap,
        late=late,
        late_daily=late_daily,
        late_paid_fen=account.late_paid if fit >= 1 else 0,
        year_days=account.contract.year_days,
        state=account.books.state,
        begins=positions(account),
    )


def _fit(figure: int, daily: int) -> int:
    """For so many days a figure that grows every day fits the columns."""
    return (_MOST - figure) // max(daily, 1)


def _running(account: Account) -> tuple[int, int, int, list[date]]:
    """The running period's interest so far and a day, in fen x ppm x days; its cap in fen; where it ends or reprices."""
    today, running = account.today, account.course
    if running is None:
        return 0, 0, 0, []
    terms = running.terms
    for period, charge in zip(terms.periods, running.charges, strict=True):
        if not period.begin <= today < period.end:
            continue
        if (
            period.due_on <= today
        ):  # billed before its end: its interest is there, the next period's begins then
            return 0, 0, 0, [period.end]
        moves = [part for part in terms.drawdowns if period.begin < part.drawn_on < today]
        steps = [step for step in terms.rate_steps if period.begin < step.from_on < today]
        exact = by_days(
            charge.base_fen,
            period.begin,
            today,
            terms.rate_on(period.begin),
            terms.day_count,
            moves=moves,
            steps=steps,
        )
        exact *= PPM * account.contract.year_days
        used = charge.base_fen + sum(
            part.amount_fen for part in terms.drawdowns if period.begin < part.drawn_on <= today
        )
        ends = [period.end, *(step.from_on for step in terms.rate_steps if step.from_on > today)]
        return int(exact), used * rate_ppm(terms.rate_on(today)), charge.interest_fen, ends
    return 0, 0, 0, [period.begin for period in terms.periods if period.begin > today][:1]


def _crossed(account: Account, thresholds: Sequence[int]) -> list[date]:
    """The open days behind nights that bring more days past due than a threshold."""
    today, arrears = account.today, account.arrears
    if arrears.first_overdue_on(today) is None:
        # Days past due begin tomorrow, and with them the thresholds can be told.
        return [today + 2 * _DAY] if any(bill.free_on <= today for bill in arrears.bills) else []
    passed = arrears.days_past_due(today)
    limits = {0, account.contract.suspend_after_days, *thresholds}
    return [today + (limit + 2 - passed) * _DAY for limit in limits if limit + 1 >= passed]
