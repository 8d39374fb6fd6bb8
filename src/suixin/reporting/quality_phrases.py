"""The English words of the quality report; they are the msgids that the catalogue translates."""

GRADES = {
    "ok": "good",
    "watch": "to be watched",
    "bad": "not good",
    "info": "for information",
    "absent": "not supplied",
}

DIMENSIONS = {
    "completeness": "Completeness",
    "timeliness": "Timeliness",
    "consistency": "Consistency",
    "uniqueness": "Uniqueness and quarantine",
    "drift": "Drift",
}

MEASURES = {
    "empty_column": "rows without a value",
    "merchants_with_rows": "merchants that have a row",
    "lag_median": "half of the rows are known within",
    "lag_days": "95 % of the rows are known within",
    "age_days": "age of the newest row",
    "quiet_merchants": "merchants without a row in the last 92 days",
    "open_too_long": "rows still open that should be closed by now",
    "quarantined": "rows set aside",
    "set_aside": "rows set aside by this rule",
    "superseded": "rows replaced by a later version",
    "missing_months": "months without a row",
    "psi_months": "last three months against a year before",
    "psi_ingest": "last ingest against what was there before",
    "items_sum": "orders whose lines do not add up",
    "payments_sum": "orders paid other than price and freight",
    "settlement_net": "pay-outs that are not gross less fees and refunds",
    "settled_more": "merchants paid out more than they sold",
    "order_missing": "rows of an order that is not there",
    "paid_early": "paid before the order was placed",
    "shipped_early": "collected before the order was placed",
    "reviewed_early": "reviewed before the order was placed",
    "refunded_more": "orders refunded above their price",
    "delivery_differs": "delivered on other days by order and by parcel",
    "invoice_total": "invoices whose total is not amount and tax",
    "balance_chain": "balances that do not follow from the movements",
    "debt_of_none": "reports of no debt that show one",
    "unknown_region": "places that are not on record",
    "unknown_party": "parties that are not on record",
}

UNITS = {"day": "{value} days", "month": "{value} months", "index": "index {value}"}
