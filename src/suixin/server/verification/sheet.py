"""A provider's file of answers: what its rows say, and what is wrong with those that say nothing that can be kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from suixin.errors import SourceError
from suixin.server.origination.sheet import MOST_ROWS, Fault, fault, lines
from suixin.server.verification.models import WORDS, IdentityCheck
from suixin.server.verification.providers import LATEST

Verdict = IdentityCheck.Verdict
COLUMNS = {
    "reference": ("核验编号", "reference"),
    "verdict": ("结果", "verdict"),
    "number": ("流水号", "number"),
    "expires": ("有效期至", "expires"),
}
"""Column -> the headings that mean it."""
_NEEDED = ("reference", "verdict", "number")
_VERDICTS = {
    "一致": Verdict.MATCHED,
    "matched": Verdict.MATCHED,
    "不一致": Verdict.MISMATCH,
    "mismatch": Verdict.MISMATCH,
    "库中无此号": Verdict.UNKNOWN,
    "unknown": Verdict.UNKNOWN,
}
_WITHOUT_END = {"", "长期", "long-term"}


@dataclass(frozen=True, slots=True)
class Told:
    """What a row says; `row` is its number in the file, the heading being row 1."""

    row: int
    reference: str
    verdict: str
    number: str
    expires_on: date | None


def read(name: str, content: bytes) -> tuple[list[Told], list[Fault]]:
    """Read a file, CSV or workbook; a row says something, or has its faults.

    Raises:
        SourceError: no such file, too large, unreadable, or a column that is needed is missing.
    """
    rows = lines(name, content)
    at = headings(name, rows[0] if rows else [], COLUMNS, _NEEDED)
    told: list[Told] = []
    faults: list[Fault] = []
    for number, cells in body(name, rows, at):
        found = list(_faults(number, cells))
        faults += found
        if not found:
            verdict = _VERDICTS[cells["verdict"].lower()]
            told.append(
                Told(number, cells["reference"], verdict, cells["number"], _day(cells.get("expires", "")))
            )
    return told, faults


def headings(
    name: str, row: list[str], columns: Mapping[str, tuple[str, ...]], needed: tuple[str, ...]
) -> dict[str, int]:
    """Column -> its place; SourceError if one that is needed is missing."""
    plain = [cell.partition("（")[0].partition("(")[0].strip().lower() for cell in row]
    at = {column: plain.index(word) for column, words in columns.items() for word in words if word in plain}
    lacking = [f"{columns[one][0]} ({columns[one][1]})" for one in needed if one not in at]
    if lacking:
        raise SourceError(
            f"{name} lacks the columns {', '.join(lacking)}; it has {', '.join(row) or 'none'}",
            zh=f"{name} 缺少列 {', '.join(lacking)}；现有 {', '.join(row) or '无'}",
        )
    return at


def body(name: str, rows: list[list[str]], at: dict[str, int]) -> Iterator[tuple[int, dict[str, str]]]:
    """(number, column -> cell) of each row below the heading that is not empty.

    Raises:
        SourceError: there are too many, or one has more cells than there are headings, and its values may stand anywhere.
    """
    filled = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(row)]
    if len(filled) > MOST_ROWS:
        raise SourceError(
            f"{name} has {len(filled)} rows; give at most {MOST_ROWS} in one file",
            zh=f"{name} 有 {len(filled)} 行；一个文件最多 {MOST_ROWS} 行",
        )
    for number, row in filled:
        if any(row[len(rows[0]) :]):
            raise SourceError(
                f"{name} has more cells in row {number} than headings; quote a value with a comma",
                zh=f"{name} 第 {number} 行的单元格比表头多；值里有逗号请加引号",
            )
        yield number, {column: row[index] if index < len(row) else "" for column, index in at.items()}


def _faults(number: int, cells: dict[str, str]) -> Iterator[Fault]:
    if cells["verdict"].lower() not in _VERDICTS:
        yield fault(
            number,
            "verdict",
            cells["verdict"],
            "填 一致、不一致 或 库中无此号",
            "say matched, mismatch or unknown",
        )
    if not 0 < len(cells["number"]) <= WORDS:
        yield fault(
            number, "number", cells["number"], "填写核验机构的流水号", "give the provider's own number"
        )
    expires = cells.get("expires", "")
    if expires.lower() not in _WITHOUT_END and _day(expires) is None:
        yield fault(
            number,
            "expires",
            expires,
            "填日期，如 2031-05-01，或 长期",
            "a date, such as 2031-05-01, or long-term",
        )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text[:10].replace("/", "-"))
    except ValueError:
        return None
    return day if day <= LATEST else None
