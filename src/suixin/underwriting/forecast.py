"""A forecast of monthly net sales: level, season, and an honest spread.

Month j after the as-of date is in the same season as month 12 - j before it, so its shape is read from one and
two years back. With less than a year of history the season is unknown: the forecast is flat and says so.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from suixin.underwriting.policy import Forecasting

YEAR = 12
Z_TENTH = 1.2815515594  # the normal quantile of 0.9


@dataclass(frozen=True, slots=True)
class Forecast:
    """Net sales of the coming months, fen.

    Attributes:
        p10, p50, p90: quantiles of each month, first month first.
        basis: 'two_years', 'one_year' (season from one or two years) or 'flat' (thin file).
        spread: standard deviation of the logarithm of a month's sales.
    """

    p10: tuple[int, ...]
    p50: tuple[int, ...]
    p90: tuple[int, ...]
    basis: str
    spread: float

    @property
    def concentration(self) -> float:
        """Sum of squared shares of the months in the median: 1/12 is even over the year, 1 is all in one."""
        whole = sum(self.p50)
        return sum((month / whole) ** 2 for month in self.p50) if whole else 0.0


def forecast(history: Sequence[int], months_known: int, terms: Forecasting, months: int = YEAR) -> Forecast:
    """Forecast the months after the as-of date.

    Args:
        history: net sales by month before the as-of date, fen, newest first.
        months_known: for how many of these months the merchant was trading.
        terms: the policy's assumptions.
        months: how many months to forecast.
    """
    known = [max(0, month) for month in history[:months_known]]
    if not any(known):
        return Forecast((0,) * months, (0,) * months, (0,) * months, "flat", 0.0)
    level = sum(known[:YEAR]) / min(len(known), YEAR)
    shape, basis = _season(known)
    spread = _spread(known, terms)
    middle = [level * shape[(YEAR - 1 - j) % YEAR] for j in range(months)]
    low, high = math.exp(-Z_TENTH * spread), math.exp(Z_TENTH * spread)
    quantiles = [tuple(round(month * factor) for month in middle) for factor in (low, 1.0, high)]
    return Forecast(quantiles[0], quantiles[1], quantiles[2], basis, spread)


def _season(known: Sequence[int]) -> tuple[list[float], str]:
    """The factor of each month of the year counted back, mean 1."""
    years = [known[start : start + YEAR] for start in range(0, len(known) - YEAR + 1, YEAR)]
    years = [year for year in years if any(year)]
    if not years:
        return [1.0] * YEAR, "flat"
    factors = [[month * YEAR / sum(year) for month in year] for year in years]
    shape = [sum(column) / len(factors) for column in zip(*factors, strict=True)]
    return shape, "one_year" if len(years) == 1 else "two_years"


def _spread(known: Sequence[int], terms: Forecasting) -> float:
    """How far a month lay from the same month a year before, in logarithms; the policy's prior where unknown."""
    prior, weight = terms.prior_spread.value, terms.prior_years.value * YEAR
    if len(known) <= YEAR:
        return prior
    grown = sum(known[:YEAR]) / max(1, sum(known[YEAR : 2 * YEAR]))
    pairs = [
        (new, old * grown)
        for new, old in zip(known[:YEAR], known[YEAR:], strict=False)
        if new > 0 and old > 0
    ]
    squares = [math.log(new / old) ** 2 / 2 for new, old in pairs]
    return math.sqrt((sum(squares) + weight * prior**2) / (len(squares) + weight))
