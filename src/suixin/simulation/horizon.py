"""The days and months that a simulation covers, and the festivals in them."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from suixin.simulation.streams import Floats, Ints

DAY_S = 86_400
NEVER = 1 << 40  # seconds since 1970 of something that never happens (the year 36812)
NEVER_DAY = NEVER // DAY_S
_EPOCH = date(1970, 1, 1)
_SYNODIC_DAYS = 29.530588853  # mean length of a lunar month
_NEW_MOON = 10_962.76 + 8 / 24  # 6 January 2000, 18:14 UTC, in civil days of Shanghai since 1970


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or the last day of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def spring_festival(year: int) -> date:
    """Spring Festival of a year, from the mean new moon between 21 January and 20 February.

    Within a day of the official date: good enough for demand, not for a calendar on a wall.
    """
    first = day_number(date(year, 1, 21))
    moons = np.ceil((first - _NEW_MOON) / _SYNODIC_DAYS)
    return _EPOCH + timedelta(days=int(_NEW_MOON + moons * _SYNODIC_DAYS))


@dataclass(frozen=True)
class Horizon:
    """From `start` for `months` months; days are counted from 1970, months from the start.

    Attributes:
        start: the first day.
        months: whole months covered.
    """

    start: date
    months: int

    @cached_property
    def first(self) -> int:
        """Day number of the first day."""
        return day_number(self.start)

    @cached_property
    def end(self) -> int:
        """Day number of the day after the last."""
        return day_number(add_months(self.start, self.months))

    @property
    def end_s(self) -> int:
        """Seconds since 1970 at which the simulation ends: every fact is earlier."""
        return self.end * DAY_S

    @cached_property
    def days(self) -> Ints:
        """Every day number, first to last."""
        return np.arange(self.first, self.end, dtype=np.int64)

    @cached_property
    def month_start(self) -> Ints:
        """Day number of the first day of each month, and of the day after the last: `months` + 1 values."""
        starts = [day_number(add_months(self.start, m)) for m in range(self.months + 1)]
        return np.array(starts, dtype=np.int64)

    def month_of(self, day: Ints) -> Ints:
        """The month (0 is the first) that holds each day number; may lie outside the horizon's range."""
        return np.searchsorted(self.month_start, day, side="right").astype(np.int64) - 1

    @cached_property
    def year_part(self) -> Floats:
        """How far each day lies in its calendar year, 0 to 1."""
        dates = self.days.astype("datetime64[D]")
        into = (dates - dates.astype("datetime64[Y]")).astype(np.int64)
        return np.asarray((into + 0.5) / 365.25, dtype=np.float64)

    def years(self) -> range:
        """The calendar years touched, one more on either side."""
        last = _EPOCH + timedelta(days=self.end)
        return range(self.start.year - 1, last.year + 2)

    @cached_property
    def shopping(self) -> Floats:
        """Demand of each day against an ordinary one: weekday, double-11, 618, gifts and the feast itself."""
        factor = np.array([1.02, 1.0, 0.99, 0.98, 0.97, 1.02, 1.04])[(self.days + 3) % 7]
        for year in self.years():
            feast = day_number(spring_festival(year))
            self._scale(factor, feast - 25, feast - 6, 1.45)
            self._scale(factor, feast - 3, feast + 7, 0.30)
            self._scale(factor, day_number(date(year, 11, 1)), day_number(date(year, 11, 12)), 1.35)
            self._scale(factor, day_number(date(year, 11, 11)), day_number(date(year, 11, 12)), 1.6)
            self._scale(factor, day_number(date(year, 6, 16)), day_number(date(year, 6, 20)), 1.35)
            self._scale(factor, day_number(date(year, 9, 10)), day_number(date(year, 9, 25)), 1.15)
        return factor

    @cached_property
    def congestion_days(self) -> Floats:
        """Days that a parcel sent on each day loses to double-11 and to the Spring Festival pause."""
        lost = np.zeros(self.days.size)
        for year in self.years():
            feast = day_number(spring_festival(year))
            peak = day_number(date(year, 11, 11))
            lost[(self.days >= peak - 1) & (self.days < peak + 7)] = 0.9
            pause = (self.days >= feast - 3) & (self.days < feast + 5)
            lost[pause] = 1.2
        return lost

    def _scale(self, factor: Floats, low: int, high: int, by: float) -> None:
        factor[(self.days >= low) & (self.days < high)] *= by
