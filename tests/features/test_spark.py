"""The embedded engine and Spark compute the same features: on a machine, and on a cluster of two workers.

What was measured becomes docs/reference/engine-equality.md; SUIXIN_WRITE_DOCS=1 writes the page anew, and
SUIXIN_SPARK_MERCHANTS=2000 compares a county of that size in both places, which takes longer than a day's test may.
"""

import os
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.spark_cluster import cluster, missing, session
from features.village import MERCHANTS, Tables, asking, at, clone, on, together, village, write
from suixin.adapters import open_source
from suixin.errors import UsageError
from suixin.features.build import Built, build
from suixin.features.registry import FAMILIES
from suixin.features.spark import build_on_spark
from suixin.lake.ingest import IngestReport, ingest
from suixin.lake.store import Lake
from suixin.lake.tables import TABLES
from suixin.simulation import simulate

pytestmark = [pytest.mark.full, pytest.mark.filterwarnings("ignore")]  # PySpark warns of what is its own

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DATES = (date(2025, 6, 17), date(2026, 1, 1))
LONG_AFTER = date(2028, 1, 1)  # no window of two years holds anything any more
ASKED_FOR = int(os.environ.get("SUIXIN_SPARK_MERCHANTS", "0"))
ON_CLUSTER, ON_ONE, AT_BOTH_DATES = ASKED_FOR or 150, ASKED_FOR or 60, 60
ONE_OF_EACH_KIND = None if ASKED_FOR else ("sales", "outcomes", "group", "weather", "distance")
"""What a day's test computes on one machine, where whatever goes wrong goes wrong on the cluster too: families of
merchants' own rows, of what is told late, of relatives, of place and day, and of places alone."""
SMALL = {
    "spark.sql.shuffle.partitions": "8" if ASKED_FOR else "2",
    # Compiling so many small queries takes longer than to interpret them.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
TOLERANCE = 1e-9
SECTIONS = {"A cluster of two workers": ON_CLUSTER, "One machine": ON_ONE}
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "engine-equality.md"
NOTE = (
    "<!-- Made by tests/features/test_spark.py from what it measures: "
    "run `SUIXIN_SPARK_MERCHANTS=2000 SUIXIN_WRITE_DOCS=1 ./dev test --full tests/features/test_spark.py`. -->"
)


@pytest.fixture(scope="module", autouse=True)
def _spark_is_there() -> None:
    if lacks := missing():
        if os.environ.get("CI") == "true":
            pytest.fail(lacks)
        pytest.skip(lacks)


# ---- the lake: a county, and merchants who have everything that goes wrong ---------------------------------


def bare() -> Tables:
    """A village in which every optional column is null."""
    needed = {name: {c.name for c in table.columns if c.required} for name, table in TABLES.items()}
    return {
        name: [{c: v for c, v in row.items() if c in needed[name]} for row in rows]
        for name, rows in village().items()
    }


def only_flagged() -> Tables:
    """A merchant who has sold nothing but to his own wife."""
    tables = village()
    tables["orders"] = [row for row in tables["orders"] if row["order_id"].startswith("wife")]
    return tables


def tied() -> Tables:
    """A village in which everything happens at one time, and nothing costs anything."""
    tables = village()
    for name, rows in tables.items():
        contract = TABLES[name]
        for row in rows:
            for column in contract.columns:
                if column.name in row and column.kind == "money":
                    row[column.name] = "0"
                elif column.name in row and column.kind == "instant" and row[column.name]:
                    row[column.name] = at(30)
    return tables


NASTY = {"n0-": village, "n1-": bare, "n2-": only_flagged, "n3-": tied}


def second_telling() -> Tables:
    """Corrections, one of them twice at one time by another file, and late columns filled in afterwards."""
    tables = clone(village(), "n0-")
    orders, shipments, loans = tables["orders"], tables["shipments"], tables["loans"]
    return {
        "orders": [
            {**orders[8], "amount": "151", "known_at": at(20)},
            {**orders[8], "amount": "999", "known_at": f"{DATES[1]} 00:00:00"},
            {**orders[9], "cancelled_at": at(60), "known_at": at(59)},
            {**orders[9], "delivered_at": at(50)},  # the same telling as the first, filled in
        ],
        "shipments": [{**shipments[3], "weight_g": "35", "known_at": at(30)}],
        "loans": [{**loans[1], "closed_on": on(5)}],
        "regions": [{**tables["regions"][3], "lon": "112", "known_at": at(100)}],
        "merchants": [{**tables["merchants"][1], "party_id": "n0-nobody", "known_at": at(100)}],
    }


def not_numbers(folder: Path) -> None:
    """Parcels and lines with NaN and infinities where a number belongs, typed as a float."""
    folder.mkdir()
    nan, infinity = float("nan"), float("inf")
    parcels = [("w1", nan), ("w2", infinity), ("w3", -infinity), ("w4", 1500.0)]
    pl.DataFrame(
        [
            (name, "late", "n0-m1", when, weight)
            for (name, weight), when in zip(parcels, [datetime(2025, 11, 1, tzinfo=UTC)] * 4, strict=True)
        ],
        schema=["shipment_id", "order_id", "merchant_id", "collected_at", "weight_g"],
        orient="row",
    ).write_parquet(folder / "shipments.parquet")
    pl.DataFrame(
        [("late", 7, "n0-m1", "a", datetime(2025, 11, 1, tzinfo=UTC), nan, 10.0), ("late", 8, "n0-m1", "a", datetime(2025, 11, 1, tzinfo=UTC), 1.0, nan)],
        schema=["order_id", "line_no", "merchant_id", "sku_id", "ordered_at", "quantity", "amount"],
        orient="row",
    ).write_parquet(folder / "order_items.parquet")  # fmt: skip


def fill(source: Path, root: Path) -> IngestReport:
    return ingest(open_source("standard", source), root, now=NOW)


def counted(report: IngestReport) -> dict[str, tuple[int, int]]:
    return {name: (table.accepted, table.quarantined) for name, table in report.tables.items()}


def lake_of(folder: Path, merchants: int) -> tuple[Lake, pl.DataFrame]:
    """A county with the nasty merchants, and who is asked: all on one date, some on two and long after."""
    root = folder / "lake"
    simulate(folder / "county", merchants=merchants, months=24, seed=5, processes=1)
    fill(folder / "county", root)
    hard = together(clone(make(), prefix) for prefix, make in NASTY.items())
    first = counted(fill(write(folder / "nasty", hard), root))
    assert all(quarantined == 0 for _, quarantined in first.values())
    second = counted(fill(write(folder / "second", second_telling()), root))
    assert second == {
        "orders": (4, 0),
        "shipments": (1, 0),
        "loans": (1, 0),
        "regions": (1, 0),
        "merchants": (1, 0),
    }
    not_numbers(folder / "nan")
    # NaN is no value: null where that may be, quarantine where not; an infinity is no number
    assert counted(fill(folder / "nan", root)) == {"order_items": (0, 2), "shipments": (2, 2)}
    lake = Lake.open(root)
    nasty = [prefix + merchant for prefix in NASTY for merchant in MERCHANTS]
    known = lake.whole("merchants").select("merchant_id").collect()["merchant_id"].sort()
    honest = [merchant for merchant in known if merchant not in nasty]
    asked = pl.concat(
        [
            asking(DATES[1], merchants=honest),
            asking(DATES[0], merchants=honest[:AT_BOTH_DATES]),
            asking(*DATES, LONG_AFTER, merchants=nasty),
        ]
    )
    return lake, asked.drop("subject").with_row_index("subject").with_columns(
        pl.col("subject").cast(pl.Int64)
    )


# ---- what is compared -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measured:
    """One family on two engines: how many features and values, how many nulls, and the largest relative difference."""

    family: str
    features: int
    values: int
    nulls: int
    difference: float


def compared(embedded: Built, spark: Built) -> list[Measured]:
    """Family by family; fails where a null stands against a value, or where other rows are found."""
    assert spark.absent == embedded.absent
    assert spark.features.columns == embedded.features.columns
    assert spark.features.schema == embedded.features.schema
    assert_frame_equal(spark.series, embedded.series)
    assert_frame_equal(spark.evidence, embedded.evidence)
    keys = ["subject", "merchant_id", "as_of_day"]
    assert_frame_equal(spark.features.select(keys), embedded.features.select(keys))
    found = []
    for family in FAMILIES:
        if family.name in embedded.absent:
            continue
        names = [feature.name for feature in family.features]
        worst, nulls = 0.0, 0
        for name in names:
            one, other = embedded.features[name], spark.features[name]
            assert one.is_null().equals(other.is_null()), f"{name}: other values are unknown"
            assert not other.drop_nulls().is_nan().any(), name
            apart = (one - other).abs() / pl.Series([1.0]).extend(one.abs()).slice(1).clip(lower_bound=1.0)
            worst, nulls = max(worst, float(apart.fill_null(0.0).max() or 0.0)), nulls + one.null_count()  # type: ignore[arg-type]
        assert worst <= TOLERANCE, f"{family.name}: {worst}"
        found.append(
            Measured(family.name, len(names), len(names) * embedded.features.height - nulls, nulls, worst)
        )
    return found


def _introduction() -> Iterator[str]:
    yield f"{NOTE}\n"
    yield "# Engine equality\n"
    yield "Every feature, computed by the embedded engine (Polars, bucket by bucket) and by Spark from one lake: a"
    yield "simulated county, and merchants written by hand with null in every optional column, ties in time, empty"
    yield "windows, zero amounts, NaN in the source, nothing but flagged orders, corrections and completions, each on"
    yield "three as-of dates. The same values are unknown on both engines, the monthly net sales and the evidence of"
    yield "self-dealing are equal row by row, and no value differs by more than"
    yield f"{TOLERANCE:.0e} of itself, or of 1 where it is smaller.\n"
    minor = ".".join(platform.python_version_tuple()[:2])
    names = ("narwhals", "polars", "pyspark")
    yield f"Python {minor}, {', '.join(f'{name} {version(name)}' for name in names)}."


def _section(where: str, found: list[Measured]) -> Iterator[str]:
    yield f"## {where}\n"
    yield f"A simulated county of {SECTIONS[where]:,} merchants, and the village.\n"
    yield "| family | features | values compared | unknown on both | largest relative difference |"
    yield "|---|---|---|---|---|"
    for row in found:
        yield (f"| {row.family} | {row.features} | {row.values:,} | {row.nulls:,} | {row.difference:.0e} |")
    features, values, nulls = (
        sum(getattr(row, name) for row in found) for name in ("features", "values", "nulls")
    )
    worst = max(row.difference for row in found)
    yield f"| **all** | {features} | {values:,} | {nulls:,} | {worst:.0e} |"


def report(where: str, found: list[Measured]) -> None:
    """Compare the page's introduction and its section `where` with what was measured, but for the figures."""
    held = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    parts = {
        part.split("\n", 1)[0]: part.rstrip("\n") for part in re.split(r"^(?=## )", held, flags=re.MULTILINE)
    }
    made = {NOTE: "\n".join(_introduction()), f"## {where}": "\n".join(_section(where, found))}
    if os.environ.get("SUIXIN_WRITE_DOCS"):
        parts = {
            name: part
            for name, part in (made | parts | made).items()
            if name in (NOTE, *map("## {}".format, SECTIONS))
        }
        PAGE.write_text(
            "\n\n".join(parts[name] for name in sorted(parts, reverse=True)) + "\n", encoding="utf-8"
        )
    for name, text in made.items():
        assert _without_digits(parts.get(name, "")) == _without_digits(text)


def _without_digits(page: str) -> str:
    return re.sub(r"\d[\d.,]*(e[+-]\d\d)?", "#", page)


# ---- the tests --------------------------------------------------------------------------------------------


def test_equal_on_one_machine(tmp_path: Path) -> None:
    """Spark in one process: features, series and evidence as the embedded engine has them; a wrong zone is refused."""
    lake, asked = lake_of(tmp_path, ON_ONE)
    settings = SMALL | {"spark.driver.memory": "8g" if ASKED_FOR else "3g"}
    with session("local[2]", tmp_path / "spark", settings) as spark:
        spark.conf.set("spark.sql.session.timeZone", "Asia/Shanghai")
        with pytest.raises(UsageError, match=r"Asia/Shanghai; set spark\.sql\.session\.timeZone to UTC"):
            build_on_spark(spark, lake, asked)
        spark.conf.set("spark.sql.session.timeZone", "UTC")
        found = build_on_spark(spark, lake, asked, only=ONE_OF_EACH_KIND)
    measured = compared(build(lake, asked, processes=0, only=ONE_OF_EACH_KIND), found)
    if ASKED_FOR:
        report("One machine", measured)


def test_equal_on_a_cluster(tmp_path: Path) -> None:
    """A standalone master and two workers: every feature of a county as the embedded engine has it."""
    lake, asked = lake_of(tmp_path, ON_CLUSTER)
    settings = SMALL | {"spark.executor.memory": "4g", "spark.executor.cores": "1"}
    with (
        cluster(tmp_path / "cluster", workers=2, memory="4500m") as address,
        session(address, tmp_path / "spark", settings) as spark,
    ):
        found = build_on_spark(spark, lake, asked)
    report("A cluster of two workers", compared(build(lake, asked, processes=0), found))
