"""Instalments and lateness: what a loan asks for, and which instalment is the oldest that is open."""

from datetime import date

import polars as pl
import pytest

from suixin.calendar import date_to_day
from suixin.scoring.watch.repayment import DUES, instalments, lateness

GRANTED = date(2025, 1, 31)


def terms(method: str = "equal_instalments", rate: float = 0.12) -> dict[str, object]:
    return {"principal_fen": 1_200_000, "annual_rate": rate, "term_months": 12, "method": method}


def day(month: int, of: int, year: int = 2025) -> int:
    return date_to_day(date(year, month, of))


def test_level_instalments_are_the_annuity():
    """Protects what is due: 12,000 yuan at 1 % a month over 12 is 1,066.19 yuan; 31 January is due at month ends."""
    rows = instalments("l1", 0, GRANTED, terms())
    assert rows["due_fen"].to_list() == [106_619] * 12
    assert rows["due_day"].to_list()[:3] == [day(2, 28), day(3, 31), day(4, 30)]
    assert instalments("l1", 0, GRANTED, terms(rate=0.0))["due_fen"].to_list() == [100_000] * 12


def test_interest_first_pays_the_principal_with_the_last():
    """Protects a loan of interest only: 120 yuan a month, and 12,000 with the last."""
    rows = instalments("l1", 0, GRANTED, terms("interest_first"))
    assert rows["due_fen"].to_list() == [12_000] * 11 + [1_212_000]


def test_an_unknown_method_says_nothing():
    """Protects against false alarms: of a schedule that nobody knows nothing is late."""
    assert instalments("l1", 0, GRANTED, terms("by agreement")).is_empty()


def late(paid_fen: int, on: int) -> tuple[int, int]:
    holding = pl.DataFrame(
        {"subject": [7], "as_of_day": [on], "terms": [0]},
        schema={"subject": pl.Int64(), "as_of_day": pl.Int32(), "terms": pl.Int64()},
    )
    dues = pl.DataFrame(
        [("l1", 0, day(2, 10), 1000), ("l1", 0, day(3, 10), 1000), ("l1", 0, day(4, 10), 1000)],
        schema=DUES,
        orient="row",
    )
    paid = pl.DataFrame({"subject": [7], "paid_fen": [paid_fen]})
    found = lateness(holding, dues, paid)
    assert found.select("subject", "instalment_fen").rows() == [(7, 1000)]
    return int(found["overdue_fen"][0]), int(found["days_past_due"][0])


@pytest.mark.parametrize(
    ("paid", "on", "expected"),
    [
        (0, day(2, 10), (0, 0)),  # due today is not past due
        (0, day(2, 11), (1000, 1)),
        (1000, day(3, 12), (1000, 2)),  # the oldest is paid, the second is open
        (995, day(3, 12), (1005, 2)),  # half a per cent is no open instalment
        (900, day(3, 12), (1100, 30)),
        (2000, day(4, 1), (0, 0)),
        (3000, day(12, 1), (0, 0)),
    ],
)
def test_money_pays_the_oldest_first(paid, on, expected):
    """Protects the days past due, on which default rests: they count from the oldest instalment that is open."""
    assert late(paid, on) == expected
