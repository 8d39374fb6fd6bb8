"""What an ingest does with good rows: every format, encoding and repetition gives the same lake."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import orjson
import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samples import MERCHANTS, ORDER_COLUMNS, ORDERS, write_csv
from suixin.adapters import open_source
from suixin.errors import LakeError, SourceError, UsageError
from suixin.lake.ingest import IngestReport, ingest
from suixin.lake.store import Lake

Load = Callable[..., IngestReport]


def stored_orders(lake: Path) -> pl.DataFrame:
    return Lake.open(lake).whole("orders").collect().sort("order_id")


def test_money_time_and_day_are_stored_exactly(source: Path, lake: Path, load: Load) -> None:
    """19.90 yuan is 1990 fen; a naive time is Shanghai's, stored in UTC beside its civil day."""
    load(source)
    first, second = stored_orders(lake).head(2).iter_rows(named=True)
    assert (first["amount_fen"], second["amount_fen"]) == (1990, 500)
    assert second["ordered_at"] == datetime(2025, 3, 2, 15, 30, tzinfo=UTC)
    assert second["ordered_day"] == (datetime(2025, 3, 2, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days
    assert second["delivered_at"] is None
    assert (first["known_at"], first["route"]) == (first["ordered_at"], "merchant_export")


def as_gb18030(folder: Path) -> None:
    write_csv(folder / "merchants.csv", MERCHANTS, "gb18030")
    write_csv(folder / "orders.csv", ORDERS, "gb18030")


def as_bom(folder: Path) -> None:
    write_csv(folder / "merchants.csv", MERCHANTS, "utf-8-sig")
    write_csv(folder / "orders.csv", ORDERS, "utf-8-sig")


def as_parquet(folder: Path) -> None:
    pl.DataFrame(MERCHANTS[1:], schema=MERCHANTS[0], orient="row").write_parquet(folder / "merchants.parquet")
    frame = pl.DataFrame(ORDERS[1:], schema=ORDER_COLUMNS, orient="row")
    typed = frame.with_columns(
        pl.col("ordered_at").str.to_datetime(),
        pl.col("delivered_at").str.to_datetime(strict=False),
        pl.col("amount").cast(pl.Float64).cast(pl.Decimal(18, 2)),
    )
    typed.write_parquet(folder / "orders.parquet")


def as_xlsx(folder: Path) -> None:
    for name, rows in (("merchants", MERCHANTS), ("orders", ORDERS)):
        with xlsxwriter.Workbook(
            folder / f"{name}.xlsx", {"default_date_format": "yyyy-mm-dd hh:mm:ss"}
        ) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if number and name == "orders" and column == 3:
                        sheet.write_datetime(number, column, datetime.fromisoformat(value))
                    elif number and name == "orders" and column == 4:
                        sheet.write_number(number, column, float(value))
                    else:
                        sheet.write_string(number, column, value)


def as_ndjson(folder: Path) -> None:
    for name, rows in (("merchants", MERCHANTS), ("orders", ORDERS)):
        objects = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
        (folder / f"{name}.ndjson").write_bytes(b"\n".join(orjson.dumps(row) for row in objects) + b"\n")


def as_parts(folder: Path) -> None:
    write_csv(folder / "merchants" / "a.csv", MERCHANTS)
    write_csv(folder / "orders" / "订单一.csv", ORDERS[:3])
    write_csv(folder / "orders" / "订单二.csv", [ORDERS[0], ORDERS[3]])


@pytest.mark.parametrize("write", [as_gb18030, as_bom, as_parquet, as_xlsx, as_ndjson, as_parts])
def test_every_format_gives_the_same_lake(
    write: Callable[[Path], None], source: Path, lake: Path, load: Load, tmp_path: Path
) -> None:
    """The lake does not depend on the format, encoding or number of files in which the rows came."""
    load(source)
    other = tmp_path / "其他 来源"
    other.mkdir()
    write(other)
    load(other, into=tmp_path / "second")
    assert stored_orders(tmp_path / "second").equals(stored_orders(lake))
    crops = Lake.open(tmp_path / "second").whole("merchants").collect().sort("merchant_id")["crop"].to_list()
    assert crops == ["茶叶", "柑橘"]


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-01 08:00:00",
        "2025-03-01T08:00:00",
        "2025/3/1 08:00",
        "2025年3月1日 08:00",
        "2025-03-01T00:00:00Z",
        "2025-03-01 08:00:00+08:00",
        "2025-03-01T08:00:00.000000",
    ],
)
def test_times_as_people_write_them(text: str, source: Path, lake: Path, load: Load) -> None:
    """Each way to write eight in the morning of 1 March in Shanghai is read as that instant."""
    write_csv(source / "orders.csv", [ORDER_COLUMNS, ["o1", "m1", "b1", text, "1", ""]])
    assert load(source).tables["orders"].accepted == 1
    assert stored_orders(lake)["ordered_at"][0] == datetime(2025, 3, 1, tzinfo=UTC)


def test_the_same_source_twice_adds_nothing(source: Path, load: Load) -> None:
    """The second run finds every row there and leaves the snapshot as it is."""
    first = load(source)
    second = load(source)
    assert second.tables["orders"].already_there == 3
    assert (second.committed, second.snapshot) == (False, first.snapshot)


def test_a_delivery_completes_its_order(source: Path, lake: Path, load: Load) -> None:
    """A later export that fills in a delivery completes the order; an older export then adds nothing."""
    load(source)
    older = write_csv(source.parent / "older" / "orders.csv", ORDERS)
    rows = [row.copy() for row in ORDERS]
    rows[2][5] = "2025-03-06 12:00:00"
    write_csv(source / "orders.csv", rows)
    report = load(source).tables["orders"]
    assert (report.accepted, report.already_there, report.quarantined) == (1, 2, 0)
    orders = stored_orders(lake)
    assert orders.height == 3
    assert orders["delivered_at"][1] == datetime(2025, 3, 6, 4, tzinfo=UTC)
    assert load(older.parent).tables["orders"].already_there == 3
    assert stored_orders(lake).equals(orders)


def test_a_later_known_at_is_a_correction(source: Path, lake: Path, load: Load) -> None:
    """The same order known later with another amount is a new version; the current one is the later."""
    columns = [*ORDER_COLUMNS, "known_at"]
    load(source)
    fixed = ["o1", "m1", "b1", "2025-03-01 08:00:00", "18.90", "2025-03-04 10:00:00", "2025-03-08 00:00:00"]
    write_csv(source / "orders.csv", [columns, fixed])
    report = load(source).tables["orders"]
    assert (report.accepted, report.quarantined) == (1, 0)
    assert stored_orders(lake)["amount_fen"].to_list() == [1890, 500, 120000]
    assert Lake.open(lake).manifest.tables["orders"].rows == 4


def test_a_row_of_two_files_of_one_ingest(source: Path, load: Load) -> None:
    """A row given twice within one ingest is there already; with other values it is a conflict."""
    write_csv(source / "orders-2.csv", [ORDER_COLUMNS, ORDERS[1], [*ORDERS[2][:4], "6", ""]])
    report = load(source).tables["orders"]
    assert (report.accepted, report.already_there, report.quarantined) == (3, 1, 1)


def test_dry_run_writes_nothing(source: Path, lake: Path, load: Load) -> None:
    """A dry run counts as the real run does, and neither makes the lake nor touches one."""
    dry = load(source, dry_run=True)
    assert not lake.exists()
    wet = load(source)
    assert dry.tables == wet.tables
    before = sorted(p for p in lake.rglob("*"))
    write_csv(source / "orders.csv", [*ORDERS, ["o4", "m1", "b", "2025-03-09", "1", ""]])
    assert load(source, dry_run=True).tables["orders"].accepted == 1
    assert sorted(p for p in lake.rglob("*")) == before


def test_columns_beyond_the_standard_are_named_not_read(source: Path, load: Load) -> None:
    """An unknown column is reported, so that a misspelt one does not vanish unseen."""
    write_csv(source / "orders.csv", [[*ORDER_COLUMNS, "colour"], [*ORDERS[1], "red"]])
    assert load(source).tables["orders"].ignored_columns == ["orders.csv: colour"]


def test_a_missing_required_column_refuses_the_source(source: Path, lake: Path, load: Load) -> None:
    """A file without amounts is no file of orders: the message names file, column and what is there."""
    write_csv(source / "orders.csv", [row[:4] for row in ORDERS])
    with pytest.raises(
        SourceError, match=r"orders\.csv: lacks the required columns amount of table orders; it has"
    ):
        load(source)
    assert not lake.exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        # words in a file that claims to be Parquet
        ("orders.parquet", b"hello", "is not a readable .parquet file"),
        # an empty workbook
        ("orders.xlsx", b"", "is not a readable .xlsx file"),
        # two columns of one name cannot be told apart
        ("orders.csv", b"order_id,order_id\n1,2\n", "names 'order_id' more than once"),
    ],
)
def test_files_that_are_not_what_they_claim(
    name: str, content: bytes, message: str, source: Path, lake: Path, load: Load
) -> None:
    """A damaged file refuses the whole source with one line, and nothing is written."""
    (source / "orders.csv").unlink()
    (source / name).write_bytes(content)
    with pytest.raises(SourceError, match=message):
        load(source)
    assert not lake.exists()


def test_an_empty_file_has_no_rows(source: Path, load: Load) -> None:
    """A file of zero bytes is a day without orders, not an error."""
    (source / "orders.csv").write_bytes(b"")
    assert "orders" not in load(source).tables


def test_another_currency_or_zone_needs_another_lake(source: Path, load: Load) -> None:
    """Amounts of two currencies, or days of two zones, are never mixed in one lake."""
    load(source)
    (source / "source.yaml").write_text("currency: BRL\n")
    with pytest.raises(LakeError, match="currency is CNY, the source's is BRL"):
        load(source)


def test_a_row_in_another_currency_is_set_aside(source: Path, load: Load) -> None:
    """A file that carries the currency beside its money is checked against it."""
    write_csv(source / "orders.csv", [[*ORDER_COLUMNS, "currency"], [*ORDERS[1], "CNY"], [*ORDERS[2], "USD"]])
    assert dict(load(source).tables["orders"].rules) == {"wrong_currency": 1}


def test_a_folder_that_holds_something_else_is_no_lake(source: Path, lake: Path, load: Load) -> None:
    """An ingest never mixes its files into somebody's documents."""
    lake.mkdir()
    (lake / "letter.txt").write_text("dear bank")
    with pytest.raises(UsageError, match=r"neither empty nor a lake \(it holds 'letter.txt'\)"):
        load(source)
    assert [p.name for p in lake.iterdir()] == ["letter.txt"]


def test_verify_names_the_damaged_file(source: Path, lake: Path, load: Load) -> None:
    """One flipped byte in one data file is found and named."""
    load(source)
    assert Lake.open(lake).verify() == []
    file = next((lake / "data" / "orders").rglob("*.parquet"))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert Lake.open(lake).verify() == [f"{file.relative_to(lake).as_posix()}: its content has changed"]


cells = st.one_of(
    st.sampled_from(
        ["o1", "o2", "m1", "m2", "2025-03-01", "2025-03-01 08:00:00", "1.00", "-1", "", "NaN", "1e9", "=1+1"]
    ),
    st.text(max_size=8),
)


@given(rows=st.lists(st.lists(cells, min_size=4, max_size=7), max_size=8))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_file_the_counts_balance(
    rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Random rows: read = accepted + already there + quarantined, no traceback, and the lake verifies."""
    folder = tmp_path_factory.mktemp("fuzz")
    write_csv(folder / "source" / "merchants.csv", MERCHANTS)
    path = folder / "source" / "orders.csv"
    lines = [",".join(f'"{cell.replace(chr(34), "")}"' for cell in row) for row in [ORDER_COLUMNS, *rows]]
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    report = ingest(
        open_source("standard", folder / "source"), folder / "lake", now=datetime(2026, 6, 1, tzinfo=UTC)
    )
    for table in report.tables.values():
        assert table.read == table.accepted + table.already_there + table.quarantined
    assert Lake.open(folder / "lake").verify() == []


def test_money_has_two_digits(source: Path, lake: Path, load: Load) -> None:
    """A third digit is no rounding matter: the row is set aside; trailing zeros are harmless."""
    rows = [["a", "m1", "", "2025-03-01", amount, ""] for amount in ("1.005",)]
    rows += [["b", "m1", "", "2025-03-01", "1.0500", ""], ["c", "m1", "", "2025-03-01", "+7", ""]]
    write_csv(source / "orders.csv", [ORDER_COLUMNS, *rows])
    assert dict(load(source).tables["orders"].rules) == {"too_many_decimals": 1}
    amounts = [Decimal(fen) / 100 for fen in stored_orders(lake)["amount_fen"]]
    assert amounts == [Decimal("1.05"), Decimal("7.00")]


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_other_separators_than_a_comma(sign: str, source: Path, lake: Path, load: Load) -> None:
    """A file that separates by semicolon, tab or bar gives the same orders."""
    load(source)
    expected = stored_orders(lake)
    (source / "orders.csv").write_text("\n".join(sign.join(row) for row in ORDERS) + "\n")
    load(source, into=lake.parent / "second")
    assert stored_orders(lake.parent / "second").equals(expected)


def test_types_of_parquet_that_need_care(source: Path, lake: Path, load: Load) -> None:
    """Numbers as identifiers, whole floats, unsigned amounts and a zone of its own: each read as what it means."""
    (source / "orders.csv").unlink()
    frame = pl.DataFrame(
        {
            "order_id": pl.Series([1, 2], dtype=pl.UInt32),
            "merchant_id": ["m1", "m2"],
            "buyer_id": pl.Series(["b", None], dtype=pl.Categorical),
            "ordered_at": pl.Series(["2025-03-01 00:00", "2025-03-02 00:00"]).str.to_datetime(
                time_zone="UTC"
            ),
            "amount": pl.Series([12, 7], dtype=pl.UInt16),
            "freight": [float("nan"), 2.5],
            "promised_on": [20250305, 20250306],
        }
    )
    frame.write_parquet(source / "orders.parquet")
    assert load(source).tables["orders"].accepted == 2
    first, second = stored_orders(lake).iter_rows(named=True)
    assert (first["order_id"], first["amount_fen"], first["freight_fen"]) == ("1", 1200, None)
    assert (second["freight_fen"], str(second["promised_on"])) == (250, "2025-03-06")
    assert first["ordered_at"] == datetime(2025, 3, 1, tzinfo=UTC)


def test_a_column_of_lists_is_refused(source: Path, load: Load) -> None:
    """A list is no amount: the file is refused with the column and its type."""
    (source / "orders.csv").unlink()
    frame = pl.DataFrame(
        {"order_id": ["o"], "merchant_id": ["m1"], "ordered_at": ["2025-01-01"], "amount": [[1, 2]]}
    )
    frame.write_parquet(source / "orders.parquet")
    with pytest.raises(
        SourceError, match=r"no single value can be read from the columns amount \(List\(Int64\)\)"
    ):
        load(source)


def test_an_outcome_is_known_when_its_horizon_has_passed(source: Path, lake: Path, load: Load) -> None:
    """A label without known_at is known a year after the date it is about, not on it."""
    columns = ["merchant_id", "as_of_on", "horizon_days", "definition", "defaulted"]
    write_csv(source / "outcomes.csv", [columns, ["m1", "2025-01-01", "365", "dpd90", "false"]])
    load(source)
    row = Lake.open(lake).whole("outcomes").collect().row(0, named=True)
    assert row["known_at"] == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert row["known_day"] - row["as_of_day"] == 365
