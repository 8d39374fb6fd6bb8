"""The measures of one table, from what was counted of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from suixin.lake import quarantine
from suixin.lake.contract import Column
from suixin.lake.quality_drift import FLOWS, Month, drift, months
from suixin.lake.quality_measure import EXAMPLES, Measure, keys_of, measure, worst
from suixin.lake.quality_tally import (
    Tally,
    joined,
    optional,
    quantile,
    stored,
)
from suixin.lake.store import Lake, reading, scan_each

_SOLD = ("orders", "cashflows", "payments")  # a merchant that is silent in one of these is graded
_SITUATIONAL = {("parties", "members"), ("regions", "parent_code")}  # many rows rightly have none
_QUIET_DAYS = 92


@dataclass(frozen=True, slots=True)
class Filled:
    """How full an optional column is: rows with a value, rows, and the share over merchants at P10, P50, P90."""

    column: str
    filled: int
    rows: int
    by_merchant: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class TableQuality:
    """One table.

    Attributes:
        name: of the data standard; grade: the worst of its measures, 'absent' if the lake lacks the table.
        rows, quarantined, merchants: current rows, rows set aside, merchants with a row (0 if not by merchant).
        first_on, last_on: ISO dates of the earliest and latest fact, '' if there is none.
        measures, columns, months: see there.
    """

    name: str
    grade: str
    rows: int = 0
    quarantined: int = 0
    merchants: int = 0
    first_on: str = ""
    last_on: str = ""
    measures: tuple[Measure, ...] = ()
    columns: tuple[Filled, ...] = ()
    months: tuple[Month, ...] = ()


def table_quality(
    lake: Lake, name: str, tally: Tally | None, broken: list[Measure], last_day: int, merchants: int
) -> TableQuality:
    """The quality of one table: what was counted of it, its broken rules, and its quarantine.

    `tally` is None for a table that the lake lacks; `last_day` is the lake's last day number and `merchants` how
    many it knows.
    """
    state = lake.manifest.tables.get(name)
    aside = list(_set_aside(lake, name))
    if tally is None or state is None:
        grade = worst(m.grade for m in aside) if aside else "absent"
        return TableQuality(name, grade, quarantined=state.quarantined if state else 0, measures=tuple(aside))
    people = joined(tally.merchants)
    measures = [
        *_completeness(tally, people, merchants),
        *_timeliness(tally, people, last_day),
        *broken,
        *aside,
        *_versions(tally, state.rows),
        *drift(tally),
    ]
    return TableQuality(
        name,
        worst(m.grade for m in measures),
        rows=tally.rows,
        quarantined=state.quarantined,
        merchants=people.height,
        first_on=state.first_on,
        last_on=state.last_on,
        measures=tuple(measures),
        columns=tuple(_filled(tally, people, column) for column in optional(tally.contract)),
        months=tuple(months(tally)),
    )


def _completeness(tally: Tally, people: pl.DataFrame, merchants: int) -> Iterator[Measure]:
    """Empty values of optional columns, and how many merchants have a row at all."""
    for column in optional(tally.contract):
        empty = tally.nulls[stored(column)]
        if empty == tally.rows:
            yield Measure(
                "completeness", "empty_column", column.name, empty, tally.rows, 1.0, "share", "absent"
            )
        else:
            graded = (tally.contract.name, column.name) not in _SITUATIONAL
            yield measure(
                "completeness", "empty_column", column.name, count=empty, of=tally.rows, graded=graded
            )
    if tally.contract.per_merchant and merchants:
        yield measure("completeness", "merchants_with_rows", count=people.height, of=merchants)


def _filled(tally: Tally, people: pl.DataFrame, column: Column) -> Filled:
    empty = tally.nulls[stored(column)]
    shares = None
    if people.height:
        share = 1 - people[column.name] / people[":rows"]
        low, middle, high = (share.quantile(q, "nearest") for q in (0.1, 0.5, 0.9))
        shares = (float(low or 0), float(middle or 0), float(high or 0))
    return Filled(column.name, tally.rows - empty, tally.rows, shares)


def _timeliness(tally: Tally, people: pl.DataFrame, last_day: int) -> Iterator[Measure]:
    """How late facts become known, how old the newest are, and what stays open too long."""
    contract, flows = tally.contract, tally.contract.name in FLOWS
    for share, code in ((0.5, "lag_median"), (0.95, "lag_days")):
        days = quantile(tally.lags, share)
        late = sum(n for lag, n in tally.lags.items() if lag > 0)
        yield measure(
            "timeliness", code, count=late, of=tally.rows, value=days, unit="day",
            graded=flows and not contract.known_after,
        )  # fmt: skip
    if flows and contract.per_merchant and people.height:
        age = max(last_day - int(people.select(pl.col(":newest").max()).item()), 0)
        yield measure("timeliness", "age_days", count=age, of=0, value=age, unit="day")
        quiet = (
            people.filter(pl.col(":newest") < last_day - _QUIET_DAYS)
            .select("merchant_id")
            .sort("merchant_id")
        )
        yield measure(
            "timeliness", "quiet_merchants", count=quiet.height, of=people.height, examples=keys_of(quiet),
            graded=contract.name in _SOLD,
        )  # fmt: skip
    for name, (count, of) in tally.open.items():
        if tally.nulls[name] < tally.rows:
            yield measure("timeliness", "open_too_long", name, count=count, of=of)


def _set_aside(lake: Lake, name: str) -> Iterator[Measure]:
    """Rows in quarantine, all of them and by rule."""
    state = lake.manifest.tables.get(name)
    if state is None:
        return
    total = state.rows + state.quarantined
    yield measure("uniqueness", "quarantined", count=state.quarantined, of=total)
    counts: Counter[str] = Counter()
    examples: dict[str, pl.DataFrame] = {}
    with reading(lake.root):
        for rows in scan_each(lake.root, state.quarantine, quarantine.STORED):
            for (rule,), part in rows.select("rule", "file", "row").collect().group_by("rule"):
                counts[str(rule)] += part.height
                examples.setdefault(str(rule), part.sort("file", "row").drop("rule").head(EXAMPLES))
    for rule, count in sorted(counts.items()):
        yield measure(
            "uniqueness", "set_aside", rule, count=count, of=total, examples=keys_of(examples[rule])
        )


def _versions(tally: Tally, versions: int) -> Iterator[Measure]:
    yield measure("uniqueness", "superseded", count=versions - tally.rows, of=versions)
