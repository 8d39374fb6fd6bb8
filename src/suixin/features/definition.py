"""The order of the work on any engine: what is known, what is self-dealing, what each family makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals.stable.v2 as nw

from suixin.features.around import around
from suixin.features.engine import Engine
from suixin.features.feature import Family, Frames, Rows
from suixin.features.point_in_time import known_before
from suixin.features.registry import AROUND, OWN
from suixin.features.self_dealing import evidence, marked
from suixin.features.series import net_sales
from suixin.lake.tables import TABLES

SHARED = ("contacts", "homes", "places")
"""Frames of the county level that the families of a merchant's own rows read too."""


@dataclass(frozen=True, slots=True)
class County:
    """Features of the county level, a row a subject, and the frames of `SHARED` that are there."""

    features: Rows
    shared: Frames


@dataclass(frozen=True, slots=True)
class Merchants:
    """Features of the merchants' own rows, their net sales, and the evidence of self-dealing (None without orders)."""

    features: Rows
    series: Rows | None
    evidence: Rows | None


def present(families: Sequence[Family], engine: Engine) -> list[Family]:
    """The families whose tables the engine holds."""
    return [family for family in families if set(family.tables) <= set(engine.tables)]


def of_county(engine: Engine, subjects: Rows) -> County:
    """What lies around every subject; `engine` reads the whole lake.

    Args:
        engine: reads the rows.
        subjects: subject, merchant_id, as_of_day, as_of_month.
    """
    frames = {**around(engine, subjects), "subjects": subjects}
    if "regions" in engine.tables:
        frames["places"] = engine.scan("regions").select("region_code", "lon", "lat").unique("region_code")
    shared = {name: frames[name] for name in SHARED if name in frames}
    return County(_joined(subjects, present(AROUND, engine), frames), shared)


def of_merchants(
    engine: Engine, subjects: Rows, shared: Frames, *, check_self_dealing: bool = True
) -> Merchants:
    """What the subjects' own rows say; `engine` reads the buckets that they lie in.

    Args:
        engine: reads the rows.
        subjects: as for `of_county`.
        shared: its frames.
        check_self_dealing: False takes every order as genuine, to show what the check is worth.
    """
    families = present(OWN, engine)
    asking = subjects.select("subject", "merchant_id", "as_of_day")
    frames = dict(shared)
    for name in dict.fromkeys(t for family in families for t in (*family.tables, *family.optional)):
        if name in engine.tables and TABLES[name].per_merchant:
            rows = known_before(engine.scan(name), TABLES[name], asking, versions=engine.superseded(name))
            frames[name] = engine.keep(rows)
    found = None
    if "orders" in frames:
        found = engine.keep(evidence(frames) if check_self_dealing else evidence(frames).head(0))
        frames["orders"] = engine.keep(marked(frames["orders"], found))
    series = net_sales(frames) if {"orders", "invoices"} & set(frames) else None
    return Merchants(_joined(subjects, families, frames), series, found)


def _joined(subjects: Rows, families: Sequence[Family], frames: Frames) -> Rows:
    table = subjects.select("subject")
    for family in families:
        table = table.join(family.compute(frames), on="subject", how="left")
    names = [feature.name for family in families for feature in family.features]
    return table.select("subject", *(nw.col(name).cast(nw.Float64) for name in names))
