"""A file of applications: where its columns stand, what its rows ask for, and what is wrong with those that ask for nothing."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

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
    "by_people": ("要求人工", "由人决定", "by_people", "by people"),
}
"""Column -> the headings that mean it; a unit in brackets behind one is no part of it."""
EXTRA = "extra"
"""The column of a cell that stands beyond the headings."""
WORDS = {
    "merchant_id": ("商户编号", "merchant"),
    "amount": ("申请金额", "amount"),
    "purpose": ("用途", "purpose"),
    "by_people": ("要求人工", "by people"),
    EXTRA: ("多出的一格", "extra cell"),
}
"""Column -> what a reader calls it, in both languages."""
_MANY = 16  # digits of yuan, more than an amount has
NEEDED = ("merchant_id", "amount", "purpose")
_TITLES = 10
"""So many rows a title may take before the headings come."""
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


class Sheet(NamedTuple):
    """What was read.

    Attributes:
        wishes: of the rows without a fault.
        faults: of the other rows.
        halves: those rows themselves, of which the parts that are right can still be judged: a merchant of '' and an
            amount of 0 are parts that are wrong.
    """

    wishes: list[Wish]
    faults: list[Fault]
    halves: list[Wish]


class Table(NamedTuple):
    """The rows of a file as they stand.

    Attributes:
        heads: its headings, '' where none stands.
        body: the rows below that hold anything: number in the file, the first row being 1, and cells.
    """

    heads: list[str]
    body: list[tuple[int, list[str]]]


def table(name: str, content: bytes) -> Table:
    """The headings of a file and the rows below them; a title above the headings is passed over.

    Args:
        name: the file's, which says by its ending what it is.
        content: its bytes: CSV in UTF-8 or GB 18030, or the first sheet of a workbook.

    Raises:
        SourceError: no such file, too large, unreadable, without a row, or with fewer headings than an application needs.
    """
    rows = lines(name, content)
    filled = [sum(map(bool, row)) >= len(NEEDED) for row in rows[:_TITLES]]
    top = filled.index(True) if True in filled else 0
    heads = rows[top] if rows else []
    at = guess(heads)
    if not is_whole(at):
        _could_be_headings(name, heads, top + 1, at)
    body = [(number, row) for number, row in enumerate(rows[top + 1 :], start=top + 2) if any(row)]
    if not body:
        raise SourceError(
            f"{name} has no rows of data below its headings; fill in a row for each application",
            zh=f"{name} 表头下没有数据行；请每笔申请填一行",
        )
    if len(body) > MOST_ROWS:
        raise SourceError(
            f"{name} has {len(body)} rows; give at most {MOST_ROWS} in one file",
            zh=f"{name} 有 {len(body)} 行；一个文件最多 {MOST_ROWS} 行",
        )
    return Table(heads, body)


def guess(heads: list[str]) -> dict[str, int]:
    """Column -> the place of the heading that means it, of those that are known by their headings."""
    plain = [cell.partition("（")[0].partition("(")[0].strip().lower() for cell in heads]
    return {
        column: index
        for column, words in COLUMNS.items()
        for index, heading in enumerate(plain)
        if heading in words
    }


def is_whole(at: Mapping[str, int]) -> bool:
    """Whether every column that is needed has its place."""
    return all(column in at for column in NEEDED)


def _could_be_headings(name: str, heads: list[str], row: int, at: Mapping[str, int]) -> None:
    """Refuse a file of which nobody could say which column is which."""
    if sum(map(bool, heads)) < len(NEEDED):
        lacking = [f"{COLUMNS[column][0]} ({column})" for column in NEEDED if column not in at]
        raise SourceError(
            f"{name} lacks the columns {', '.join(lacking)}; it has {', '.join(heads) or 'none'}",
            zh=f"{name} 缺少列 {'、'.join(lacking)}；现有 {'、'.join(heads) or '无'}",
        )
    if sums := [head for head in heads if _amount(head)[0]]:
        raise SourceError(
            f"row {row} of {name} holds {sums[0]} where headings should stand; put a row of headings above the data",
            zh=f"{name} 第 {row} 行应为列名，却是 {sums[0]}；请在数据上方加一行列名",
        )


def read(held: Table, at: Mapping[str, int]) -> Sheet:
    """What the rows ask for; a row is a wish, or has its faults.

    Args:
        held: the rows.
        at: column -> its place, of every column that is needed and whatever else is there.
    """
    width = max(index for index, head in enumerate(held.heads, start=1) if head)
    sheet = Sheet([], [], [])
    first: dict[str, int] = {}
    for number, row in held.body:
        cells = {column: row[index] if index < len(row) else "" for column, index in at.items()}
        found = list(_faults(number, cells, first))
        if extra := [cell for cell in row[width:] if cell]:
            found = [_beyond(number, extra), *(one for one in found if at[one.column] <= at["amount"])]
        sheet.faults.extend(found)
        (sheet.halves if found else sheet.wishes).append(_wish(number, cells, {one.column for one in found}))
        first.setdefault(cells["merchant_id"], number)
    return sheet


def _beyond(number: int, extra: list[str]) -> Fault:
    """An unquoted comma shifts every cell behind it: what stands there is not judged, nor is the amount believed."""
    return fault(
        number,
        EXTRA,
        ", ".join(extra),
        "比表头多出一格；金额里有逗号请加引号或去掉，否则清空这一格",
        "a cell beyond the headings; quote an amount with a comma or leave the comma out, else clear the cell",
    )


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
            f"{name} holds the sign NUL, which no text has; save it anew by a spreadsheet program",
            zh=f"{name} 含有空字符（NUL），不是正常文字；请用表格软件重新另存",
        )
    return rows


def _rows(name: str, content: bytes) -> list[list[str]]:
    ending = name.rpartition(".")[2].lower()
    if ending == "csv":
        try:
            rows = list(csv.reader(io.StringIO(_decoded(name, content))))
        except csv.Error as error:
            raise SourceError(
                f"{name} is no CSV that can be read: {error}",
                zh=f"{name} 不是可以读取的 CSV；请用表格软件重新另存为 CSV（UTF-8）",
            ) from error
        longest = max((len(cell) for row in rows for cell in row), default=0)
        if longest > MOST_SIGNS:  # csv's own limit is the process's, and may have been raised
            raise SourceError(
                f"{name} is no CSV that can be read: a cell has {longest:,} signs, at most {MOST_SIGNS:,}",
                zh=f"{name} 有一格长达 {longest:,} 个字，最多 {MOST_SIGNS:,} 个；请检查是否少了引号",
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
            raise SourceError(
                f"{name} is not a readable workbook: {error}",
                zh=f"{name} 不是可以读取的 Excel 工作簿；请用表格软件重新另存为 .xlsx",
            ) from error
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
    if mend := _amount(cells["amount"])[1]:
        yield fault(number, "amount", cells["amount"], *mend)
    if not purpose or len(purpose) > _SHOWN:
        yield fault(
            number, "purpose", purpose, "填写用途，最多 60 字", "give a purpose of at most 60 characters"
        )
    elif purpose.isdigit():  # the end of an amount with a comma, where no cell is too many
        yield fault(
            number,
            "purpose",
            purpose,
            "用途不能只有数字；金额里有逗号请加引号或去掉",
            "say the purpose in words; quote an amount with a comma, or leave the comma out",
        )
    if cells.get("by_people", "").lower() not in _YES | _NO:
        yield fault(number, "by_people", cells["by_people"], "填 是 或 否", "say yes or no")


def fault(row: int, column: str, value: str, zh: str, en: str) -> Fault:
    """A fault; of its value as much is kept as may be shown."""
    return Fault(row, column, shown(value), zh, en)


def shown(value: str) -> str:
    """As much of a cell as may be shown."""
    return str(mask_row({"": value})[""])[:_SHOWN]


def _amount(text: str) -> tuple[int, tuple[str, str] | None]:
    """Yuan as minor units, or 0 and the mend of what is no amount above 0."""
    plain = text.replace(",", "").replace("，", "").lstrip("¥￥").removesuffix("元").strip()
    try:
        exact, rounded = to_minor(plain, CNY), 0
    except UsageError:
        exact, rounded = 0, _rounded(plain)
    if exact > 0:
        return exact, None
    if rounded:
        return 0, ("金额最多两位小数，如 1234.56", "give an amount of at most two decimals, such as 1234.56")
    if len(plain) >= _MANY and plain.isascii() and plain.isdigit():
        return 0, ("金额过大，请按实际需要填写", "the amount is too large; give what is needed")
    return 0, ("填写大于 0 的金额，单位元，如 30000", "give an amount above 0 in yuan, such as 30000")


def _rounded(plain: str) -> int:
    try:
        return max(to_minor(plain, CNY, rounding=True), 0)
    except UsageError:
        return 0


def _wish(number: int, cells: dict[str, str], wrong: set[str]) -> Wish:
    """What the row asks for; of the columns that are wrong nothing is said."""
    return Wish(
        number,
        "" if "merchant_id" in wrong else cells["merchant_id"],
        0 if EXTRA in wrong else _amount(cells["amount"])[0],
        cells["purpose"],
        cells.get("by_people", "").lower() in _YES,
    )
