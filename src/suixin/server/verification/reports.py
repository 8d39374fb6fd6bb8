"""A bureau's file of reports: what its rows say of each query, and what is wrong with those that cannot be kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from suixin.errors import UsageError
from suixin.money import CNY, to_minor
from suixin.server.origination.sheet import Fault, fault, lines
from suixin.server.verification.sheet import body, headings

COLUMNS = {
    "reference": ("查询编号", "reference"),
    "reported_on": ("报告日期", "reported_on"),
    "kind": ("种类", "kind"),
    "lender": ("贷款人", "lender"),
    "balance": ("余额", "balance"),
    "service": ("每月还款", "monthly_service"),
}
"""Column -> the headings that mean it; a unit in brackets behind one is no part of it."""
KINDS = {
    "贷款": "loan",
    "loan": "loan",
    "担保": "guarantee",
    "guarantee": "guarantee",
    "无": "none",
    "none": "none",
}
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Debt:
    """What a row says: a debt, or with the kind 'none' that there is no debt; `row` is its number in the file."""

    row: int
    reference: str
    reported_on: date
    kind: str
    lender: str
    balance_minor: int
    service_minor: int


def read(name: str, content: bytes, today: date) -> tuple[dict[str, list[Debt]], list[Fault]]:
    """Read a file: query -> its report; a report with a fault in any row is left out whole.

    Raises:
        SourceError: no such file, too large, unreadable, or a column is missing.
    """
    rows = lines(name, content)
    at = headings(name, rows[0] if rows else [], COLUMNS, tuple(COLUMNS))
    reports: dict[str, list[Debt]] = {}
    faults: list[Fault] = []
    broken: set[str] = set()
    for number, cells in body(name, rows, at):
        found = list(_faults(number, cells, today)) or list(_odd(number, cells, reports))
        faults += found
        if found:
            broken.add(cells["reference"])
        else:
            reports.setdefault(cells["reference"], []).append(_debt(number, cells))
    return {key: held for key, held in reports.items() if key not in broken}, faults


def _faults(number: int, cells: dict[str, str], today: date) -> Iterator[Fault]:
    day = _day(cells["reported_on"])
    if day is None or day > today:
        yield fault(
            number,
            "reported_on",
            cells["reported_on"],
            "填不晚于今天的日期，如 2026-03-01",
            "a date up to today, such as 2026-03-01",
        )
    kind = KINDS.get(cells["kind"].lower())
    if kind is None:
        yield fault(number, "kind", cells["kind"], "填 贷款、担保 或 无", "say loan, guarantee or none")
    if kind != "none" and not 0 < len(cells["lender"]) <= _LONGEST:
        yield fault(number, "lender", cells["lender"], "填写贷款人", "name the lender")
    for column in ("balance", "service"):
        if _minor(cells[column]) is None or (kind == "none" and _minor(cells[column])):
            yield fault(
                number,
                column,
                cells[column],
                "填金额，单位元；没有债务的填 0",
                "an amount in yuan; 0 where there is no debt",
            )


def _odd(number: int, cells: dict[str, str], reports: dict[str, list[Debt]]) -> Iterator[Fault]:
    """What does not fit the rows before it: a report is of one day, and one without debts has one row."""
    before, this = reports.get(cells["reference"], []), _debt(number, cells)
    if before and before[0].reported_on != this.reported_on:
        yield fault(
            number,
            "reported_on",
            cells["reported_on"],
            f"与第 {before[0].row} 行的日期不同",
            f"another day than in row {before[0].row}",
        )
    if before and "none" in {this.kind, before[0].kind}:
        yield fault(
            number,
            "kind",
            cells["kind"],
            f"第 {before[0].row} 行已有这个编号，“无”只能单独一行",
            f"the number stands in row {before[0].row}; none stands alone",
        )


def _debt(number: int, cells: dict[str, str]) -> Debt:
    return Debt(
        number,
        cells["reference"],
        _day(cells["reported_on"]) or date.min,
        KINDS[cells["kind"].lower()],
        cells["lender"],
        _minor(cells["balance"]) or 0,
        _minor(cells["service"]) or 0,
    )


def _minor(text: str) -> int | None:
    """Yuan as minor units, None for what is no amount from 0 on."""
    try:
        made = to_minor(text.replace(",", "").replace("，", ""), CNY) if text else 0
    except UsageError:
        return None
    return made if made >= 0 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10].replace("/", "-"))
    except ValueError:
        return None
