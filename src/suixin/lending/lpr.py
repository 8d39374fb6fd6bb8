"""Floating rates: a dated table of the loan prime rate, basis points on top, and repricing dates.

The table is passed in, one row a publication with its source; no rate lives in the code.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from suixin.calendar import add_months, month_day
from suixin.errors import UsageError
from suixin.lending.terms import RateStep, judge_rate
from suixin.money import parse_rate

_FIVE_YEARS = 60
_BASIS_POINT = Decimal("0.0001")


class Published(NamedTuple):
    """The loan prime rates of one publication, as annual fractions."""

    published_on: date
    one_year: Decimal
    five_years: Decimal
    source: str = ""


class Reprice(StrEnum):
    """When a floating rate is set anew."""

    NEVER = "never"
    NEW_YEAR = "new-year"  # on each 1 January
    ANNIVERSARY = "anniversary"  # every twelve months from the start


@dataclass(frozen=True)
class LprTable:
    """Publications in order of their day."""

    rows: tuple[Published, ...]

    @classmethod
    def from_rows(cls, rows: Iterable[dict[str, str]]) -> "LprTable":
        """Build from rows of a file.

        Args:
            rows: `published_on` (ISO), `one_year` and `five_years` (0.03 or 3%), and `source` if it is known.

        Raises:
            UsageError: no rows, a bad or repeated date, or a rate that is none.
        """
        found = []
        for row in rows:
            try:
                on = date.fromisoformat(row["published_on"])
                found.append(
                    Published(
                        on, parse_rate(row["one_year"]), parse_rate(row["five_years"]), row.get("source", "")
                    )
                )
            except (KeyError, ValueError, TypeError) as error:
                raise UsageError(
                    f"LPR table: row {row} needs published_on as YYYY-MM-DD, one_year and five_years"
                ) from error
        found.sort()
        days = [row.published_on for row in found]
        if not days or len(set(days)) < len(days):
            raise UsageError(f"LPR table: {len(days)} rows hold a day twice, or there are none")
        return cls(tuple(found))

    def before(self, day: date, months: int) -> Decimal:
        """Return the last rate published before a day, for a term: over five years the longer one.

        Raises:
            UsageError: nothing was published before the day.
        """
        reached = [row for row in self.rows if row.published_on < day]
        if not reached:
            raise UsageError(
                f"LPR table begins on {self.rows[0].published_on}; add the row published before {day}"
            )
        return reached[-1].five_years if months >= _FIVE_YEARS else reached[-1].one_year


def floating(
    table: LprTable,
    start_on: date,
    months: int,
    basis_points: int,
    reprice: Reprice = Reprice.ANNIVERSARY,
    *,
    signed_on: date | None = None,
) -> tuple[Decimal, tuple[RateStep, ...]]:
    """Return the first rate of a loan and its repricings: the last LPR published before each day, plus points.

    A repricing day later than the table takes the table's last rate: the schedule is then what is known so far.

    Args:
        table: publications.
        start_on: the day of the drawdown.
        months: the term; from 60 months the rate over five years holds.
        basis_points: added to the LPR, in hundredths of a per cent; negative for a discount.
        reprice: which days set the rate anew.
        signed_on: the day of the contract if its LPR holds for the first rate; else that before the drawdown.

    Raises:
        UsageError: no publication before a day, or a rate outside 0 to 1.
    """
    if not isinstance(basis_points, int) or isinstance(basis_points, bool):
        raise UsageError(f"{basis_points!r} basis points; give a whole number, such as 30 for 0.30 %")
    first = floating_rate(table, signed_on or start_on, months, basis_points)
    steps: list[RateStep] = []
    held = first
    for day in repricing_days(start_on, months, Reprice(reprice)):
        rate = floating_rate(table, day, months, basis_points)
        if rate != held:
            steps.append(RateStep(day, rate))
            held = rate
    return first, tuple(steps)


def floating_rate(table: LprTable, day: date, months: int, basis_points: int) -> Decimal:
    """Return the last LPR published before a day plus points, an annual fraction; errors as in `floating`."""
    return judge_rate(table.before(day, months) + basis_points * _BASIS_POINT)


def repricing_days(start_on: date, months: int, reprice: Reprice) -> list[date]:
    """Return the days on which the rate of a loan is set anew."""
    end = add_months(start_on, months)
    if reprice is Reprice.NEVER:
        return []
    if reprice is Reprice.ANNIVERSARY:
        return [add_months(start_on, number) for number in range(12, months, 12)]
    return [
        month_day(year, 1, 1) for year in range(start_on.year + 1, end.year + 1) if date(year, 1, 1) < end
    ]
