"""The forecast: level, season, spread, worked out by hand."""

import math
from datetime import date

import pytest

from suixin.underwriting.forecast import Z_TENTH, forecast
from suixin.underwriting.policy import Forecasting

TERMS = Forecasting.model_validate(
    {
        "prior_spread": {"value": 0.4, "source": "test", "since": date(2026, 1, 1)},
        "prior_years": {"value": 0.5, "source": "test", "since": date(2026, 1, 1)},
    }
)


def test_a_harvest_comes_back_in_its_month() -> None:
    """Sales two and three months ago return ten and eleven months ahead: month j ahead is 12 - j behind."""
    history = [0, 0, 900, 300] + [0] * 8
    outlook = forecast(history, 12, TERMS)
    assert outlook.p50 == (0, 0, 0, 0, 0, 0, 0, 0, 300, 900, 0, 0)
    assert outlook.basis == "one_year"
    assert outlook.concentration == pytest.approx(0.75**2 + 0.25**2)


def test_quantiles_of_one_year_use_the_prior_spread() -> None:
    """With one year there is nothing to measure a spread on: the policy's prior gives P10 and P90."""
    outlook = forecast([1000] * 12, 12, TERMS)
    assert outlook.spread == 0.4
    assert outlook.p10[0] == round(1000 * math.exp(-Z_TENTH * 0.4))
    assert outlook.p90[0] == round(1000 * math.exp(Z_TENTH * 0.4))


def test_two_equal_years_shrink_the_spread() -> None:
    """Twelve months that repeat exactly: the squares are 0, the prior weighs half a year."""
    outlook = forecast([500, 1500] * 12, 24, TERMS)
    assert outlook.basis == "two_years"
    assert outlook.spread == pytest.approx(math.sqrt(6 * 0.16 / 18))
    assert outlook.p50 == (1500, 500) * 6


def test_a_thin_file_is_flat() -> None:
    """Five months know no season: every month is their mean, and the basis says so."""
    outlook = forecast([100, 200, 300, 200, 200], 5, TERMS)
    assert outlook.p50 == (200,) * 12
    assert outlook.basis == "flat"


def test_no_sales_forecast_nothing() -> None:
    """Without a sale there is no inflow to lend on."""
    assert forecast([0] * 36, 24, TERMS).p90 == (0,) * 12


def test_months_before_the_merchant_traded_are_not_zeros() -> None:
    """A shop of three months is measured on three months, not diluted over twelve."""
    assert forecast([300, 300, 300, 0, 0, 0], 3, TERMS).p50[0] == 300
