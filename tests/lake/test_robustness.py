"""Files, lakes and declarations that are damaged or odd: each is named in words, and takes no good row with it."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from samples import MERCHANTS, ORDER_COLUMNS, ORDERS, write_csv
from suixin.adapters import open_source
from suixin.errors import LakeError, SourceError
from suixin.lake import quarantine
from suixin.lake.ingest import IngestReport
from suixin.lake.store import Lake

Load = Callable[..., IngestReport]
HEADER = ",".join(ORDER_COLUMNS) + "\n"


def suixin(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from suixin.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def ids(lake: Path) -> list[str]:
    return Lake.open(lake).whole("orders").select("order_id").collect().to_series().sort().to_list()


def parquet(source: Path, **columns: object) -> None:
    """Orders as one Parquet file; columns that are not named are filled in."""
    (source / "orders.csv").unlink()
    given = {"order_id": "o", "merchant_id": "m1", "ordered_at": "2025-03-01", "amount": "1"} | columns
    pl.select(**{name: pl.lit(value) for name, value in given.items()}).write_parquet(
        source / "orders.parquet"
    )


@pytest.mark.parametrize("wrong", [10, 500, 999])
def test_a_stray_quotation_mark_costs_one_row(wrong: int, source: Path, load: Load, lake: Path) -> None:
    """A quotation that opens and never closes gives up its line alone, wherever it stands."""
    lines = [f"o{n},m1,b,2025-03-01 08:00:00,1," for n in range(1000)]
    lines[wrong] = '"' + lines[wrong]
    (source / "orders.csv").write_text(HEADER + "\n".join(lines) + "\n")
    report = load(source).tables["orders"]
    assert (report.read, report.accepted, dict(report.rules)) == (1000, 999, {"open_quote": 1})
    row = quarantine.stored(Lake.open(lake), "orders").row(0, named=True)
    assert (row["row"], row["raw"]) == (wrong + 1, lines[wrong])


def test_two_stray_quotation_marks_cost_two_rows(source: Path, load: Load) -> None:
    """A second stray mark seems to close the first: the lines between them are still rows."""
    lines = [f"o{n},m1,b,2025-03-01 08:00:00,1," for n in range(100)]
    lines[10], lines[40] = '"' + lines[10], '"' + lines[40]
    (source / "orders.csv").write_text(HEADER + "\n".join(lines) + "\n")
    report = load(source).tables["orders"]
    assert (report.read, report.accepted, dict(report.rules)) == (100, 98, {"open_quote": 2})


def test_a_text_over_several_lines_is_one_row(source: Path, load: Load) -> None:
    """A quoted text may hold line breaks; the rows after it keep their numbers."""
    columns = ["application_id", "merchant_id", "applied_at", "amount", "term_months", "purpose"]
    rows = [
        ["a1", "m1", "2025-03-01", "1", "12", "two\nlines, and more"],
        ["a2", "m1", "2025-03-01", "x", "12", ""],
    ]
    write_csv(source / "applications.csv", [columns, *rows])
    report = load(source).tables["applications"]
    assert (report.read, report.accepted, dict(report.rules)) == (2, 1, {"wrong_type": 1})


def test_a_line_beyond_the_field_limit_is_set_aside(source: Path, load: Load) -> None:
    """A field of seventeen million signs is one bad row, not the end of the ingest."""
    good = ",".join(ORDERS[1])
    (source / "orders.csv").write_text(f"{HEADER}{good}\nx,m1,{'b' * (17 << 20)},2025-03-01,1,\n")
    report = load(source).tables["orders"]
    assert (report.accepted, dict(report.rules)) == (1, {"too_long": 1})


def test_files_that_feed_no_table_are_named(source: Path, load: Load) -> None:
    """Names match whatever their case, links are followed, and what is not read is said."""
    (source / "orders.csv").rename(source / "Orders.CSV")
    write_csv(source.parent / "elsewhere" / "part-0.csv", [ORDER_COLUMNS, ["o4", *ORDERS[1][1:]]])
    (source / "orders").symlink_to(source.parent / "elsewhere")
    for name in ("odrers.csv", "notes.txt", "orders.xls", "source.yaml"):
        (source / name).touch()
    (source / "source.yaml").write_text("name: shop\n")
    assert open_source("standard", source).not_read == ("notes.txt", "odrers.csv", "orders.xls")
    assert load(source).tables["orders"].accepted == 4


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_a_header_without_rows_is_checked(ending: str, source: Path, load: Load) -> None:
    """A file that has a header and no row is refused if the header lacks a required column."""
    (source / "orders.csv").unlink()
    path = source / f"orders.{ending}"
    if ending == "csv":
        path.write_text("order_id,colour\n")
    elif ending == "parquet":
        pl.DataFrame(schema={"order_id": pl.String, "colour": pl.String}).write_parquet(path)
    else:
        with xlsxwriter.Workbook(path) as book:
            book.add_worksheet().write_row(0, 0, ["order_id", "colour"])
    with pytest.raises(SourceError, match="lacks the required columns merchant_id, ordered_at, amount"):
        load(source)


def test_a_full_header_without_rows_is_no_error(source: Path, load: Load) -> None:
    """A month without orders has a header and nothing else."""
    (source / "orders.csv").write_text(HEADER)
    assert load(source).tables["orders"].read == 0


def test_long_numbers_of_ndjson_keep_their_digits(source: Path, load: Load, lake: Path) -> None:
    """An identifier written as a number of twenty digits is stored digit by digit; 1.0 is 1."""
    (source / "orders.csv").unlink()
    rest = '"merchant_id": "m1", "ordered_at": "2025-03-01", "amount": 19.90}\n'
    numbers = ("24312000000012345678", "24312000000012345679", "9007199254740993", "1.0", "2")
    (source / "orders.NDJSON").write_text("".join(f'{{"order_id": {n}, {rest}' for n in numbers))
    assert load(source).tables["orders"].accepted == 5
    assert ids(lake) == ["1", "2", "24312000000012345678", "24312000000012345679", "9007199254740993"]


@pytest.mark.parametrize("number", [2.0**53, 24312000000012345678.0, 1.5, float("inf")])
def test_a_float_that_is_no_identifier(number: float, source: Path, load: Load) -> None:
    """A float identifier that is not whole, or too large to be exact, is set aside and never cut."""
    parquet(source, order_id=number, buyer_id=number)
    assert dict(load(source).tables["orders"].rules) == {"inexact_identifier": 1}


def test_an_identifier_that_a_spreadsheet_has_cut(source: Path, load: Load) -> None:
    """Digits lost in a sheet's number, or in its CSV as 2.4312E+19, cannot be had back."""
    write_csv(source / "orders.csv", [ORDER_COLUMNS, ["2.4312E+19", *ORDERS[1][1:]]])
    with xlsxwriter.Workbook(source / "orders-2.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ORDER_COLUMNS)
        sheet.write_row(1, 0, [24312000000012345678, *ORDERS[1][1:]])
        sheet.write_row(2, 0, [7.0, *ORDERS[1][1:]])
    report = load(source).tables["orders"]
    assert (report.accepted, dict(report.rules)) == (1, {"inexact_identifier": 2})


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("25-03-01", "wrong_type"),
        ("25/3/1", "wrong_type"),
        ("0000-01-01", "absurd_date"),
        ("1989-12-31", "absurd_date"),
        ("2101-01-01", "absurd_date"),
    ],
)
def test_absurd_times_are_set_aside(text: str, rule: str, source: Path, load: Load) -> None:
    """A year has four digits, and no order is older than 1990 or later than 2100."""
    write_csv(source / "orders.csv", [ORDER_COLUMNS, ["o", "m1", "", text, "1", ""]])
    assert dict(load(source).tables["orders"].rules) == {rule: 1}


def test_a_business_may_be_older_than_any_order(source: Path, load: Load) -> None:
    """A shop of 1950 is a shop; one of 1899 is a slip."""
    write_csv(source / "merchants.csv", [*MERCHANTS, ["m3", "1950-05-01", ""], ["m4", "1899-12-31", ""]])
    report = load(source).tables["merchants"]
    assert (report.accepted, dict(report.rules)) == (3, {"absurd_date": 1})


@pytest.mark.parametrize("micros", [2**62, -(2**62)])
def test_a_time_beyond_the_calendar(micros: int, source: Path, load: Load) -> None:
    """A time that no calendar can show is set aside as the number it is."""
    parquet(source, ordered_at=pl.select(pl.lit(micros).cast(pl.Datetime("us"))).to_series())
    assert dict(load(source).tables["orders"].rules) == {"wrong_type": 1}


@pytest.mark.parametrize(
    ("amount", "rule"),
    [
        (184467440737095517, "absurd_amount"),
        (True, "wrong_type"),
        (datetime(2025, 3, 1).date(), "wrong_type"),  # noqa: DTZ001
    ],
)
def test_money_of_odd_types(amount: object, rule: str, source: Path, load: Load) -> None:
    """A product beyond 64 bits does not come out small, and neither a flag nor a date is money."""
    parquet(source, amount=amount)
    assert dict(load(source).tables["orders"].rules) == {rule: 1}


def test_a_bad_row_of_odd_types_is_kept(source: Path, load: Load, lake: Path) -> None:
    """A number of a hundred bits and bytes beside a bad amount are kept as text."""
    parquet(source, amount="ten", wide=pl.Series([2**100], dtype=pl.Int128), code=b"\xff\x00")
    assert dict(load(source).tables["orders"].rules) == {"wrong_type": 1}
    assert str(2**100) in quarantine.stored(Lake.open(lake), "orders")["raw"][0]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("CURRENT", b""),
        ("CURRENT", b"\xff\xfe"),
        ("CURRENT", b"../../x.json\n"),
        ("snapshots/000001.json", b"[]"),
        ("snapshots/000001.json", b'{"schema_version": 1}'),
        ("snapshots/000001.json", b"{"),
    ],
)
def test_a_damaged_manifest_is_one_line(
    file: str, content: bytes, source: Path, load: Load, lake: Path
) -> None:
    """Whatever is wrong with pointer or manifest, the lake says so, and what can be put in its place."""
    load(source)
    (lake / file).write_bytes(content)
    said = r"is damaged: .*; restore the file from a backup, .*CURRENT; manifests there: 000001\.json$"
    with pytest.raises(LakeError, match=said):
        Lake.open(lake)


@pytest.mark.parametrize("content", [None, b"PAR1"])
def test_a_missing_or_cut_data_file_is_named(
    content: bytes | None, source: Path, load: Load, lake: Path
) -> None:
    """A data file that is gone or cut off is noticed before anything is computed from the rest."""
    load(source)
    file = next((lake / "data" / "merchants").rglob("*.parquet"))
    file.unlink()
    if content:
        file.write_bytes(content)
    with pytest.raises(LakeError, match=f"is damaged: {file.relative_to(lake)}.*run: suixin lake verify"):
        Lake.open(lake).whole("merchants")
    with pytest.raises(LakeError, match="run: suixin lake verify"):
        load(source)


def test_a_changed_byte_met_while_reading_is_one_line(source: Path, load: Load, lake: Path) -> None:
    """A data file of the right length whose content no longer reads is a damaged lake."""
    load(source)
    file = next((lake / "data" / "merchants").rglob("*.parquet"))
    file.write_bytes(bytes(file.stat().st_size))
    with pytest.raises(LakeError, match=r"a data file cannot be read: .*; run: suixin lake verify"):
        load(source)


def test_names_with_signs_of_patterns_and_markup(source: Path, load: Load) -> None:
    """Folders called lake[1], and a source called '[/x] :smile:', are only names."""
    (source / "source.yaml").write_text("name: '[/x] :smile:'\n")
    odd = source.parent / "src[1]"
    source.rename(odd)
    frame = pl.DataFrame(ORDERS[1:], schema=ORDER_COLUMNS, orient="row")
    (odd / "orders.csv").unlink()
    frame.write_parquet(odd / "orders.parquet")
    done = suixin("ingest", odd, "--lake", source.parent / "lake[1]")
    assert (done.returncode, done.stderr) == (0, "")
    assert "[/x] :smile: by route merchant_export" in done.stdout
    assert load(odd, into=source.parent / "lake[1]").tables["orders"].already_there == 3


def test_the_declaration_beside_a_single_file_counts(source: Path) -> None:
    """A file named alone is declared by the source.yaml in its folder."""
    (source / "source.yaml").write_text("name: shop\nroute: own_mall\n")
    found = open_source("standard", source / "merchants.csv")
    assert (found.name, found.route) == ("shop", "own_mall")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("curency: CNY\n", "the key 'curency' is unknown; it may hold name, currency"),
        ("currency: cny\n", "currency 'cny' is unknown; use one of CNY"),
        ("name: 2026-02-30\n", "is not readable YAML"),
        ("zone: [1]\n", "the zone .* is unknown"),
    ],
)
def test_a_wrong_declaration_is_refused(text: str, message: str, source: Path) -> None:
    """A misspelt key, an unknown currency or an impossible date does not pass unseen."""
    (source / "source.yaml").write_text(text)
    with pytest.raises(SourceError, match=message):
        open_source("standard", source)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_with_a_mark_is_read(encoding: str, source: Path, load: Load, lake: Path) -> None:
    """A spreadsheet's 'Unicode text' says by its mark that it is UTF-16."""
    text = "\n".join(",".join(row) for row in MERCHANTS)
    content = text.encode(encoding) if encoding == "utf-16" else f"\ufeff{text}".encode(encoding)
    (source / "merchants.csv").write_bytes(content)
    assert load(source).tables["merchants"].accepted == 2
    crops = Lake.open(lake).whole("merchants").collect().sort("merchant_id")["crop"].to_list()
    assert crops == ["茶叶", "柑橘"]


def test_an_encoding_that_does_not_fit_is_refused(source: Path, load: Load) -> None:
    """A file declared as an encoding it cannot be in is refused in words."""
    (source / "source.yaml").write_text("encoding: utf-32\n")
    with pytest.raises(SourceError, match="is not text in the encoding utf-32"):
        load(source)


def test_a_lake_inside_its_source_is_not_read(source: Path, load: Load) -> None:
    """The second ingest of a folder that holds the lake finds the same files as the first."""
    write_csv(source / "orders.csv", [*ORDERS, ["x", "m1", "", "2025-03-01", "ten", ""]])
    load(source, into=source / "lake")
    again = load(source, into=source / "lake")
    assert (again.committed, again.tables["orders"].read) == (False, 4)
    assert open_source("standard", source).not_read == ()


def test_a_day_without_a_time_may_be_the_day_of_the_order(source: Path, load: Load) -> None:
    """Ordered at two, delivered 'on the same day' is in order; on the day before it is not."""
    rows = [["a", "m1", "", "2025-03-01 14:00:00", "1", day] for day in ("2025-03-01", "2025-02-28")]
    rows[1][0] = "b"
    write_csv(source / "orders.csv", [ORDER_COLUMNS, *rows])
    report = load(source).tables["orders"]
    assert (report.accepted, dict(report.rules)) == (1, {"wrong_order": 1})


def test_a_reader_that_goes_away_is_no_error(source: Path, load: Load, lake: Path) -> None:
    """`suixin lake status LAKE | head -1` ends quietly, for people and for machines."""
    load(source)
    for option in ([], ["--json"]):
        reader, writer = os.pipe()
        os.close(reader)
        command = [sys.executable, "-c", "from suixin.cli import main; main()", "lake", "status", str(lake)]
        done = subprocess.run(
            [*command, *option], stdout=writer, stderr=subprocess.PIPE, text=True, check=False
        )
        os.close(writer)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("-2+3+cmd|' /C calc'!A0", "formula_text"),
        ("+1+1|x", "formula_text"),
        ("-1+A1", "formula_text"),
        ("-5", None),
        ("+86 138-0000", None),
        ("a\u0085b", "control_character"),
        ("a\u202eb", "control_character"),
        ("a\u2066b", "control_character"),
    ],
)
def test_texts_that_would_act(text: str, rule: str | None, source: Path, load: Load) -> None:
    """Formulas however they begin, and signs that steer a terminal or turn a line about, are set aside."""
    write_csv(source / "orders.csv", [ORDER_COLUMNS, ["o", "m1", text, "2025-03-01", "1", ""]])
    assert dict(load(source).tables["orders"].rules) == ({rule: 1} if rule else {})


def test_names_from_data_do_not_steer_the_terminal(source: Path) -> None:
    """A header with an escape sequence is shown as its escape, in the report and in an error."""
    write_csv(source / "orders.csv", [[*ORDER_COLUMNS, "\x1b[31mred"], [*ORDERS[1], ""]])
    lake = source.parent / "lake"
    done = suixin("ingest", source, "--lake", lake)
    assert (done.returncode, "\x1b" in done.stdout, r"\x1b[31mred" in done.stdout) == (0, False, True)
    write_csv(source / "orders.csv", [["order_id", "\x1b[31mred"], ["1", ""]])
    done = suixin("ingest", source, "--lake", lake)
    assert (done.returncode, "\x1b" in done.stderr, r"\x1b[31mred" in done.stderr) == (2, False, True)
