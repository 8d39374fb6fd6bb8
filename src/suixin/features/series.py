"""Net sales month by month before the as-of date: what a forecast and a season are read from.

A month here is a twelfth of a year counted back from the as-of date, 0 for the newest: the same month number
plus twelve is the same season a year before, whatever day of the month it is.
"""

import narwhals.stable.v2 as nw

from suixin.features.expressions import cancelled, of_sales, trailing_month, within
from suixin.features.feature import Frames, Rows

MONTHS = 36
LONGEST = 365 * 3
NOT_EARNED = ("loan_drawdown", "owner", "transfer", "interest")
"""Kinds of money that comes in and is no sale."""


def net_sales(frames: Frames) -> Rows:
    """subject, source ('orders', 'invoices', or 'cashflows' where the lake has neither), month (0 = newest), net_fen: genuine sales less refunds."""
    parts = []
    if "orders" in frames:
        parts.append(_from_orders(frames).with_columns(source=nw.lit("orders")))
    if "invoices" in frames:
        parts.append(_from_invoices(frames["invoices"]).with_columns(source=nw.lit("invoices")))
    if not parts:  # an account alone: what came in stands for sales
        parts.append(_from_account(frames["cashflows"]).with_columns(source=nw.lit("cashflows")))
    return nw.concat([part.select("subject", "source", "month", "net_fen") for part in parts])


def _by_month(rows: Rows) -> Rows:
    months = rows.filter(within(LONGEST)).with_columns(month=trailing_month())
    return months.group_by("subject", "month").agg(net_fen=nw.col("net_fen").sum().cast(nw.Int64))


def _from_orders(frames: Frames) -> Rows:
    sold = frames["orders"].filter(~cancelled())
    flows = sold.select("subject", "age", net_fen=nw.col("amount_fen"))
    if "refunds" in frames:
        back = of_sales(frames["refunds"], frames["orders"], cancelled()).select(
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
