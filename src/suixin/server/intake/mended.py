"""A mended file: which rows that were set aside it brings, with which values, and what is wrong with it as a file."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import orjson

from suixin.errors import LakeError, SourceError
from suixin.lake.contract import Table
from suixin.lake.tables import TABLES
from suixin.server.intake.aside import Aside, place_of, shown
from suixin.server.intake.rules import BEGUN, NOT_ASIDE, SETTLED, SHIFTED, TWICE, UNKEPT
from suixin.server.intake.tomend import FILE, MOST_ROWS, ROW, as_it_was
from suixin.server.origination import sheet

_LONGEST = 10  # of a row's number: fewer digits than a telephone's has


@dataclass(frozen=True, slots=True)
class Mended:
    """A row of the file: its line (the heading is line 1), the row that it mends, and its values by column."""

    line: int
    of: Aside
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line: the row's number in its source, the column, the rule, and the value, masked.

    The value is told from the lake and kept nowhere beside it: masked or not, it may be somebody's name.
    """

    line: int
    row: str
    column: str
    rule: str
    value: str = ""


def read(name: str, content: bytes, table: str, aside: Iterable[Aside]) -> tuple[list[Mended], list[Fault]]:
    """The rows that may go to the lake, and the faults of the others.

    Args:
        name: the file's, which says by its ending what it is.
        content: its bytes.
        table: whose rows they are.
        aside: every row that the ingest set aside in it.

    Raises:
        SourceError: no CSV and no workbook, too large, empty, unreadable, or without a column that is needed.
    """
    lines = sheet.lines(name, content)
    if name.lower().endswith(".csv"):
        lines = [[as_it_was(cell) for cell in line] for line in lines]
    heads = lines[0] if lines else []
    _refuse_headings(name, heads, TABLES[table])
    body = [(number, row) for number, row in enumerate(lines[1:], start=2) if any(row)]
    if not body:
        raise SourceError(
            f"{name} has no row; keep the rows that you have mended", zh=f"{name} 没有数据行，请保留改好的行"
        )
    if len(body) > MOST_ROWS:
        raise SourceError(
            f"{name} has {len(body):,} rows; give at most {MOST_ROWS:,} in one file",
            zh=f"{name} 有 {len(body):,} 行；一个文件最多 {MOST_ROWS:,} 行",
        )
    held = {one.place: one for one in aside}
    rows: list[Mended] = []
    faults: list[Fault] = []
    met: set[str] = set()
    for number, row in body:
        cells = dict.fromkeys(heads, "") | dict(zip(heads, row, strict=False))
        found = held.get(place_of(cells[FILE], _whole(cells[ROW])))
        rule = _rule(found, met) or (SHIFTED if any(row[len(heads) :]) else "")
        if found is None or rule:
            faults.append(Fault(number, _number(cells[ROW]), "", rule))
            continue
        met.add(found.place)
        values = {head: cell for head, cell in cells.items() if cell and not head.startswith("#")}
        rows.append(Mended(number, found, values))
    return rows, faults


def _rule(found: Aside | None, met: set[str], own: int | None = None) -> str:
    if found is None:
        return NOT_ASIDE
    if found.outcome is not None:
        return SETTLED
    if found.begun is not None and found.begun.pk != own:
        return BEGUN
    if found.is_about_nobody:
        return UNKEPT
    return TWICE if found.place in met else ""


def _refuse_headings(name: str, heads: list[str], contract: Table) -> None:
    double = sorted({head for head in heads if head and heads.count(head) > 1})
    if double:
        raise SourceError(
            f"{name} names {', '.join(double)[:200]} more than once",
            zh=f"{name} 的列名重复：{'、'.join(double)[:200]}",
        )
    needed = [FILE, ROW, *(one.name for one in contract.columns if one.required)]
    lacking = [head for head in needed if head not in heads]
    if lacking:
        raise SourceError(
            f"{name} lacks the columns {', '.join(lacking)} of {contract.name}; mend the file that was downloaded, "
            "and leave its headings as they are",
            zh=f"{name} 缺少 {contract.name} 的列 {'、'.join(lacking)}；请改下载的文件，不要动表头",
        )


def _number(text: str) -> str:
    """The row's number, if that is what stands there: in a line that was shifted it may be a telephone's or a person's."""
    return text if _whole(text) >= 0 and len(text) < _LONGEST else ""


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1


def packed(rows: Iterable[Mended]) -> bytes:
    """Rows as they lie in the lake until they are put in; of the other lines of their file nothing is kept."""
    return orjson.dumps([[one.line, one.of.place, dict(one.values)] for one in rows])


def unpacked(content: bytes, aside: Iterable[Aside], own: int) -> tuple[list[Mended], list[Fault]]:
    """The rows that were packed, and the faults of those that are settled, gone or another file's since.

    Args:
        content: what was packed.
        aside: as for `read`.
        own: the id of the file that is asked about; rows that it has begun with are its own.

    Raises:
        LakeError: it was not packed by this release.
    """
    held = {one.place: one for one in aside}
    rows: list[Mended] = []
    faults: list[Fault] = []
    for line, place, values in _lines(content):
        found = held.get(place)
        rule = _rule(found, set(), own)
        if found is None or rule:
            faults.append(Fault(line, str(found.row) if found else "", "", rule))
        else:
            rows.append(Mended(line, found, values))
    return rows, faults


def with_values(table: str, faults: Iterable[Fault], content: bytes) -> list[Fault]:
    """The faults with the values of the rows that were packed, masked; LakeError as for `unpacked`."""
    held = {line: values for line, _, values in _lines(content)}
    return [
        replace(one, value=shown(table, one.column, held.get(one.line, {}).get(one.column, "")))
        for one in faults
    ]


def _lines(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except ValueError as error:
        raise LakeError(
            "the mended file is not there any more; upload it again", zh="修正文件已经不在，请重新上传"
        ) from error


def as_kept(faults: Iterable[Fault]) -> list[dict[str, Any]]:
    """Faults by line as the database keeps them: without a value."""
    return [
        {name: held for name, held in asdict(one).items() if name != "value"}
        for one in sorted(faults, key=lambda one: one.line)
    ]


def fault_of(row: Mended, column: str, rule: str) -> Fault:
    """What the lake says of a row."""
    value = shown(row.of.table, column, row.values.get(column, ""))
    return Fault(row.line, str(row.of.row), column, rule, value)
