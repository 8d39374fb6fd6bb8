from datetime import date
from decimal import Decimal

import pytest

from suixin.errors import UsageError
from suixin.lending.schedule import equal_principal
from suixin.lending.subsidy import Subsidised, subsidise, totals

LOAN = equal_principal(1_200_000, Decimal("0.06"), 3, date(2025, 1, 10))  # interest 6,000, 4,000, 2,000 fen


def test_the_split():
    """Protects the flow apart: 2 % of 6 % is a third, half-up, and the parts make the interest."""
    rows = subsidise(LOAN, Decimal("0.02"))
    assert rows == (
        Subsidised(date(2025, 2, 10), 6_000, 4_000, 2_000),
        Subsidised(date(2025, 3, 10), 4_000, 2_667, 1_333),
        Subsidised(date(2025, 4, 10), 2_000, 1_333, 667),
    )
    assert totals(rows) == (8_000, 4_000)


def test_an_end_and_a_cap():
    """Protects the programme's bounds: nothing after its last day, nothing above its cap."""
    given = [
        row.government_fen for row in subsidise(LOAN, Decimal("0.06"), until=date(2025, 3, 10), cap_fen=7_000)
    ]
    assert given == [6_000, 1_000, 0]


def test_bad_subsidies_are_refused():
    """Protects the entry: never more than the interest."""
    with pytest.raises(UsageError, match="above the contract rate"):
        subsidise(LOAN, Decimal("0.07"))
    with pytest.raises(UsageError, match="below 0"):
        subsidise(LOAN, Decimal("0.01"), cap_fen=-1)
