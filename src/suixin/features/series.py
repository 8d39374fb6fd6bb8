"""Net sales month by month before the as-of date: what a forecast and a season are read from.

A month here is a twelfth of a year counted back from the as-of date, 0 for the newest: the same month number
plus twelve is the same season a year before, whatever day of the month it is.
"""

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from suixin.features.expressions import cancelled, of_sales, trailing_month, within
from suixin.features.feature import Frames, Rows

MONTHS = 36
LONGEST = 365 * 3
READS: dict[str, tuple[str, ...]] = {
    "orders": ("order_id", "amount_fen", "cancelled_day"),
    "refunds": ("order_id", "amount_fen"),
    "invoices": ("direction", "total_fen", "voided_day"),
    "cashflows": ("kind", "amount_fen"),
}
"""The columns that net sales are read from."""

NOT_EARNED = ("loan_drawdown", "owner", "transfer", "interest")
"""Kinds of money that comes in and is no sale."""


def net_sales(frames: Frames, tables: Mapping[str, int | None]) -> Rows:
    """Genuine sales less refunds by month.

    Args:
        frames: orders with refunds, invoices, cashflows, as far as they are there.
        tables: the days from which tables are known of, as an engine has them.

    Returns:
        subject, source, month (0 = newest), net_fen. The source is 'orders' or 'invoices', or 'cashflows' for those
        who ask before anything is known of either.
    """
    parts = []
    if "orders" in frames:
        parts.append(_from_orders(frames, tables["orders"]).with_columns(source=nw.lit("orders")))
    if "invoices" in frames:
        parts.append(_from_invoices(frames["invoices"]).with_columns(source=nw.lit("invoices")))
    trade = [tables[name] for name in ("orders", "invoices") if name in frames]
    if "cashflows" in frames and None not in trade:  # an account alone: what came in stands for sales
        alone = frames["cashflows"]
        if days := [day for day in trade if day is not None]:
            alone = alone.filter(nw.col("as_of_day") <= min(days))
        parts.append(_from_account(alone).with_columns(source=nw.lit("cashflows")))
    return nw.concat([part.select("subject", "source", "month", "net_fen") for part in parts])


def _by_month(rows: Rows) -> Rows:
    months = rows.filter(within(LONGEST)).with_columns(month=trailing_month())
    return months.group_by("subject", "month").agg(net_fen=nw.col("net_fen").sum().cast(nw.Int64))


def _from_orders(frames: Frames, told_on: int | None) -> Rows:
    sold = frames["orders"].filter(~cancelled())
    flows = sold.select("subject", "age", net_fen=nw.col("amount_fen"))
    if "refunds" in frames:
        refunds = frames["refunds"]
        if told_on is not None:  # before any order is known of, a refund is not one of a sale
            refunds = refunds.filter(nw.col("as_of_day") > told_on)
        back = of_sales(refunds, frames["orders"], cancelled()).select(
            "subject", "age", net_fen=nw.col("amount_fen") * -1
        )
        flows = nw.concat([flows, back])
    return _by_month(flows)


def _from_invoices(invoices: Rows) -> Rows:
    sales = invoices.filter(nw.col("direction") == "sales", nw.col("voided_day").is_null())
    return _by_month(sales.select("subject", "age", net_fen=nw.col("total_fen")))


def _from_account(cashflows: Rows) -> Rows:
    came = cashflows.filter(nw.col("amount_fen") > 0, ~nw.col("kind").fill_null("").is_in(NOT_EARNED))
    return _by_month(came.select("subject", "age", net_fen=nw.col("amount_fen")))
