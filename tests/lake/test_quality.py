"""The measures of data quality, on a lake small enough to count by hand."""

from collections import Counter
from datetime import date, timedelta

import pytest

from suixin.lake.contract import Column, Kind
from suixin.lake.quality import Quality, assess_quality
from suixin.lake.quality_measure import LIMITS, Measure, measure
from suixin.lake.quality_tally import coarse, quantile, stability
from suixin.lake.store import Lake
from suixin.lake.tables import TABLES

MERCHANT = "merchant_id,region_code,opened_on\nm1,990000001001,2024-01-01\nm2,990000001002,2024-01-01\n"
ORDER = "order_id,merchant_id,buyer_id,ordered_at,paid_at,amount,freight,delivered_at,cancelled_at\n"
ORDERS = (
    "o1,m1,b1,2025-01-05 10:00,2025-01-05 10:01,10.00,2.00,2025-01-08 09:00,\n"
    "o2,m1,b2,2025-01-06 10:00,2025-01-06 10:01,20.00,,2025-01-09 09:00,\n"
    "o3,m1,,2025-03-06 10:00,2025-03-06 10:01,30.00,1.00,,\n"
    "o4,m2,b4,2025-07-01 10:00,2025-07-01 10:01,40.00,0.00,2025-07-03 09:00,\n"
    "o5,m2,b5,2025-07-02 10:00,,50.00,0.00,,2025-07-02 11:00\n"
)


def write_csv(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def build(load, folder, lake, **tables: str) -> Quality:
    """The quality of a lake with these files and the five orders."""
    for name, text in {"merchants": MERCHANT, "orders": ORDER + ORDERS, **tables}.items():
        write_csv(folder / f"{name}.csv", text)
    load(folder)
    return assess_quality(Lake.open(lake))


def found(quality: Quality, table: str, code: str, subject: str = "") -> Measure:
    (held,) = (t for t in quality.tables if t.name == table)
    (one,) = (m for m in held.measures if (m.code, m.subject) == (code, subject))
    return one


def told(one: Measure) -> tuple[int, int, str]:
    return one.count, one.of, one.grade


def test_completeness_counts_empty_values(load, tmp_path, lake):
    """Protects the first figure that a reader looks for: empty values a column, and columns nobody supplied."""
    quality = build(load, tmp_path / "s", lake)
    assert told(found(quality, "orders", "empty_column", "buyer_id")) == (1, 5, "watch")
    assert told(found(quality, "orders", "empty_column", "freight")) == (1, 5, "watch")
    assert told(found(quality, "orders", "empty_column", "device_id")) == (5, 5, "absent")
    assert told(found(quality, "orders", "merchants_with_rows")) == (2, 2, "info")
    (orders,) = (t for t in quality.tables if t.name == "orders")
    (buyer,) = (c for c in orders.columns if c.column == "buyer_id")
    assert (buyer.filled, buyer.rows) == (4, 5)
    assert buyer.by_merchant == pytest.approx((2 / 3, 1.0, 1.0))


def test_a_missing_table_is_absent_and_no_fault(load, tmp_path, lake):
    """Protects public sets: what was never supplied is said to be absent, and no measure is made up for it."""
    quality = build(load, tmp_path / "s", lake)
    absent = [t for t in quality.tables if t.grade == "absent"]
    assert {t.name for t in absent} == set(TABLES) - {"merchants", "orders"}
    assert all(t.measures == () and t.rows == 0 for t in absent)
    assert [t.name for t in quality.tables] == list(TABLES)


def test_timeliness_is_counted_to_the_last_day_of_the_lake(load, tmp_path, lake):
    """Protects against the clock: the last fact is of 2 July 2025, and so is the day of reckoning."""
    quality = build(load, tmp_path / "s", lake)
    assert quality.last_on == "2025-07-02"
    assert found(quality, "orders", "age_days").value == 0
    quiet = found(quality, "orders", "quiet_merchants")  # m1 last sold on 6 March, 118 days before
    assert (told(quiet), quiet.examples) == ((1, 2, "bad"), ({"merchant_id": "m1"},))
    assert told(found(quality, "orders", "open_too_long", "delivered_at")) == (1, 3, "bad")  # o3
    assert told(found(quality, "orders", "open_too_long", "paid_at")) == (0, 3, "ok")  # o5 was cancelled


def test_lag_is_from_happened_to_known(load, tmp_path, lake):
    """Protects late data: two of five reviews became known 10 and 90 days after they were written."""
    rows = "review_id,order_id,merchant_id,reviewed_at,score,known_at\n" + "".join(
        f"r{n},o1,m1,2025-02-0{n} 08:00,5,{date(2025, 2, n) + timedelta(days=lag)} 08:00\n"
        for n, lag in ((1, 0), (2, 0), (3, 0), (4, 10), (5, 90))
    )
    quality = build(load, tmp_path / "s", lake, reviews=rows)
    assert found(quality, "reviews", "lag_median").value == 0
    late = found(quality, "reviews", "lag_days")
    assert (late.value, late.count, late.of, late.grade) == (90, 2, 5, "bad")


PAYMENT = "payment_id,order_id,merchant_id,paid_at,amount\n"
ITEM = "order_id,line_no,merchant_id,sku_id,ordered_at,quantity,amount\n"
REFUND = "refund_id,order_id,merchant_id,refunded_at,amount\n"
SETTLED = "settlement_id,merchant_id,settled_at,gross,fees,refunds,net\n"
SHIPMENT = "shipment_id,order_id,merchant_id,collected_at,delivered_at\n"
FLOW = "cashflow_id,merchant_id,occurred_at,amount,balance\n"
EXPOSURE = "exposure_id,merchant_id,lender_id,kind,source,reported_on,balance,monthly_service\n"
INVOICE = "invoice_id,merchant_id,direction,issued_on,amount,tax,total\n"


@pytest.mark.parametrize(
    ("table", "code", "rows", "expected", "example"),
    [
        (
            "order_items",
            "items_sum",
            ITEM + "o1,1,m1,s,2025-01-05 10:00,1,4.00\no1,2,m1,s,2025-01-05 10:00,1,6.00\n"
            "o2,1,m1,s,2025-01-06 10:00,1,19.99\n",
            (1, 2),
            {"merchant_id": "m1", "order_id": "o2"},
        ),
        (
            "payments",
            "payments_sum",
            PAYMENT + "p1,o1,m1,2025-01-05 10:01,5.00\np2,o1,m1,2025-01-05 10:01,7.00\n"
            "p3,o2,m1,2025-01-06 10:01,20.01\n",
            (1, 2),
            {"merchant_id": "m1", "order_id": "o2"},
        ),
        (
            "payments",
            "order_missing",
            PAYMENT + "p1,o1,m1,2025-01-05 10:01,12.00\np2,o9,m1,2025-01-05 10:01,7.00\n",
            (1, 2),
            {"merchant_id": "m1", "payment_id": "p2", "order_id": "o9"},
        ),
        (
            "payments",
            "paid_early",
            PAYMENT + "p1,o1,m1,2025-01-05 09:59,12.00\np2,o2,m1,2025-01-06 10:00,20.00\n",
            (1, 2),
            {"merchant_id": "m1", "payment_id": "p1"},
        ),
        (
            "settlements",
            "settlement_net",
            SETTLED
            + "a,m1,2025-01-20 02:00,12.00,1.00,0.00,11.00\nb,m1,2025-01-27 02:00,20.00,1.00,2.00,18.00\n",
            (1, 2),
            {"merchant_id": "m1", "settlement_id": "b"},
        ),
        (
            "settlements",
            "settled_more",
            SETTLED
            + "a,m1,2025-02-20 02:00,32.00,0.00,0.00,32.00\nb,m2,2025-07-20 02:00,90.00,0.00,0.00,90.00\n",
            (1, 2),
            {"merchant_id": "m2"},
        ),
        (
            "shipments",
            "shipped_early",
            SHIPMENT
            + "s1,o1,m1,2025-01-04 10:00,2025-01-08 09:00\ns2,o2,m1,2025-01-07 10:00,2025-01-09 09:00\n",
            (1, 2),
            {"merchant_id": "m1", "shipment_id": "s1"},
        ),
        (
            "shipments",
            "delivery_differs",
            SHIPMENT
            + "s1,o1,m1,2025-01-06 10:00,2025-01-09 09:00\ns2,o2,m1,2025-01-07 10:00,2025-01-11 09:00\n",
            (1, 2),
            {"merchant_id": "m1", "order_id": "o2"},
        ),
        (
            "refunds",
            "refunded_more",
            REFUND
            + "f1,o1,m1,2025-01-10 10:00,6.00\nf2,o1,m1,2025-01-11 10:00,6.01\nf3,o2,m1,2025-01-11 10:00,9\n",
            (1, 2),
            {"merchant_id": "m1", "order_id": "o1"},
        ),
        (
            "cashflows",
            "balance_chain",
            FLOW + "c1,m1,2025-01-01 09:00,5.00,5.00\nc2,m1,2025-01-02 09:00,-2.00,3.00\n"
            "c3,m1,2025-01-03 09:00,1.00,4.50\nc4,m2,2025-01-01 09:00,1.00,9.00\n",
            (1, 2),
            {"merchant_id": "m1", "cashflow_id": "c3"},
        ),
        (
            "exposures",
            "debt_of_none",
            EXPOSURE + "e1,m1,l,none,bureau,2025-01-01,0,0\ne2,m1,l,none,bureau,2025-04-01,7.00,0\n",
            (1, 2),
            {"merchant_id": "m1", "exposure_id": "e2"},
        ),
        (
            "invoices",
            "invoice_total",
            INVOICE + "i1,m1,sales,2025-01-31,100,9,109\ni2,m1,sales,2025-02-28,-100,-9,-108\n",
            (1, 2),
            {"merchant_id": "m1", "direction": "sales", "invoice_id": "i2"},
        ),
    ],
)
def test_rules_find_exactly_the_broken_fact(load, tmp_path, lake, table, code, rows, expected, example):
    """Protects each rule: one fact of two is broken, and its key is the example."""
    one = found(build(load, tmp_path / "s", lake, **{table: rows}), table, code)
    assert (one.count, one.of) == expected
    assert one.examples == (example,)
    assert one.grade == "bad"


def test_movements_of_one_day_need_no_order(load, tmp_path, lake):
    """Protects banks that give days only: of three movements on a day any order that fits will do."""
    rows = (
        "c1,m1,2025-01-01,5.00,5.00\n"
        "c4,m1,2025-01-02,-2.00,3.00\nc3,m1,2025-01-02,10.00,13.00\nc2,m1,2025-01-02,-1.00,12.00\n"
        "c5,m1,2025-01-03,1.00,13.00\n"
    )
    one = found(build(load, tmp_path / "s", lake, cashflows=FLOW + rows), "cashflows", "balance_chain")
    assert told(one) == (0, 2, "ok")


def test_refunds_lower_what_may_be_settled(load, tmp_path, lake):
    """Protects genuine sales: 32 sold, 12 refunded a week before, so 32 paid out net is too much."""
    settled = SETTLED + "a,m1,2025-02-20 02:00,32.00,0.00,0.00,32.00\n"
    back = REFUND + "f1,o1,m1,2025-01-10 10:00,12.00\n"
    one = found(
        build(load, tmp_path / "s", lake, settlements=settled, refunds=back), "settlements", "settled_more"
    )
    assert told(one) == (1, 1, "bad")


def test_places_and_parties_must_be_on_record(load, tmp_path, lake):
    """Protects the map: m2 lies in a village that the regions do not have."""
    regions = "region_code,level,valid_from_on\n990000001001,village,2000-01-01\n"
    one = found(build(load, tmp_path / "s", lake, regions=regions), "merchants", "unknown_region")
    assert (told(one), one.examples) == (
        (1, 2, "bad"),
        ({"merchant_id": "m2", "region_code": "990000001002"},),
    )


def test_quarantine_is_counted_by_rule(load, tmp_path, lake):
    """Protects the view of what was set aside: the rule, how often, in which file and row; nothing of the row."""
    bad = "o6,m1,b,2025-07-02 10:00,,-1.00,0,,\no7,m1,b,2025-07-02 10:00,,,0,,\n"
    quality = build(load, tmp_path / "s", lake, orders=ORDER + ORDERS + bad)
    assert told(found(quality, "orders", "quarantined")) == (2, 7, "bad")
    one = found(quality, "orders", "set_aside", "negative_amount")
    assert (told(one), one.examples) == ((1, 7, "info"), ({"file": "orders.csv", "row": "6"},))
    assert told(found(quality, "orders", "set_aside", "missing_value")) == (1, 7, "info")


def test_corrections_are_versions_and_not_rows(load, tmp_path, lake):
    """Protects counts: a correction replaces the row, so six versions are five orders."""
    build(load, tmp_path / "s", lake)
    changed = (
        "order_id,merchant_id,ordered_at,amount,known_at\no2,m1,2025-01-06 10:00,21.00,2025-02-01 00:00\n"
    )
    write_csv(tmp_path / "later" / "orders.csv", changed)
    load(tmp_path / "later")
    quality = assess_quality(Lake.open(lake))
    assert told(found(quality, "orders", "superseded")) == (1, 6, "info")
    (orders,) = (t for t in quality.tables if t.name == "orders")
    assert orders.rows == 5


def test_months_without_rows_are_found(load, tmp_path, lake):
    """Protects against a gap: orders of January, March and July leave four months of seven empty."""
    quality = build(load, tmp_path / "s", lake)
    gaps = found(quality, "orders", "missing_months")
    assert (gaps.value, gaps.of, gaps.grade) == (4, 7, "bad")
    assert [e["month"] for e in gaps.examples] == ["2025-02", "2025-04", "2025-05", "2025-06"]
    (orders,) = (t for t in quality.tables if t.name == "orders")
    assert [m.rows for m in orders.months] == [2, 0, 1, 0, 0, 0, 2]
    assert orders.months[2].median == pytest.approx(3000, rel=0.1)  # minor units


def test_the_last_ingest_is_compared_with_what_was_there(load, tmp_path, lake):
    """Protects against a broken delivery: amounts that came as cents stand out against those before."""

    def orders(name, month, amount):
        rows = (
            f"{name}{n},m1,b,2025-0{month}-{1 + n % 28:02d} 10:00,,{amount + n % 7},0,,\n" for n in range(300)
        )
        return ORDER + "".join(rows)

    first = build(load, tmp_path / "s", lake, orders=orders("a", 1, 100))
    assert not first.compared
    for name, month, amount, grade in (("b", 2, 100, "ok"), ("c", 3, 1, "bad")):
        write_csv(tmp_path / name / "orders.csv", orders(name, month, amount))
        load(tmp_path / name)
        quality = assess_quality(Lake.open(lake))
        one = found(quality, "orders", "psi_ingest", "amount")
        assert (quality.compared, one.grade, one.count) == (True, grade, 300)
    assert one.of == 600


def test_stability_index_of_a_known_shift():
    """Protects the formula: from 50:50 to 90:10 the index is 0.4 ln 1.8 - 0.4 ln 0.2 = 0.8789."""
    assert stability(Counter(a=50, b=50), Counter(a=90, b=10)) == pytest.approx(0.87889, abs=1e-5)
    assert stability(Counter(a=50), Counter(a=7)) == pytest.approx(0.0)
    assert stability(Counter(), Counter(a=7)) is None


def test_quantiles_of_counted_days():
    """Protects percentiles: of 94 rows at once and 6 after nine days the median is 0 and P95 nine."""
    days = Counter({0: 94, 9: 6})
    assert (quantile(days, 0.5), quantile(days, 0.94), quantile(days, 0.95)) == (0, 0, 9)
    assert quantile(Counter(), 0.5) is None


def test_bins_of_the_index_keep_the_sign():
    """Protects accounts: money that leaves and money that comes are different bins, no value is its own."""
    amount = Column("amount", Kind.MONEY, "", "")
    assert [coarse(amount, key) for key in ("-12", "12", "14", "")] == ["-3", "2", "2", ""]


@pytest.mark.parametrize(
    ("share", "grade"), [(0.05, "ok"), (0.0501, "watch"), (0.30, "watch"), (0.3001, "bad")]
)
def test_grades_keep_to_the_stated_thresholds(share, grade):
    """Protects the verdict: a value at the threshold is still on its better side."""
    one = measure("completeness", "empty_column", "x", count=1, of=1, value=share)
    assert (one.grade, one.watch, one.bad) == (grade, *LIMITS["empty_column"])


def test_examples_hide_personal_numbers(load, tmp_path, lake):
    """Protects people: a telephone number used as a buyer's region or order number is masked in the examples."""
    rows = PAYMENT + "p2,13812341234,m1,2025-01-05 10:01,7.00\n"
    one = found(build(load, tmp_path / "s", lake, payments=rows), "payments", "order_missing")
    assert one.examples == ({"merchant_id": "m1", "payment_id": "p2", "order_id": "138****1234"},)
