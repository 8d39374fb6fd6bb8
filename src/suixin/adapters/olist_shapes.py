"""Rows of the Olist set's files as rows of the standard tables."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl

from suixin.adapters.frames import clock, text, understanding, whole
from suixin.adapters.olist_sellers import APPROVED, DELIVERED, HANDED, ORDERED, PROMISED, Trade, seller
from suixin.lake.readers import ROW, Batch, read
from suixin.lake.source import Shape

ZONE = "America/Sao_Paulo"
PLACES_FROM = date(2016, 1, 1)  # the set begins in September 2016
SOUTH, NORTH, WEST, EAST = -34.0, 5.5, -74.0, -28.5  # Brazil with its islands
LONG_NAMES = {"geolocation_zip_code_prefix": "zip_code_prefix", "geolocation_state": "state"} | {
    f"geolocation_{name}": name for name in ("lat", "lng", "city")
}


def merchants(trade: Trade) -> Shape:
    """Sellers, opened on the day of their first order."""

    def shape(frame: pl.DataFrame) -> pl.DataFrame:
        known = frame.with_columns(text("seller_id")).join(
            trade.opened, on="seller_id", how="left", maintain_order="left"
        )
        return known.select(
            ROW,
            merchant_id="seller_id",
            region_code=_place("seller_zip_code_prefix"),
            opened_on=pl.col("opened_on").fill_null(pl.lit(trade.last, pl.Date)),
        )

    return shape


def orders(frame: pl.DataFrame) -> pl.DataFrame:
    """Orders, one row a seller."""
    return frame.select(
        ROW,
        "order_id",
        merchant_id=seller(),
        buyer_id="buyer",
        buyer_region=_place("buyer_zip"),
        ordered_at=ORDERED,
        paid_at=APPROVED,
        amount=_major("goods"),
        freight=_major("carriage"),
        ship_by_at=_local("ship_by"),
        promised_on=PROMISED,
        handed_at=HANDED,
        delivered_at=DELIVERED,
        cancelled_at=_cancelled(),
    )


def order_items(trade: Trade) -> Shape:
    """Items, each one piece, dated by their order."""

    def shape(frame: pl.DataFrame) -> pl.DataFrame:
        dated = frame.with_columns(text("order_id")).join(
            trade.bought, on="order_id", how="left", maintain_order="left"
        )
        return dated.select(
            ROW,
            "order_id",
            line_no="order_item_id",
            merchant_id=seller(),
            sku_id="product_id",
            ordered_at="ordered",
            quantity=pl.lit(1.0),
            amount="price",
        )

    return shape


def payments(frame: pl.DataFrame) -> pl.DataFrame:
    """Payments, one row a seller."""
    return frame.select(
        ROW,
        "order_id",
        payment_id=pl.concat_str("order_id", pl.col("payment_sequential").cast(pl.String), separator="-"),
        merchant_id=seller(),
        paid_at="approved",
        method="payment_type",
        amount=_major("share"),
    )


def reviews(frame: pl.DataFrame) -> pl.DataFrame:
    """Reviews, one row a seller."""
    asked = clock("review_creation_date")
    score = pl.col("review_score").cast(pl.String)
    return frame.select(
        ROW,
        "order_id",
        review_id=pl.concat_str("order_id", asked.dt.strftime("%Y%m%d"), score, separator="-"),
        merchant_id=seller(),
        reviewed_at=_local("review_creation_date"),
        score="review_score",
        known_at="review_answer_timestamp",
    )


def places(path: Path, encoding: str | None) -> Iterator[Batch]:
    """Postcode prefixes, one row each with the mean of its points, then the states that they lie in."""
    header = next(read(path, encoding), Batch(pl.DataFrame(), [])).frame.columns
    names = {LONG_NAMES.get(name, name): name for name in header}
    columns = ("zip_code_prefix", "lat", "lng", "city", "state")
    raw = whole(path, [names.get(name, name) for name in columns], encoding)
    with understanding(path):
        points = raw.frame.rename({names[name]: name for name in columns if name in names})
        inside = _number("lat").is_between(SOUTH, NORTH) & _number("lng").is_between(WEST, EAST)
        prefixes = points.group_by(text("zip_code_prefix"), maintain_order=True).agg(
            pl.col(ROW).first(),
            pl.when(inside).then(_number("lat")).mean().alias("lat"),
            pl.when(inside).then(_number("lng")).mean().alias("lng"),
            text("city").first(),
            text("state").first(),
            level=pl.lit("township"),
        )
        states = prefixes.drop_nulls("state").unique("state", keep="first", maintain_order=True)
        yield Batch(prefixes, raw.rejects)
        yield Batch(
            states.with_columns(pl.lit(None, pl.Float64).alias(c) for c in ("lat", "lng")).with_columns(
                level=pl.lit("province")
            ),
            [],
        )


def regions(frame: pl.DataFrame) -> pl.DataFrame:
    """Places as regions: a prefix stands for a township, its state for a province."""
    state = "BR-" + pl.col("state").str.to_uppercase()
    is_state = pl.col("level") == "province"
    return frame.select(
        ROW,
        "level",
        region_code=pl.when(is_state).then(state).otherwise(_place("zip_code_prefix")),
        parent_code=pl.when(~is_state).then(state),
        name=pl.when(is_state).then("state").otherwise("city"),
        lon="lng",
        lat="lat",
        valid_from_on=pl.lit(PLACES_FROM),
    )


def _place(zip_code: str) -> pl.Expr:
    return "BR-" + text(zip_code).str.zfill(5)


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).cast(pl.Float64, strict=False)


def _major(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64) / 100


def _local(name: str) -> pl.Expr:
    """A local time; a midnight that the clock jumped over in spring is one o'clock."""
    naive = clock(name)
    later = naive.dt.offset_by("1h")
    return pl.coalesce(
        value.dt.replace_time_zone(ZONE, ambiguous="earliest", non_existent="null")
        for value in (naive, later)
    )


def _cancelled() -> pl.Expr:
    end = clock(PROMISED).dt.truncate("1d").dt.offset_by("23h59m59s")
    is_cancelled = pl.col("order_status").cast(pl.String) == "canceled"
    return pl.when(is_cancelled).then(pl.max_horizontal(end, clock(DELIVERED)))
