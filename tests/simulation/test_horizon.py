"""Days, months and festivals."""

from datetime import date

import pytest

from suixin.simulation.horizon import Horizon, add_months, spring_festival

# Official dates of Spring Festival (State Council holiday notices).
FESTIVALS = {
    2018: date(2018, 2, 16), 2019: date(2019, 2, 5), 2020: date(2020, 1, 25), 2021: date(2021, 2, 12),
    2022: date(2022, 2, 1), 2023: date(2023, 1, 22), 2024: date(2024, 2, 10), 2025: date(2025, 1, 29),
}  # fmt: skip


@pytest.mark.parametrize(("year", "official"), FESTIVALS.items())
def test_spring_festival_within_a_day(year, official):
    """Protects the feast's place in demand: the mean new moon is within a day of the official date."""
    assert abs((spring_festival(year) - official).days) <= 1


def test_add_months_keeps_to_the_month():
    """Protects due dates: the 31st becomes the last day of a shorter month, also in a leap year."""
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2023, 11, 30), 3) == date(2024, 2, 29)
    assert add_months(date(2024, 12, 31), 12) == date(2025, 12, 31)


def test_horizon_counts_every_day_once():
    """Protects the calendar: 24 months from 2024 are 731 days, and each lies in its month."""
    horizon = Horizon(date(2024, 1, 1), 24)
    assert horizon.days.size == 731
    assert horizon.month_of(horizon.days[[0, 30, 31, 59, 60, 730]]).tolist() == [0, 0, 1, 1, 2, 23]
