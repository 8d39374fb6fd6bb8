"""Whose an order is: rows of orders, payments and reviews of the Olist set, one a seller.

The source keeps one row an order, the standard one row a merchant. The k-th batch holds the k-th seller of
every row, so that no row number occurs twice in a batch; rows without a seller come with the first.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import polars as pl

from suixin.adapters.frames import cents, clock, text, understanding, whole
from suixin.lake.readers import ROW, Batch

ORDERED, APPROVED = "order_purchase_timestamp", "order_approved_at"
HANDED, DELIVERED = "order_delivered_carrier_date", "order_delivered_customer_date"
PROMISED = "order_estimated_delivery_date"
ORDER_COLUMNS = ("order_id", "customer_id", "order_status", ORDERED, APPROVED, HANDED, DELIVERED, PROMISED)
PAYMENT_COLUMNS = ("order_id", "payment_sequential", "payment_type", "payment_value")
REVIEW_COLUMNS = ("order_id", "review_score", "review_creation_date", "review_answer_timestamp")
ITEM_COLUMNS = ("order_id", "order_item_id", "seller_id", "shipping_limit_date", "price", "freight_value")
CUSTOMER_COLUMNS = ("customer_id", "customer_unique_id", "customer_zip_code_prefix")


class Trade:
    """The set's files, and what has to be looked up in one of them to understand another."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """One row an order and seller: order_id, seller_id, goods and freight in cents, ship_by, _turn, _sellers, _all.

        `_turn` counts the sellers of an order from 1 in the order of its items; `_all` is what all of them charge.
        """
        items = whole(self._files["order_items"], ITEM_COLUMNS).frame.select(
            text("order_id"),
            text("seller_id"),
            _number("order_item_id"),
            cents("price"),
            cents("freight_value"),
            clock("shipping_limit_date"),
        )
        mine = items.drop_nulls(["order_id", "seller_id"]).group_by("order_id", "seller_id")
        pairs = mine.agg(
            _line=pl.col("order_item_id").min(),
            goods=pl.when(pl.col("price").is_not_null().all()).then(pl.col("price").sum()),
            carriage=pl.when(pl.col("freight_value").is_not_null().all()).then(pl.col("freight_value").sum()),
            ship_by=pl.col("shipping_limit_date").max(),
        ).sort("order_id", "_line", "seller_id")
        charged = (pl.col("goods") + pl.col("carriage")).fill_null(0)
        return pairs.with_columns(
            _turn=pl.int_range(1, pl.len() + 1).over("order_id"),
            _sellers=pl.len().over("order_id"),
            _own=charged,
            _all=charged.sum().over("order_id"),
        ).drop("_line")

    @cached_property
    def bought(self) -> pl.DataFrame:
        """One row an order: order_id, ordered, approved, and whether it was found unavailable."""
        orders = whole(self._files["orders"], ORDER_COLUMNS).frame
        return orders.select(
            text("order_id"),
            ordered=pl.col(ORDERED),
            approved=pl.col(APPROVED),
            unavailable=_unavailable(),
        ).unique("order_id", keep="first", maintain_order=True)

    @cached_property
    def opened(self) -> pl.DataFrame:
        """One row a seller with an order in the set: seller_id and the day of the first one."""
        day = self.bought.select("order_id", clock("ordered").dt.date().alias("opened_on"))
        return self.pairs.join(day, on="order_id").group_by("seller_id").agg(pl.col("opened_on").min())

    @cached_property
    def last(self) -> object:
        """The day of the set's last order that has a seller; None if there is none."""
        day = self.bought.select("order_id", clock("ordered").dt.date().alias("day"))
        return self.pairs.join(day, on="order_id")["day"].max()

    def orders(self, path: Path, encoding: str | None) -> Iterator[Batch]:
        """The orders, one row a seller, with their buyers."""
        raw = whole(path, ORDER_COLUMNS, encoding)
        with understanding(path):
            orders = raw.frame.with_columns(text("customer_id"), unavailable=_unavailable())
            joined = self._join(orders.join(self._buyers(), on="customer_id", how="left"))
        yield from _by_turn(joined, raw)

    def payments(self, path: Path, encoding: str | None) -> Iterator[Batch]:
        """The payments, shared among the sellers of their order, with the time of approval."""
        raw = whole(path, PAYMENT_COLUMNS, encoding)
        with understanding(path):
            times = self.bought.select("order_id", "approved", "unavailable")
            dated = raw.frame.with_columns(text("order_id")).join(times, on="order_id", how="left")
            joined = _shared(self._join(dated))
        yield from _by_turn(joined, raw)

    def reviews(self, path: Path, encoding: str | None) -> Iterator[Batch]:
        """The reviews, one row a seller of the order."""
        raw = whole(path, REVIEW_COLUMNS, encoding)
        with understanding(path):
            flags = self.bought.select("order_id", "unavailable")
            flagged = raw.frame.with_columns(text("order_id")).join(flags, on="order_id", how="left")
            joined = self._join(flagged)
        yield from _by_turn(joined, raw)

    def _join(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Every row once for each seller of its order, or once without one."""
        return rows.with_columns(text("order_id")).join(
            self.pairs, on="order_id", how="left", maintain_order="left_right"
        )

    def _buyers(self) -> pl.DataFrame:
        """customer_id, buyer and the buyer's postcode; empty without the file of customers."""
        if "customers" not in self._files:
            return pl.DataFrame(schema={"customer_id": pl.String, "buyer": pl.String, "buyer_zip": pl.String})
        customers = whole(self._files["customers"], CUSTOMER_COLUMNS).frame
        known = customers.select(
            text("customer_id"),
            text("customer_unique_id").alias("buyer"),
            text("customer_zip_code_prefix").alias("buyer_zip"),
        )
        return known.unique("customer_id", keep="first", maintain_order=True)


def _by_turn(joined: pl.DataFrame, raw: Batch) -> Iterator[Batch]:
    """The k-th batch holds the k-th sellers."""
    yield Batch(joined.filter(pl.col("_turn").fill_null(1) == 1), raw.rejects)
    most = joined["_turn"].max()
    for turn in range(2, most + 1 if isinstance(most, int) else 2):
        yield Batch(joined.filter(pl.col("_turn") == turn), [])


def _unavailable() -> pl.Expr:
    return pl.col("order_status").cast(pl.String).eq_missing(pl.lit("unavailable"))


def seller() -> pl.Expr:
    """The seller that a row is charged to: none if the order was found unavailable."""
    return pl.when(~pl.col("unavailable").fill_null(value=False)).then(pl.col("seller_id"))


def _shared(joined: pl.DataFrame) -> pl.DataFrame:
    """The frame with `share`, each seller's part of a payment in cents, by goods and freight; the last takes the rest.

    What is rounded down is the sum of the payments so far, so that an order paid in full in several parts leaves
    every seller with exactly what he charged.
    """
    value, is_last = pl.col("_value"), pl.col("_turn") == pl.col("_sellers")
    so_far = value.cum_sum().over("order_id", "seller_id", order_by=_number("payment_sequential"))
    part = _part(pl.col("_so_far")) - _part(pl.col("_so_far") - value)
    early = pl.when(~is_last & (pl.col("_all") > 0)).then(part).otherwise(0)
    rest = value - pl.col("_early").sum().over(ROW)
    return (
        joined.with_columns(cents("payment_value").alias("_value"))
        .with_columns(_so_far=so_far)
        .with_columns(_early=early)
        .with_columns(share=pl.when(is_last.fill_null(value=True)).then(rest).otherwise("_early"))
        .drop("_value", "_so_far", "_early")
    )


def _part(amount: pl.Expr) -> pl.Expr:
    """The seller's part of an amount, rounded down; a product of two amounts may not fit in 64 bits."""
    product = amount.cast(pl.Int128) * pl.col("_own").cast(pl.Int128)
    return (product // pl.col("_all").cast(pl.Int128)).cast(pl.Int64)


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).cast(pl.Float64, strict=False)
