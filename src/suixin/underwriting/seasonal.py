"""Level × season × shock: what a month of net sales is expected to be, and how far it may lie from that.

A month's sales are compound: a number of orders that is never certain, times luck that the whole month shares. So the
variance of a month expected at m is `luck² m² + grain m`: the grain is what one chance order weighs, in fen, and makes
thin and slow months relatively less certain than full ones. The month is taken as gamma distributed with that mean and
variance, which has most of its mass near zero where months are often empty (Jørgensen 1987 shows the compound law).
Shops also idle, for weeks or for good, far oftener than chance orders would leave a month empty: that is a part of its own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincinv

from suixin.underwriting.policy_parts import Forecasting

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

YEAR = 12
MONTHS = 36
YEARS = MONTHS // YEAR
_COARSEST = 12.0  # the grain of a merchant with one order a year, in months of its sales
_LEAST_FACTOR = 0.01  # of a season: nothing was sold, and yet something may be
_IDLE_GAIN = 0.25  # by which the weight of a month falls, of those that tell how often there are none
_IDLE_PRIOR = 0.5  # newest months that count as much as what peers say of that
_GONE = 0.005  # of the shops that trade, a month: those that never will again
_SUREST = 0.99  # of an empty month: what never sold may still
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
    """

    season: Floats
    varies: Floats
    grain: Floats
    idle: Floats


@dataclass(frozen=True, slots=True)
class Fitted:
    """The parts of a forecast; a row a merchant.

    Attributes:
        mean: expected sales of the coming months, fen, first month first; n × months.
        variance: of each month, over the square of its mean; n × months.
        empty: probability that the month has no sale at all; n × months.
        year_variance: of the sum of the months, over the square of its mean; n. Luck and grain are each month's own,
            what is not known of the level is common to all, and its walk is common to a month and all after it.
        own: weight of the merchant's own years in its season, 0 to 1; n.
        grain: as in `Guide`, after the merchant's own months; n.
        common: the part of the variance that a month with sales has too, however seldom there is one; n × months.
        idled, watched: months without sales beyond what grain explains, and months in which there could have been such;
            newer ones count more; n.
    """

    mean: Floats
    variance: Floats
    empty: Floats
    year_variance: Floats
    own: Floats
    grain: Floats
    common: Floats
    idled: Floats
    watched: Floats

    def quantile(self, levels: Floats) -> Floats:
        """The smallest sales that a month stays at or below with each probability, fen; `levels` like `mean`."""
        shape, mean = self._sold()
        left = np.clip((levels - self.empty) / (1.0 - self.empty), 0.0, 1.0)
        return np.asarray(gammaincinv(shape, left) * mean / shape)

    def year_at(self, level: float) -> Floats:
        """The months of a year whose sum is undershot with this probability, fen: all off their means alike."""
        shape = 1.0 / np.maximum(self.year_variance, _LEAST_VARIANCE)
        return np.asarray(self.mean * (gammaincinv(shape, level) / shape)[:, None])

    def level_of(self, sales: Floats, split: Floats) -> Floats:
        """The probability that a month stays below `sales`, and of an empty month that `split` of the empty ones do."""
        shape, mean = self._sold()
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = np.where(mean > 0.0, sales * shape / mean, np.inf)
        sold = self.empty + (1.0 - self.empty) * gammainc(shape, scaled)
        return np.asarray(np.where(sales > 0.0, sold, split * self.empty))

    def _sold(self) -> tuple[Floats, Floats]:
        """Shape and mean of the gamma law of a month with sales: the whole keeps its mean and variance."""
        some = 1.0 - self.empty
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
    thin = grain[:, None] / factor
    idled, watched = _idle(sales, known, season, grain)
    idle = (idled + _IDLE_PRIOR * guide.idle) / (watched + _IDLE_PRIOR)
    empty = _empty(season, grain, np.clip(idle, 0.0, _SUREST), weight, bare)[:, back]
    empty = 1.0 - (1.0 - np.minimum(empty, _SUREST)) * (1.0 - _GONE) ** (ahead + 1)
    variance = luck + thin + error[:, None] + drift
    together = np.minimum(ahead[:, None], ahead[None, :]) + 1
    walk = terms.drift.value**2 / YEAR * ((factor @ together) * factor).sum(axis=1)
    alone_sum = (factor**2 * (luck + thin)).sum(axis=1)
    year = error + (alone_sum + walk) / factor.sum(axis=1) ** 2
    common = np.maximum(luck + error[:, None] + drift, _LEAST_VARIANCE)
    return Fitted(level[:, None] * factor, variance, empty, year, weight, grain, common, idled, watched)


def _chance(season: Floats, grain: Floats) -> Floats:
    """The probability that orders, as coarse as the grain, leave a month empty; n × 12."""
    return np.exp(-_WEIGHT_OF_ORDERS * season / np.maximum(grain, _LEAST_VARIANCE)[:, None])


def _empty(season: Floats, grain: Floats, idle: Floats, weight: Floats, bare: Floats) -> Floats:
    """The probability that each month of the season is empty: by chance, by idling, or as it was in the own years."""
    chance = _chance(season, grain)
    usual = 1.0 - (1.0 - idle)[:, None] * (1.0 - chance)
    return weight[:, None] * np.maximum(chance, bare) + (1.0 - weight)[:, None] * usual


def _idle(sales: Floats, known: Ints, season: Floats, grain: Floats) -> tuple[Floats, Floats]:
    """Months without sales beyond what grain explains, and months in which there could have been such; newer count more."""
    age = np.arange(MONTHS)
    weight = np.where(age < known[:, None], (1.0 - _IDLE_GAIN) ** age, 0.0)
    chance = np.tile(_chance(season, grain), YEARS)
    return (weight * ((sales == 0.0) - chance)).sum(axis=1), (weight * (1.0 - chance)).sum(axis=1)


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
