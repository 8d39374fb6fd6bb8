"""A village written by hand: three merchants with rows in every standard table, and every sign of self-dealing.

Amounts are whole and small, so that every sum of a feature is exact in whatever order an engine adds.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from suixin.calendar import date_to_day

AS_OF = date(2026, 1, 1)
MERCHANTS = ("m1", "m2", "m3")

Row = dict[str, str]
Tables = dict[str, list[Row]]


def at(days: int, hour: int = 9) -> str:
    """The time so many days before the as-of date."""
    return f"{on(days)} {hour:02d}:00:00"


def on(days: int) -> str:
    """The date so many days before the as-of date."""
    return str(AS_OF - timedelta(days=days))


def write(folder: Path, tables: Mapping[str, Sequence[Row]]) -> Path:
    """Write the tables as files that follow the standard; a value that a row does not name is empty."""
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def asking(*dates: date, merchants: Iterable[str] = MERCHANTS) -> pl.DataFrame:
    """Every merchant on every date (the village's own if none is named)."""
    pairs = [(merchant, date_to_day(day)) for merchant in merchants for day in dates or (AS_OF,)]
    schema = {"merchant_id": pl.String(), "as_of_day": pl.Int32()}
    frame = pl.DataFrame(pairs, schema=schema, orient="row").with_row_index("subject")
    return frame.with_columns(pl.col("subject").cast(pl.Int64))


def village() -> Tables:
    """The rows of every standard table."""
    return {**_places(), **_people(), **_trade(), **_money(), **_credit()}


def _rows(columns: str, *values: tuple[object, ...]) -> list[Row]:
    names = columns.split()
    return [{name: str(value) for name, value in zip(names, row, strict=True)} for row in values]


def _places() -> Tables:
    weather = [("t0", on(back + 1), -1 if back < 3 else 5, 40 if back < 2 else 12, 2) for back in range(90)]
    weather += [("t0", on(back + 366), 5, 10, 1) for back in range(90)]
    return {
        "regions": _rows(
            "region_code parent_code level name lon lat valid_from_on",
            ("c0", "", "county", "county", 110, 30.5, "2000-01-01"),
            ("t0", "c0", "township", "town", 110.25, 30.25, "2000-01-01"),
            ("v1", "t0", "village", "village", 110, 30, "2000-01-01"),
            ("t1", "", "township", "east", 111, 30, "2000-01-01"),
            ("t2", "", "township", "north", 110, 31, "2000-01-01"),
        ),
        "weather": _rows("region_code observed_on tmin_c tmax_c prcp_mm", *weather),
        "prices": _rows(
            "commodity market priced_on price unit",
            *(
                ("tea", "town", on(back), yuan, "kg")
                for back, yuan in ((10, 6), (100, 3), (300, 3), (370, 5))
            ),
        ),
        "crop_calendar": _rows(
            "crop month grows harvested valid_from_on",
            ("tea", 1, "true", "false", "2000-01-01"),
            ("tea", 3, "false", "true", "2000-01-01"),
        ),
    }


def _people() -> Tables:
    return {
        "parties": _rows(
            "party_id kind members registered_on",
            ("hh1", "household", 4, on(700)),
            ("owner1", "person", "", on(700)),
            ("biz1", "enterprise", "", on(700)),
        ),
        "identities": _rows("party_id name recorded_on", ("owner1", "Li", on(700))),
        "relations": _rows(
            "party_id other_party_id kind since_on ended_on",
            ("owner1", "biz1", "legal_rep", on(600), ""),
            ("wife", "owner1", "spouse", on(600), ""),
            ("owner1", "hh1", "household", on(600), ""),
            ("owner1", "coop", "member_of", on(600), ""),
            ("friend", "owner1", "shared_phone", on(600), ""),
            ("owner2", "owner1", "guarantor_of", on(600), ""),
            ("owner3", "owner1", "guarantor_of", on(900), on(500)),
        ),
        "merchants": _rows(
            "merchant_id party_id region_code crop opened_on",
            ("m1", "biz1", "v1", "tea", on(700)),
            ("m2", "owner2", "v1", "tea", on(700)),
            ("m3", "owner3", "", "", on(700)),
        ),
    }  # fmt: skip


def _trade() -> Tables:
    # What is to be seen: a wife who buys too much, a payment that goes back, an empty parcel and a parcel that no
    # station has seen, both praised at once; and three honest orders, one late, one lost, one cancelled.
    orders = [
        # order, buyer, town, days ago, yuan, delivered days ago, cancelled days ago
        ("wife1", "wife", "t1", 12, 70, 10, ""),
        ("wife2", "wife", "t1", 22, 80, 20, ""),
        ("wife3", "wife", "t1", 32, 90, 30, ""),
        ("ring", "b1", "t1", 42, 300, 40, ""),
        ("empty", "b2", "t2", 52, 110, 50, ""),
        ("unseen", "b3", "t2", 62, 120, 60, ""),
        ("town", "b4", "t2", 72, 130, 70, ""),
        ("hub", "b5", "t1", 82, 140, 80, ""),
        ("late", "b6", "t1", 92, 150, 80, ""),
        ("lost", "b6", "t2", 102, 160, "", ""),
        ("off", "b7", "t2", 112, 170, "", 111),
        ("old", "b6", "t1", 402, 40, 400, ""),
        ("wife4", "wife", "t1", 17, 60, 15, ""),
        ("wife5", "wife", "t1", 27, 50, 25, ""),
    ]
    sold: list[tuple[object, ...]] = []
    for name, buyer, town, ago, yuan, arrived, stopped in orders:
        delivered = at(int(str(arrived)), 8) if arrived else ""
        cancelled = at(int(str(stopped)), 8) if stopped else ""
        handed = at(ago - 1) if name not in ("lost", "off") else ""
        sold.append(
            (
                name,
                "m1",
                buyer,
                town,
                "",
                "",
                at(ago),
                at(ago),
                yuan,
                at(ago - 2),
                on(ago - 5),
                handed,
                delivered,
                cancelled,
            )
        )
    sold.append(("m2a", "m2", "b6", "t1", "d1", "a1", at(30), at(30), 500, "", "", "", at(27), ""))
    scans = {
        "wife1": 11,
        "wife2": 21,
        "wife3": 31,
        "wife4": 16,
        "wife5": 26,
        "ring": 41,
        "empty": 51,
        "town": 71,
        "late": 91,
        "old": 401,
    }
    parcels: list[tuple[object, ...]] = [
        (
            f"s-{name}",
            name,
            "m1",
            50 if name == "empty" else 2000,
            at(ago - 1),
            at(scan, 12),
            "",
            at(ago - 2, 13),
        )
        for (name, _, _, ago, *_), scan in ((order, scans[order[0]]) for order in orders if order[0] in scans)
    ]
    parcels += [
        ("s-unseen", "unseen", "m1", 2000, at(61), "", "", at(59)),
        ("s-hub", "hub", "m1", 3000, at(81), "", at(81, 12), ""),
    ]
    praised = (("empty", 49), ("unseen", 59), ("town", 69), ("hub", 79))
    return {
        "orders": _rows(
            "order_id merchant_id buyer_id buyer_region device_id address_id ordered_at paid_at amount ship_by_at promised_on "
            "handed_at delivered_at cancelled_at",
            *sold,
        ),
        "order_items": _rows(
            "order_id line_no merchant_id sku_id ordered_at quantity amount",
            *((name, 1, "m1", "a" if ago < 50 else "c" if name == "late" else "b", at(ago), 1, yuan) for name, _, _, ago, yuan, *_ in orders),
        ),
        "shipments": _rows(
            "shipment_id order_id merchant_id weight_g collected_at township_at county_at delivered_at", *parcels
        ),
        "reviews": _rows(
            "review_id order_id merchant_id reviewed_at score",
            *((f"r-{name}", name, "m1", at(ago), 5) for name, ago in praised),
            ("r-late", "late", "m1", at(70), 2),
        ),
        "refunds": _rows(
            "refund_id order_id merchant_id refunded_at amount",
            ("f1", "late", "m1", at(60), 30),
            ("f2", "off", "m1", at(110), 100),
            ("f3", "wife1", "m1", at(8), 70),
        ),
        "payments": _rows(
            "payment_id order_id merchant_id paid_at payer_id amount",
            ("y1", "ring", "m1", at(42), "purse", 300),
            ("y2", "late", "m1", at(92), "other", 150),
        ),
    }  # fmt: skip


def _money() -> Tables:
    return {
        "settlements": _rows(
            "settlement_id merchant_id settled_at gross fees refunds net",
            ("p1", "m1", at(30), 500, 20, 60, 420),
            ("p2", "m1", at(200), 300, 20, 0, 280),
        ),
        "cashflows": _rows(
            "cashflow_id merchant_id occurred_at kind counterparty_id amount balance",
            ("c1", "m1", at(10), "sale", "", 420, 500),
            ("c2", "m1", at(37), "transfer", "purse", -290, 80),
            ("c3", "m1", at(40), "failed_debit", "", 0, -20),
            ("c4", "m1", at(200), "sale", "", 300, 380),
        ),
        "invoices": _rows(
            "invoice_id merchant_id direction counterparty_id issued_on amount tax total voided_on",
            ("i1", "m1", "sales", "k1", on(20), 1000, 100, 1100, ""),
            ("i2", "m1", "sales", "k1", on(15), -90, -10, -100, ""),
            ("i3", "m1", "sales", "k2", on(10), 700, 0, 700, on(3)),
            ("i4", "m1", "purchase", "k3", on(60), 400, 0, 400, ""),
            ("i5", "m1", "sales", "k3", on(500), 500, 0, 500, ""),
        ),
    }


def _credit() -> Tables:
    return {
        "exposures": _rows(
            "exposure_id merchant_id lender_id kind source reported_on balance monthly_service",
            ("e1", "m1", "bank", "loan", "bureau", on(30), 20000, 1000),
            ("e2", "m1", "uncle", "loan", "declared", on(10), 5000, 0),
            ("e3", "m2", "bank", "loan", "bureau", on(20), 3000, 200),
            ("e4", "m3", "bank", "loan", "bureau", on(20), 7000, 300),
        ),
        "inquiries": _rows(
            "inquiry_id merchant_id lender_id inquired_on", ("q1", "m1", "bank", on(10)), ("q2", "m1", "shop", on(60))
        ),
        "applications": _rows(
            "application_id merchant_id applied_at amount term_months", ("a1", "m1", at(12), 9000, 12)
        ),
        "loans": _rows(
            "loan_id merchant_id granted_on principal annual_rate term_months closed_on",
            ("l1", "m1", on(500), 5000, 0.06, 12, on(140)),
            ("l2", "m1", on(100), 8000, 0.06, 12, ""),
        ),
        "outcomes": _rows(
            "merchant_id as_of_on horizon_days definition defaulted", ("m1", on(450), 365, "dpd90", "true")
        ),
    }  # fmt: skip


_NAMED = {
    "merchant_id", "party_id", "other_party_id", "buyer_id", "payer_id", "counterparty_id", "region_code", "parent_code",
    "buyer_region", "crop", "commodity",
}  # fmt: skip


def clone(tables: Tables, prefix: str) -> Tables:
    """The same village under other names, so that many can lie in one lake without knowing of each other."""
    return {
        name: [{c: prefix + v if v and c in _NAMED else v for c, v in row.items()} for row in rows]
        for name, rows in tables.items()
    }


def together(villages: Iterable[Tables]) -> Tables:
    """The rows of many villages."""
    whole: Tables = {}
    for tables in villages:
        for name, rows in tables.items():
            whole.setdefault(name, []).extend(rows)
    return whole
