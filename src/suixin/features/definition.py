"""The order of the work on any engine: what is known, what is self-dealing, what each family makes of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import narwhals.stable.v2 as nw

from suixin.features.around import around, places
from suixin.features.engine import Engine
from suixin.features.feature import Family, Frames, Rows
from suixin.features.point_in_time import known_before
from suixin.features.registry import AROUND, OWN
from suixin.features.self_dealing import evidence, marked, no_evidence, without
from suixin.features.series import net_sales
from suixin.lake.tables import TABLES

SHARED = ("contacts", "homes", "places")
"""Frames of the county level that the families of a merchant's own rows read too."""


UNREAD: dict[str, tuple[str, ...]] = {
    "merchants": ("party_id", "region_code", "legal_form", "crop", "opened_day"),
    "orders": ("freight_fen", "paid_day"),
    "order_items": ("line_no", "ordered_day", "quantity"),
    "payments": ("payment_id", "paid_day", "method"),
    "settlements": ("settlement_id", "platform", "settled_day"),
    "shipments": ("shipment_id", "origin_region", "buyer_region"),
    "reviews": ("review_id",),
    "refunds": ("refund_id", "refunded_day", "reason"),
    "invoices": ("invoice_id", "issued_day", "amount_fen", "tax_fen"),
    "cashflows": ("occurred_day",),
    "exposures": ("exposure_id", "reported_day"),
    "inquiries": ("inquiry_id", "inquired_day", "reason"),
    "loans": ("loan_id", "granted_day", "annual_rate", "term_months", "method"),
    "outcomes": ("horizon_days", "definition"),
}
"""Columns that no family of a merchant's own rows reads: not held, for rows are most of an engine's memory."""


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


def present(families: Sequence[Family], engine: Engine, only: Collection[str] | None = None) -> list[Family]:
    """The families whose tables the engine holds; of those named in `only`, unless it is None."""
    return [
        family
        for family in families
        if set(family.tables) <= set(engine.tables) and (only is None or family.name in only)
    ]


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
    return County(_joined(engine, subjects, present(AROUND, engine, only), frames, frames), shared)


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
    families = present(OWN, engine, only)
    asking = subjects.select("subject", "merchant_id", "as_of_day")
    frames = dict(shared)
    extra = [name for family in families for name in family.optional] if check_self_dealing else []
    for name in dict.fromkeys([*(name for family in families for name in family.tables), *extra]):
        if name in engine.tables and TABLES[name].per_merchant:
            rows = known_before(engine.scan(name), TABLES[name], asking, versions=engine.superseded(name))
            frames[name] = engine.keep(rows.drop(*UNREAD.get(name, ())))
    found: Rows | None = None
    genuine: Frames = frames
    if "orders" in frames and check_self_dealing:
        found = engine.keep(evidence(frames, engine.cut))
        frames["orders"] = engine.keep(marked(frames["orders"], found))
        genuine = _genuine(frames, found)
    elif "orders" in frames:
        found = no_evidence(frames)
        frames["orders"] = frames["orders"].with_columns(genuine=nw.lit(value=True))
    series = net_sales(genuine) if {"orders", "invoices", "cashflows"} & set(frames) else None
    return Merchants(_joined(engine, subjects, families, frames, genuine), series, found)


def _genuine(frames: Frames, found: Rows) -> Frames:
    """The frames without the orders that count as self-dealing, and without what hangs on them."""
    hang_on = [name for name in ("order_items", "shipments", "reviews", "refunds") if name in frames]
    orders = frames["orders"].filter(nw.col("genuine"))
    return {**frames, "orders": orders, **{name: without(frames[name], found) for name in hang_on}}


def _joined(
    engine: Engine, subjects: Rows, families: Sequence[Family], frames: Frames, genuine: Frames
) -> Rows:
    table = subjects.select("subject")
    for family in families:
        found = engine.cut(family.compute(frames if family.gross else genuine))
        table = table.join(found, on="subject", how="left")
    names = [feature.name for family in families for feature in family.features]
    return table.select("subject", *(nw.col(name).cast(nw.Float64) for name in names))
