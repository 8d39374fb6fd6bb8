"""A forecast of monthly net sales: level × season × shock, P10, P50 and P90 (see docs/explanation/forecast.md).

Month j after the as-of date is in the same season as month 12 - j before it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from suixin.underwriting.peers import Peers, no_peers
from suixin.underwriting.policy_parts import Forecasting
from suixin.underwriting.seasonal import MONTHS, YEAR, Fitted, Floats, Ints, fit, sales_known
from suixin.underwriting.standing import Standing

__all__ = ["YEAR", "Forecast", "Outlooks", "basis_parts", "forecast", "forecast_all"]


BAD, USUAL, GOOD = 0.1, 0.5, 0.9  # a bad year is one in ten, and so is a good one
LIKELY_EMPTY = 0.5  # probability above which nobody can count on a month


@dataclass(frozen=True, slots=True)
class Forecast:
    """Net sales of the coming months, fen.

    Attributes:
        p10, p50, p90: quantiles of each month, first month first.
        basis: where the season comes from: 'own_years', 'flat' (history too short, no peers), or
            'own_and_peers:GROUP:COUNT' and 'peers:GROUP:COUNT' with the peer group and how many merchants made it.
        spread: relative standard deviation of the average month.
        bad_year: the months of a year whose sum is undershot one time in ten. Twelve months that are all as bad as
            their P10 are far rarer. A month that is likelier empty than not has nothing here.
        good_year: the months of a year whose sum is exceeded one time in ten.
        usual_year: the months of a year whose sum is undershot as often as not. Where months are often empty twelve
            months that are all as usual as their P50 are far rarer.
        standing: how the shop stands on that day; None in a decision of an older release.
    """

    p10: tuple[int, ...]
    p50: tuple[int, ...]
    p90: tuple[int, ...]
    basis: str
    spread: float
    bad_year: tuple[int, ...] = ()
    good_year: tuple[int, ...] = ()
    standing: Standing | None = None
    usual_year: tuple[int, ...] = ()

    @property
    def usual(self) -> tuple[int, ...]:
        """The months of a usual year; in a decision of an older release the P50 of each stand for it."""
        return self.usual_year or self.p50

    @property
    def concentration(self) -> float:
        """Sum of squared shares of the months in the median: 1/12 is even over the year, 1 is all in one."""
        whole = sum(self.p50)
        return sum((month / whole) ** 2 for month in self.p50) if whole else 0.0


def basis_parts(basis: str) -> tuple[str, str, int]:
    """Kind, peer group and number of merchants of a forecast's basis; '' and 0 where there is no group.

    A group's name may hold any text, colons too.
    """
    kind, _, rest = basis.partition(":")
    group, _, count = rest.rpartition(":")
    return kind, group, int(count) if count.isdecimal() else 0


@dataclass(frozen=True, slots=True)
class Outlooks:
    """Forecasts of many merchants, a row each.

    Attributes:
        quantiles: P10, P50 and P90 of each month, fen; n × months × 3.
        bad_year, good_year, usual_year: as in `Forecast`; n × months.
        basis, spread, standing: as in `Forecast`; n.
    """

    quantiles: Ints
    bad_year: Ints
    good_year: Ints
    basis: Sequence[str]
    spread: Floats
    standing: Sequence[Standing]
    usual_year: Ints

    def __iter__(self) -> Iterator[Forecast]:
        """One merchant after the other."""
        years = zip(
            *(year.tolist() for year in (self.bad_year, self.good_year, self.usual_year)), strict=True
        )
        rows = zip(self.quantiles, years, self.basis, self.spread, self.standing, strict=True)
        for months, around, basis, spread, standing in rows:
            p10, p50, p90 = (tuple(row) for row in months.T.tolist())
            bad, good, usual = (tuple(year) for year in around)
            yield Forecast(p10, p50, p90, basis, float(spread), bad, good, standing, usual)


def forecast(
    history: Sequence[int],
    months_known: int,
    terms: Forecasting,
    months: int = YEAR,
    peers: Peers | None = None,
) -> Forecast:
    """Forecast the months after the as-of date: a batch of one.

    Args:
        history: net sales by month before the as-of date, fen, newest first.
        months_known: for how many of these months the merchant was trading.
        terms: the policy's assumptions.
        months: how many months to forecast, up to twelve.
        peers: the merchant's row of what its peers say; None if it has none.
    """
    net = np.zeros((1, MONTHS), dtype=np.int64)
    held = list(history[:MONTHS])
    net[0, : len(held)] = held
    known = np.array([min(months_known, len(held))], dtype=np.int64)
    return next(iter(forecast_all(net, known, terms, peers, months)))


def forecast_all(
    net: Ints, known: Ints, terms: Forecasting, peers: Peers | None = None, months: int = YEAR
) -> Outlooks:
    """Forecast many merchants at once; each as `forecast` would alone.

    Args:
        net: net sales by month before the as-of date, fen, newest first; n × 36.
        known: for how many of these months each was trading; n.
        terms: the policy's assumptions.
        peers: what their peers say, a row each; None if they have none.
        months: how many months to forecast, up to twelve.
    """
    told = peers or no_peers(len(net), terms)
    sales = sales_known(net, known)
    fitted = fit(sales, known, told.guide, terms, months)
    read = [fitted.quantile(told.levels[:, :months, at]) for at in range(told.levels.shape[2])]
    quantiles = np.rint(np.maximum.accumulate(np.stack(read, axis=2), axis=2)).astype(np.int64)
    spread = np.where(sales.any(axis=1), np.sqrt(terms.luck.value**2 + fitted.grain), 0.0)
    bad = np.where(fitted.empty <= LIKELY_EMPTY, np.rint(fitted.year_at(BAD)), 0.0).astype(np.int64)
    usual, good = (np.rint(fitted.year_at(level)).astype(np.int64) for level in (USUAL, GOOD))
    bases, standings = [*_bases(fitted.own, sales, told)], [*_standings(fitted, known)]
    return Outlooks(quantiles, bad, good, bases, spread, standings, usual)


def _bases(own: Floats, sales: Floats, peers: Peers) -> Iterator[str]:
    some = np.any(sales > 0.0, axis=1).tolist()
    for weight, sold, group, count in zip(own, some, peers.group, peers.count, strict=True):
        if not sold or (not group and not weight):
            yield "flat"
        elif not group:
            yield "own_years"
        else:
            yield f"{'own_and_peers' if weight else 'peers'}:{group}:{count}"


def _standings(fitted: Fitted, known: Ints) -> Iterator[Standing]:
    amounts = (np.rint(fen).astype(np.int64).tolist() for fen in (fitted.level, fitted.average))
    trades = fitted.trades[:, 0].tolist()
    for row in zip(known.tolist(), fitted.silent.tolist(), trades, *amounts, strict=True):
        yield Standing(*row)
