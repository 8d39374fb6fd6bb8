"""Drift: months without rows, and how values moved against a year before or with the last ingest."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from suixin.lake.contract import Column, Kind
from suixin.lake.quality_measure import EXAMPLES, Measure, measure
from suixin.lake.quality_tally import Tally, coarse, medians, stability, watched

FLOWS = (
    "orders", "order_items", "payments", "settlements", "shipments", "reviews", "refunds", "invoices",
    "cashflows", "exposures", "prices", "weather",
)  # fmt: skip
"""Tables to which rows come month by month: their age and gaps are graded."""
_EVENTS = ("inquiries", "applications", "loans", "outcomes")  # months are shown, gaps are not graded
_RECENT_MONTHS, _BEFORE_MONTHS, _LEAST_ROWS, _SHOWN_MONTHS = 3, 12, 200, 60


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a table: its number (year × 12 + month - 1), rows, and the median of the first amount."""

    month: int
    rows: int
    median: float | None


def drift(tally: Tally) -> Iterator[Measure]:
    """Months without rows, and how the values of the last months or of the last ingest differ from before."""
    if tally.contract.name not in FLOWS or not tally.months:
        return
    first, last = min(tally.months), max(tally.months)
    gaps = [month for month in range(first, last) if not tally.months[month]]
    yield measure(
        "drift", "missing_months", count=len(gaps), of=last - first + 1, value=len(gaps), unit="month",
        examples=tuple({"month": month_text(month)} for month in gaps[:EXAMPLES]),
    )  # fmt: skip
    for column in watched(tally.contract):
        before, after = _split(tally, column, last - _RECENT_MONTHS)
        yield from _shift("psi_months", column, before, after)
        old, new = Counter[str](), Counter[str]()
        for (name, key, is_new), n in tally.added.items():
            if name == column.name:
                (new if is_new else old)[coarse(column, key)] += n
        yield from _shift("psi_ingest", column, old, new)


def _split(tally: Tally, column: Column, until: int) -> tuple[Counter[str], Counter[str]]:
    """The values of the months after `until`, and before them those of the same months a year ago.

    A crop's season is no drift; where the lake holds no such months, the year up to `until` is compared.
    """
    before, after = Counter[str](), Counter[str]()
    year_ago = range(until + 1 - _BEFORE_MONTHS, until + 1 - _BEFORE_MONTHS + _RECENT_MONTHS)
    if not all(tally.months[month] for month in year_ago):
        year_ago = range(until + 1 - _BEFORE_MONTHS, until + 1)
    for (name, key, month), n in tally.values.items():
        if name == column.name and (month > until or month in year_ago):
            (after if month > until else before)[coarse(column, key)] += n
    return before, after


def _shift(code: str, column: Column, before: Counter[str], after: Counter[str]) -> Iterator[Measure]:
    index = stability(before, after)
    if index is not None and min(before.total(), after.total()) >= _LEAST_ROWS:
        yield measure(
            "drift",
            code,
            column.name,
            count=after.total(),
            of=before.total(),
            value=round(index, 4),
            unit="index",
        )


def months(tally: Tally) -> Iterator[Month]:
    """Rows and median amount of the last sixty months, those without rows among them."""
    if not tally.months or tally.contract.name not in (*FLOWS, *_EVENTS):
        return
    amounts = [c for c in watched(tally.contract) if c.kind in (Kind.MONEY, Kind.NUMBER)]
    middle = medians(tally, amounts[0]) if amounts else {}
    last = max(tally.months)
    for month in range(max(min(tally.months), last - _SHOWN_MONTHS + 1), last + 1):
        yield Month(month, tally.months[month], middle.get(month))


def month_text(month: int) -> str:
    """A month number as 2025-03."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"
