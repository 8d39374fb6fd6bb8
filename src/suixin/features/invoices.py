"""What VAT invoices say: both sides of the trade, with void and credit notes.

Only invoices that are valid as known before the as-of date count as trade; a credit note takes off.
"""

import narwhals.stable.v2 as nw

from suixin.features.expressions import (
    MONTHS_A_YEAR,
    YEAR,
    concentration,
    count,
    deviation,
    major,
    periods,
    ratio,
    total,
    trailing_month,
    within,
)
from suixin.features.feature import ANY, FROM_NIL, Direction, Family, Feature, Forgeable, Frames, Rows, Unit

_SALE = nw.col("direction") == "sales"
_VOID = ~nw.col("voided_day").is_null()


def _compute(frames: Frames) -> Rows:
    invoices = frames["invoices"]
    valid = invoices.filter(~_VOID, within(YEAR))
    joined = (
        _amounts(invoices)
        .join(_months(valid.filter(_SALE)), on="subject", how="left")
        .join(_others(valid.filter(_SALE), "customer"), on="subject", how="left")
        .join(_others(valid.filter(~_SALE), "supplier"), on="subject", how="left")
    )
    return joined.with_columns(nw.col("invoice_months_12m", "customers_365d", "suppliers_365d").fill_null(0))


def _amounts(invoices: Rows) -> Rows:
    fen, age = nw.col("total_fen"), nw.col("age")
    good = ~_VOID
    before = (age > YEAR) & (age <= 2 * YEAR)
    negative = fen < 0
    sums = invoices.group_by("subject").agg(
        sales=total(fen, _SALE & good & within(YEAR)),
        sales_before=total(fen, _SALE & good & before),
        purchases=total(fen, ~_SALE & good & within(YEAR)),
        issued=count(_SALE & within(YEAR)),
        void_sales=count(_SALE & _VOID & within(YEAR)),
        received=count(~_SALE & within(YEAR)),
        void_purchases=count(~_SALE & _VOID & within(YEAR)),
        credited=total(fen * -1, _SALE & good & negative & within(YEAR)),
        billed=total(fen, _SALE & good & ~negative & within(YEAR)),
        first_age=age.max(),
    )
    return sums.select(
        "subject",
        invoiced_sales_365d=major(nw.col("sales")),
        invoiced_purchases_365d=major(nw.col("purchases")),
        invoice_margin_365d=ratio(nw.col("sales") - nw.col("purchases"), nw.col("sales")),
        invoice_growth_yoy=ratio(nw.col("sales"), nw.col("sales_before")) - 1.0,
        void_sales_share=ratio(nw.col("void_sales"), nw.col("issued")),
        void_purchase_share=ratio(nw.col("void_purchases"), nw.col("received")),
        credit_note_share=ratio(nw.col("credited"), nw.col("billed")),
        invoice_history_days=nw.col("first_age").cast(nw.Int64),
    )


def _months(sales: Rows) -> Rows:
    months = periods(sales, trailing_month(), "total_fen").group_by("subject")
    sums = months.agg(active=nw.len(), whole=nw.col("part").sum(), squares=nw.col("square").sum())
    whole = nw.col("whole")
    return sums.select(
        "subject",
        invoice_months_12m=nw.col("active").cast(nw.Int64),
        invoice_monthly_cv_12m=deviation(whole, nw.col("squares"), MONTHS_A_YEAR) / (whole / MONTHS_A_YEAR),
    )


def _others(side: Rows, who: str) -> Rows:
    """Number of counterparties, and the share of the largest, on one side of the trade."""
    parts = concentration(side, "counterparty_id", "total_fen")
    return parts.select(
        "subject", nw.col("values").alias(f"{who}s_365d"), nw.col("top_share").alias(f"top_{who}_share_365d")
    )


_S, _R, _N = Direction.SAFER, Direction.RISKIER, Direction.NEUTRAL
_LOW, _MEDIUM = Forgeable.LOW, Forgeable.MEDIUM

FAMILY = Family(
    "invoices",
    tables=("invoices",),
    compute=_compute,
    reads={"invoices": ("direction", "counterparty_id", "total_fen", "voided_day")},
    features=(
        Feature(
            "invoiced_sales_365d",
            Unit.MONEY,
            _S,
            _MEDIUM,
            "invoiced sales, 12 months",
            "{value} of valid sales invoices in 12 months",
            own_bounds=ANY,
        ),
        Feature(
            "invoiced_purchases_365d",
            Unit.MONEY,
            _N,
            _LOW,
            "invoiced purchases, 12 months",
            "{value} of valid purchase invoices in 12 months",
            own_bounds=ANY,
        ),
        Feature(
            "invoice_margin_365d",
            Unit.SHARE,
            _S,
            _LOW,
            "invoiced margin",
            "sales exceed purchases by {value} of sales",
            own_bounds=ANY,
        ),
        Feature(
            "invoice_growth_yoy",
            Unit.SHARE,
            _S,
            _MEDIUM,
            "growth of invoiced sales",
            "invoiced sales changed by {value} against the year before",
            own_bounds=ANY,
        ),
        Feature(
            "void_sales_share",
            Unit.SHARE,
            _R,
            _LOW,
            "void sales invoices",
            "{value} of sales invoices were voided",
        ),
        Feature(
            "void_purchase_share",
            Unit.SHARE,
            _R,
            _LOW,
            "void purchase invoices",
            "{value} of purchase invoices were voided",
        ),
        Feature(
            "credit_note_share",
            Unit.SHARE,
            _R,
            _LOW,
            "credit notes",
            "{value} of the amount billed was taken back by credit notes",
            own_bounds=FROM_NIL,
        ),
        Feature(
            "invoice_history_days", Unit.DAYS, _S, _LOW, "invoice history", "{value} since the first invoice"
        ),
        Feature(
            "invoice_months_12m",
            Unit.MONTHS,
            _S,
            _MEDIUM,
            "months with sales invoices",
            "sales invoices in {value} of the last 12",
        ),
        Feature(
            "invoice_monthly_cv_12m",
            Unit.INDEX,
            _R,
            _MEDIUM,
            "swing of invoiced sales",
            "monthly invoiced sales swing by {value} times their mean",
        ),
        Feature(
            "customers_365d",
            Unit.COUNT,
            _S,
            _LOW,
            "customer firms, 12 months",
            "{value} customer firms in 12 months",
        ),
        Feature(
            "top_customer_share_365d",
            Unit.SHARE,
            _R,
            _LOW,
            "share of the largest customer firm",
            "{value} of invoiced sales to the largest customer",
        ),
        Feature(
            "suppliers_365d",
            Unit.COUNT,
            _S,
            _LOW,
            "supplier firms, 12 months",
            "{value} supplier firms in 12 months",
        ),
        Feature(
            "top_supplier_share_365d",
            Unit.SHARE,
            _R,
            _LOW,
            "share of the largest supplier firm",
            "{value} of invoiced purchases from the largest supplier",
        ),
    ),
)
