"""A file of applications: what its rows ask for, and what is wrong with those that ask for nothing that can be filed."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from python_calamine import CalamineError, CalamineWorkbook

from suixin.errors import SourceError, UsageError
from suixin.identifiers import mask_row
from suixin.lake.readers import cell_text
from suixin.money import CNY, to_minor
from suixin.server.origination import workbook

MOST_ROWS = 1_000
MOST_SIGNS = 4_000  # of a cell
MOST_BYTES = 2_000_000
_SHOWN = 60
COLUMNS = {
    "merchant_id": ("商户编号", "商户", "merchant_id", "merchant"),
    "amount": ("申请金额", "金额", "amount"),
    "purpose": ("用途", "借款用途", "purpose"),
    "by_people": ("要求人工", "由人决定", "by_people"),
}
"""Column -> the headings that mean it; a unit in brackets behind one is no part of it."""
_NEEDED = ("merchant_id", "amount", "purpose")
_YES, _NO = {"是", "yes", "y", "1", "true"}, {"", "否", "no", "n", "0", "false"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a row asks for; `row` is its number in the file, the heading being row 1."""

    row: int
    merchant_id: str
    amount_minor: int
    purpose: str
    by_people: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row: where, what stands there, and how it is mended, in both languages."""

    row: int
    column: str
    value: str
    zh: str
    en: str


def read(name: str, content: bytes) -> tuple[list[Wish], list[Fault]]:
    """Read a file; a row is a wish, or has its faults.

    Args:
        name: the file's, which says by its ending what it is.
        content: its bytes: CSV in UTF-8 or GB 18030, or the first sheet of a workbook.

    Raises:
        SourceError: no such file, too large, unreadable, or a column that is needed is missing.
    """
    rows = lines(name, content)
    at = _headings(name, rows[0] if rows else [])
    body = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(row)]
    if len(body) > MOST_ROWS:
        raise SourceError(
            f"{name} has {len(body)} rows; give at most {MOST_ROWS} in one file",
            zh=f"{name} 有 {len(body)} 行；一个文件最多 {MOST_ROWS} 行",
        )
    wishes: list[Wish] = []
    faults: list[Fault] = []
    first: dict[str, int] = {}
    for number, row in body:
        cells = {column: row[index] if index < len(row) else "" for column, index in at.items()}
        found = list(_faults(number, cells, first))
        faults += found
        if not found:
            wishes.append(_wish(number, cells))
        first.setdefault(cells["merchant_id"], number)
    return wishes, faults


def lines(name: str, content: bytes) -> list[list[str]]:
    """The rows of a CSV in UTF-8 or GB 18030, or of the first sheet of a workbook, blanks around each cell taken off.

    Raises:
        SourceError: neither of them, too large, or unreadable.
    """
    if len(content) > MOST_BYTES:
        raise SourceError(
            f"{name} has {len(content):,} bytes; a file of rows has at most {MOST_BYTES:,}",
            zh=f"{name} 有 {len(content):,} 字节，最多 {MOST_BYTES:,} 字节",
        )
    rows = _rows(name, content)
    if any("\0" in cell for row in rows for cell in row):
        raise SourceError(
            f"{name} holds the sign NUL, which no text has; save it anew by a spreadsheet program"
        )
    return rows


def _rows(name: str, content: bytes) -> list[list[str]]:
    ending = name.rpartition(".")[2].lower()
    if ending == "csv":
        try:
            rows = list(csv.reader(io.StringIO(_decoded(name, content))))
        except csv.Error as error:
            raise SourceError(f"{name} is no CSV that can be read: {error}") from error
        longest = max((len(cell) for row in rows for cell in row), default=0)
        if longest > MOST_SIGNS:  # csv's own limit is the process's, and may have been raised
            raise SourceError(
                f"{name} is no CSV that can be read: a cell has {longest:,} signs, at most {MOST_SIGNS:,}"
            )
        return [[cell.strip() for cell in row] for row in rows]
    if ending == "xlsx":
        workbook.judge(name, content)
        try:
            sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
            return [
                [cell_text(value).strip() for value in row] for row in sheet.to_python(skip_empty_area=False)
            ]
        except (CalamineError, IndexError) as error:
            raise SourceError(f"{name} is not a readable workbook: {error}") from error
    raise SourceError(
        f"{name} is neither .csv nor .xlsx; save it as one of them",
        zh=f"{name} 不是 .csv 或 .xlsx 文件，请另存为其中一种",
    )


def _decoded(name: str, content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SourceError(
        f"{name} is neither UTF-8 nor GB 18030 text; save it as CSV (UTF-8)",
        zh=f"{name} 的文字编码不是 UTF-8 或 GB 18030，请另存为 CSV（UTF-8）",
    )


def _headings(name: str, row: list[str]) -> dict[str, int]:
    """Column -> its place."""
    plain = [cell.partition("（")[0].partition("(")[0].strip().lower() for cell in row]
    found = {
        column: index
        for column, words in COLUMNS.items()
        for index, heading in enumerate(plain)
        if heading in words
    }
    lacking = [f"{COLUMNS[column][0]} ({column})" for column in _NEEDED if column not in found]
    if lacking:
        raise SourceError(
            f"{name} lacks the columns {', '.join(lacking)}; it has {', '.join(row) or 'none'}",
            zh=f"{name} 缺少列 {'、'.join(lacking)}；现有 {'、'.join(row) or '无'}",
        )
    return found


def _faults(number: int, cells: dict[str, str], first: dict[str, int]) -> Iterator[Fault]:
    merchant, purpose = cells["merchant_id"], cells["purpose"]
    if not merchant or len(merchant) > 100:
        yield fault(number, "merchant_id", merchant, "填写商户编号", "give the merchant's key")
    elif merchant in first:
        yield fault(
            number,
            "merchant_id",
            merchant,
            f"与第 {first[merchant]} 行重复，只留一行",
            f"it stands in row {first[merchant]} too; keep one of them",
        )
    if _amount(cells["amount"]) <= 0:
        yield fault(
            number,
            "amount",
            cells["amount"],
            "填写大于 0 的金额，单位元，如 30000",
            "give an amount above 0 in yuan, such as 30000",
        )
    if not purpose or len(purpose) > _SHOWN:
        yield fault(
            number, "purpose", purpose, "填写用途，最多 60 字", "give a purpose of at most 60 characters"
        )
    if cells.get("by_people", "").lower() not in _YES | _NO:
        yield fault(number, "by_people", cells["by_people"], "填 是 或 否", "say yes or no")


def fault(row: int, column: str, value: str, zh: str, en: str) -> Fault:
    """A fault; of its value as much is kept as may be shown."""
    return Fault(row, column, str(mask_row({column: value})[column])[:_SHOWN], zh, en)


def _amount(text: str) -> int:
    """Yuan as minor units; 0 for what is no amount."""
    plain = text.replace(",", "").replace("，", "").lstrip("¥￥").removesuffix("元").strip()
    try:
        return to_minor(plain, CNY)
    except UsageError:
        return 0


def _wish(number: int, cells: dict[str, str]) -> Wish:
    people = cells.get("by_people", "").lower() in _YES
    return Wish(number, cells["merchant_id"], _amount(cells["amount"]), cells["purpose"], people)
