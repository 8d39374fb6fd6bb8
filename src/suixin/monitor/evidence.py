"""The rows behind an alert: which orders, pay-outs, refunds, debts, with ids and values, as known on the day it rose."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from suixin.features.build import build
from suixin.lake.store import Lake
from suixin.monitor.borrowers import SERVICE, Known
from suixin.scoring.watch.alerts import Alert
from suixin.scoring.watch.found import Row


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """Where a signal's rows stand: the newest first, of those that meet the condition."""

    table: str
    id: str
    field: str
    where: pl.Expr | None = None
    days: int = 400
    flagged: bool = False  # only orders that count as self-dealing


_BUREAU = pl.col("source") == "bureau"
_SOURCES: dict[str, tuple[_Source, ...]] = {
    "repayment_late": (_Source("cashflows", "cashflow_id", "amount_fen", pl.col("kind") == SERVICE),),
    "cash_low": (_Source("cashflows", "cashflow_id", "balance_fen", days=122),),
    "sales_collapse": (_Source("settlements", "settlement_id", "net_fen"),),
    "sales_falling": (_Source("settlements", "settlement_id", "net_fen"),),
    "shock": (_Source("settlements", "settlement_id", "net_fen"),),
    "settlements_stopped": (_Source("settlements", "settlement_id", "net_fen"),),
    "settled_short": (_Source("settlements", "settlement_id", "net_fen"),),
    "payout_moved": (
        _Source("settlements", "settlement_id", "net_fen", days=122),
        _Source("cashflows", "cashflow_id", "amount_fen", pl.col("kind") == "settlement"),
    ),
    "refund_surge": (_Source("refunds", "refund_id", "amount_fen", days=90),),
    "late_surge": (
        _Source("orders", "order_id", "handed_day", pl.col("handed_day") > pl.col("ship_by_day"), 180),
    ),
    "reviews_falling": (_Source("reviews", "review_id", "score", pl.col("score") <= 2, 180),),
    "buyers_lost": (_Source("orders", "order_id", "amount_fen", days=90),),
    "genuine_falling": (_Source("orders", "order_id", "amount_fen", days=365, flagged=True),),
    "purchases_drying": (_Source("invoices", "invoice_id", "total_fen", pl.col("direction") == "purchase"),),
    "new_debts": (_Source("exposures", "exposure_id", "balance_fen", _BUREAU, 200),),
    "debt_burden": (_Source("exposures", "exposure_id", "monthly_service_fen", _BUREAU, 200),),
    "inquiries": (_Source("inquiries", "inquiry_id", "lender_id", None, 90),),
}
"""Signals of the merchant's own rows; those of prices, weather and identities have their measure for evidence."""


def evidence(
    lake: Lake,
    alerts: Sequence[Alert],
    dues: pl.DataFrame,
    most: int,
    routes: Sequence[str] | None = None,
) -> list[tuple[Row, ...]]:
    """The newest rows behind each alert, as they were known before the day it last rose.

    Args:
        lake: a snapshot.
        alerts: of any loans.
        dues: loan_id, due_day, due_fen: the instalments, for those that are late.
        most: rows to an alert at most.
        routes: only rows that came by these; None for all.
    """
    found: list[list[Row]] = [[] for _ in alerts]
    for number, alert in enumerate(alerts):
        if alert.signal == "repayment_late":
            found[number] += _open_instalments(alert, dues, most)
    needed: dict[_Source, list[int]] = {}
    for number, alert in enumerate(alerts):
        for source in _SOURCES.get(alert.signal, ()):
            needed.setdefault(source, []).append(number)
    for source, numbers in needed.items():
        for subject, row in _rows(lake, source, [(n, alerts[n]) for n in numbers], most, routes):
            found[subject].append(row)
    return [tuple(rows[:most]) for rows in found]


def orders_of(
    lake: Lake, alerts: Sequence[Alert], days: int, most: int, routes: Sequence[str] | None = None
) -> list[tuple[Row, ...]]:
    """The newest orders of each alert's merchant within so many days, as they were known before the day it last rose.

    Args:
        lake: a snapshot.
        alerts: of any loans.
        days: before the day.
        most: orders to an alert at most.
        routes: only rows that came by these; None for all.
    """
    found: list[list[Row]] = [[] for _ in alerts]
    source = _Source("orders", "order_id", "amount_fen", days=days)
    for number, row in _rows(lake, source, list(enumerate(alerts)), most, routes) if alerts else ():
        found[number].append(row)
    return [tuple(rows) for rows in found]


def _open_instalments(alert: Alert, dues: pl.DataFrame, most: int) -> list[Row]:
    """The instalments that were due when the alert rose and lie no longer back than the days past due."""
    day = alert.raised[-1][0]
    oldest = day - int(alert.value or 0)
    rows = dues.filter((pl.col("loan_id") == alert.loan_id) & pl.col("due_day").is_between(oldest, day - 1))
    return [
        Row("loans", alert.loan_id, int(due), "due_fen", float(fen))
        for due, fen in rows.sort("due_day").select("due_day", "due_fen").head(most).iter_rows()
    ]


def _rows(
    lake: Lake,
    source: _Source,
    numbered: Sequence[tuple[int, Alert]],
    most: int,
    routes: Sequence[str] | None,
) -> list[tuple[int, Row]]:
    asking = pl.DataFrame(
        [(number, alert.merchant_id, alert.raised[-1][0]) for number, alert in numbered],
        schema={"subject": pl.Int64(), "merchant_id": pl.String(), "as_of_day": pl.Int32()},
        orient="row",
    )
    known = Known(lake, routes, asking)
    if not known.has(source.table):
        return []
    rows = known.rows(source.table, within=source.days)
    if source.where is not None:
        rows = rows.filter(source.where)
    if source.flagged:
        built = build(lake, asking, routes=routes, only={"integrity"}, processes=0)
        rows = rows.join(built.evidence.select("subject", "order_id").unique(), on=["subject", "order_id"])
    newest = rows.sort("subject", "age", source.id).group_by("subject", maintain_order=True).head(most)
    value = pl.col(source.field).cast(pl.Float64, strict=False)
    told = newest.select(
        "subject", pl.col(source.id).cast(pl.String), pl.col("as_of_day") - pl.col("age"), value
    )
    return [
        (int(subject), Row(source.table, str(name), int(day), source.field, held))
        for subject, name, day, held in told.iter_rows()
    ]
