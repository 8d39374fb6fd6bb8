from datetime import date
from decimal import Decimal

import pytest

from suixin.errors import UsageError
from suixin.lending.overdue import days_past_due, penalty_interest, penalty_rate

DUE = date(2025, 3, 1)


def test_penalty_golden():
    """Protects 4.35 % x 1.5 = 6.525 %, and 20,000 overdue 30 days: 108.75 (reference/lending-rules.md)."""
    rate = penalty_rate(Decimal("0.0435"), Decimal("0.5"))
    assert rate == Decimal("0.06525")
    assert penalty_interest(2_000_000, rate, DUE, date(2025, 3, 31)) == 10_875


def test_the_heavier_uplift_applies_alone():
    """Protects against stacking overdue and misuse."""
    assert penalty_rate(Decimal("0.04"), Decimal("0.5"), Decimal(1)) == Decimal("0.08")


def test_grace():
    """Protects the days of grace: nothing within; missed, it counts from the due date, or from its end if agreed."""
    assert [days_past_due(DUE, date(2025, 3, day), 5) for day in (1, 6, 7)] == [0, 0, 6]
    assert days_past_due(DUE, date(2025, 3, 7), 5, back_to_due=False) == 1
    rate = Decimal("0.036")
    assert penalty_interest(10_000_000, rate, DUE, date(2025, 3, 6), grace_days=5) == 0
    assert penalty_interest(10_000_000, rate, DUE, date(2025, 3, 7), grace_days=5) == 6_000
    assert penalty_interest(10_000_000, rate, DUE, date(2025, 3, 7), grace_days=5, back_to_due=False) == 1_000


def test_bad_overdue_figures_are_refused():
    """Protects the entry."""
    with pytest.raises(UsageError, match="days of grace"):
        days_past_due(DUE, DUE, -1)
    with pytest.raises(UsageError, match="below 0"):
        penalty_interest(-1, Decimal("0.06"), DUE, date(2025, 3, 31))
    with pytest.raises(UsageError, match="uplifts"):
        penalty_rate(Decimal("0.04"), Decimal("-0.5"))
