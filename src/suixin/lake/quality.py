"""The data quality of a lake: how complete, timely, consistent, unique and stable each table is.

Every measure is a count of a count with a grade; a table that the lake lacks is said to be absent and does not
fail. Nothing reads a clock: ages are counted to the lake's own last day.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from suixin.errors import LakeError
from suixin.lake import manifest as manifests
from suixin.lake.contract import Table
from suixin.lake.quality_drift import FLOWS
from suixin.lake.quality_measure import EXAMPLES, Measure, keys_of, measure, worst
from suixin.lake.quality_rules import RULES, Rule
from suixin.lake.quality_table import TableQuality, table_quality
from suixin.lake.quality_tally import Tally, joined
from suixin.lake.store import GLOBAL_BUCKET, Lake, reading, scan_files
from suixin.lake.tables import TABLES

QUALITY_VERSION = 1
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Quality:
    """The report.

    Attributes:
        snapshot, currency, zone: of the lake; last_on: the day to which ages are counted.
        merchants: how many are known; compared: whether the last ingest could be told from what was there before.
        tables: every table of the standard, in its order.
    """

    snapshot: str
    currency: str
    zone: str
    last_on: str
    merchants: int
    compared: bool
    tables: tuple[TableQuality, ...]

    @property
    def grade(self) -> str:
        """The worst grade of all tables."""
        return worst(table.grade for table in self.tables)


def assess_quality(lake: Lake, tell: Tell = lambda *_: None) -> Quality:
    """Measure every table of a lake, one bucket at a time.

    Args:
        lake: an open snapshot.
        tell: called with (what, done, all) as the work goes on.

    Raises:
        LakeError: a data file is missing or damaged.
    """
    held = [name for name in TABLES if lake.holds(name)]
    ends = [lake.manifest.tables[name].last_on for name in held if name in FLOWS]
    last_on = max(filter(None, ends), default="") or max(
        (lake.manifest.tables[name].last_on for name in held), default=""
    )
    last_day = int(pl.Series([last_on or "1970-01-01"]).str.to_date().to_physical()[0])
    added = _added(lake)
    tallies: dict[str, Tally] = {}
    for number, name in enumerate(held):
        tell(name, number, len(held) + 1)
        with reading(lake.root):
            tallies[name] = _tally(lake, TABLES[name], last_day, added)
    tell("consistency", len(held), len(held) + 1)
    with reading(lake.root):
        broken = _broken(lake, held)
    merchants = _merchants(tallies)
    return Quality(
        snapshot=lake.snapshot,
        currency=lake.manifest.currency,
        zone=lake.manifest.zone,
        last_on=last_on,
        merchants=merchants,
        compared=added is not None,
        tables=tuple(
            table_quality(lake, name, tallies.get(name), broken.get(name, []), last_day, merchants)
            for name in TABLES
        ),
    )


def _added(lake: Lake) -> set[str] | None:
    """The data files that the last ingest brought; None if there was no ingest before or it is not known."""
    held = lake.manifest
    if held.verb != "ingest" or held.sequence <= 1:
        return None
    for revised in (0, held.revised):
        try:
            older = manifests.load_named(lake.root, manifests.file_name(held.sequence - 1, revised))
        except LakeError:
            continue
        return {file.path for file in held.files} - {file.path for file in older.files}
    return None


def _tally(lake: Lake, contract: Table, last_day: int, added: set[str] | None) -> Tally:
    tally = Tally(contract)
    for bucket in lake.buckets(contract.name):
        tally.add(lake.scan(contract.name, bucket), last_day)
        for file in lake.manifest.tables[contract.name].buckets[bucket] if added else ():
            tally.compare(scan_files(lake.root, [file], contract), new=file.path in (added or ()))
    return tally


def _merchants(tallies: dict[str, Tally]) -> int:
    """Merchants on record, or without such a table those with any order or movement."""
    known = [name for name in ("merchants", "orders", "invoices", "cashflows") if name in tallies]
    return joined(tallies[known[0]].merchants).height if known else 0


def consistency(lake: Lake) -> dict[str, list[Measure]]:
    """Table -> a measure a rule: what must hold between the tables of one merchant, counted over all of them.

    LakeError if a data file is missing or damaged.
    """
    with reading(lake.root):
        return _broken(lake, [name for name in TABLES if lake.holds(name)])


def _broken(lake: Lake, held: list[str]) -> dict[str, list[Measure]]:
    """Table -> a measure a rule."""
    found: dict[str, list[Measure]] = {}
    for rule in RULES:
        if all(name in held for name in rule.needs):
            found.setdefault(rule.table, []).append(_judge(lake, rule))
    return found


def _judge(lake: Lake, rule: Rule) -> Measure:
    """One rule over all buckets."""
    count = of = 0
    examples = pl.DataFrame()
    for bucket in lake.buckets(rule.table):
        frames = {
            n: lake.scan(n, bucket if TABLES[n].per_merchant else GLOBAL_BUCKET)
            for n in (
                *rule.needs,
                *(["refunds"] if rule.code == "settled_more" and lake.holds("refunds") else []),
            )
        }
        checked = rule.check(frames).with_columns(pl.col("bad").fill_null(value=False))
        totals, wrong = pl.collect_all(
            [
                checked.select(pl.len(), pl.col("bad").sum()),
                checked.filter("bad").drop("bad").sort(pl.all()).head(EXAMPLES),
            ]
        )
        of, count = of + totals.item(0, 0), count + totals.item(0, 1)
        if examples.height < EXAMPLES and wrong.height:
            examples = pl.concat([examples, wrong]) if examples.height else wrong
    return measure("consistency", rule.code, count=count, of=of, examples=keys_of(examples))
