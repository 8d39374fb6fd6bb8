"""The order of the work on any engine: what is known, what is self-dealing, what each family makes of it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import narwhals.stable.v2 as nw

from suixin.features import self_dealing, series
from suixin.features.around import around, places
from suixin.features.engine import Engine, of_those_told
from suixin.features.feature import Family, Frames, Rows
from suixin.features.point_in_time import known_before
from suixin.features.registry import AROUND, OWN
from suixin.lake.tables import TABLES

SHARED = ("contacts", "group", "homes", "places")
"""Frames of the county level that the families of a merchant's own rows read too."""


@dataclass(frozen=True, slots=True)
class County:
    """Features of the county level, a row a subject, and the frames of `SHARED` that are there."""

    features: Rows
    shared: Frames


@dataclass(frozen=True, slots=True)
class Merchants:
    """Features of the merchants' own rows, their net sales, and the evidence of self-dealing (None if not looked for)."""

    features: Rows
    series: Rows | None
    evidence: Rows | None


def present(
    families: Sequence[Family], tables: Collection[str], only: Collection[str] | None = None
) -> list[Family]:
    """The families whose tables are all there; of those named in `only`, unless it is None."""
    return [
        family
        for family in families
        if set(family.tables) <= set(tables) and (only is None or family.name in only)
    ]


def reads_county(families: Iterable[Family]) -> bool:
    """Whether a family reads more than its merchant's own rows; to find what lies around takes as long as a bucket."""
    return any(
        name == "merchants" or not TABLES[name].per_merchant for family in families for name in family.tables
    )


def of_county(engine: Engine, subjects: Rows, only: Collection[str] | None = None) -> County:
    """What lies around every subject; `engine` reads the whole lake.

    Args:
        engine: reads the rows.
        subjects: subject, merchant_id, as_of_day, as_of_month.
        only: families to compute; None for all.
    """
    frames = {**around(engine, subjects), "subjects": subjects}
    if "regions" in engine.tables:
        frames["places"] = engine.keep(places(engine))
    shared = {name: frames[name] for name in SHARED if name in frames}
    return County(_joined(engine, subjects, present(AROUND, engine.tables, only), frames, frames), shared)


def of_merchants(
    engine: Engine,
    subjects: Rows,
    shared: Frames,
    only: Collection[str] | None = None,
    *,
    check_self_dealing: bool = True,
) -> Merchants:
    """What the subjects' own rows say; `engine` reads the buckets that they lie in.

    Args:
        engine: reads the rows.
        subjects: as for `of_county`.
        shared: its frames.
        only: families to compute; None for all.
        check_self_dealing: False takes every order as genuine, to show what the check is worth.
    """
    families = present(OWN, engine.tables, only)
    asking = subjects.select("subject", "merchant_id", "as_of_day")
    frames = dict(shared)
    for name, columns in _held(families, check_self_dealing=check_self_dealing).items():
        if name in engine.tables:
            rows = known_before(engine.scan(name), TABLES[name], asking, versions=engine.superseded(name))
            frames[name] = engine.keep(rows.select("subject", "as_of_day", "age", *columns))
    found: Rows | None = None
    genuine: Frames = frames
    if "orders" in frames and check_self_dealing:
        signs = self_dealing.evidence(frames, engine.cut, engine.keep)
        found = engine.keep(of_those_told(engine, ["orders"], signs, subjects))
        frames["orders"] = engine.keep(self_dealing.marked(frames["orders"], found))
        genuine = _genuine(frames, found)
    elif "orders" in frames:
        frames["orders"] = frames["orders"].with_columns(genuine=nw.lit(value=True))
    sold: Rows | None = None
    if {"orders", "invoices", "cashflows"} & set(frames):
        sold = series.net_sales(genuine, engine.tables)
    return Merchants(_joined(engine, subjects, families, frames, genuine), sold, found)


def _held(families: Sequence[Family], *, check_self_dealing: bool) -> dict[str, list[str]]:
    """Of each table of merchants' own rows, the columns that anything here reads."""
    reading = [family.reads for family in families]
    tables = {name for reads in reading for name in reads}
    if check_self_dealing and tables & {"orders", *self_dealing.HANG_ON}:
        reading.append(self_dealing.READS)
        tables |= set(self_dealing.READS)
    reading.append({name: columns for name, columns in series.READS.items() if name in tables})
    return {
        name: list(dict.fromkeys(column for reads in reading for column in reads.get(name, ())))
        for name in sorted(tables)
    }


def _genuine(frames: Frames, found: Rows) -> Frames:
    """The frames without the orders that count as self-dealing, and without what hangs on them."""
    hang_on = [name for name in self_dealing.HANG_ON if name in frames]
    orders = frames["orders"].filter(nw.col("genuine"))
    return {
        **frames,
        "orders": orders,
        **{name: self_dealing.without(frames[name], found) for name in hang_on},
    }


def _joined(
    engine: Engine, subjects: Rows, families: Sequence[Family], frames: Frames, genuine: Frames
) -> Rows:
    """A column a feature. To a subject that asks before a table of the family was told of, the family is absent."""
    table = subjects.select("subject")
    for family in families:
        values = family.compute(frames if family.gross else genuine)
        found = of_those_told(engine, family.tables, values, subjects)
        table = table.join(engine.cut(found), on="subject", how="left")
    names = [feature.name for family in families for feature in family.features]
    return table.select("subject", *(nw.col(name).cast(nw.Float64) for name in names))
