"""Trading histories: which source a merchant is read from, for how long, and in which month each sale stands."""

import numpy as np
import polars as pl
import pytest

from suixin.features.build import Built
from suixin.underwriting.histories import Histories, histories

MONTHS = 36


def built(features: dict[str, list[float | None]], series: list[tuple[int, str, int, int]]) -> Built:
    """Subjects 5, 3 and 8 in this order, with these features and months of net sales."""
    frame = pl.DataFrame({"subject": [5, 3, 8], "merchant_id": ["a", "b", "c"], "as_of_day": [20454] * 3})
    frame = frame.with_columns(pl.Series(name, values, pl.Float64) for name, values in features.items())
    columns = {"subject": pl.Int64, "source": pl.String, "month": pl.Int64, "net_fen": pl.Int64}
    return Built(frame, pl.DataFrame(series, columns, orient="row"), pl.DataFrame(), ())


TRAITS = pl.DataFrame(
    {"subject": [3, 5, 8], "crop": ["tea", "", "kiwi"], "region_code": ["999901101", "", "999901102"]}
)


def read(
    features: dict[str, list[float | None]] | None = None,
    series: tuple[tuple[int, str, int, int], ...] = (),
) -> Histories:
    """The histories of the three."""
    return histories(built(features or {}, list(series)), TRAITS)


def test_each_month_of_each_merchant_stands_in_its_place() -> None:
    """In the order of the features, newest month first; a month without sales is 0, one beyond three years is gone."""
    found = read(
        series=((3, "orders", 0, 700), (3, "orders", 35, -50), (3, "orders", 36, 9), (8, "invoices", 2, 4))
    )
    assert found.net.shape == (3, MONTHS)
    assert {(row, month): int(found.net[row, month]) for row, month in np.argwhere(found.net)} == {
        (1, 0): 700,
        (1, 35): -50,  # more was given back than sold
        (2, 2): 4,
    }
    assert list(found.source) == ["", "orders", "invoices"]
    assert (list(found.crop), list(found.region)) == (["", "tea", "kiwi"], ["", "999901101", "999901102"])
    assert found.as_of_day.tolist() == [20454] * 3


def test_a_merchant_is_read_from_orders_before_invoices() -> None:
    """A sale that is ordered and invoiced is counted once, whichever row comes first."""
    both = ((5, "invoices", 1, 100), (5, "orders", 0, 30), (3, "orders", 4, 7), (3, "invoices", 4, 9))
    for series in (both, both[::-1]):
        found = read(series=series)
        assert list(found.source) == ["orders", "orders", ""]
        assert found.net.sum() == 30 + 7
        assert (found.net[0, 0], found.net[1, 4]) == (30, 7)


@pytest.mark.parametrize(
    ("days", "months"),
    [
        (None, 1),  # how long is not known
        (0.0, 1),
        (45.0, 1),  # a month and a half, but for a day
        (46.0, 2),
        (365.0, 12),
        (1_081.0, 36),
        (4_000.0, 36),  # nothing beyond three years is read
    ],
)
def test_months_of_trading(days: float | None, months: int) -> None:
    """Days to the nearest twelfth of a year, from one month to three years."""
    found = read({"genuine_trading_days": [None, days, None]}, ((3, "orders", 0, 1),))
    assert found.known.tolist() == [1, months, 1]


def test_the_length_is_that_of_the_source_read() -> None:
    """Who is read from invoices has the history of the invoices, however long the shop has been open."""
    features = {
        "genuine_trading_days": [730.0, 730.0, 730.0],
        "invoice_history_days": [365.0, 365.0, 365.0],
        "account_days": [182.5, 182.5, 182.5],
    }
    series = ((5, "orders", 0, 1), (3, "invoices", 0, 1), (8, "cashflows", 0, 1))
    assert read(features, series).known.tolist() == [24, 12, 6]


def test_a_year_earlier() -> None:
    """Twelve months fall away, and what is older moves up; who has traded for less than a year was not there."""
    features = {"genuine_trading_days": [200.0, 730.0, None]}
    found = read(
        features, ((5, "orders", 3, 8), (3, "orders", 0, 5), (3, "orders", 12, 6), (3, "orders", 35, 7))
    )
    earlier = found.before()
    assert earlier.known.tolist() == [0, 12, 0]
    assert {(row, month): int(earlier.net[row, month]) for row, month in np.argwhere(earlier.net)} == {
        (1, 0): 6,
        (1, 23): 7,
    }
    assert earlier.as_of_day.tolist() == [20454 - 365] * 3
    assert (earlier.crop, earlier.region, earlier.source) == (found.crop, found.region, found.source)
