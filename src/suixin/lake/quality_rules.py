"""Consistency: what must hold between the tables of one merchant.

A rule looks at the frames of one bucket and gives a row for each fact that it checks, with the fact's key and
whether it is broken. Ingest refuses rows that break their own table's contract; these rules find what no single
row shows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

Frames = Mapping[str, pl.LazyFrame]
_ORDER = ["merchant_id", "order_id"]
_SLACK = 0.01  # share by which a total may be off before it counts as wrong
_DAYS_APART = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its code, the table that it judges, the tables it needs, and the check."""

    code: str
    table: str
    needs: tuple[str, ...]
    check: Callable[[Frames], pl.LazyFrame]


def _items_sum(f: Frames) -> pl.LazyFrame:
    lines = f["order_items"].group_by(_ORDER).agg(found=pl.col("amount_fen").sum())
    both = f["orders"].select(*_ORDER, "amount_fen").join(lines, on=_ORDER)
    return both.select(*_ORDER, bad=pl.col("found") != pl.col("amount_fen"))


def _payments_sum(f: Frames) -> pl.LazyFrame:
    paid = f["payments"].group_by(_ORDER).agg(found=pl.col("amount_fen").sum())
    due = pl.col("amount_fen") + pl.col("freight_fen").fill_null(0)
    both = f["orders"].select(*_ORDER, due=due).join(paid, on=_ORDER)
    return both.select(*_ORDER, bad=pl.col("found") != pl.col("due"))


def _settlement_net(f: Frames) -> pl.LazyFrame:
    net = pl.col("gross_fen") - pl.col("fees_fen") - pl.col("refunds_fen")
    return f["settlements"].select("merchant_id", "settlement_id", bad=pl.col("net_fen") != net)


def _settled_more(f: Frames) -> pl.LazyFrame:
    """Merchants who were paid more, net of refunds, than their orders that were neither cancelled nor refunded."""
    gain = (pl.col("gross_fen") - pl.col("refunds_fen")).sum()
    paid = f["settlements"].group_by("merchant_id").agg(paid=gain, last=pl.col("settled_day").max())
    live = f["orders"].filter(pl.col("cancelled_day").is_null()).join(paid, on="merchant_id")
    value = pl.col("amount_fen") + pl.col("freight_fen").fill_null(0)
    sold = live.filter(pl.col("ordered_day") <= pl.col("last")).group_by("merchant_id")
    due = sold.agg(sold=value.sum(), paid=pl.col("paid").first())
    if "refunds" in f:
        kept = f["orders"].filter(pl.col("cancelled_day").is_null()).select(_ORDER)
        back = f["refunds"].join(kept, on=_ORDER, how="semi").join(paid, on="merchant_id")
        back = back.filter(pl.col("refunded_day") <= pl.col("last") - 7)
        taken = back.group_by("merchant_id").agg(back=pl.col("amount_fen").sum())
        due = due.join(taken, on="merchant_id", how="left").with_columns(
            sold=pl.col("sold") - pl.col("back").fill_null(0)
        )
    return due.select("merchant_id", bad=pl.col("paid") > pl.col("sold") * (1 + _SLACK))


def _orphans(child: str, key: str) -> Callable[[Frames], pl.LazyFrame]:
    def check(f: Frames) -> pl.LazyFrame:
        known = f["orders"].select(*_ORDER, known=pl.lit(value=True))
        rows = f[child].select(*dict.fromkeys([*_ORDER, key])).join(known, on=_ORDER, how="left")
        return rows.select(*dict.fromkeys(["merchant_id", key, "order_id"]), bad=pl.col("known").is_null())

    return check


def _before_order(child: str, key: str, time: str) -> Callable[[Frames], pl.LazyFrame]:
    def check(f: Frames) -> pl.LazyFrame:
        rows = f[child].select(*_ORDER, key, time).join(f["orders"].select(*_ORDER, "ordered_at"), on=_ORDER)
        return rows.select("merchant_id", key, bad=pl.col(time) < pl.col("ordered_at"))

    return check


def _refunded_more(f: Frames) -> pl.LazyFrame:
    back = f["refunds"].group_by(_ORDER).agg(found=pl.col("amount_fen").sum())
    value = pl.col("amount_fen") + pl.col("freight_fen").fill_null(0)
    both = f["orders"].select(*_ORDER, value=value).join(back, on=_ORDER)
    return both.select(*_ORDER, bad=pl.col("found") > pl.col("value"))


def _delivery_differs(f: Frames) -> pl.LazyFrame:
    track = f["shipments"].group_by(_ORDER).agg(found=pl.col("delivered_day").max())
    both = f["orders"].select(*_ORDER, "delivered_day").join(track, on=_ORDER).drop_nulls()
    return both.select(*_ORDER, bad=(pl.col("found") - pl.col("delivered_day")).abs() > _DAYS_APART)


def _invoice_total(f: Frames) -> pl.LazyFrame:
    wrong = pl.col("amount_fen") + pl.col("tax_fen") != pl.col("total_fen")
    return f["invoices"].select("merchant_id", "direction", "invoice_id", bad=wrong)


def _balance_chain(f: Frames) -> pl.LazyFrame:
    """Movements of one instant have no order: after all of them, one of their balances must be the one due.

    Due is a balance of the instant before plus what moved since.
    """
    at = ["merchant_id", "occurred_at"]
    moves = f["cashflows"].filter(pl.col("balance_fen").is_not_null()).select(
        *at, "cashflow_id", "amount_fen", "balance_fen",
        turn=pl.col("occurred_at").rank("dense").over("merchant_id"),
        moved=pl.col("amount_fen").sum().over(at),
    )  # fmt: skip
    before = moves.select(
        "merchant_id", turn=pl.col("turn") + 1, due=pl.col("balance_fen"), follows=pl.lit(value=True)
    ).unique()
    later = moves.filter(pl.col("turn") > 1).with_columns(due=pl.col("balance_fen") - pl.col("moved"))
    chained = later.join(before, on=["merchant_id", "turn", "due"], how="left")
    turns = chained.group_by(at).agg(pl.col("cashflow_id").min(), follows=pl.col("follows").any())
    return turns.sort(at).select("merchant_id", "cashflow_id", bad=~pl.col("follows").fill_null(value=False))


def _debt_of_none(f: Frames) -> pl.LazyFrame:
    none = f["exposures"].filter(pl.col("kind") == "none")
    owes = (pl.col("balance_fen") > 0) | (pl.col("monthly_service_fen") > 0)
    return none.select("merchant_id", "exposure_id", bad=owes)


def _unknown(table: str, column: str, other: str, target: str, key: str) -> Callable[[Frames], pl.LazyFrame]:
    def check(f: Frames) -> pl.LazyFrame:
        known = f[other].select(pl.col(target).alias(column), known=pl.lit(value=True))
        rows = f[table].filter(pl.col(column).is_not_null()).join(known, on=column, how="left")
        names = list(dict.fromkeys(["merchant_id", key, column]))
        return rows.select(*names, bad=pl.col("known").is_null())

    return check


RULES: tuple[Rule, ...] = (
    Rule("items_sum", "order_items", ("orders", "order_items"), _items_sum),
    Rule("payments_sum", "payments", ("orders", "payments"), _payments_sum),
    Rule("settlement_net", "settlements", ("settlements",), _settlement_net),
    Rule("settled_more", "settlements", ("orders", "settlements"), _settled_more),
    *(
        Rule("order_missing", child, ("orders", child), _orphans(child, key))
        for child, key in (
            ("order_items", "line_no"),
            ("payments", "payment_id"),
            ("shipments", "shipment_id"),
            ("reviews", "review_id"),
            ("refunds", "refund_id"),
        )
    ),
    Rule(
        "paid_early",
        "payments",
        ("orders", "payments"),
        _before_order("payments", "payment_id", "paid_at"),
    ),
    Rule(
        "shipped_early",
        "shipments",
        ("orders", "shipments"),
        _before_order("shipments", "shipment_id", "collected_at"),
    ),
    Rule(
        "reviewed_early",
        "reviews",
        ("orders", "reviews"),
        _before_order("reviews", "review_id", "reviewed_at"),
    ),
    Rule("refunded_more", "refunds", ("orders", "refunds"), _refunded_more),
    Rule("delivery_differs", "shipments", ("orders", "shipments"), _delivery_differs),
    Rule("invoice_total", "invoices", ("invoices",), _invoice_total),
    Rule("balance_chain", "cashflows", ("cashflows",), _balance_chain),
    Rule("debt_of_none", "exposures", ("exposures",), _debt_of_none),
    Rule(
        "unknown_region",
        "orders",
        ("orders", "regions"),
        _unknown("orders", "buyer_region", "regions", "region_code", "order_id"),
    ),
    Rule(
        "unknown_region",
        "merchants",
        ("merchants", "regions"),
        _unknown("merchants", "region_code", "regions", "region_code", "merchant_id"),
    ),
    Rule(
        "unknown_party",
        "merchants",
        ("merchants", "parties"),
        _unknown("merchants", "party_id", "parties", "party_id", "merchant_id"),
    ),
)
"""Every rule of consistency, judged table by table; one whose tables the lake lacks is left out."""
