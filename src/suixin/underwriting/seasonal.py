"""Level × season × shock: what a month of net sales is expected to be, and how far it may lie from that.

A month's sales are compound: a number of orders that is never certain, times luck that the whole month shares. So the
variance of a month expected at m is `luck² m² + grain m`: the grain is what one chance order weighs, in fen, and makes
thin and slow months relatively less certain than full ones. The month is taken as gamma distributed with that mean and
variance, which has most of its mass near zero where months are often empty (Jørgensen 1987 shows the compound law).
Shops also idle for weeks, far oftener than chance orders would leave a month empty, and some cease for good: two parts of
their own, told apart by how long a shop has been silent.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincinv

from suixin.underwriting.lifetimes import still_trades
from suixin.underwriting.policy_parts import Forecasting

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

YEAR = 12
MONTHS = 36
YEARS = MONTHS // YEAR
_COARSEST = 12.0  # the grain of a merchant with one order a year, in months of its sales
_LEAST_FACTOR = 0.01  # of a season: nothing was sold, and yet something may be
_SUREST = 0.99  # that a month is empty, that a shop has ceased: what never sold may still
_LEAST_VARIANCE = 0.01  # of a month with sales, relative: a tenth either way
_WEIGHT_OF_ORDERS = 2.0  # 1 + the squared relative deviation of an order's amount, which is near 1
_MEDIANS = 4.0  # medians of the squared distances that their mean may reach: a normal law has 2.2
_SURPRISE = 2.0  # deviations beyond which a month above its expectation adds no more to the spread


@dataclass(frozen=True, slots=True)
class Guide:
    """What is assumed of a merchant before its own months speak; a row a merchant.

    Attributes:
        season: factors of the twelve months counted back from the as-of date, mean 1; n × 12.
        varies: standard deviation of such a factor between merchants of the group, relative to 1; n.
        grain: variance over mean of a month, in months of average sales; n.
        idle: probability that a month has no sales though some were to be expected; n.
        ceases: probability that a shop that trades ceases for good in a month; n.
    """

    season: Floats
    varies: Floats
    grain: Floats
    idle: Floats
    ceases: Floats


@dataclass(frozen=True, slots=True)
class Fitted:
    """The parts of a forecast; a row a merchant.

    Attributes:
        mean: expected sales of the coming months while the shop trades, fen, first month first; n × months.
        variance: of each month while the shop trades, over the square of its mean; n × months.
        trades: probability that the shop still trades in the month; n × months.
        quiet: probability that the month has no sale though the shop trades; n × months.
        year_variance: of the sum of the months, over the square of its mean; n. Luck and grain are each month's own,
            what is not known of the level is common to all, its walk is common to a month and all after it, and so is
            that a shop ceases.
        own: weight of the merchant's own years in its season, 0 to 1; n.
        grain: as in `Guide`, after the merchant's own months; n.
        common: the part of the variance that a month with sales has too, however seldom there is one; n × months.
        idled, watched: of the months before the last sale, those without sales beyond what grain explains, and those in
            which there could have been such; n.
        silent: months since the last sale; n.
        was_quiet: as `quiet`, of the known months, newest first; n × 36.
        regular: share of the months before the last sale that had sales; n, 0 where there are none.
        level, average: fen of an average month, season apart: now, newer months counting more, and over all known; n.
    """

    mean: Floats
    variance: Floats
    trades: Floats
    quiet: Floats
    year_variance: Floats
    own: Floats
    grain: Floats
    common: Floats
    idled: Floats
    watched: Floats
    silent: Ints
    was_quiet: Floats
    regular: Floats
    level: Floats
    average: Floats

    @property
    def empty(self) -> Floats:
        """Probability that a month has no sale at all; n × months."""
        return 1.0 - (1.0 - self.quiet) * self.trades

    def quantile(self, levels: Floats) -> Floats:
        """The smallest sales that a month stays at or below with each probability, fen; `levels` like `mean`."""
        shape, mean = self._sold()
        left = np.clip((levels - self.empty) / (1.0 - self.empty), 0.0, 1.0)
        return np.asarray(gammaincinv(shape, left) * mean / shape)

    def year_at(self, level: float) -> Floats:
        """The months of a year whose sum is undershot with this probability, fen: all off their means alike."""
        shape = 1.0 / np.maximum(self.year_variance, _LEAST_VARIANCE)
        return np.asarray(self.mean * self.trades * (gammaincinv(shape, level) / shape)[:, None])

    def level_of(self, sales: Floats, split: Floats) -> Floats:
        """The probability that a month stays below `sales`, and of an empty month that `split` of the empty ones do."""
        shape, mean = self._sold()
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = np.where(mean > 0.0, sales * shape / mean, np.inf)
        sold = self.empty + (1.0 - self.empty) * gammainc(shape, scaled)
        return np.asarray(np.where(sales > 0.0, sold, split * self.empty))

    def _sold(self) -> tuple[Floats, Floats]:
        """Shape and mean of the gamma law of a month with sales: with the quiet ones it keeps mean and variance."""
        some = 1.0 - self.quiet
        return 1.0 / np.maximum((1.0 + self.variance) * some - 1.0, self.common), self.mean / some


def sales_known(net: Ints, known: Ints) -> Floats:
    """Sales of the known months, fen; a month of more refunds than sales counts as none; n × 36."""
    within = np.arange(net.shape[1]) < known[:, None]
    return np.where(within, np.maximum(net, 0), 0).astype(np.float64)


def own_years(sales: Floats, known: Ints) -> tuple[Floats, Floats, Ints]:
    """What the merchant's full years with sales show, newest month first.

    Returns:
        The mean factors of the twelve months (n × 12, 0 without any year), in what share of the years each was empty
        (n × 12), and how many years there are (n).
    """
    years = sales.reshape(len(sales), YEARS, YEAR)
    whole = years.sum(axis=2)
    full = (known[:, None] >= YEAR * np.arange(1, YEARS + 1)) & (whole > 0)
    weight = np.where(full, YEAR / np.where(full, whole, 1.0), 0.0)
    count = full.sum(axis=1)
    over = np.maximum(count, 1)[:, None]
    factors = (years * weight[:, :, None]).sum(axis=1) / over
    empty = ((years == 0.0) & full[:, :, None]).sum(axis=1) / over
    return factors, empty, count


def fit(sales: Floats, known: Ints, guide: Guide, terms: Forecasting, months: int = YEAR) -> Fitted:
    """Level, season and spread of each merchant.

    Args:
        sales: as `sales_known` gives them.
        known: for how many of these months the merchant was trading; n.
        guide: what its peers say.
        terms: the policy's figures.
        months: how many months to forecast.
    """
    luck = terms.luck.value**2
    usual = guide.varies[:, None] ** 2 + luck * guide.season**2 + guide.grain[:, None] * guide.season
    tamed, _ = _tamed(sales, known, guide.season, usual)
    own, bare, years = own_years(tamed.reshape(sales.shape), known)
    season, weight = _blend(own, years, guide, luck + guide.grain)
    # A month that helped to make its season lies closer to it; with one year alone nobody knows how much closer.
    alone = np.maximum(1.0 - weight / np.maximum(years, 1), 0.5)
    grain = _grain(sales, known, season, alone, guide.grain, terms)
    season, weight = _blend(own, years, guide, luck + grain)
    level, error = _level(sales, known, season, luck + grain, terms)
    ahead = np.arange(months)
    back = (YEAR - 1 - ahead) % YEAR
    factor = season[:, back]
    drift = terms.drift.value**2 * (ahead + 1) / YEAR
    average = _average(sales, known, season)
    coarse = _at_level(grain, level, average)
    thin = coarse[:, None] / factor
    silent = _silent(sales, known)
    idled, watched, regular = _before_silence(sales, known, silent, np.tile(_chance(season, grain), YEARS))
    assumed = terms.prior_years.value * YEAR
    idle = np.clip((idled + assumed * guide.idle) / (watched + assumed), 0.0, _SUREST)
    was_quiet = np.tile(np.minimum(_quiet(season, grain, idle, weight, bare), _SUREST), YEARS)
    quiet = np.minimum(_quiet(season, coarse, idle, weight, bare), _SUREST)
    trades, _ = still_trades(was_quiet, silent, guide.ceases)
    trades = np.maximum(trades[:, None] * (1.0 - guide.ceases)[:, None] ** (ahead + 1), 1.0 - _SUREST)
    variance = luck + thin + error[:, None] + drift
    year = _year_variance(factor, trades, luck + thin, error, terms.drift.value**2 / YEAR)
    common = np.maximum(luck + error[:, None] + drift, _LEAST_VARIANCE)
    return Fitted(
        level[:, None] * factor, variance, trades, quiet[:, back], year, weight, grain, common,
        idled, watched, silent, was_quiet, regular, level, average,
    )  # fmt: skip


def years_alike(
    sales: Floats, known: Ints, guide: Guide, grain: Floats, terms: Forecasting
) -> tuple[Floats, Floats]:
    """How far a merchant's years lie off its group's season in the same months: what chance does not do twice.

    Luck and chance orders of two years have nothing to do with each other, so the mean product of a month's distance from
    the season with the same month's a year earlier is the variance of the factor between merchants.

    Args:
        sales: as in `fit`.
        known: as in `fit`; the part of a year counts from half a year on.
        guide: season of the group.
        grain: of each merchant; n.
        terms: the policy's figures.

    Returns:
        The sum of the products, each weighed by how sure the months are (n), and the weights' (n); 0 without such months.
    """
    noise = terms.luck.value**2 * guide.season**2 + grain[:, None] * guide.season
    usual = guide.varies[:, None] ** 2 + noise
    tamed, rate = _tamed(sales, known, guide.season, usual)
    held = np.clip(known[:, None] - YEAR * np.arange(YEARS), 0, YEAR)
    told = (held >= YEAR // 2) & (rate > 0)
    inside = (np.arange(YEAR) < held[:, :, None]) & told[:, :, None]
    apart = tamed / np.where(told, rate, 1.0)[:, :, None] - guide.season[:, None, :]
    both = (inside[:, 1:] & inside[:, :-1]) / usual[:, None, :]
    return (apart[:, 1:] * apart[:, :-1] * both).sum(axis=(1, 2)), both.sum(axis=(1, 2))


def _average(sales: Floats, known: Ints, season: Floats) -> Floats:
    """Fen of an average month of all that are known, season apart; n."""
    inside = np.arange(MONTHS) < known[:, None]
    base = (inside * np.tile(season, YEARS)).sum(axis=1)
    return np.asarray((inside * sales).sum(axis=1) / np.where(base > 0.0, base, 1.0))


def _at_level(grain: Floats, level: Floats, average: Floats) -> Floats:
    """The grain in months of the level of now: an order weighs as much as before when fewer come; n."""
    sold = level > 0.0
    return np.clip(grain * np.where(sold, average / np.where(sold, level, 1.0), 1.0), 0.0, _COARSEST)


def _year_variance(factor: Floats, trades: Floats, own: Floats, error: Floats, walk: float) -> Floats:
    """Variance of a year's sum, over the square of its mean; n.

    Args:
        factor: seasonal factors of the coming months; n × months.
        trades: as in `Fitted`; n × months.
        own: relative variance that is each month's own; n × months.
        error: relative variance of the level; n.
        walk: by which that grows in a month.
    """
    month = np.arange(factor.shape[1])
    first, second = np.minimum(month[:, None], month[None, :]), np.maximum(month[:, None], month[None, :])
    together = (1.0 + error[:, None, None] + walk * (first + 1)) * trades[
        :, second
    ]  # if it trades in the second
    squares = np.einsum("ni,nij,nj->n", factor, together, factor) + (factor**2 * own * trades).sum(axis=1)
    return np.asarray(squares / (factor * trades).sum(axis=1) ** 2 - 1.0)


def _chance(season: Floats, grain: Floats) -> Floats:
    """The probability that orders, as coarse as the grain, leave a month empty; n × 12."""
    return np.exp(-_WEIGHT_OF_ORDERS * season / np.maximum(grain, _LEAST_VARIANCE)[:, None])


def _quiet(season: Floats, grain: Floats, idle: Floats, weight: Floats, bare: Floats) -> Floats:
    """The probability that a month is empty though the shop trades: by chance, by idling, or as in the own years; n × 12."""
    chance = _chance(season, grain)
    usual = 1.0 - (1.0 - idle)[:, None] * (1.0 - chance)
    return weight[:, None] * np.maximum(chance, bare) + (1.0 - weight)[:, None] * usual


def _silent(sales: Floats, known: Ints) -> Ints:
    """Months since the last sale; all known ones where there was none; n."""
    sold = sales > 0.0
    return np.asarray(np.where(sold.any(axis=1), sold.argmax(axis=1), known))


def _before_silence(
    sales: Floats, known: Ints, silent: Ints, chance: Floats
) -> tuple[Floats, Floats, Floats]:
    """Of the months before the last sale: idle beyond chance, those that could have been so, and the share that sold.

    Whether a silent shop idles or has ceased nobody knows; before its last sale it had not.
    """
    age = np.arange(MONTHS)
    before = (age < known[:, None]) & (age > silent[:, None])
    idled = (before * ((sales == 0.0) - chance)).sum(axis=1)
    watched = (before * (1.0 - chance)).sum(axis=1)
    regular = (before * (sales > 0.0)).sum(axis=1) / np.maximum(before.sum(axis=1), 1)
    return idled, watched, regular


def _blend(own: Floats, years: Ints, guide: Guide, noise: Floats) -> tuple[Floats, Floats]:
    """The season, and the weight in it of the merchant's own years (empirical Bayes: signal over signal and noise)."""
    signal = guide.varies**2 * years
    weight = np.where(years > 0, signal / (signal + noise), 0.0)
    season = weight[:, None] * own + (1.0 - weight[:, None]) * guide.season
    return np.maximum(season, _LEAST_FACTOR), weight


def _tamed(
    sales: Floats, known: Ints, season: Floats, variance: Floats, rounds: int = 3
) -> tuple[Floats, Floats]:
    """Sales in which no month lies far above what its year and season lead one to expect, so that none rules alone.

    Args:
        sales: as in `fit`.
        known: as in `fit`.
        season: factors of the months counted back; n × 12.
        variance: of a month, over the square of an average month of its year; n × 12.
        rounds: a month that is brought down lowers what is expected of its year, and then of itself.

    Returns:
        The sales (n × 3 × 12, newest first), and an average month of each year (n × 3).
    """
    years = sales.reshape(len(sales), YEARS, YEAR)
    inside = np.arange(MONTHS).reshape(YEARS, YEAR) < known[:, None, None]
    base = (inside * season[:, None, :]).sum(axis=2)
    most = (season + _SURPRISE * np.sqrt(variance))[:, None, :]
    tamed = years
    for _ in range(rounds):
        rate = tamed.sum(axis=2) / np.where(base > 0, base, 1.0)
        tamed = np.minimum(years, rate[:, :, None] * most)
    return tamed, rate


def _grain(
    sales: Floats, known: Ints, season: Floats, alone: Floats, prior: Floats, terms: Forecasting
) -> Floats:
    """Variance over mean of a month beyond luck, in months of average sales; shrunk to the prior.

    Args:
        sales: as in `fit`.
        known: as in `fit`.
        season: factors of the months counted back; n × 12.
        alone: the part of its distance from the season that a month keeps, because it helped to make it; n.
        prior: of the peers; n.
        terms: the policy's figures.
    """
    lucky = terms.luck.value**2 * season**2
    tamed, rate = _tamed(sales, known, season, lucky + prior[:, None] * season)
    held = np.clip(known[:, None] - YEAR * np.arange(YEARS), 0, YEAR)
    told = (held > 1) & (rate > 0)
    inside = (np.arange(YEAR) < held[:, :, None]) & told[:, :, None]
    apart = (tamed / np.where(told, rate, 1.0)[:, :, None] - season[:, None, :]) / alone[:, None, None]
    lost = held / np.maximum(held - 1, 1)
    beyond = apart**2 * lost[:, :, None] - lucky[:, None, :]
    months = inside.sum(axis=(1, 2))
    mean = np.where(inside, beyond, 0.0).sum(axis=(1, 2)) / np.maximum(months, 1)
    ranked = np.sort(np.where(inside, beyond, np.inf).reshape(len(sales), MONTHS), axis=1)
    median = np.take_along_axis(ranked, (np.maximum(months, 1) // 2)[:, None], axis=1)[:, 0]
    robust = np.minimum(mean, np.maximum(median, 0.0) * _MEDIANS)
    weight = terms.prior_years.value * YEAR
    return np.asarray(np.clip((months * robust + weight * prior) / (months + weight), 0.0, _COARSEST))


def _level(
    sales: Floats, known: Ints, season: Floats, noise: Floats, terms: Forecasting
) -> tuple[Floats, Floats]:
    """Fen of an average month, newer months counting more, and the relative variance of that estimate.

    The level walks at random by the policy's drift while each month shows it with noise: the newer the month the more it
    counts, and the less so the noisier the merchant (exponential smoothing with the steady gain of Muth 1960).
    """
    walk = terms.drift.value**2 / YEAR / noise
    gain = (np.sqrt(walk**2 + 4.0 * walk) - walk) / 2.0
    age = np.arange(MONTHS)
    weight = np.where(age < known[:, None], (1.0 - gain)[:, None] ** age, 0.0)
    pattern = weight * np.tile(season, YEARS)
    base = pattern.sum(axis=1)
    level = (weight * sales).sum(axis=1) / np.where(base > 0, base, 1.0)
    effective = weight.sum(axis=1) ** 2 / np.maximum((weight**2).sum(axis=1), 1e-9)
    return level, noise / np.maximum(effective, 1.0)
