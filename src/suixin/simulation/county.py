"""The county itself: places, weather, prices, and what they do to harvests and parcels.

Everything here depends on the seed and the calendar only, never on the merchants. Weather and prices are
moving averages of draws keyed by absolute day, so a longer run extends a shorter one.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from suixin.simulation import crops, people
from suixin.simulation.brushing import Brushing
from suixin.simulation.crops import CROPS
from suixin.simulation.horizon import Horizon, day_number
from suixin.simulation.people import People
from suixin.simulation.streams import Floats, Ints, Streams

COUNTY = "999901"
COUNTY_NAME = "云岭县（虚构）"
TOWNSHIPS = (
    "东坪镇",
    "西河镇",
    "南岭乡",
    "北溪镇",
    "石桥镇",
    "白云乡",
    "青龙镇",
    "柳林镇",
    "上坝乡",
    "茶园乡",
    "松坪乡",
    "金谷镇",
)
VILLAGES_EACH = 10
DESTINATIONS = 40  # townships outside the county to which parcels go
CENTRE = (110.0, 28.0)  # longitude and latitude of the county town


@dataclass(frozen=True)
class County:
    """The world around the merchants.

    Attributes:
        horizon: days covered.
        streams: the seed's streams.
        people: the buyers of the whole country.
        brushing: who is told to brush; None for the county's own brushers.
        remoteness: of each township, 0 (county town) to 1, shape (12,).
        altitude: metres, shape (12,).
        distance_km: from the county to each buyer's place (own townships first), shape (12 + 40,).
        tmin, tmax, rain: °C, °C and mm, townships × days.
        price_index: of each crop and day around 1, crops × days.
        season: sales of each crop and day around 1, crops × days.
        supply: what weather leaves of a crop's usual sales, crops × townships × days, 0.35 to about 1.05.
        delay_days: days that a parcel handed over on a day loses to weather and congestion, townships × days.
    """

    horizon: Horizon
    streams: Streams
    people: People
    brushing: Brushing | None
    remoteness: Floats
    altitude: Floats
    distance_km: Floats
    tmin: Floats
    tmax: Floats
    rain: Floats
    price_index: Floats
    season: Floats
    supply: Floats
    delay_days: Floats

    @property
    def village_codes(self) -> list[str]:
        """Code of each village, township by township."""
        return [f"{code}{100 + v:03d}" for code in township_codes() for v in range(1, VILLAGES_EACH + 1)]

    @property
    def place_codes(self) -> list[str]:
        """Township code of each place that a buyer can live in: own townships, then the destinations."""
        return township_codes() + [f"99{10 + n}01001" for n in range(DESTINATIONS)]


def township_codes() -> list[str]:
    """The nine-digit codes of the county's townships."""
    return [f"{COUNTY}{100 + t:03d}" for t in range(1, len(TOWNSHIPS) + 1)]


def build(seed: int, horizon: Horizon, brushing: Brushing | None = None) -> County:
    """The county of a seed over a horizon; `brushing` puts others in the place of its own brushers."""
    streams = Streams(seed)
    each = np.arange(len(TOWNSHIPS), dtype=np.int64)
    remoteness = np.where(each == 0, 0.0, streams.uniform("remoteness", each))
    altitude = 150.0 + 850.0 * remoteness * streams.uniform("altitude", each)
    tmin, tmax, rain = _weather(streams, horizon, altitude)
    return County(
        horizon=horizon,
        streams=streams,
        people=people.build(streams, len(TOWNSHIPS), DESTINATIONS),
        brushing=brushing,
        remoteness=remoteness,
        altitude=altitude,
        distance_km=_distances(streams, remoteness),
        tmin=tmin,
        tmax=tmax,
        rain=rain,
        price_index=_prices(streams, horizon),
        season=crops.daily_season(horizon.year_part),
        supply=_supply(streams, horizon, tmin, rain),
        delay_days=_delays(horizon, rain, remoteness),
    )


def _distances(streams: Streams, remoteness: Floats) -> Floats:
    far = 60.0 + 2200.0 * streams.uniform("distance", np.arange(DESTINATIONS, dtype=np.int64)) ** 1.3
    return np.concatenate([12.0 + 55.0 * remoteness, far])


def _smooth_noise(streams: Streams, name: str, groups: int, days: Ints, memory: float) -> Floats:
    """Stationary noise with unit variance, groups × days, whose memory is about `memory` days."""
    lags = int(memory * 3) + 1
    weights = np.exp(-np.arange(lags) / memory)
    weights /= np.sqrt((weights**2).sum())
    span = np.arange(days[0] - lags + 1, days[-1] + 1, dtype=np.int64)
    draws = streams.normal(name, np.arange(groups, dtype=np.int64)[:, None] * 1_000_000 + span[None, :])
    total = np.zeros((groups, days.size))
    for lag, weight in enumerate(weights):
        total += weight * draws[:, lags - 1 - lag : lags - 1 - lag + days.size]
    return total


def _weather(streams: Streams, horizon: Horizon, altitude: Floats) -> tuple[Floats, Floats, Floats]:
    places, days, part = altitude.size, horizon.days, horizon.year_part[None, :]
    front = 0.85 * _smooth_noise(streams, "weather front", 1, days, 4.0)
    front = front + 0.53 * _smooth_noise(streams, "weather local", places, days, 3.0)
    middle = 16.8 - 11.3 * np.cos(2 * np.pi * (part - 0.055)) - 0.0055 * (altitude[:, None] - 150.0)
    middle = middle + 3.2 * front
    cell = np.arange(places, dtype=np.int64)[:, None] * 1_000_000 + days[None, :]
    wet = 0.8 * _smooth_noise(streams, "rain front", 1, days, 2.0) + 0.6 * streams.normal("rain local", cell)
    monsoon = np.exp(-(((part - 0.46) / 0.13) ** 2))
    amount = -np.log(streams.uniform("rain amount", cell)) * (4.0 + 15.0 * monsoon)
    rain = np.where(wet > 0.75 - 0.75 * monsoon, amount * (1.0 + 0.4 * np.maximum(wet, 0.0)), 0.0)
    spread = 3.2 + 2.2 * streams.uniform("spread", cell) - 1.6 * (rain > 0)
    return _tenths(middle - spread), _tenths(middle + spread), _tenths(rain)


def _tenths(value: Floats) -> Floats:
    return np.asarray(np.round(value, 1), dtype=np.float64)


def _prices(streams: Streams, horizon: Horizon) -> Floats:
    days = horizon.days
    slow = 0.10 * _smooth_noise(streams, "price slow", len(CROPS), days, 75.0)
    fast = 0.02 * _smooth_noise(streams, "price fast", len(CROPS), days, 4.0)
    months = (days.astype("datetime64[M]").astype(np.int64) % 12) + 1
    glut = np.array([np.isin(months, crop.harvest) for crop in CROPS]) * -0.06
    return np.exp(slow + fast + glut + _price_shocks(streams, horizon))


def _price_shocks(streams: Streams, horizon: Horizon) -> Floats:
    """Log price falls of 25 to 45 %: a third of crop-years, and for sure one crop late in the first year."""
    days, crop = horizon.days, np.arange(len(CROPS), dtype=np.int64)
    total = np.zeros((crop.size, days.size))
    for year in horizon.years():
        key = year * 100 + crop
        struck = streams.uniform("price struck", key) < 0.3
        began = day_number(date(year, 1, 1)) + 365 * streams.uniform("price day", key)
        depth = np.log(0.55 + 0.20 * streams.uniform("price depth", key))
        total += (struck * depth)[:, None] * _pulse(days, began[:, None])
    sure = int(streams.uniform("price sure", np.array([horizon.first]))[0] * crop.size)
    total[sure] += np.log(0.65) * _pulse(days, np.array(horizon.first + 200.0))
    return np.maximum(total, np.log(0.45))


def _pulse(days: Ints, began: Floats) -> Floats:
    """Rises over ten days from `began`, then fades over some five months."""
    since = days - began
    return np.where(since < 0, 0.0, np.minimum(since / 10.0, 1.0) * np.exp(-np.maximum(since, 0.0) / 150.0))


def _supply(streams: Streams, horizon: Horizon, tmin: Floats, rain: Floats) -> Floats:
    """Weather cuts a crop while it grows; the cut shows in sales for the year that follows."""
    months = (horizon.days.astype("datetime64[M]").astype(np.int64) % 12) + 1
    frost = (tmin < -3.0).astype(np.float64)
    flood = (rain > 65.0).astype(np.float64)
    out = np.ones((len(CROPS), tmin.shape[0], horizon.days.size))
    for c, crop in enumerate(CROPS):
        growing = np.isin(months, crop.growing).astype(np.float64)
        harm = 0.10 * crop.frost * frost * growing + 0.12 * crop.rain * flood * growing
        out[c] = 1.04 - np.minimum(_trailing(harm, 240), 0.6)
    return np.maximum(out - 0.5 * _closures(streams, horizon, tmin.shape[0])[None, :, :], 0.35)


def _closures(streams: Streams, horizon: Horizon, places: int) -> Floats:
    """A road lost, a station closed: some township-years lose half their sales for three to eight weeks."""
    shut = np.zeros((places, horizon.days.size))
    for year in horizon.years():
        key = year * 100 + np.arange(places, dtype=np.int64)
        struck = streams.uniform("closure struck", key) < 0.18
        began = day_number(date(year, 1, 1)) + 365 * streams.uniform("closure day", key)
        lasts = 20 + 35 * streams.uniform("closure length", key)
        since = horizon.days[None, :] - began[:, None]
        shut[struck[:, None] & (since >= 0) & (since < lasts[:, None])] = 1.0
    return shut


def _trailing(values: Floats, window: int) -> Floats:
    """Sum over the last `window` days of each row."""
    total = np.cumsum(values, axis=1)
    total[:, window:] = total[:, window:] - total[:, :-window].copy()
    return total


def _delays(horizon: Horizon, rain: Floats, remoteness: Floats) -> Floats:
    storm = np.minimum(rain / 60.0, 1.5) * (0.4 + 0.8 * remoteness[:, None])
    return storm + horizon.congestion_days[None, :]
