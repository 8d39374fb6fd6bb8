"""A few rows in the layout of the Olist set, under its long names and as CSV: what becomes of each."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from samples import write_csv
from suixin.adapters import open_source
from suixin.errors import SourceError
from suixin.lake.ingest import IngestReport, ingest
from suixin.lake.quarantine import stored
from suixin.lake.store import Lake

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ORDER = ["order_id", "customer_id", "order_status", "order_purchase_timestamp", "order_approved_at"]
ORDER += ["order_delivered_carrier_date", "order_delivered_customer_date", "order_estimated_delivery_date"]
ITEM = [
    "order_id",
    "order_item_id",
    "product_id",
    "seller_id",
    "shipping_limit_date",
    "price",
    "freight_value",
]
FILES = {
    "olist_sellers_dataset": [
        ["seller_id", "seller_zip_code_prefix", "seller_city", "seller_state"],
        ["s1", "01001", "sao paulo", "SP"],
        ["s2", "20031", "rio de janeiro", "RJ"],
        ["s3", "30100", "belo horizonte", "MG"],
    ],
    "olist_orders_dataset": [
        ORDER,
        ["two", "c1", "delivered", "2018-01-05 10:00:00", "2018-01-05 10:20:00", "2018-01-06 09:00:00",
         "2018-01-09 18:00:00", "2018-01-20 00:00:00"],
        ["stopped", "c2", "canceled", "2018-01-06 11:00:00", "", "", "", "2018-01-25 00:00:00"],
        ["nowhere", "c2", "unavailable", "2018-01-07 11:00:00", "2018-01-07 12:00:00", "", "", "2018-01-25 00:00:00"],
        ["empty", "c2", "created", "2018-01-08 11:00:00", "", "", "", "2018-01-25 00:00:00"],
    ],
    "olist_order_items_dataset": [
        ITEM,
        ["two", "1", "p1", "s1", "2018-01-08 10:20:00", "10.00", "0.00"],
        ["two", "2", "p2", "s2", "2018-01-09 10:20:00", "15.00", "5.00"],
        ["stopped", "1", "p1", "s1", "2018-01-12 10:20:00", "10.00", "2.00"],
        ["nowhere", "1", "p1", "s1", "2018-01-12 10:20:00", "10.00", "2.00"],
        ["gone", "1", "p1", "s1", "2018-01-12 10:20:00", "10.00", "2.00"],
    ],
    "olist_order_payments_dataset": [
        ["order_id", "payment_sequential", "payment_type", "payment_installments", "payment_value"],
        ["two", "1", "credit_card", "3", "20.00"],
        ["two", "2", "voucher", "1", "10.00"],
        ["stopped", "1", "boleto", "1", "12.00"],
    ],
    "olist_order_reviews_dataset": [
        ["review_id", "order_id", "review_score", "review_creation_date", "review_answer_timestamp"],
        ["r1", "two", "4", "2018-01-10 00:00:00", "2018-01-12 08:00:00"],
        ["", "stopped", "1", "2017-10-15 00:00:00", "2017-10-16 08:00:00"],
    ],
    "olist_customers_dataset": [
        ["customer_id", "customer_unique_id", "customer_zip_code_prefix", "customer_city", "customer_state"],
        ["c1", "person", "01310", "sao paulo", "SP"],
    ],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for stem, rows in FILES.items():
        write_csv(tmp_path / "set" / f"{stem}.csv", rows)
    return tmp_path / "set"


@pytest.fixture
def lake(folder: Path, tmp_path: Path) -> tuple[IngestReport, Lake]:
    report = ingest(open_source("olist", folder), tmp_path / "lake", now=NOW)
    return report, Lake.open(tmp_path / "lake")


def test_an_order_over_two_sellers_is_one_row_each(lake: tuple[IngestReport, Lake]) -> None:
    """Each seller's own goods, freight and deadline; the buyer is the person, not the customer of one order."""
    rows = lake[1].whole("orders").filter(pl.col("order_id") == "two").sort("merchant_id").collect()
    columns = ("merchant_id", "amount_fen", "freight_fen", "ship_by_day", "buyer_id", "buyer_region")
    assert rows.select(columns).rows() == [
        ("s1", 1_000, 0, 17_539, "person", "BR-01310"),
        ("s2", 1_500, 500, 17_540, "person", "BR-01310"),
    ]


def test_a_payment_is_shared_and_the_last_takes_the_rest(lake: tuple[IngestReport, Lake]) -> None:
    """20.00 and 10.00 over charges of 10.00 and 20.00: 6.66 and 13.34, then 3.34 and 6.66: in all, what each charged."""
    rows = lake[1].whole("payments").sort("payment_id", "merchant_id").collect()
    assert rows.select("payment_id", "merchant_id", "amount_fen").rows() == [
        ("two-1", "s1", 666),
        ("two-1", "s2", 1_334),
        ("two-2", "s1", 334),
        ("two-2", "s2", 666),
    ]


def test_a_cancelled_order_ends_with_its_promised_day(lake: tuple[IngestReport, Lake]) -> None:
    """The source gives no time of cancellation, so it is known on the evening of the promised day."""
    row = lake[1].whole("orders").filter(pl.col("order_id") == "stopped").collect().row(0, named=True)
    assert row["cancelled_at"] == datetime(2018, 1, 26, 1, 59, 59, tzinfo=UTC)  # two hours behind in summer
    assert row["paid_at"] is None


def test_nothing_vanishes(lake: tuple[IngestReport, Lake]) -> None:
    """Orders without a seller, an item without its order and a payment that was never approved are set aside."""
    report, held = lake
    for table in report.tables.values():
        assert table.read == table.accepted + table.already_there + table.quarantined
    aside = {
        name: stored(held, name).select("row", "column").rows()
        for name in ("orders", "order_items", "payments")
    }
    assert aside == {
        "orders": [(3, "merchant_id"), (4, "merchant_id")],
        "order_items": [(4, "merchant_id"), (5, "ordered_at")],
        "payments": [(3, "paid_at")],
    }


def test_a_seller_without_orders_opens_on_the_last_day(lake: tuple[IngestReport, Lake]) -> None:
    """What is not known of a seller is not taken from later: he enters on the day of the set's last order."""
    rows = lake[1].whole("merchants").sort("merchant_id").select("merchant_id", "opened_on").collect().rows()
    assert [(name, str(day)) for name, day in rows] == [
        ("s1", "2018-01-05"),
        ("s2", "2018-01-05"),
        ("s3", "2018-01-07"),
    ]


def test_a_review_on_a_day_without_midnight_is_kept(lake: tuple[IngestReport, Lake]) -> None:
    """15 October 2017 began at one o'clock in São Paulo; a review without number is known by order, day and score."""
    row = lake[1].whole("reviews").filter(pl.col("order_id") == "stopped").collect().row(0, named=True)
    assert row["review_id"] == "stopped-20171015-1"
    assert row["reviewed_at"] == datetime(2017, 10, 15, 3, tzinfo=UTC)


def test_a_missing_file_is_named(folder: Path) -> None:
    """Without payments it is not the Olist set."""
    (folder / "olist_order_payments_dataset.csv").unlink()
    with pytest.raises(SourceError, match="it lacks order_payments"):
        open_source("olist", folder)


def test_a_missing_column_is_named(folder: Path, tmp_path: Path) -> None:
    """A file without a needed column is refused whole, in one line."""
    rows = [row[:2] + row[3:] for row in FILES["olist_orders_dataset"]]
    write_csv(folder / "olist_orders_dataset.csv", rows)
    with pytest.raises(SourceError, match="lacks the columns order_status"):
        ingest(open_source("olist", folder), tmp_path / "lake", now=NOW)
