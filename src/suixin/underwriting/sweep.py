"""Repayment from sales: a share of each month's settled genuine sales is withheld until the loan is repaid.

The share is the smallest, in tenths of a per cent, that repays the loan in a bad year by the last month of the term
that brings anything. In a usual year the same share repays sooner. Each month has a smallest amount, a part of what the
bad year would bring in it, so that a month without sales has none; what is left falls due on the last date. Of every
month's sales a fixed sum stays with the household. Interest is as in `lending.schedule.harvest`: deferred where a month
cannot bear it, never compounded, and never above interest only.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from suixin.lending.schedule import Method, Schedule, harvest
from suixin.lending.sweep import withheld
from suixin.underwriting.exact import exactly, fen
from suixin.underwriting.policy_parts import Sweep as Terms
from suixin.underwriting.season_fit import YEAR, left_over

_TENTHS = 1_000  # of a per cent in one
_PPM = 1_000  # parts per million in a tenth of a per cent


@dataclass(frozen=True, slots=True)
class SweepMonth:
    """One month: the smallest amount that is due in it, and what a bad and a usual year are expected to pay, fen."""

    due_on: date
    floor_fen: int
    bad_principal_fen: int
    bad_interest_fen: int
    usual_principal_fen: int
    usual_interest_fen: int

    @property
    def bad_fen(self) -> int:
        """What a bad year pays."""
        return self.bad_principal_fen + self.bad_interest_fen

    @property
    def usual_fen(self) -> int:
        """What a usual year pays."""
        return self.usual_principal_fen + self.usual_interest_fen


@dataclass(frozen=True, slots=True)
class Sweep:
    """A loan repaid from sales.

    Attributes:
        share_ppm: of each month's settled genuine sales that is withheld.
        working_cash_fen: of each month's sales that stays with the household.
        months: up to the last date, on which all that is left falls due.
    """

    share_ppm: int
    working_cash_fen: int
    months: tuple[SweepMonth, ...]

    @property
    def last_on(self) -> date:
        """The last date."""
        return self.months[-1].due_on

    @property
    def bad_interest_fen(self) -> int:
        """Interest in a bad year."""
        return sum(month.bad_interest_fen for month in self.months)

    @property
    def usual_interest_fen(self) -> int:
        """Interest in a usual year."""
        return sum(month.usual_interest_fen for month in self.months)


def sweep(
    principal_fen: int,
    annual_rate: Decimal,
    start_on: date,
    bad_year: Sequence[int],
    usual_year: Sequence[int],
    terms: Terms,
) -> tuple[Sweep, Schedule, Schedule]:
    """The sweep, and its paths in a bad and in a usual year as schedules.

    Args:
        principal_fen: the amount lent, above 0.
        annual_rate: nominal annual rate as a fraction.
        start_on: the day of the drawdown.
        bad_year: genuine sales by month of the term, fen, not all 0.
        usual_year: the same of a usual year.
        terms: the policy's figures.
    """
    months = max(number for number, sales in enumerate(bad_year, start=1) if sales > 0)
    cash = fen(terms.working_cash.value)

    def paid(share: float) -> list[float]:
        return [min(share * max(0, sales), float(max(0, sales - cash))) for sales in bad_year[:months]]

    highest, rate = math.floor(exactly(terms.share.value) * _TENTHS), float(annual_rate) / YEAR
    # the first that leaves nothing; the highest if none does
    tenths = 1 + bisect_left(
        range(1, highest), True, key=lambda at: left_over(paid(at / _TENTHS), principal_fen, rate) <= 0.0
    )

    def taken(year: Sequence[int]) -> list[int]:
        return [withheld(sales, tenths * _PPM, cash) for sales in year[:months]]

    bad = replace(harvest(principal_fen, annual_rate, start_on, taken(bad_year)), method=Method.SWEEP)
    part = exactly(terms.floor.value)
    floors = [math.floor(row.total_fen * part) for row in bad.rows[:-1]] + [0]
    asked = [max(pair) for pair in zip(taken(usual_year), floors, strict=False)]
    usual = replace(harvest(principal_fen, annual_rate, start_on, asked), method=Method.SWEEP)
    return Sweep(tenths * _PPM, cash, _months(bad, usual, floors)), bad, usual


def _months(bad: Schedule, usual: Schedule, floors: Sequence[int]) -> tuple[SweepMonth, ...]:
    """Month by month; a usual year is often repaid before a bad one."""
    early = [(row.principal_fen, row.interest_fen) for row in usual.rows]
    early += [(0, 0)] * (len(bad.rows) - len(early))
    return tuple(
        SweepMonth(row.due_on, floor, row.principal_fen, row.interest_fen, *paid)
        for row, floor, paid in zip(bad.rows, floors, early, strict=True)
    )
