"""A sound merchant, for tests that change one thing about him, and a ladder to put under him."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from suixin.underwriting.decide import Case
from suixin.underwriting.forecast import Forecast

GOOD: dict[str, float | None] = {
    "genuine_trading_days": 730.0,
    "genuine_days_since_order": 2.0,
    "genuine_gmv_365d": 240_000.0,
    "genuine_selling_months_12m": 12.0,
    "genuine_weekly_cv_52w": 0.5,
    "genuine_growth_yoy_90d": 0.1,
    "top_buyer_share": 0.05,
    "repeat_buyer_share": 0.2,
    "late_handover_share_180d": 0.02,
    "undelivered_share_180d": 0.01,
    "bad_review_share_365d": 0.05,
    "refund_share_365d": 0.01,
    "household_debt": 0.0,
    "debt_to_sales": 0.0,
    "lenders": 0.0,
    "bureau_age_days": 20.0,
    # what it costs to sell is measured, so that the multiple of sales binds and not the capacity
    "fee_share_365d": 0.02,
    "invoice_margin_365d": 0.6,
}
CASE = Case(
    merchant_id="m1",
    as_of=date(2026, 1, 1),
    features=GOOD,
    history=[2_000_000] * 24,
    sales_source="orders",
    months_known=24,
    bureau_required=True,
    lake_snapshot="1-test",
)
SURE = Forecast((1_800_000,) * 12, (2_000_000,) * 12, (2_200_000,) * 12, "own_years", 0.1, (1_800_000,) * 12)
"""Of a merchant whose sales nobody doubts, so that another ceiling than the repayment capacity binds."""


def case(features: Mapping[str, float | None] | None = None, **changes: object) -> Case:
    return replace(CASE, features={**GOOD, **(features or {})}, **changes)  # type: ignore[arg-type]


LADDER = """
ladder:
  source: board
  since: 2026-11-01
  rungs:
    - {loans_repaid: 0, cap: 5000}
    - {loans_repaid: 1, cap: 20000, discount: 0.005}
"""
"""A first-loan ladder to add to the text of a policy."""
