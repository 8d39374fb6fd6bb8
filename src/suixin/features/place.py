"""Where a merchant is and what grows there: weather against the usual, market price, season, distance.

'Usual' is the mean of the same days in earlier years, as far back as the lake goes.
"""

import narwhals.stable.v2 as nw

from suixin.features.expressions import YEAR, count, degrees_to_km, ratio, within
from suixin.features.feature import (
    CHANGE,
    FROM_NIL,
    FROM_NIL_TO_ONE,
    Direction,
    Family,
    Feature,
    Forgeable,
    Frames,
    Rows,
    Unit,
)

ENOUGH = 0.8  # of a window's days must have an observation
SEASON = 90
MONTH = 30
FROST = 0.0  # °C
HEAT = 35.0


def _weather(frames: Frames) -> Rows:
    days = frames["weather"].with_columns(
        year=((nw.col("age") - 1) // YEAR).cast(nw.Int64), back=((nw.col("age") - 1) % YEAR).cast(nw.Int64)
    )
    rain = _against_usual(days, "prcp_mm", SEASON).select(
        "region_code", "as_of_day", rain_anomaly_90d=ratio(nw.col("now"), nw.col("usual")) - 1.0
    )
    warmth = _against_usual(days, "tmax_c", MONTH).select(
        "region_code", "as_of_day", warmth_anomaly_30d=nw.col("now") - nw.col("usual")
    )
    season = days.filter(within(SEASON)).group_by("region_code", "as_of_day")
    extremes = season.agg(
        frost_days_90d=count(nw.col("tmin_c") < FROST), heat_days_90d=count(nw.col("tmax_c") > HEAT)
    )
    joined = frames["sites"]
    for part in (extremes, rain, warmth):
        joined = joined.join(part, on=["region_code", "as_of_day"], how="left")
    return joined.select(
        "subject", "rain_anomaly_90d", "warmth_anomaly_30d", "frost_days_90d", "heat_days_90d"
    )


def _against_usual(days: Rows, measure: str, window: int) -> Rows:
    """Mean of a measure over the last `window` days, and over the same days of earlier years."""
    value = nw.col(measure).cast(nw.Float64)
    seen = days.filter(nw.col("back") < window, ~nw.col(measure).is_null())
    years = seen.group_by("region_code", "as_of_day", "year").agg(mean=value.mean(), observed=nw.len())
    full = years.filter(nw.col("observed") >= int(ENOUGH * window))
    this, earlier = nw.col("year") == 0, nw.col("year") > 0
    return full.group_by("region_code", "as_of_day").agg(
        now=nw.when(this).then(nw.col("mean")).mean(), usual=nw.when(earlier).then(nw.col("mean")).mean()
    )


def _prices(frames: Frames) -> Rows:
    price, age = nw.col("price_fen").cast(nw.Float64), nw.col("age")
    last_year = (age > YEAR) & (age <= YEAR + MONTH)
    sums = (
        frames["prices"]
        .group_by("commodity", "as_of_day")
        .agg(
            month=nw.when(within(MONTH)).then(price).mean(),
            year=nw.when(within(YEAR)).then(price).mean(),
            before=nw.when(last_year).then(price).mean(),
            squares=nw.when(within(YEAR)).then(price * price).mean(),
        )
    )
    variance = nw.col("squares") - nw.col("year") * nw.col("year")
    spread = nw.when(variance > 0.0).then(variance).otherwise(0.0).sqrt()
    values = sums.select(
        "as_of_day",
        crop=nw.col("commodity"),
        price_index_30d=ratio(nw.col("month"), nw.col("year")),
        price_change_yoy=ratio(nw.col("month"), nw.col("before")) - 1.0,
        price_swing_365d=ratio(spread, nw.col("year")),
    )
    joined = frames["merchants"].join(values, on=["crop", "as_of_day"], how="inner")
    return joined.select("subject", "price_index_30d", "price_change_yoy", "price_swing_365d")


def _season(frames: Frames) -> Rows:
    month = nw.col("as_of_month").cast(nw.Int64)
    crops = frames["merchants"].join(
        frames["subjects"].select("subject", "as_of_month"), on="subject", how="inner"
    )
    months = crops.select("subject", "crop", "as_of_month", "as_of_day").join(
        frames["crop_calendar"].drop("age"), on=["crop", "as_of_day"], how="inner"
    )
    ahead = (nw.col("month") - month + 12) % 12
    sums = (
        months.with_columns(ahead=ahead.cast(nw.Int64))
        .group_by("subject")
        .agg(
            months_to_harvest=nw.when(nw.col("harvested")).then(nw.col("ahead")).min().cast(nw.Int64),
            harvest_months=count(nw.col("harvested")),
            growing_now=count(nw.col("grows") & (nw.col("ahead") == 0)),
        )
    )
    return sums.select("subject", "months_to_harvest", "harvest_months", "growing_now")


def _distance(frames: Frames) -> Rows:
    homes = frames["homes"]
    own = homes.filter(nw.col("level_up") == 0).select("subject", "lon", "lat")
    town = homes.filter(nw.col("level") == "county").select("subject", town_lon="lon", town_lat="lat")
    both = own.join(town, on="subject", how="inner")
    km = degrees_to_km(nw.col("lon"), nw.col("lat"), nw.col("town_lon"), nw.col("town_lat"))
    return both.select("subject", county_town_km=km)


_S, _R, _N, _LOW = Direction.SAFER, Direction.RISKIER, Direction.NEUTRAL, Forgeable.LOW

WEATHER = Family(
    "weather",
    tables=("merchants", "regions", "weather"),
    compute=_weather,
    features=(
        Feature(
            "rain_anomaly_90d", Unit.SHARE, _N, _LOW, "rain against the usual, 90 days",
            "rain of the last 90 days differs by {value} from the same days of earlier years",
            own_bounds=CHANGE,
        ),
        Feature(
            "warmth_anomaly_30d", Unit.DEGREES, _N, _LOW, "warmth against the usual, 30 days",
            "the last 30 days were {value} warmer than in earlier years",
        ),
        Feature("frost_days_90d", Unit.DAYS, _R, _LOW, "frost, 90 days", "frost on {value} of the last 90", own_bounds=(0.0, SEASON)),
        Feature("heat_days_90d", Unit.DAYS, _R, _LOW, "great heat, 90 days", "great heat on {value} of the last 90", own_bounds=(0.0, SEASON)),
    ),
)  # fmt: skip

MARKET = Family(
    "market",
    tables=("merchants", "prices"),
    compute=_prices,
    features=(
        Feature(
            "price_index_30d", Unit.INDEX, _S, _LOW, "market price, 30 days on the year",
            "the crop's market price of 30 days is {value} times its mean of the year",
        ),
        Feature(
            "price_change_yoy", Unit.SHARE, _S, _LOW, "market price on last year",
            "the crop's market price changed by {value} against the same month last year",
            own_bounds=CHANGE,
        ),
        Feature(
            "price_swing_365d", Unit.SHARE, _R, _LOW, "swing of the market price",
            "the crop's market price swings by {value} of its mean",
            own_bounds=FROM_NIL,
        ),
    ),
)  # fmt: skip

SEASONS = Family(
    "season",
    tables=("merchants", "crop_calendar"),
    compute=_season,
    features=(
        Feature("months_to_harvest", Unit.MONTHS, _N, _LOW, "time to the next harvest", "{value} to the next harvest"),
        Feature("harvest_months", Unit.MONTHS, _N, _LOW, "months of harvest a year", "{value} of harvest a year"),
        Feature(
            "growing_now", Unit.INDEX, _N, _LOW, "crop in the field", "the crop stands in the field (1 yes, 0 no): {value}",
            own_bounds=FROM_NIL_TO_ONE,
        ),
    ),
)  # fmt: skip

DISTANCE = Family(
    "distance",
    tables=("merchants", "regions"),
    compute=_distance,
    features=(
        Feature(
            "county_town_km", Unit.KILOMETRES, _R, _LOW, "distance to the county town", "{value} from the county town"
        ),
    ),
)  # fmt: skip
