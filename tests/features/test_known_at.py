"""Knowledge time: what a feature may know, whatever the order in which the lake learns it.

Many clones of one hand-written village lie in each lake, one a case: they know nothing of each other, so one ingest
and one run of the features prove a property for all of them.
"""

import itertools
import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from features.village import AS_OF, MERCHANTS, Row, Tables, asking, at, clone, on, together, village, write
from suixin.adapters import open_source
from suixin.calendar import date_to_day
from suixin.features.build import Built, build
from suixin.features.point_in_time import known_before
from suixin.features.registry import FAMILIES
from suixin.lake.contract import Column, Kind, Table
from suixin.lake.ingest import ingest
from suixin.lake.store import Lake
from suixin.lake.tables import TABLES

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SERIES = "series"  # the monthly net sales, taken as one more family

EVIDENCE = {"orders", "merchants", "relations", "payments", "cashflows", "shipments", "reviews", "refunds"}
"""Tables that the signs of self-dealing are read from."""

HANGS_ON_ORDERS = {"orders", "order_items", "shipments", "reviews", "refunds"}
"""Tables of which a family that is not gross sees only what belongs to genuine orders."""

LATE: dict[tuple[str, str], set[str]] = {
    ("orders", "paid_at"): set(),
    ("orders", "handed_at"): {"fulfilment"},
    # what is not delivered is neither praised at once nor missing a scan
    ("orders", "delivered_at"): {"fulfilment", "sales", "integrity"},
    ("orders", "cancelled_at"): {
        "sales",
        "integrity",
        "customers",
        "fulfilment",
        "refunds",
        "burden",
        SERIES,
    },
    ("shipments", "township_at"): {"parcels", "sales", "integrity"},
    ("shipments", "county_at"): {"sales", "integrity"},
    ("shipments", "delivered_at"): {"parcels"},
    ("invoices", "voided_on"): {"invoices", SERIES},
    ("loans", "closed_on"): {"loans"},
    ("relations", "ended_on"): {"relations", "group"},
}
"""For each late column the families that must change when it becomes known too late."""


def fill(folder: Path, root: Path, tables: Tables) -> Lake:
    """Ingest one more batch into the lake; every row of it is good."""
    reports = ingest(open_source("standard", write(folder, tables)), root, now=NOW).tables
    assert {name: report.quarantined for name, report in reports.items() if report.quarantined} == {}
    return Lake.open(root)


def built(lake: Lake, prefixes: Iterable[str]) -> Built:
    """The features of every merchant of these clones."""
    named = [prefix + merchant for prefix in prefixes for merchant in MERCHANTS]
    return build(lake, asking(merchants=named), processes=0)


def parts(found: Built, prefix: str) -> dict[str, pl.DataFrame]:
    """What was computed for one clone, family by family; merchants under the names that they have in the village."""
    mine = found.features.filter(pl.col("merchant_id").str.starts_with(prefix)).sort("merchant_id")
    plain = pl.col("merchant_id").str.strip_prefix(prefix)
    families = {
        family.name: mine.select(plain, *(feature.name for feature in family.features)) for family in FAMILIES
    }
    months = found.series.join(mine.select("subject", "merchant_id"), on="subject").drop("subject")
    series = months.select(plain, "source", "month", "net_fen").sort("merchant_id", "source", "month")
    return {**families, SERIES: series}


def changed(one: Mapping[str, pl.DataFrame], other: Mapping[str, pl.DataFrame]) -> set[str]:
    """The families of which a value differs in any bit."""
    return {name for name in one if not one[name].equals(other[name], null_equal=True)}


def readers(table: str) -> tuple[set[str], set[str]]:
    """The families that read a table, and those that see it through the orders that count as self-dealing."""
    # An open refund only keeps an order from being a ring, and no order of the village is both.
    optional = table != "refunds"
    direct = {f.name for f in FAMILIES if table in f.tables or (optional and table in f.optional)}
    direct |= {SERIES} if table in ("orders", "refunds", "invoices") else set()
    return direct, direct | (through_evidence() if table in EVIDENCE else set())


def through_evidence() -> set[str]:
    """The families whose rows change when other orders count as self-dealing."""
    return {SERIES} | {f.name for f in FAMILIES if f.gross or HANGS_ON_ORDERS & set(f.tables)}


# ---- each known-at, moved past the as-of date -------------------------------------------------------------


def moved(table: str, column: str = "") -> Tables:
    """The village with the rows of one table, or one of its late columns, known from the as-of date on."""
    tables = village()
    for row in tables[table]:
        if not column:
            row["known_at"] = f"{AS_OF} 00:00:00"
        elif row.get(column):
            row[column] = str(AS_OF) if column.endswith("_on") else f"{AS_OF} 00:00:00"
    return tables


CASES = [("", ""), *((name, "") for name in TABLES), *LATE]


@pytest.fixture(scope="module")
def moves(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A clone a case, all in one lake."""
    folder = tmp_path_factory.mktemp("moves")
    clones = [clone(moved(*case) if case[0] else village(), f"{n:03d}-") for n, case in enumerate(CASES)]
    lake = fill(folder / "source", folder / "lake", together(clones))
    return built(lake, [f"{n:03d}-" for n in range(len(CASES))])


def of_case(moves: Built, case: tuple[str, str]) -> set[str]:
    return changed(parts(moves, "000-"), parts(moves, f"{CASES.index(case):03d}-"))


def test_the_village_has_every_feature(moves: Built) -> None:
    """A feature that the village does not know could not be seen to change."""
    first = moves.features.filter(pl.col("merchant_id") == "000-m1")
    assert [name for name in first.columns if first[name].null_count()] == []


@pytest.mark.parametrize("table", TABLES)
def test_a_table_known_too_late_changes_exactly_what_reads_it(table: str, moves: Built) -> None:
    """Every family that reads the table changes, and no family that does not."""
    must, may = readers(table)
    found = of_case(moves, (table, ""))
    assert must <= found <= may


@pytest.mark.parametrize(("table", "column"), LATE)
def test_a_late_column_known_too_late_changes_exactly_what_reads_it(
    table: str, column: str, moves: Built
) -> None:
    """Every family that reads the column changes; others only through the orders that count as self-dealing."""
    must = LATE[table, column]
    may = must | (through_evidence() if "integrity" in must else set())
    assert must <= of_case(moves, (table, column)) <= may


def test_every_late_column_of_the_standard_is_moved() -> None:
    """A late column that is added to the standard has its families stated here."""
    late = {(t.name, c.name) for t in TABLES.values() for c in t.columns if c.known_at is not None}
    assert late == set(LATE)


# ---- a table that is told of late -------------------------------------------------------------------------

AT_ONCE = ("orders", "refunds", "relations", "cashflows")
"""Tables of which `./dev test` tries it; `--full` tries all."""

HELD_UP = [
    pytest.param(name, marks=() if name in AT_ONCE else pytest.mark.full)
    for name in TABLES
    if name != "merchants"  # of a lake without merchants nothing can be asked
]


@pytest.mark.parametrize("table", HELD_UP)
def test_a_table_that_is_told_of_later_is_not_there_yet(table: str, tmp_path: Path) -> None:
    """Whoever asks before sees a lake that lacks the table, even beside somebody who asks the day after."""
    lake = fill(tmp_path / "source", tmp_path / "lake", moved(table))
    lacking = {name: rows for name, rows in village().items() if name != table}
    without = build(fill(tmp_path / "b", tmp_path / "lacking", lacking), asking(), processes=0)
    late = build(lake, asking(), processes=0)
    assert_frame_equal(late.features, without.features, check_exact=True)
    assert_frame_equal(late.series, without.series, check_exact=True)
    assert_frame_equal(late.evidence, without.evidence, check_exact=True)
    assert late.absent == without.absent

    both = build(lake, asking(AS_OF, AS_OF + timedelta(days=1)), processes=0)
    earlier = both.features.filter(pl.col("as_of_day") == date_to_day(AS_OF))
    names = [name for name in late.features.columns if name != "subject"]
    assert_frame_equal(earlier.select(names), late.features.select(names), rel_tol=1e-12)
    unknown = earlier.drop("subject", *names)
    assert [name for name in unknown.columns if unknown[name].null_count() < unknown.height] == []
    assert_frame_equal(_by_merchant(both.series, earlier), _by_merchant(late.series, late.features))


def _by_merchant(series: pl.DataFrame, features: pl.DataFrame) -> pl.DataFrame:
    named = series.join(features.select("subject", "merchant_id"), on="subject").drop("subject")
    return named.sort("merchant_id", "source", "month")


# ---- facts known on or after the as-of date ---------------------------------------------------------------

STRANGERS, FACTS = 40, 30
"""Clones, and the facts that each learns too late."""


_PARTIES = ("biz1", "owner1", "owner2", "owner3", "wife", "friend", "stranger")
_REGIONS = ("v1", "t0", "t1", "t2", "c0")
CHOICES: dict[str, tuple[str, ...]] = {
    "merchant_id": MERCHANTS,
    **dict.fromkeys(("crop", "commodity"), ("tea",)),
    **dict.fromkeys(("party_id", "other_party_id", "buyer_id"), _PARTIES),
    **dict.fromkeys(("region_code", "parent_code", "buyer_region"), _REGIONS),
}
"""Values that meet what the village knows already."""


class Rumours:
    """Random facts about one clone, all of them known on or after the as-of date."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._tables = village()
        self._count = itertools.count()

    def facts(self, count: int) -> Tables:
        """So many facts of random tables."""
        found: Tables = {}
        for _ in range(count):
            name = self._random.choice(list(self._tables))
            late = [c.name for c in TABLES[name].columns if c.known_at]
            row = self._completed(name, late) if late and self._random.random() < 0.3 else None
            found.setdefault(name, []).append(row or self._fact(TABLES[name]))
        return found

    def _completed(self, name: str, late: list[str]) -> Row | None:
        """A row that is there, with a column filled in that became known after the as-of date."""
        column = self._random.choice(late)
        there = [n for n, row in enumerate(self._tables[name]) if not any(row.get(c) for c in late)]
        if not there:
            return None
        row = dict(self._tables[name].pop(self._random.choice(there)))
        return {**row, column: self._after()[: 10 if column.endswith("_on") else 19]}

    def _fact(self, contract: Table) -> Row:
        """A new row, or a correction of one that is there."""
        rows = village()[contract.name]
        row = dict(self._random.choice(rows))
        for column in contract.columns:
            if column.name in contract.key and self._random.random() < 0.6:
                continue
            if self._random.random() < 0.6:
                row[column.name] = self._value(column, rows)
        if contract.name != "merchants" and "merchant_id" in row:
            row["merchant_id"] = row["merchant_id"] or "m1"
        happened = self._random.randint(-100, 800)
        for column in contract.columns:
            if column.kind in (Kind.DATE, Kind.INSTANT):
                if column.name != contract.happened and self._random.random() < 0.4 and not column.required:
                    row[column.name] = ""
                    continue
                row[column.name] = on(happened) if column.kind is Kind.DATE else at(happened)
                happened = max(happened - self._random.randint(0, 20), -140)
        return {**row, "known_at": self._after()}

    def _value(self, column: Column, rows: list[Row]) -> str:
        """Some value that the column allows."""
        if not column.required and self._random.random() < 0.2:
            return ""
        if column.kind in (Kind.MONEY, Kind.NUMBER, Kind.COUNT):
            low = -60 if column.low is None or column.low < 0 else max(int(column.low), 1)
            return str(self._random.randint(low, int(min(column.high or 60, 60))))
        there = [row.get(column.name, "") for row in rows]
        values = column.choices or CHOICES.get(column.name) or (*filter(None, there), f"x{next(self._count)}")
        return self._random.choice(("true", "false") if column.kind is Kind.FLAG else values)

    def _after(self) -> str:
        """Some second from midnight of the as-of date to 150 days later; the first is midnight itself, none twice."""
        second = next(self._count)
        known = datetime.combine(AS_OF + timedelta(days=141 if second else 0), datetime.min.time())
        return str(known + timedelta(seconds=second))


@pytest.mark.full
def test_no_fact_known_from_the_date_on_changes_a_feature(tmp_path: Path) -> None:
    """Over a thousand random facts, corrections and completions, known too late, leave every feature bit for bit."""
    names = [f"{n:03d}-" for n in range(STRANGERS)]
    before = fill(tmp_path / "a", tmp_path / "lake", together(clone(village(), name) for name in names))
    then = built(before, names)
    told = {name: Rumours(n).facts(FACTS) for n, name in enumerate(names)}
    after = fill(
        tmp_path / "b", tmp_path / "lake", together(clone(facts, name) for name, facts in told.items())
    )
    rows = {
        name: sum(state.rows for state in lake.manifest.tables.values())
        for name, lake in (("b", before), ("a", after))
    }
    assert rows["a"] - rows["b"] > STRANGERS * FACTS * 0.95
    now = built(after, names)
    leaks = {name: changed(parts(then, name), parts(now, name)) for name in names}
    assert {name: families for name, families in leaks.items() if families} == {}
    assert_frame_equal(then.evidence, now.evidence)


# ---- late facts -------------------------------------------------------------------------------------------


def held_back(table: str) -> tuple[Tables, Tables]:
    """The village without one row that was known in time, and that row."""
    tables = village()
    if table == "merchants":  # whose rows would not be accepted without it: its crop comes late
        late = {**tables[table][0], "known_at": at(300)}
        tables[table][0]["crop"] = ""
        return tables, {table: [late]}
    genuine = {"order_items": 6, "shipments": 5}  # the first ones are of orders that are not
    late = tables[table].pop(genuine.get(table, 0))
    return {name: rows for name, rows in tables.items() if rows}, {table: [late]}


def test_a_late_fact_counts_only_under_the_new_snapshot(tmp_path: Path) -> None:
    """What was known in time and ingested late changes what reads it; the older snapshot still says what it said."""
    cases = {f"{n:03d}-": name for n, name in enumerate(TABLES)}
    halves = {prefix: held_back(name) for prefix, name in cases.items()}
    whole = clone(village(), "all-")
    root = tmp_path / "lake"
    old = fill(tmp_path / "a", root, together([whole, *(clone(half[0], p) for p, half in halves.items())]))
    prefixes = ["all-", *cases]
    said = built(old, prefixes)
    new = fill(tmp_path / "b", root, together(clone(half[1], p) for p, half in halves.items()))
    says = built(new, prefixes)
    for prefix, name in cases.items():
        must, may = readers(name)
        found = changed(parts(said, prefix), parts(says, prefix))
        assert found <= may, name
        assert (found & must != set()) == (must != set()), name
        assert changed(parts(says, "all-"), parts(says, prefix)) == set(), name
    again = built(Lake.open(root, old.manifest.sequence), prefixes)
    assert_frame_equal(again.features, said.features, check_exact=True)
    assert_frame_equal(again.series, said.series, check_exact=True)
    assert_frame_equal(again.evidence, said.evidence, check_exact=True)


# ---- corrections and completions, in every order ----------------------------------------------------------

Versions = dict[tuple[str, int], list[Row]]
"""(table, position of a row in it) -> what is said of that row in the first, second ... telling."""


def told(tables: Tables, versions: Versions, turn: int, *, alone: bool) -> Tables:
    """The tables with one telling of each row that has versions; only those rows if `alone`."""
    if alone:
        found: Tables = {}
        for (name, _), tellings in versions.items():
            found.setdefault(name, []).append(tellings[turn])
        return found
    return {
        name: [versions[name, n][turn] if (name, n) in versions else row for n, row in enumerate(rows)]
        for name, rows in tables.items()
    }


def in_every_order(folder: Path, versions: Versions, best: int) -> Iterator[tuple[tuple[int, ...], set[str]]]:
    """Each order of four tellings, and the families in which it differs from the one telling that counts."""
    orders = list(itertools.permutations(range(4)))
    names = [f"{n:03d}-" for n in range(len(orders))]
    for step in range(4):
        clones = [
            clone(told(village(), versions, order[step], alone=step > 0), name)
            for name, order in zip(names, orders, strict=True)
        ]
        alone = [] if step else [clone(told(village(), versions, best, alone=False), "one-")]
        lake = fill(folder / f"{step}", folder / "lake", together([*clones, *alone]))
    found = built(lake, [*names, "one-"])
    for name, order in zip(names, orders, strict=True):
        yield order, changed(parts(found, "one-"), parts(found, name))


@pytest.mark.full
def test_of_corrections_the_one_known_last_before_the_date_counts(tmp_path: Path) -> None:
    """Four versions of a row, one of them known too late, ingested in each of 24 orders: always the same features."""
    tables = village()
    known = [at(9), at(8), f"{on(1)} 23:59:59", f"{AS_OF} 00:00:00"]
    changes: list[tuple[str, int, str, list[str]]] = [
        ("orders", 8, "amount", ["1", "2", "155", "4"]),
        ("orders", 9, "cancelled_at", [at(99), at(98), "", at(97)]),
        ("merchants", 0, "crop", ["", "rice", "tea", ""]),
        ("merchants", 1, "party_id", ["owner3", "nobody", "owner2", "owner1"]),
        ("merchants", 2, "party_id", ["owner2", "friend", "owner3", "wife"]),
        ("regions", 3, "lon", ["100", "101", "112", "103"]),
        ("relations", 3, "ended_on", [on(300), on(200), "", on(100)]),
        ("exposures", 2, "balance", ["1", "2", "3000", "4"]),
        ("weather", 20, "prcp_mm", ["5", "6", "2", "8"]),
        ("prices", 0, "price", ["1", "2", "6", "3"]),
        ("invoices", 3, "total", ["1", "2", "400", "3"]),
        ("shipments", 4, "weight_g", ["2000", "2000", "40", "2000"]),
    ]
    versions: Versions = {
        (name, n): [
            {**tables[name][n], column: value, "known_at": when} for value, when in zip(values, known, strict=True)
        ]
        for name, n, column, values in changes
    }  # fmt: skip
    assert [found for found in in_every_order(tmp_path, versions, best=2) if found[1]] == []


@pytest.mark.full
def test_completions_come_to_the_same_in_any_order(tmp_path: Path) -> None:
    """Late columns filled in by four tellings of the same known_at, in each of 24 orders: always the full row."""
    tables = village()
    fills: list[tuple[str, int, list[str]]] = [
        ("orders", 0, ["", "handed_at paid_at", "delivered_at", "handed_at delivered_at"]),
        ("orders", 8, ["handed_at", "delivered_at", "handed_at delivered_at paid_at", "paid_at"]),
        ("orders", 10, ["", "cancelled_at", "paid_at", "paid_at cancelled_at"]),
        ("shipments", 6, ["township_at", "delivered_at", "", "township_at delivered_at"]),
        ("invoices", 2, ["", "voided_on", "", "voided_on"]),
        ("loans", 0, ["", "closed_on", "", "closed_on"]),
        ("relations", 5, ["", "", "ended_on", "ended_on"]),
    ]
    versions: Versions = {}
    for name, n, tellings in fills:
        late = {c.name for c in TABLES[name].columns if c.known_at}
        row = tables[name][n]
        versions[name, n] = [
            {c: v for c, v in row.items() if c not in late or c in telling.split()} for telling in tellings
        ]
        full = {c: v for c, v in row.items() if v}
        assert {c: v for told in versions[name, n] for c, v in told.items() if v} == full
        versions[name, n].append(full)
    assert [found for found in in_every_order(tmp_path, versions, best=4) if found[1]] == []


# ---- the rule itself, against an oracle -------------------------------------------------------------------

ORDERS = TABLES["orders"]
FILLED = ("handed", "delivered", "cancelled")
DAY_ZERO = datetime(2025, 1, 1, tzinfo=UTC)


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Versions of a few orders: corrections at several times, each told several times and ever more completely."""
    rows: list[dict[str, Any]] = []
    for key in draw(st.lists(st.sampled_from("abc"), unique=True, min_size=1)):
        for known in draw(st.lists(st.integers(0, 9), unique=True, min_size=1, max_size=4)):
            amount = draw(st.integers(0, 5))
            days = {name: draw(st.integers(0, 12)) for name in FILLED}
            for told in draw(st.lists(st.integers(0, 3), unique=True, min_size=1)):
                filled = {f"{name}_day": days[name] for name in FILLED[:told]}
                when = {"known_at": DAY_ZERO + timedelta(days=known), "known_day": known}
                row = {"order_id": key, "merchant_id": "m", "ordered_day": 0, "amount_fen": amount}
                rows.append({**row, **when, **filled})
    return draw(st.permutations(rows))


@given(histories(), st.lists(st.integers(0, 12), min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_known_before_equals_the_rule_in_words(rows: list[dict[str, Any]], days: list[int]) -> None:
    """Known on an earlier day; of those the version known last; of that the fullest telling; nothing filled in later."""
    frame = pl.LazyFrame(rows, schema=ORDERS.stored)
    asked = pl.LazyFrame(
        {"subject": range(len(days)), "merchant_id": ["m"] * len(days), "as_of_day": days},
        schema={"subject": pl.Int64(), "merchant_id": pl.String(), "as_of_day": pl.Int32()},
    )
    columns = ["subject", "order_id", "amount_fen", *(f"{name}_day" for name in FILLED)]
    seen = known_before(nw.from_native(frame), ORDERS, nw.from_native(asked), versions=True)
    found = set(seen.select(columns).to_native().collect().rows())
    expected = set()
    for subject, day in enumerate(days):
        for key in {row["order_id"] for row in rows}:
            told = [row for row in rows if row["order_id"] == key and row["known_day"] < day]
            if told:
                best = max(told, key=lambda row: (row["known_day"], sum(f"{n}_day" in row for n in FILLED)))
                filled = [best.get(f"{name}_day") for name in FILLED]
                masked = [None if value is None or value >= day else value for value in filled]
                expected.add((subject, key, best["amount_fen"], *masked))
    assert found == expected


def test_the_village_lies_before_its_date() -> None:
    """The as-of date of the village is the day that every case here speaks of."""
    assert (AS_OF, date_to_day(AS_OF)) == (date(2026, 1, 1), 20_454)
