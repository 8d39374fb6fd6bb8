"""What the merchants of a run say of each other: the shape of the year, the grain of their sales, past hits and misses.

A merchant of few months takes the season of its peers. They are the merchants of the run whose own as-of date is no
later, in the closest group that has enough of them: crop × region × size, crop × size, crop, size, all. Every statistic
is a sum of whole numbers, so neither the order of the rows nor the number of processes can change it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from suixin.calendar import day_to_date
from suixin.underwriting.histories import Histories
from suixin.underwriting.lifetimes import still_trades
from suixin.underwriting.outcomes import NOMINAL, corrected
from suixin.underwriting.policy_parts import Forecasting
from suixin.underwriting.seasonal import (
    YEAR,
    Fitted,
    Floats,
    Guide,
    Ints,
    fit,
    own_years,
    sales_known,
    years_alike,
)

_MICRO = 1_000_000
_WHOLE = 1_000  # the weight of a merchant without any grain
_REGULAR = 9  # selling months of the last twelve
_CEASES = 0.005  # of the shops that trade, a month, until there are months that tell
_CEASES_MONTHS = 200.0  # that count as much as that does
_ROUNDS = 10  # of estimating who has ceased, and from that how many do
_REGION = 9  # digits of a township in a code of administrative divisions
_ANYTHING = (
    2.0  # how far a factor may lie from an even year where nobody else is known: a harvest in two months
)
_LEAST_VARIES = 0.05  # between merchants of one group: no two are quite alike
ALL = "all"


@dataclass(frozen=True, slots=True)
class Peers:
    """What is taken from peers; a row a merchant.

    Attributes:
        guide: season and grain of the group.
        levels: probabilities at which the P10, P50 and P90 are read, as past outcomes say; n × 12 × 3.
        group: the group's name, '' where there is none; n.
        count: merchants whose years made its season; n.
    """

    guide: Guide
    levels: Floats
    group: Sequence[str]
    count: Ints

    def row(self, number: int) -> "Peers":
        """One merchant's."""
        one, guide = slice(number, number + 1), self.guide
        return Peers(
            Guide(guide.season[one], guide.varies[one], guide.grain[one], guide.idle[one], guide.ceases[one]),
            self.levels[one],
            self.group[one],
            self.count[one],
        )


def no_peers(rows: int, terms: Forecasting) -> Peers:
    """An even year and the policy's spread: what is assumed of a merchant who has no peers."""
    levels = np.broadcast_to(np.array(NOMINAL), (rows, YEAR, len(NOMINAL)))
    return Peers(_unknown(rows, terms), levels, [""] * rows, np.zeros(rows, dtype=np.int64))


def learn(histories: Histories, terms: Forecasting, nominal: Sequence[float] = NOMINAL) -> Peers:
    """What each merchant's peers say, as known on its own as-of date.

    Args:
        histories: of the merchants of the run.
        terms: the policy's figures.
        nominal: which quantiles a forecast shall give, as probabilities, rising; a decision is made on the P10, P50 and
            P90, and what else a forecast says is asked for to judge it.
    """
    guide, group, count = _guide(histories, terms)
    earlier = histories.before()
    then, _, _ = _guide(earlier, terms)
    past = fit(sales_known(earlier.net, earlier.known), earlier.known, then, terms)
    now = fit(sales_known(histories.net, histories.known), histories.known, guide, terms)
    came = sales_known(histories.net, histories.known)[:, YEAR - 1 :: -1]
    levels = corrected(past, earlier.known, came, now, histories.known, histories.as_of_day, terms, nominal)
    return Peers(guide, levels, group, count)


def _unknown(rows: int, terms: Forecasting) -> Guide:
    beyond = max(terms.prior_spread.value**2 - terms.luck.value**2, 0.0)
    return Guide(
        np.ones((rows, YEAR)),
        np.full(rows, _ANYTHING),
        np.full(rows, beyond),
        np.zeros(rows),
        np.full(rows, _CEASES),
    )


def _guide(histories: Histories, terms: Forecasting) -> tuple[Guide, list[str], Ints]:
    """Season and grain of each merchant's group, how many of it idle and cease, the group's name, and its merchants.

    The season is read twice: how much a merchant's year tells of it hangs on its grain, which is measured from a season.
    """
    sales = sales_known(histories.net, histories.known)
    alike = np.full(len(sales), _WHOLE, dtype=np.int64)
    first, _, grouped = _season(histories, sales, alike, terms)
    shown = fit(sales, histories.known, first, terms)
    varies = _varies(histories, sales, first, grouped, shown.grain, terms)
    first = replace(first, varies=varies, ceases=_ceases(histories, sales, shown))
    told = _tells(first, fit(sales, histories.known, first, terms), terms)
    guide, names, count = _season(histories, sales, told, terms)
    guide = replace(guide, varies=varies)
    fitted = fit(sales, histories.known, guide, terms)
    grain = _grain(histories, sales, fitted, guide.grain, terms)
    guide = replace(guide, grain=grain, idle=_idle(histories, sales, fitted, terms))
    fitted = fit(sales, histories.known, guide, terms)
    return replace(guide, ceases=_ceases(histories, sales, fitted)), names, count


def _varies(
    histories: Histories, sales: Floats, guide: Guide, count: Ints, grain: Floats, terms: Forecasting
) -> Floats:
    """How far seasons of one group lie apart: as those show who sell in a second year, with a crop or without one.

    What the policy assumes counts as much as the fewest peers do. Who has no group keeps what is assumed then.
    """
    grouped = count > 0
    same, weight = years_alike(sales, histories.known, guide, grain, terms)
    facts = np.rint(np.stack([same, weight, weight > 0.0], axis=1) * _MICRO).astype(np.int64)
    keys = np.where(_sown(histories), "/crop", "/none").astype(object)
    sums = sums_by_date(keys, histories.as_of_day, facts * grouped[:, None]) / _MICRO
    seen = sums[:, 0] / np.where(sums[:, 1] > 0.0, sums[:, 1], 1.0)
    assumed = terms.fewest_peers.value
    square = (sums[:, 2] * seen + assumed * guide.varies**2) / (sums[:, 2] + assumed)
    return np.where(grouped, np.sqrt(np.maximum(square, _LEAST_VARIES**2)), guide.varies)


def _tells(guide: Guide, fitted: Fitted, terms: Forecasting) -> Ints:
    """The weight of a merchant's year in its group's season.

    A year of three orders is an accident, not a season; and one that ended with the shop tells how shops fade.
    """
    kept = guide.varies**2 + terms.luck.value**2
    trades = fitted.trades[:, 0]
    return np.maximum(np.rint(_WHOLE * kept / (kept + fitted.grain) * trades), 1.0).astype(np.int64)


def _season(
    histories: Histories, sales: Floats, weight: Ints, terms: Forecasting
) -> tuple[Guide, list[str], Ints]:
    """The season of each merchant's group, with the grain that is assumed; the group's name, and its merchants."""
    unknown = _unknown(len(sales), terms)
    own, _, years = own_years(sales, histories.known)
    turned = _turned(histories.as_of_day)
    factors = np.take_along_axis(own, turned, axis=1)
    told = (years > 0).astype(np.int64)
    part = told * weight
    facts = np.concatenate(
        [np.rint(factors * _MICRO).astype(np.int64) * part[:, None], part[:, None], told[:, None]], axis=1
    )
    varies = np.where(_sown(histories), terms.season_varies.value, terms.season_varies_without_crop.value)
    names, count = np.full(len(sales), "", dtype=object), np.zeros(len(sales), np.int64)
    for keys in _groups(histories, sales):
        sums = sums_by_date(keys, histories.as_of_day, facts)
        chosen = (count == 0) & (sums[:, -1] >= terms.fewest_peers.value)
        mean = sums[chosen, :-2] / (sums[chosen, -2:-1] * _MICRO)
        unknown.season[chosen] = np.take_along_axis(mean, np.argsort(turned[chosen], axis=1), axis=1)
        unknown.varies[chosen] = varies[chosen]
        names[chosen], count[chosen] = keys[chosen], sums[chosen, -1]
    return unknown, names.tolist(), count


def _grain(
    histories: Histories, sales: Floats, fitted: Fitted, unknown: Floats, terms: Forecasting
) -> Floats:
    """The mean grain of the merchants of one size, and where there are enough of those who sell as regularly."""
    told = ((histories.known > 1) & (sales.sum(axis=1) > 0)).astype(np.int64)
    facts = np.stack([np.rint(fitted.grain * _MICRO).astype(np.int64) * told, told], axis=1)
    size, found = _sizes(histories, sales), unknown
    for keys in (size, np.where(histories.known >= YEAR, size + _regular(sales), "")):
        sums = sums_by_date(keys, histories.as_of_day, facts)
        enough = sums[:, 1] >= terms.fewest_peers.value
        found = np.where(enough, sums[:, 0] / (np.maximum(sums[:, 1], 1) * _MICRO), found)
    return found


def _idle(histories: Histories, sales: Floats, fitted: Fitted, terms: Forecasting) -> Floats:
    """How often the merchants of one size had no sales where some were to be expected."""
    told = (sales.sum(axis=1) > 0).astype(np.int64)
    seen = np.stack([fitted.idled, fitted.watched], axis=1)
    facts = np.concatenate([np.rint(seen * _MICRO).astype(np.int64) * told[:, None], told[:, None]], axis=1)
    sums = sums_by_date(_sizes(histories, sales), histories.as_of_day, facts)
    enough = (sums[:, 2] >= terms.fewest_peers.value) & (sums[:, 1] > 0)
    return np.where(enough, np.clip(sums[:, 0] / np.maximum(sums[:, 1], 1), 0.0, 1.0), 0.0)


def _ceases(histories: Histories, sales: Floats, fitted: Fitted) -> Floats:
    """How many cease in a month, of those who had sold in three quarters of the months before their last sale, or not.

    Who has ceased is not known; it is estimated with what is assumed of how many do, and that from it (expectation and
    maximisation, with the months that stand for what is assumed at first).
    """
    told = (sales.sum(axis=1) > 0) & (histories.known > 1)
    keys = np.where(fitted.regular >= _REGULAR / YEAR, "/regular", "/irregular").astype(object)
    lived = np.maximum(histories.known - 1 - fitted.silent, 0)
    ceases = np.full(len(sales), _CEASES)
    for _ in range(_ROUNDS):
        trades, begun = still_trades(fitted.was_quiet, fitted.silent, ceases)
        facts = np.rint(np.stack([1.0 - trades, lived + begun], axis=1) * _MICRO).astype(np.int64)
        sums = sums_by_date(keys, histories.as_of_day, facts * told[:, None]) / _MICRO
        ceases = (_CEASES_MONTHS * _CEASES + sums[:, 0]) / (_CEASES_MONTHS + sums[:, 1])
    return ceases


def _sown(histories: Histories) -> np.ndarray:
    """Whose crop is known."""
    return np.asarray(np.array(histories.crop, dtype=object) != "")


def _regular(sales: Floats) -> np.ndarray:
    """Whether there were sales in three quarters of the last twelve months."""
    sold = (sales[:, :YEAR] > 0).sum(axis=1)
    return np.asarray(np.where(sold >= _REGULAR, "/regular", "/irregular").astype(object))


def _turned(as_of_day: Ints) -> Ints:
    """For each twelfth of the calendar year, January first, the month counted back that is nearest to it; n × 12."""
    days, rows = np.unique(as_of_day, return_inverse=True)
    starts = [round((day_to_date(int(day)).timetuple().tm_yday - 1) * YEAR / 365) for day in days]
    return (np.array(starts, dtype=np.int64)[rows][:, None] - 1 - np.arange(YEAR)) % YEAR


def _sizes(histories: Histories, sales: Floats) -> np.ndarray:
    """Size: between which powers of ten an average month's sales lie, in major units."""
    held = np.maximum(np.minimum(histories.known, YEAR), 1)
    monthly = sales[:, :YEAR].sum(axis=1) / held / 100.0
    power = np.floor(np.log10(np.maximum(monthly, 1.0))).astype(np.int64)
    names = np.array(
        [f"{10**low}-{10 ** (low + 1)}" for low in range(int(power.max(initial=0)) + 1)], dtype=object
    )
    return np.asarray(names[power])


def _groups(histories: Histories, sales: Floats) -> Iterator[np.ndarray]:
    """The name of each merchant's group, the closest first; '' where what makes it is unknown."""
    crop = np.array(histories.crop, dtype=object)
    region = np.array([code[:_REGION] for code in histories.region], dtype=object)
    size = _sizes(histories, sales)
    sown = crop != ""
    yield np.where(sown & (region != ""), crop + "/" + region + "/" + size, "")
    yield np.where(sown, crop + "/" + size, "")
    yield crop
    yield size
    yield np.full(len(crop), ALL, dtype=object)


def sums_by_date(keys: np.ndarray, days: Ints, facts: Ints) -> Ints:
    """For each row the sum of `facts` over the rows of its key whose day is no later; 0 for the key ''; n × k."""
    _, group = np.unique(keys.astype(str), return_inverse=True)
    first = days.min(initial=np.iinfo(np.int64).max)
    span = int((days - first).max(initial=0)) + 1
    at = group.astype(np.int64) * span + (days - first)
    order = np.argsort(at, kind="stable")
    running = np.concatenate([np.zeros((1, facts.shape[1]), np.int64), np.cumsum(facts[order], axis=0)])
    until = np.searchsorted(at[order], at, side="right")
    since = np.searchsorted(at[order], group * span, side="left")
    sums: Ints = running[until] - running[since]
    sums[keys == ""] = 0
    return sums
