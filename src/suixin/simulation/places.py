"""The county-level tables: regions, weather and prices, and the co-ops and suppliers of the county."""

from datetime import date

import numpy as np
import polars as pl

from suixin.simulation import frames
from suixin.simulation.county import (
    CENTRE,
    COUNTY,
    COUNTY_NAME,
    DESTINATIONS,
    TOWNSHIPS,
    VILLAGES_EACH,
    County,
    township_codes,
)
from suixin.simulation.crops import CROPS
from suixin.simulation.horizon import day_number

COOPS, SUPPLIERS = 24, 60  # county-level parties 1 to 24 and 25 to 84; merchants' parties start at 101
_SINCE = day_number(date(2000, 1, 1))


def tables(county: County) -> dict[str, pl.DataFrame]:
    """Name to frame of every table that does not hang on merchants."""
    return {
        "regions": _regions(county),
        "weather": _weather(county),
        "prices": _prices(county),
        "crop_calendar": _crop_calendar(),
        "parties": _parties(county),
    }


def _regions(county: County) -> pl.DataFrame:
    rows: list[tuple[str, str | None, str, str, float, float]] = [
        ("990000", None, "province", "虚构省", *CENTRE),
        ("999900", "990000", "city", "虚构市", *CENTRE),
        (COUNTY, "999900", "county", COUNTY_NAME, *CENTRE),
    ]
    villages = iter(county.village_codes)
    for t, (code, name) in enumerate(zip(township_codes(), TOWNSHIPS, strict=True)):
        lon, lat = _around(CENTRE, county.distance_km[t], 2 * np.pi * t / len(TOWNSHIPS))
        rows.append((code, COUNTY, "township", name, lon, lat))
        for v in range(VILLAGES_EACH):
            place = _around((lon, lat), 2.0 + 0.7 * v, 2.4 * v)
            rows.append((next(villages), code, "village", f"{name[:2]}{v + 1}村", *place))
    for n in range(DESTINATIONS):
        code = county.place_codes[len(TOWNSHIPS) + n]
        km = float(county.distance_km[len(TOWNSHIPS) + n])
        lon, lat = _around(CENTRE, km, 2 * np.pi * (0.618 * n % 1.0))
        rows.append((code[:4] + "00", "990000", "city", f"虚构{n + 1}市", lon, lat))
        rows.append((code[:6], code[:4] + "00", "county", f"虚构{n + 1}市一区", lon, lat))
        rows.append((code, code[:6], "township", f"虚构{n + 1}市一街道", lon, lat))
    columns = ["region_code", "parent_code", "level", "name", "lon", "lat"]
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    return frame.with_columns(valid_from_on=pl.lit(date(2000, 1, 1)))


def _around(centre: tuple[float, float], km: float, angle: float) -> tuple[float, float]:
    """The point `km` away from a centre under an angle; wrapped into a modest box so that it stays on a map."""
    north, east = float(km * np.sin(angle)) / 111.0, float(km * np.cos(angle)) / 98.0
    return round(centre[0] + east, 4), round(centre[1] + north, 4)


def _weather(county: County) -> pl.DataFrame:
    places, days = county.tmin.shape
    day = np.tile(county.horizon.days, places)
    return pl.DataFrame(
        {
            "region_code": frames.codes(township_codes(), np.repeat(np.arange(places), days)),
            "observed_on": frames.dates(day),
            "tmin_c": county.tmin.reshape(-1),
            "tmax_c": county.tmax.reshape(-1),
            "prcp_mm": county.rain.reshape(-1),
        }
    )


def _prices(county: County) -> pl.DataFrame:
    kinds, days = county.price_index.shape
    base = np.array([crop.kilo_fen for crop in CROPS])
    fen = frames.round_fen(base[:, None] * county.price_index).reshape(-1)
    frame = pl.DataFrame(
        {
            "commodity": frames.codes([crop.code for crop in CROPS], np.repeat(np.arange(kinds), days)),
            "market": pl.repeat(COUNTY, kinds * days, eager=True),
            "priced_on": frames.dates(np.tile(county.horizon.days, kinds)),
            "price": frames.money(fen),
        }
    )
    return frame.with_columns(unit=pl.lit("kg"))


def _crop_calendar() -> pl.DataFrame:
    rows = [
        (crop.code, month, month in crop.growing, month in crop.harvest)
        for crop in CROPS
        for month in range(1, 13)
    ]
    frame = pl.DataFrame(rows, schema=["crop", "month", "grows", "harvested"], orient="row")
    return frame.with_columns(valid_from_on=pl.lit(date(2000, 1, 1)))


def _parties(county: County) -> pl.DataFrame:
    party = np.arange(1, COOPS + SUPPLIERS + 1, dtype=np.int64)
    villages = county.village_codes
    registered = _SINCE + np.rint(5000 * county.streams.uniform("county party", party)).astype(np.int64)
    return pl.DataFrame(
        {
            "party_id": party,
            "kind": frames.codes(["coop", "enterprise"], (party > COOPS).astype(np.int64)),
            "region_code": frames.codes(villages, party * 7 % len(villages)),
            "members": pl.repeat(None, party.size, dtype=pl.Int64, eager=True),
            "registered_on": frames.dates(np.minimum(registered, county.horizon.first - 1)),
        }
    )
