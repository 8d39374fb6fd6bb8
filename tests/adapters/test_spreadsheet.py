"""The Chinese workbook: made empty, filled in, read back; what is wrong is named as Excel shows it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
import xlsxwriter

from suixin.adapters import open_source, spreadsheet
from suixin.adapters.sheets import CHOICES, ROUTE_WORDS, SHEETS, column_of
from suixin.adapters.template import write_template
from suixin.errors import SourceError, UsageError
from suixin.lake.ingest import IngestReport, ingest
from suixin.lake.quarantine import stored
from suixin.lake.source import ROUTES
from suixin.lake.store import Lake
from suixin.lake.tables import TABLES

NOW = datetime(2026, 6, 1, tzinfo=UTC)
Rows = list[list[object]]
Fill = Callable[..., Path]
MERCHANT = {"商户编号": "007", "组织形式": "个体工商户", "开店日期": date(2024, 1, 5)}
ORDER = {"订单编号": "o1", "商户编号": "007", "下单时间": datetime(2025, 3, 1, 8), "商品金额": 19.9}  # noqa: DTZ001


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    """Fill a fresh template: sheet -> rows of heading -> value, from the third line on."""

    def make(name: str = "绿谷合作社.xlsx", **sheets: list[dict[str, object]]) -> Path:
        path = tmp_path / name
        write_template(path)
        book = openpyxl.load_workbook(path)
        for title, rows in sheets.items():
            headings = [cell.value for cell in book[title][1]]
            for number, row in enumerate(rows, start=3):
                for heading, value in row.items():
                    book[title].cell(number, headings.index(heading) + 1).value = value
        book.save(path)
        return path

    return make


def _into(path: Path, tmp_path: Path, adapter: str = "spreadsheet") -> tuple[IngestReport, Lake]:
    report = ingest(open_source(adapter, path), tmp_path / "lake", now=NOW)
    return report, Lake.open(tmp_path / "lake")


def test_a_filled_in_template_comes_back(fill: Fill, tmp_path: Path) -> None:
    """Dates of Excel, a Chinese choice and an identifier with leading noughts arrive as they were meant."""
    report, lake = _into(fill(商户=[MERCHANT], 订单=[ORDER]), tmp_path)
    assert {n: (t.read, t.accepted) for n, t in report.tables.items() if t.read} == {
        "merchants": (1, 1),
        "orders": (1, 1),
    }
    merchant = lake.whole("merchants").collect().row(0, named=True)
    assert (merchant["merchant_id"], merchant["legal_form"]) == ("007", "sole_trader")
    assert merchant["opened_on"] == date(2024, 1, 5)
    order = lake.whole("orders").collect().row(0, named=True)
    assert (order["amount_fen"], order["ordered_at"]) == (1_990, datetime(2025, 3, 1, tzinfo=UTC))


def test_every_sheet_of_the_template_round_trips(tmp_path: Path) -> None:
    """Each heading of the template names its column, no two of a sheet the same, and each choice its code."""
    write_template(tmp_path / "模板.xlsx")
    source = open_source("spreadsheet", tmp_path / "模板.xlsx")
    assert [stream.table for stream in source.streams] == list(SHEETS)
    for stream in source.streams:
        assert list(stream.headings) == [column.name for column in TABLES[stream.table].columns]
    for (table, column), words in CHOICES.items():
        assert tuple(words) == TABLES[table].column(column).choices
        assert len(set(words.values())) == len(words)
    assert tuple(ROUTE_WORDS) == ROUTES


def test_every_closed_list_has_its_words() -> None:
    """A column with a list of codes in one of the sheets has Chinese words for all of them."""
    closed = {(name, c.name) for name in SHEETS for c in TABLES[name].columns if c.choices}
    assert closed == set(CHOICES)


def test_an_empty_template_adds_nothing(fill: Fill, tmp_path: Path) -> None:
    """Nobody filled it in: no row, no quarantine, no snapshot."""
    report = ingest(open_source("spreadsheet", fill()), tmp_path / "lake", now=NOW)
    assert sum(table.read for table in report.tables.values()) == 0
    assert not report.committed


def test_a_bad_row_is_named_as_in_excel(fill: Fill, tmp_path: Path) -> None:
    """Workbook and sheet, the row as Excel numbers it, and the heading above the cell."""
    bad = ORDER | {"订单编号": "o2", "商品金额": "很多"}
    _, lake = _into(fill(商户=[MERCHANT], 订单=[ORDER, bad]), tmp_path)
    row = stored(lake, "orders").row(0, named=True)
    assert (row["file"], row["row"], row["column"], row["rule"]) == (
        "绿谷合作社.xlsx[订单]",
        4,
        "商品金额",
        "wrong_type",
    )


def test_numbers_typed_as_text_are_read(fill: Fill, tmp_path: Path) -> None:
    """Thousands with commas of either width and a sign of the yuan are amounts; a wrongly grouped one is not."""
    typed = ["1,234.50", "￥1,000", "¥ 5.5", "12元", "１2", "1,23"]
    rows = [ORDER | {"订单编号": f"o{n}", "商品金额": text} for n, text in enumerate(typed)]
    _, lake = _into(fill(商户=[MERCHANT], 订单=rows), tmp_path)
    amounts = lake.whole("orders").sort("order_id").collect()["amount_fen"].to_list()
    assert amounts == [123_450, 100_000, 550, 1_200]
    assert stored(lake, "orders").sort("row")["row"].to_list() == [7, 8]


def test_dates_typed_as_text_are_read(fill: Fill, tmp_path: Path) -> None:
    """Four ways to write a day, and one that is none."""
    typed = ["2025-03-01", "2025/3/1", "2025年3月1日", "20250301", "三月一日"]
    rows = [MERCHANT | {"商户编号": f"m{n}", "开店日期": text} for n, text in enumerate(typed)]
    _, lake = _into(fill(商户=rows), tmp_path)
    assert lake.whole("merchants").collect()["opened_on"].unique().to_list() == [date(2025, 3, 1)]
    assert stored(lake, "merchants")["column"].to_list() == ["开店日期"]


def test_a_formula_counts_as_what_it_showed(tmp_path: Path) -> None:
    """The value saved with a formula is read; text that would run as a formula is set aside."""
    path = tmp_path / "公式.xlsx"
    with xlsxwriter.Workbook(path) as book:
        _write(book, "商户", [["商户编号", "开店日期"], ["m1", "2024-01-01"]])
        sheet = _write(
            book, "订单", [["订单编号", "商户编号", "下单时间", "商品金额"], ["o1", "m1", "2025-03-01"]]
        )
        sheet.write_formula(1, 3, "=10+2.5", None, 12.5)
        _texts(sheet, 2, ["=HYPERLINK(A1)", "m1", "2025-03-01", "3"])
    _, lake = _into(path, tmp_path)
    assert lake.whole("orders").collect()["amount_fen"].to_list() == [1_250]
    assert stored(lake, "orders").select("row", "column", "rule").rows() == [(3, "订单编号", "formula_text")]


def test_an_error_of_excel_is_no_value(fill: Fill, tmp_path: Path) -> None:
    """A formula that was never calculated, or that failed, holds no amount: its row is set aside, not read as nought."""
    broken = [ORDER | {"订单编号": "o1", "商品金额": "=1/0"}, ORDER | {"订单编号": "o2", "商品金额": "#N/A"}]
    report, lake = _into(fill(商户=[MERCHANT], 订单=broken), tmp_path)
    assert (report.tables["orders"].read, report.tables["orders"].accepted) == (2, 0)
    assert stored(lake, "orders")["column"].to_list() == ["商品金额", "商品金额"]


def _write(book: xlsxwriter.Workbook, title: str, rows: list[list[str]]) -> xlsxwriter.worksheet.Worksheet:
    sheet = book.add_worksheet(title)
    for number, row in enumerate(rows):
        _texts(sheet, number, row)
    return sheet


def _texts(sheet: xlsxwriter.worksheet.Worksheet, number: int, row: list[str]) -> None:
    for column, text in enumerate(row):
        sheet.write_string(number, column, text)


def test_english_headings_without_hints_are_read(tmp_path: Path) -> None:
    """Headings may be the standard's own; the data may then begin in the second line."""
    path = tmp_path / "english.xlsx"
    with xlsxwriter.Workbook(path) as book:
        _write(book, "merchants", [["merchant_id", "legal_form", "opened_on"], ["m1", "coop", "2024-01-01"]])
    report, lake = _into(path, tmp_path)
    assert report.tables["merchants"].accepted == 1
    assert lake.whole("merchants").collect()["legal_form"].to_list() == ["coop"]


def test_a_strange_sheet_is_told_and_a_strange_workbook_refused(tmp_path: Path) -> None:
    """A sheet that is none of the template's is named as not read; if none is, the way to a template is told."""
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        _write(book, "商户", [["商户编号", "开店日期"], ["m1", "2024-01-01"]])
        _write(book, "草稿", [["x"]])
    assert open_source("spreadsheet", tmp_path / "a.xlsx").not_read == ("a.xlsx[草稿]",)
    with xlsxwriter.Workbook(tmp_path / "b.xlsx") as book:
        _write(book, "草稿", [["x"]])
    with pytest.raises(SourceError, match="no sheet is called after the template"):
        open_source("spreadsheet", tmp_path / "b.xlsx")


HEADINGS = {
    "lacks the columns 开店日期": ["商户编号"],
    "the heading 商户编号 stands there more than once": ["商户编号", "商户编号", "开店日期"],
    "mean the same column merchant_id": ["商户编号", "merchant_id", "开店日期"],
}


@pytest.mark.parametrize("said", HEADINGS)
def test_wrong_headings_are_named(said: str, tmp_path: Path) -> None:
    """The sheet and the heading at fault are told in the words of the workbook."""
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        _write(book, "商户", [HEADINGS[said], ["m1"]])
    with pytest.raises(SourceError, match=rf"a\.xlsx\[商户\].*{said}"):
        open_source("spreadsheet", tmp_path / "a.xlsx")


def test_what_the_notes_declare_is_declared(fill: Fill) -> None:
    """Route and purpose come from the sheet of notes, the route in Chinese."""
    path = fill()
    book = openpyxl.load_workbook(path)
    for row in book["说明"].iter_rows(max_col=2):
        row[1].value = {"来源途径": "自营商城", "用途": "信用评估"}.get(row[0].value, row[1].value)
    book.save(path)
    source = open_source("spreadsheet", path)
    assert (source.route, source.purpose, source.currency, source.name) == (
        "own_mall",
        "信用评估",
        "CNY",
        "绿谷合作社",
    )


def test_the_workbook_is_known_without_being_named(fill: Fill, tmp_path: Path) -> None:
    """`suixin ingest 模板.xlsx` needs no adapter's name; a sheet of the standard's own still reads as before."""
    assert _into(fill(商户=[MERCHANT]), tmp_path, "standard")[0].tables["merchants"].accepted == 1
    with xlsxwriter.Workbook(tmp_path / "merchants.xlsx") as book:
        _write(book, "Sheet1", [["merchant_id", "opened_on"], ["m9", "2024-01-01"]])
    assert open_source("standard", tmp_path / "merchants.xlsx").adapter == "standard"


def test_a_folder_of_workbooks_is_one_source(fill: Fill, tmp_path: Path) -> None:
    """Each member of a co-op sends one; Excel's lock files beside them are passed over."""
    fill("甲.xlsx", 商户=[MERCHANT])
    fill("乙.xlsx", 商户=[MERCHANT | {"商户编号": "008"}])
    (tmp_path / "~$甲.xlsx").write_bytes(b"lock")
    assert _into(tmp_path, tmp_path / "l")[0].tables["merchants"].accepted == 2


def test_the_template_has_lists_a_frozen_header_and_no_macros(tmp_path: Path) -> None:
    """Codes are chosen from a list, the two first lines stay in sight, identifiers are text."""
    write_template(tmp_path / "模板.xlsx")
    with ZipFile(tmp_path / "模板.xlsx") as parts:
        assert not [name for name in parts.namelist() if "vba" in name.lower()]
    book = openpyxl.load_workbook(tmp_path / "模板.xlsx")
    assert book.sheetnames == ["说明", *SHEETS.values()]
    merchants = book["商户"]
    assert merchants.freeze_panes == "A3"
    lists = [rule.formula1 for rule in merchants.data_validations.dataValidation]
    assert lists == ['"自然人,个体工商户,企业,合作社,农户"']
    assert merchants.column_dimensions["A"].number_format == "@"
    assert merchants["A2"].value == "必填：文本，不留空格"


def test_a_template_never_overwrites(fill: Fill) -> None:
    """What somebody filled in is not lost to a second template; another ending is no workbook."""
    with pytest.raises(UsageError, match="is there already"):
        write_template(fill())
    with pytest.raises(UsageError, match=r"ending \.xlsx"):
        write_template(Path("模板.xls"))


def test_headings_may_be_written_short() -> None:
    """A remark in brackets may be left out, a star for required fields may stand."""
    assert column_of("cashflows", "金额") == "amount"
    assert column_of("orders", "＊下单时间") == "ordered_at"
    assert column_of("orders", "备注") is None
    assert spreadsheet.NAME == "spreadsheet"
