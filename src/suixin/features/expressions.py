"""Expressions that mean the same on every engine (see `reference` of the traps in docs/explanation/lake.md).

An empty sum is 0 on one engine and null on another, a boolean cannot be summed everywhere, and a quotient by
zero is loud here and infinite there: features use these helpers and state which they mean.
"""

import math

import narwhals.stable.v2 as nw

from suixin.features.feature import Rows

YEAR = 365
MONTHS_A_YEAR = 12


def count(condition: nw.Expr) -> nw.Expr:
    """How many rows meet the condition (a null does not); 0 for none."""
    return condition.fill_null(value=False).cast(nw.Int64).sum().cast(nw.Int64)


def total(value: nw.Expr, condition: nw.Expr | None = None) -> nw.Expr:
    """The integer sum over the rows that meet the condition; 0 for none."""
    chosen = (
        value.fill_null(0) if condition is None else nw.when(condition).then(value).otherwise(0).fill_null(0)
    )
    return chosen.sum().cast(nw.Int64)


def ratio(over: nw.Expr, under: nw.Expr) -> nw.Expr:
    """Over ÷ under as a float; null where `under` is 0 or null."""
    base = under.cast(nw.Float64)
    return over.cast(nw.Float64) / nw.when(base != 0.0).then(base)


def major(minor: nw.Expr) -> nw.Expr:
    """Minor units as a float of major units."""
    return minor.cast(nw.Float64) / 100.0


def cancelled() -> nw.Expr:
    """Orders that were called off."""
    return ~nw.col("cancelled_day").is_null()


def of_sales(refunds: Rows, orders: Rows, no_sale: nw.Expr) -> Rows:
    """The refunds of orders that stand: what was paid back for an order that is no sale was never one."""
    excluded = orders.filter(no_sale).select("subject", "order_id")
    return refunds.join(excluded, on=["subject", "order_id"], how="anti")


def within(days: int) -> nw.Expr:
    """Rows that happened in the last `days` days before the as-of date."""
    return nw.col("age") <= days


def trailing_month() -> nw.Expr:
    """The number of whole twelfths of a year before the as-of date: 0 for the newest."""
    return ((nw.col("age") - 1) * MONTHS_A_YEAR // YEAR).cast(nw.Int64)


def periods(rows: Rows, period: nw.Expr, amount: str) -> Rows:
    """Positive sums of `amount` by period: subject, period, part, and its square for spreads and indices."""
    sums = (
        rows.with_columns(period=period)
        .group_by("subject", "period")
        .agg(part=nw.col(amount).sum().cast(nw.Float64))
    )
    return sums.filter(nw.col("part") > 0.0).with_columns(square=nw.col("part") * nw.col("part"))


def deviation(whole: nw.Expr, squares: nw.Expr, span: nw.Expr | float) -> nw.Expr:
    """Population standard deviation over `span` periods, the empty ones counted as zero."""
    mean = whole / span
    variance = squares / span - mean * mean
    return nw.when(variance > 0.0).then(variance).otherwise(0.0).sqrt()


def concentration(rows: Rows, by: str, weight: str) -> Rows:
    """Herfindahl index and top share of `weight` over the values of `by`: subject, hhi, top_share, values."""
    parts = (
        rows.filter(~nw.col(by).is_null())
        .group_by("subject", by)
        .agg(part=nw.col(weight).sum().cast(nw.Float64))
    )
    parts = parts.filter(nw.col("part") > 0.0).with_columns(square=nw.col("part") * nw.col("part"))
    sums = parts.group_by("subject").agg(
        whole=nw.col("part").sum(), squares=nw.col("square").sum(), top=nw.col("part").max(), values=nw.len()
    )
    whole = nw.col("whole")
    return sums.select(
        "subject",
        hhi=nw.col("squares") / (whole * whole),
        top_share=nw.col("top") / whole,
        values=nw.col("values").cast(nw.Int64),
    )


def degrees_to_km(lon: nw.Expr, lat: nw.Expr, other_lon: nw.Expr, other_lat: nw.Expr) -> nw.Expr:
    """Great-circle distance in km between points in degrees (haversine, mean radius 6371.0088 km).

    No arc sine runs on every engine: 2·asin(h) is taken from its chord c = 2h by c + c³/24 + 3c⁵/640 + 5c⁷/7168, which
    is within 0.01 % up to 8,000 km.
    """
    to_radians = math.pi / 180.0
    half_lat = (other_lat - lat) * (to_radians / 2)
    half_lon = (other_lon - lon) * (to_radians / 2)
    square = half_lat.sin() * half_lat.sin() + (lat * to_radians).cos() * (other_lat * to_radians).cos() * (
        half_lon.sin() * half_lon.sin()
    )
    chord_squared = square * 4.0
    series = (
        1.0
        + chord_squared / 24.0
        + chord_squared * chord_squared * (3.0 / 640.0)
        + (chord_squared * chord_squared * chord_squared * (5.0 / 7168.0))
    )
    return chord_squared.sqrt() * series * 6371.0088
