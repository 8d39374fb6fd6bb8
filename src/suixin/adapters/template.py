"""The Chinese workbook that a merchant or a co-op fills in: one sheet a table, hints and lists of choices, no macros."""

from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from suixin.adapters.sheets import CHOICES, NOTES, ROUTE_WORDS, SHEETS, TERMS, hint
from suixin.errors import UsageError
from suixin.lake.contract import Column, Kind
from suixin.lake.tables import TABLES

LAST_ROW = 20_000  # as far down as lists and formats reach
WIDTH = 22
_NUMBER_FORMATS = {
    Kind.MONEY: "#,##0.00",
    Kind.COUNT: "0",
    Kind.NUMBER: "General",
    Kind.DATE: "yyyy-mm-dd",
    Kind.INSTANT: "yyyy-mm-dd hh:mm",
}
GUIDE = (
    "每张工作表填写一类记录；用不到的表留空即可，不要改表名和第一行的列名。",
    "第一行是列名，红色为必填；第二行是填写说明；从第三行开始填写。",
    "编号按文本填写，开头的 0 不会丢失；同一商户的编号在各表中必须一致。",
    "金额以元为单位，最多两位小数；日期写作 2025-09-03，时间写作 2025-09-03 14:21。",
    "请先填「商户」，再填其他表；商户表里没有的编号，其记录不会被接受。",
    "买家、付款账户等只填代号，不要填写姓名、电话、证件号。",
    "填好后运行：suixin ingest 文件.xlsx --adapter spreadsheet --lake 数据湖",
    "有问题的行不会丢失，也不影响其他行：suixin lake quarantine 数据湖 会指出表名、行号和列名。",
)


def write_template(path: Path) -> None:
    """Write the empty workbook.

    Raises:
        UsageError: the path does not end in .xlsx, is taken, or cannot be written.
    """
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"{path}: the template is a workbook; name it with the ending .xlsx")
    if path.exists():
        raise UsageError(f"{path}: is there already; name another file, so that nothing filled in is lost")
    try:
        with TemporaryDirectory() as folder:
            workbook = xlsxwriter.Workbook(str(path), {"tmpdir": folder, "strings_to_formulas": False})
            _notes(workbook)
            for name, title in SHEETS.items():
                _sheet(workbook, name, title)
            workbook.close()
    except (OSError, FileCreateError) as error:
        raise UsageError(f"{path}: cannot be written: {getattr(error, 'strerror', None) or error}") from error


def _notes(workbook: Workbook) -> None:
    """What the workbook is, and what is declared of the data in it."""
    sheet = workbook.add_worksheet(NOTES)
    bold, wrap = workbook.add_format({"bold": True}), workbook.add_format({"text_wrap": True})
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, "填写说明", bold)
    for row, text in enumerate(GUIDE):
        sheet.write_string(row, 1, text, wrap)
    first = len(GUIDE) + 1
    sheet.write_string(first, 0, "数据申报", bold)
    given = {"currency": "CNY", "zone": "Asia/Shanghai", "route": ROUTE_WORDS["merchant_export"]}
    for row, (name, label) in enumerate(TERMS.items(), start=first + 1):
        sheet.write_string(row, 0, label)
        sheet.write_string(row, 1, given.get(name, ""))
        if name == "route":
            sheet.data_validation(row, 1, row, 1, _list(list(ROUTE_WORDS.values())))


def _sheet(workbook: Workbook, name: str, title: str) -> None:
    sheet = workbook.add_worksheet(title)
    heads = {
        required: workbook.add_format(
            {"bold": True, "bg_color": "#E8F0E4", "font_color": "#B00020" if required else "#000000"}
        )
        for required in (True, False)
    }
    small = workbook.add_format(
        {"italic": True, "font_color": "#666666", "text_wrap": True, "num_format": "@"}
    )
    sheet.freeze_panes(2, 0)
    for number, column in enumerate(TABLES[name].columns):
        sheet.set_column(number, number, WIDTH, _cells(workbook, column))
        sheet.write_string(0, number, column.zh, heads[column.required])
        sheet.write_string(1, number, hint(name, column), small)
        _choices(sheet, name, number, column)


def _cells(workbook: Workbook, column: Column) -> Format:
    """Identifiers are text, so that no digit is lost."""
    return workbook.add_format({"num_format": _NUMBER_FORMATS.get(column.kind, "@")})


def _choices(sheet: Worksheet, name: str, number: int, column: Column) -> None:
    words = CHOICES.get((name, column.name))
    values = list(words.values()) if words else ["是", "否"] if column.kind is Kind.FLAG else []
    if values:
        sheet.data_validation(2, number, LAST_ROW, number, _list(values))


def _list(values: list[str]) -> dict[str, object]:
    return {
        "validate": "list",
        "source": values,
        "error_title": "请从列表中选择",
        "error_message": "、".join(values),
    }
