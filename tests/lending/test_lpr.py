"""Floating rates from a dated table. The figures are made up for the test: the table is the lender's to give."""

from datetime import date
from decimal import Decimal

import pytest

from suixin.errors import UsageError
from suixin.lending.amortise import build
from suixin.lending.lpr import LprTable, Reprice, floating
from suixin.lending.periods import regular
from suixin.lending.schedule import Method
from suixin.lending.terms import RateStep, Terms

ROWS = [
    {"published_on": "2025-02-20", "one_year": "3.0%", "five_years": "3.5%", "source": "made up"},
    {"published_on": "2025-01-20", "one_year": "0.031", "five_years": "0.036"},
    {"published_on": "2026-01-20", "one_year": "2.8%", "five_years": "3.3%"},
]
TABLE = LprTable.from_rows(ROWS)


def test_the_last_published_before_the_day_holds():
    """Protects the choice of a publication: that before the day, not that of the day; five years from 60 months."""
    assert TABLE.before(date(2025, 2, 20), 12) == Decimal("0.031")
    assert TABLE.before(date(2025, 2, 21), 12) == Decimal("0.030")
    assert TABLE.before(date(2025, 2, 21), 60) == Decimal("0.035")


def test_a_floating_rate_is_set_anew_on_its_days():
    """Protects repricing: anniversary or new year, 30 basis points on top, only where the rate changes."""
    start = date(2025, 3, 15)
    first, steps = floating(TABLE, start, 36, 30)
    assert (first, steps) == (Decimal("0.0330"), (RateStep(date(2026, 3, 15), Decimal("0.0310")),))
    _, steps = floating(TABLE, start, 36, 30, Reprice.NEW_YEAR)
    assert steps == (RateStep(date(2027, 1, 1), Decimal("0.0310")),)
    assert floating(TABLE, start, 36, -10, Reprice.NEVER, signed_on=date(2025, 2, 1)) == (
        Decimal("0.0300"),
        (),
    )
    terms = Terms(10_000_000, first, start, Method.EQUAL_INSTALMENT, regular(start, 36), rate_steps=steps)
    assert build(terms).rows[-1].balance_fen == 0


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "there are none"),
        ([ROWS[0], ROWS[0]], "a day twice"),
        ([{"published_on": "20.1.2025", "one_year": "3%", "five_years": "3%"}], "needs published_on"),
        ([{"published_on": "2025-01-20", "one_year": "3%"}], "needs published_on"),
        ([{"published_on": "2025-01-20", "one_year": "3.1", "five_years": "3%"}], "write 3.1%"),
    ],
)
def test_a_bad_table_is_refused(rows, message):
    """Protects the table: a missing column, a bad date, a units mistake."""
    with pytest.raises(UsageError, match=message):
        LprTable.from_rows(rows)


def test_bad_questions_are_refused():
    """Protects against a rate from nowhere: before the table, no whole points, below 0."""
    with pytest.raises(UsageError, match="add the row published before 2025-01-20"):
        TABLE.before(date(2025, 1, 20), 12)
    with pytest.raises(UsageError, match="basis points"):
        floating(TABLE, date(2025, 3, 15), 12, 0.3)
    with pytest.raises(UsageError, match="outside 0 to 1"):
        floating(TABLE, date(2025, 3, 15), 12, -400)
