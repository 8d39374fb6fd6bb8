"""Damaged and shuffled sources: never anything but one line of error, never a lost row, whatever the order."""

import random
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samples import MERCHANTS, ORDERS, write_csv
from suixin.adapters import open_source
from suixin.errors import SuixinError
from suixin.lake.ingest import IngestReport, ingest
from suixin.lake.store import Lake

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

OLIST = {
    "sellers": {"seller_id": "s1", "seller_zip_code_prefix": "1001", "seller_city": "x", "seller_state": "SP"},
    "orders": {
        "order_id": "o1", "customer_id": "c1", "order_status": "delivered",
        "order_purchase_timestamp": "2018-01-05 10:00:00", "order_approved_at": "2018-01-05 10:20:00",
        "order_delivered_carrier_date": "2018-01-06 09:00:00", "order_delivered_customer_date": "",
        "order_estimated_delivery_date": "2018-01-20 00:00:00",
    },
    "order_items": {
        "order_id": "o1", "order_item_id": "1", "product_id": "p", "seller_id": "s1",
        "shipping_limit_date": "2018-01-08 10:20:00", "price": "10.00", "freight_value": "2.00",
    },
    "order_payments": {"order_id": "o1", "payment_sequential": "1", "payment_type": "boleto", "payment_value": "12"},
    "order_reviews": {
        "review_id": "r", "order_id": "o1", "review_score": "5", "review_creation_date": "2018-01-10 00:00:00",
        "review_answer_timestamp": "2018-01-12 00:00:00",
    },
    "customers": {"customer_id": "c1", "customer_unique_id": "u", "customer_zip_code_prefix": "1310"},
    "geolocation": {"zip_code_prefix": "1001", "lat": "-23.5", "lng": "-46.6", "city": "sao paulo", "state": "SP"},
}  # fmt: skip
BERKA = {
    "account": {"account_id": "1", "district_id": "1", "date": "1995-01-01"},
    "loan": {"loan_id": "7", "account_id": "1", "date": "1996-01-01", "amount": "100", "duration": "12", "status": "A"},
    "trans_before_loan": {
        "trans_id": "5", "account_id": "1", "date": "1995-02-01", "type": "PRIJEM", "operation": "VKLAD",
        "amount": "10", "balance": "10", "k_symbol": "", "partner_account": "", "partner_bank": "",
    },
    "client": {"client_id": "3", "district_id": "1"},
    "disp": {"client_id": "3", "account_id": "1", "type": "OWNER"},
    "district": {"district_id": "1", "A2": "Praha", "A3": "Prague"},
}  # fmt: skip
STANDARD = {
    "merchants": dict(zip(MERCHANTS[0], MERCHANTS[1], strict=True)),
    "orders": dict(zip(ORDERS[0], ORDERS[1], strict=True)),
}
SETS = {"olist": OLIST, "berka": BERKA, "standard": STANDARD}

_cell = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["o1", "s1", "1", "-1", "", "2018-01-05 10:00:00", "NaN", "1e308", "99999999999999999999", "=A1"]
    ),
)
_typed = st.one_of(
    st.lists(_cell, min_size=3, max_size=3).map(lambda v: pl.Series(v, dtype=pl.String)),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3).map(
        lambda v: pl.Series(v, dtype=pl.Int64)
    ),
    st.lists(st.floats(), min_size=3, max_size=3).map(lambda v: pl.Series(v, dtype=pl.Float64)),
    st.lists(st.booleans(), min_size=3, max_size=3).map(pl.Series),
    st.lists(st.binary(max_size=4), min_size=3, max_size=3).map(lambda v: pl.Series(v, dtype=pl.Binary)),
    st.just(pl.Series([[1], [], None], dtype=pl.List(pl.Int64))),
    st.just(pl.Series([{"a": 1}, {"a": 2}, None], dtype=pl.Struct({"a": pl.Int64}))),
    st.just(pl.Series([None, None, None], dtype=pl.Null)),
    st.lists(st.datetimes(), min_size=3, max_size=3).map(lambda v: pl.Series(v, dtype=pl.Datetime("us"))),
    st.lists(st.dates(), min_size=3, max_size=3).map(lambda v: pl.Series(v, dtype=pl.Date)),
)


def _write_set(name: str, folder: Path) -> None:
    for stem, row in SETS[name].items():
        write_csv(folder / f"{stem}.csv", [list(row), list(row.values())])


def _try(name: str, folder: Path, lake: Path) -> IngestReport | None:
    """Ingest; an error must be ours and one line; otherwise every row is accounted for."""
    try:
        report = ingest(open_source(name, folder), lake, now=NOW)
    except SuixinError as error:
        assert "\n" not in str(error)  # noqa: PT017  either outcome is fine, and both have a shape
        return None
    for table in report.tables.values():
        assert table.read == table.accepted + table.already_there + table.quarantined
    return report


@pytest.mark.parametrize("name", SETS)
@FEW
@given(data=st.data())
def test_random_bytes(name: str, data: st.DataObject) -> None:
    """Any file of a set may be rubbish, in any of the formats."""
    stem = data.draw(st.sampled_from(sorted(SETS[name])))
    ending = data.draw(st.sampled_from([".csv", ".parquet", ".xlsx", ".ndjson"]))
    start = data.draw(
        st.sampled_from([b"", b"PAR1", b"PK\x03\x04", b"a,b\n", b"{", "商户编号\n".encode("gb18030")])
    )
    with TemporaryDirectory() as folder:
        root = Path(folder) / "set"
        _write_set(name, root)
        (root / f"{stem}.csv").unlink()
        (root / f"{stem}{ending}").write_bytes(start + data.draw(st.binary(max_size=200)))
        _try(name, root, Path(folder) / "lake")


@pytest.mark.parametrize("name", SETS)
@FEW
@given(data=st.data())
def test_random_columns(name: str, data: st.DataObject) -> None:
    """Any column of any file may be missing or hold anything: lists, bytes, NaN, times out of the calendar."""
    stem = data.draw(st.sampled_from(sorted(SETS[name])))
    columns = data.draw(st.sets(st.sampled_from(sorted(SETS[name][stem])), min_size=1))
    good = pl.DataFrame({key: [value] * 3 for key, value in SETS[name][stem].items()})
    damaged = good.with_columns(data.draw(_typed).alias(column) for column in sorted(columns))
    if data.draw(st.booleans()):
        damaged = damaged.drop(data.draw(st.sampled_from(damaged.columns)))
    with TemporaryDirectory() as folder:
        root = Path(folder) / "set"
        _write_set(name, root)
        (root / f"{stem}.csv").unlink()
        damaged.write_parquet(root / f"{stem}.parquet")
        report = _try(name, root, Path(folder) / "lake")
        if report and name == "standard":
            assert report.tables[stem].read == 3


@FEW
@given(
    rows=st.lists(st.lists(_cell, min_size=1, max_size=6), max_size=6),
    title=st.sampled_from(["商户", "订单", "说明"]),
)
def test_random_sheets(rows: list[list[str]], title: str) -> None:
    """A workbook with any cells below the right headings: every row is taken, already there, or set aside."""
    headings = {
        "商户": ["商户编号", "开店日期"],
        "订单": ["订单编号", "商户编号", "下单时间", "商品金额"],
    }.get(title, [])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "表.xlsx"
        with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            _sheet(book, title, [headings, *rows])
            if title != "商户":
                _sheet(book, "商户", [["商户编号", "开店日期"], ["m1", "2024-01-01"]])
        report = _try("spreadsheet", path, Path(folder) / "lake")
        if report and title == "订单":
            filled = [row for row in rows if any(cell.strip() for cell in row)]
            assert report.tables["orders"].read == len(filled)


def _sheet(book: xlsxwriter.Workbook, title: str, rows: list[list[str]]) -> None:
    sheet = book.add_worksheet(title)
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            sheet.write_string(number, column, text)


def _deliveries() -> list[list[list[str]]]:
    """Orders in batches: as placed, as delivered later, as corrected with a later known_at."""
    drawn = random.Random(7)
    header = ["order_id", "merchant_id", "ordered_at", "amount", "delivered_at", "known_at"]
    batches = []
    for number in range(4):
        placed = f"2025-03-0{number + 1} 08:00:00"
        base = [f"o{number}", "m1", placed, f"{drawn.randint(1, 99)}.00"]
        batches += [
            [header, [*base, "", placed]],
            [header, [*base, f"2025-03-1{number} 10:00:00", placed]],
            [header, [*base[:3], "5.00", f"2025-03-1{number} 10:00:00", f"2025-04-0{number + 1} 00:00:00"]],
        ]
    return batches


def _arrive(order: list[int], folder: Path) -> pl.DataFrame:
    write_csv(folder / "m" / "merchants.csv", MERCHANTS)
    ingest(open_source("standard", folder / "m"), folder / "lake", now=NOW)
    batches = _deliveries()
    for turn, number in enumerate(order):
        write_csv(folder / f"b{turn}" / "orders.csv", batches[number])
        report = ingest(open_source("standard", folder / f"b{turn}"), folder / "lake", now=NOW)
        assert report.tables["orders"].quarantined == 0
    return Lake.open(folder / "lake").whole("orders").collect().sort("order_id")


@pytest.fixture(scope="module")
def in_turn(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    return _arrive(list(range(12)), tmp_path_factory.mktemp("in_turn"))


@settings(max_examples=5, deadline=None)
@given(order=st.permutations(range(12)))
def test_the_order_of_arrival_does_not_matter(in_turn: pl.DataFrame, order: list[int]) -> None:
    """Twelve batches in any order: the rows that a reader sees in the end are the same."""
    with TemporaryDirectory() as folder:
        assert _arrive(order, Path(folder)).equals(in_turn)
    assert in_turn["amount_fen"].to_list() == [500] * 4
    assert in_turn["delivered_at"].null_count() == 0
