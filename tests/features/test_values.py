"""Feature values worked out by hand on a few rows."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from samples import write_csv
from suixin.calendar import date_to_day
from suixin.features.build import build
from suixin.lake.store import Lake

AS_OF = date(2026, 1, 1)


def ago(days: int, hour: int = 9) -> str:
    return f"{AS_OF - timedelta(days=days)} {hour:02d}:00:00"


ORDERS = [
    ["order_id", "merchant_id", "buyer_id", "buyer_region", "ordered_at", "amount", "ship_by_at", "promised_on",
     "handed_at", "delivered_at", "cancelled_at"],
    # three buyers: b1 twice; handed late once (o2), delivered late once (o2), one overdue and lost (o3)
    ["o1", "m1", "b1", "t1", ago(10), "100", ago(9), str(AS_OF - timedelta(days=5)), ago(9, 8), ago(7), ""],
    ["o2", "m1", "b1", "t1", ago(20), "60", ago(19), str(AS_OF - timedelta(days=16)), ago(18), ago(15), ""],
    ["o3", "m1", "b2", "t2", ago(40), "40", ago(39), str(AS_OF - timedelta(days=33)), ago(39, 7), "", ""],
    ["o4", "m1", "b3", "t2", ago(100), "200", "", "", "", ago(95), ""],
    # cancelled: no sale, but an order
    ["o5", "m1", "b4", "t2", ago(5), "500", "", "", "", "", ago(4)],
    # the same 90 days a year before
    ["o6", "m1", "b1", "t1", ago(400), "50", "", "", "", ago(396), ""],
    # not known yet on the as-of date
    ["o7", "m1", "b9", "t9", ago(0), "999", "", "", "", "", ""],
    ["o8", "m2", "b1", "t1", ago(300), "10", "", "", "", ago(295), ""],
]  # fmt: skip

EXPECTED = {
    "gmv_30d": 160.0,
    "gmv_90d": 200.0,
    "gmv_365d": 400.0,
    "orders_90d": 3.0,
    "orders_365d": 4.0,
    "ticket_365d": 100.0,
    "momentum_30d_90d": 160 * 3 / 200,
    # 28 days: 160; the 84 before: 40 + 200
    "growth_4w_12w": 160 * 3 / 240 - 1,
    "growth_yoy_90d": 200 / 50 - 1,
    "trading_days": 400.0,
    "days_since_order": 10.0,
    # twelfths of a year: 10 and 20 days in the first, 40 in the second, 100 in the fourth
    "selling_months_12m": 3.0,
    "lowest_month_12m": 0.0,
    "season_hhi_12m": (160**2 + 40**2 + 200**2) / 400**2,
    # weeks 1, 2, 5, 14: silent are 1 (now), 2 (weeks 3-4), 8 (weeks 6-13)
    "longest_gap_52w": 8.0,
    "active_week_share_52w": 4 / 15,
    "buyers_365d": 3.0,
    "repeat_buyer_share": 1 / 3,
    "top_buyer_share": 200 / 400,
    "buyer_hhi": (160**2 + 40**2 + 200**2) / 400**2,
    "buyer_region_hhi": (160**2 + 240**2) / 400**2,
    # of three that were to be handed over, one late
    "late_handover_share_180d": 1 / 3,
    "late_delivery_share_180d": 2 / 3,
    "undelivered_share_180d": 1 / 3,
    # days from order to delivery: 3, 5, 5
    "delivery_days_180d": 13 / 3,
    "cancelled_share_180d": 1 / 5,
    "reviews_365d": 3.0,
    "review_mean_365d": 10 / 3,
    "bad_review_share_365d": 1 / 3,
    # four orders of the year stand; the refund of the cancelled one takes nothing from them
    "refund_rate_365d": 1 / 4,
    "refund_share_365d": 60 / 400,
    # bank 20,000 by the bureau (12,000 by its own book is the same debt), shop 10,000, uncle 5,000 as declared
    "household_debt": 35_000.0,
    "monthly_debt_service": 1_500.0,
    "lenders": 3.0,
    "bureau_age_days": 30.0,
    "debt_to_sales": 35_000 / 400,
    "invoiced_sales_365d": 1_000.0,
    "invoiced_purchases_365d": 400.0,
    "invoice_margin_365d": 0.6,
    "invoice_growth_yoy": 1_000 / 500 - 1,
    # issued within the year: 1100, the credit note, the void one
    "void_sales_share": 1 / 3,
    "void_purchase_share": 0.0,
    "credit_note_share": 100 / 1_100,
    "invoice_history_days": 500.0,
    "invoice_months_12m": 1.0,
    "customers_365d": 1.0,
    "top_customer_share_365d": 1.0,
    "suppliers_365d": 1.0,
    "top_supplier_share_365d": 1.0,
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, fill: Callable[[Path, Path], Lake]) -> Lake:
    folder = tmp_path_factory.mktemp("values")
    source = folder / "source"
    write_csv(
        source / "merchants.csv",
        [["merchant_id", "opened_on"], *([m, "2024-01-01"] for m in ("m1", "m2", "m3"))],
    )
    write_csv(source / "orders.csv", ORDERS)
    review = ["review_id", "order_id", "merchant_id", "reviewed_at", "score"]
    scores = [[f"r{n}", f"o{n}", "m1", ago(n), str(score)] for n, score in ((1, 5), (2, 4), (3, 1))]
    write_csv(source / "reviews.csv", [review, *scores])
    refund = ["refund_id", "order_id", "merchant_id", "refunded_at", "amount"]
    write_csv(
        source / "refunds.csv",
        [
            refund,
            ["f1", "o2", "m1", ago(12), "60"],
            ["f2", "o1", "m1", ago(0), "100"],
            ["f3", "o5", "m1", ago(4), "500"],
        ],
    )
    debt = [
        "exposure_id",
        "merchant_id",
        "lender_id",
        "kind",
        "source",
        "reported_on",
        "balance",
        "monthly_service",
    ]
    reports = [
        ["e1", "m1", "bank", "loan", "bureau", str(AS_OF - timedelta(days=30)), "20000", "1000"],
        # a lender that reports eleven days before the others is part of the same report
        ["e2", "m1", "shop", "loan", "bureau", str(AS_OF - timedelta(days=41)), "10000", "500"],
        ["e3", "m1", "bank", "loan", "bureau", str(AS_OF - timedelta(days=120)), "99000", "9000"],
        ["e4", "m1", "uncle", "loan", "declared", str(AS_OF - timedelta(days=10)), "5000", "0"],
        ["e5", "m1", "bank", "loan", "own_book", str(AS_OF - timedelta(days=5)), "12000", "600"],
        # declared so long ago that it is taken as paid
        ["e6", "m1", "aunt", "loan", "declared", str(AS_OF - timedelta(days=200)), "7000", "0"],
    ]
    write_csv(source / "exposures.csv", [debt, *reports])
    invoice = [
        "invoice_id",
        "merchant_id",
        "direction",
        "counterparty_id",
        "issued_on",
        "amount",
        "tax",
        "total",
        "voided_on",
    ]
    bills = [
        ["i1", "m1", "sales", "c1", ago(20)[:10], "1000", "100", "1100", ""],
        ["i2", "m1", "sales", "c1", ago(15)[:10], "-90", "-10", "-100", ""],
        ["i3", "m1", "sales", "c2", ago(10)[:10], "700", "0", "700", ago(3)[:10]],
        ["i4", "m1", "sales", "c3", ago(500)[:10], "500", "0", "500", ""],
        ["i5", "m1", "purchase", "s1", ago(60)[:10], "400", "0", "400", ""],
    ]
    write_csv(source / "invoices.csv", [invoice, *bills])
    return fill(source, folder / "lake")


@pytest.fixture(scope="module")
def rows(lake: Lake) -> dict[str, dict[str, float | None]]:
    merchants = ["m1", "m2", "m3"]
    days = [date_to_day(AS_OF)] * 3
    subjects = pl.DataFrame({"subject": [0, 1, 2], "merchant_id": merchants, "as_of_day": days})
    return {
        row["merchant_id"]: row for row in build(lake, subjects, processes=0).features.iter_rows(named=True)
    }


@pytest.mark.parametrize("name", EXPECTED)
def test_value(name: str, rows: dict[str, dict[str, float | None]]) -> None:
    """Each feature equals what a person works out from the rows above."""
    assert rows["m1"][name] == pytest.approx(EXPECTED[name], abs=1e-12)


def test_every_feature_has_a_hand_value(rows: dict[str, dict[str, float | None]]) -> None:
    """A new feature comes with a value worked out by hand; the spread measures have their own test."""
    spreads = {"weekly_cv_52w", "invoice_monthly_cv_12m"}
    assert set(rows["m1"]) - {"subject", "merchant_id", "as_of_day"} == set(EXPECTED) | spreads


def test_spreads(rows: dict[str, dict[str, float | None]]) -> None:
    """Swing is the population deviation over the mean, silent weeks since the first sale counted as zero."""
    weeks = pl.Series([0, 100, 60, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0, 0, 200])
    assert rows["m1"]["weekly_cv_52w"] == pytest.approx(weeks.std(ddof=0) / weeks.mean(), abs=1e-12)
    months = pl.Series([1000] + [0] * 11)
    assert rows["m1"]["invoice_monthly_cv_12m"] == pytest.approx(
        months.std(ddof=0) / months.mean(), abs=1e-12
    )


def test_unknown_is_not_zero(rows: dict[str, dict[str, float | None]]) -> None:
    """A merchant without a row in a table has no value there; one with old rows only has sold nothing lately."""
    assert rows["m3"]["gmv_365d"] is None
    assert rows["m2"]["invoiced_sales_365d"] is None
    assert (rows["m2"]["gmv_90d"], rows["m2"]["gmv_365d"], rows["m2"]["selling_months_12m"]) == (
        0.0,
        10.0,
        1.0,
    )
    assert rows["m2"]["growth_yoy_90d"] is None


def test_net_sales_by_month(lake: Lake) -> None:
    """Cancelled orders are no sales, a refund takes off in its own month, orders come before invoices."""
    subjects = pl.DataFrame({"subject": [0], "merchant_id": ["m1"], "as_of_day": [date_to_day(AS_OF)]})
    series = build(lake, subjects, processes=0).series.filter(pl.col("source") == "orders")
    assert dict(series.select("month", "net_fen").iter_rows()) == {0: 10_000, 1: 4_000, 3: 20_000, 13: 5_000}


def test_what_a_source_never_records_is_unknown(
    tmp_path_factory: pytest.TempPathFactory, fill: Callable[[Path, Path], Lake]
) -> None:
    """Orders with deadlines but no column of hand-overs or deliveries say nothing of lateness."""
    folder = tmp_path_factory.mktemp("untracked")
    source = folder / "source"
    write_csv(source / "merchants.csv", [["merchant_id", "opened_on"], ["m1", "2024-01-01"]])
    header = ["order_id", "merchant_id", "ordered_at", "amount", "ship_by_at", "promised_on"]
    write_csv(source / "orders.csv", [header, ["o1", "m1", ago(30), "10", ago(28), ago(20)[:10]]])
    lake = fill(source, folder / "lake")
    subjects = pl.DataFrame({"subject": [0], "merchant_id": ["m1"], "as_of_day": [date_to_day(AS_OF)]})
    row = build(lake, subjects, processes=0).features.row(0, named=True)
    late = [
        row[name]
        for name in ("late_handover_share_180d", "late_delivery_share_180d", "undelivered_share_180d")
    ]
    assert late == [None, None, None]
    assert row["cancelled_share_180d"] == 0.0


def test_an_order_number_belongs_to_its_merchant(
    tmp_path_factory: pytest.TempPathFactory, fill: Callable[[Path, Path], Lake]
) -> None:
    """One order number at two merchants (an order over two sellers) is a sale of each, whatever their buckets."""
    folder = tmp_path_factory.mktemp("shared")
    source = folder / "source"
    names = [f"m{n}" for n in range(40)]
    write_csv(source / "merchants.csv", [["merchant_id", "opened_on"], *([m, "2024-01-01"] for m in names)])
    header = ["order_id", "merchant_id", "ordered_at", "amount"]
    write_csv(source / "orders.csv", [header, *(["o1", m, ago(3), str(n + 1)] for n, m in enumerate(names))])
    lake = fill(source, folder / "lake")
    state = lake.manifest.tables["orders"]
    assert (state.rows, state.quarantined, state.superseded) == (40, 0, ())
    days = [date_to_day(AS_OF)] * 40
    subjects = pl.DataFrame({"subject": list(range(40)), "merchant_id": names, "as_of_day": days})
    assert build(lake, subjects, processes=0).features["gmv_365d"].to_list() == [n + 1.0 for n in range(40)]
