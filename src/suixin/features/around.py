"""What lies around a merchant: its place and its season, and the people it is tied to.

These rows come from tables of the whole county, or from other merchants, so they are found before the work is split
by merchant. All of it is as known before each subject's as-of date.
"""

import narwhals.stable.v2 as nw

from suixin.features.engine import Engine, of_those_told
from suixin.features.feature import Frames, Rows
from suixin.features.point_in_time import known_before
from suixin.lake.tables import TABLES

CORE = ("household", "spouse", "legal_rep", "shareholder")
"""Ties that make one economic unit: money of one is money of the other."""

STEPS = 2  # a business is its owner's, and the owner's household is one step further
LEVELS = 4  # village, township, county, city


def around(engine: Engine, subjects: Rows) -> Frames:
    """The frames that the families of the county level read; only those whose tables are there.

    Args:
        engine: reads the whole lake.
        subjects: subject, merchant_id, as_of_day, as_of_month.

    Returns:
        merchants: what is known of each subject's merchant. homes: its place and the places above it, with `level_up`
        (0 for its own). weather, prices, crop_calendar: rows of its nearest place with weather and of its crop, keyed by
        (place, as_of_day) and (crop, as_of_day). contacts: the parties tied to it, with `core` (1 for its own economic
        unit). group: debts of the merchants among them, with `core` (1 for those that its own unit runs). unit: the
        parties of its own unit.
    """
    frames: dict[str, Rows] = {}
    if "merchants" not in engine.tables:
        return frames
    asking = subjects.select("subject", "merchant_id", "as_of_day")
    merchants = engine.keep(_known(engine, "merchants", asking))
    frames["merchants"] = merchants
    if "regions" in engine.tables:
        frames["homes"] = engine.keep(_homes(engine, merchants))
        if "weather" in engine.tables:
            frames["sites"] = engine.keep(_sites(engine, frames["homes"]))
            frames["weather"] = engine.keep(_weather(engine, frames["sites"]))
    crops = merchants.filter(~nw.col("crop").is_null()).select("crop", "as_of_day").unique()
    if "prices" in engine.tables:
        frames["prices"] = engine.keep(_of_crop(engine, "prices", "commodity", crops))
    if "crop_calendar" in engine.tables:
        frames["crop_calendar"] = engine.keep(_of_crop(engine, "crop_calendar", "crop", crops))
    if "relations" in engine.tables:
        told = of_those_told(engine, ["relations"], merchants, subjects)
        frames["contacts"] = engine.keep(_contacts(engine, told))
        if "exposures" in engine.tables:
            frames["group"] = engine.keep(_group(engine, frames["contacts"], subjects))
        if "parties" in engine.tables:
            frames["unit"] = engine.keep(_unit(engine, frames["contacts"]))
    return frames


def places(engine: Engine) -> Rows:
    """region_code, lon, lat, known_day, until_day: every place as it was known after one day up to the other (or null)."""
    versions = engine.scan("regions").unique(["region_code", "known_at"], keep="any")
    until = nw.col("known_day").shift(-1).over("region_code", order_by="known_at")
    return versions.select("region_code", "lon", "lat", "known_day", until_day=until)


def _known(
    engine: Engine, table: str, asking: Rows, on: str = "merchant_id", who: tuple[str, ...] = ("subject",)
) -> Rows:
    return known_before(
        engine.scan(table), TABLES[table], asking, versions=engine.superseded(table), on=on, who=who
    )


def _homes(engine: Engine, merchants: Rows) -> Rows:
    """subject, as_of_day, region_code, level_up, level, lon, lat: the merchant's place, its parent, and so on."""
    asking = merchants.select("subject", "as_of_day", "region_code").filter(~nw.col("region_code").is_null())
    found = []
    for step in range(LEVELS):
        places = _known(engine, "regions", asking, on="region_code", who=("subject", "region_code"))
        places = engine.keep(places)
        found.append(places.with_columns(level_up=nw.lit(step).cast(nw.Int64)))
        asking = places.filter(~nw.col("parent_code").is_null()).select(
            "subject", "as_of_day", region_code=nw.col("parent_code")
        )
    columns = ("subject", "as_of_day", "region_code", "level_up", "level", "lon", "lat")
    return nw.concat([places.select(*columns) for places in found])


def _sites(engine: Engine, homes: Rows) -> Rows:
    """subject, as_of_day, region_code: the nearest place at or above the merchant's whose weather is known."""
    observed = engine.scan("weather").group_by("region_code").agg(observed_from=nw.col("known_day").min())
    near = homes.join(observed, on="region_code", how="inner")
    near = near.filter(nw.col("observed_from") < nw.col("as_of_day"))
    nearest = nw.col("level_up") == nw.col("level_up").min().over("subject")
    return near.filter(nearest).select("subject", "as_of_day", "region_code")


def _weather(engine: Engine, sites: Rows) -> Rows:
    asking = sites.select("region_code", "as_of_day").unique()
    return _known(engine, "weather", asking, on="region_code", who=("region_code", "as_of_day"))


def _of_crop(engine: Engine, table: str, on: str, crops: Rows) -> Rows:
    asking = crops.rename({"crop": on}) if on != "crop" else crops
    return _known(engine, table, asking, on=on, who=(on, "as_of_day"))


def _contacts(engine: Engine, merchants: Rows) -> Rows:
    """subject, as_of_day, party_id, kind, core: its own unit (`core` 1), and whoever is tied to that (`core` 0)."""
    start = merchants.filter(~nw.col("party_id").is_null()).select("subject", "as_of_day", "party_id")
    own = start
    for _ in range(STEPS):
        further = _ties(engine, own).filter(nw.col("kind").is_in(CORE))
        own = engine.keep(nw.concat([own, further.select(*own.columns)]).unique())
    own = own.with_columns(kind=nw.lit("self"), core=nw.lit(1).cast(nw.Int64))
    tied = _ties(engine, own.select(*start.columns)).with_columns(core=nw.lit(0).cast(nw.Int64))
    others = tied.join(own.select("subject", "party_id"), on=["subject", "party_id"], how="anti")
    columns = ("subject", "as_of_day", "party_id", "kind", "core")
    return nw.concat([own.select(*columns), others.select(*columns)]).unique()


def _ties(engine: Engine, parties: Rows) -> Rows:
    """subject, as_of_day, party_id, kind: the parties at the other end of each tie that has not ended."""
    ends = []
    for mine, other in (("party_id", "other_party_id"), ("other_party_id", "party_id")):
        asking = parties.rename({"party_id": mine}) if mine != "party_id" else parties
        ties = _known(engine, "relations", asking, on=mine, who=("subject", mine))
        standing = ties.filter(nw.col("ended_day").is_null())
        ends.append(standing.select("subject", "as_of_day", "kind", party_id=nw.col(other)))
    return nw.concat(ends).unique()


def _unit(engine: Engine, contacts: Rows) -> Rows:
    """The parties of each subject's own unit: subject, party_id, and the columns of parties."""
    own = contacts.filter(nw.col("core") == 1).select("subject", "as_of_day", "party_id").unique()
    return _known(engine, "parties", own, on="party_id", who=("subject", "party_id"))


def _group(engine: Engine, contacts: Rows, subjects: Rows) -> Rows:
    """Debts of the other merchants that the subject's contacts run: subject, merchant_id, core, the columns of exposures."""
    runs = engine.scan("merchants").filter(~nw.col("party_id").is_null()).select("party_id", "merchant_id")
    ever = (
        contacts.join(runs, on="party_id", how="inner").select("subject", "as_of_day", "merchant_id").unique()
    )
    known = _known(engine, "merchants", ever, who=("subject", "merchant_id"))  # who is said to run it by then
    runners = contacts.group_by("subject", "party_id").agg(nw.col("core").max())
    theirs = known.join(runners, on=["subject", "party_id"], how="inner")
    others = theirs.group_by("subject", "as_of_day", "merchant_id").agg(nw.col("core").max())
    mine = subjects.select("subject", "merchant_id")
    others = others.join(mine, on=["subject", "merchant_id"], how="anti")
    asking = engine.keep(others)
    debts = _known(
        engine,
        "exposures",
        asking.select("subject", "as_of_day", "merchant_id"),
        who=("subject", "merchant_id"),
    )
    return debts.join(
        asking.select("subject", "merchant_id", "core"), on=["subject", "merchant_id"], how="inner"
    )
