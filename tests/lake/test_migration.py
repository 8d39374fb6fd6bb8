"""The lake of the release before opens, is read, written to and migrated; one of a newer release is refused."""

import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson
import polars as pl
import pytest

from samples import ORDER_COLUMNS, ORDERS, write_csv
from suixin.errors import LakeError
from suixin.lake import ingests, quarantine
from suixin.lake.compact import compact
from suixin.lake.forget import forget
from suixin.lake.ingest import IngestReport
from suixin.lake.migrate import migrate, outdated
from suixin.lake.query import query
from suixin.lake.store import Lake
from suixin.lake.tables import ORDERS as CONTRACT

Load = Callable[..., IngestReport]
NOW = datetime(2026, 6, 2, tzinfo=UTC)


@pytest.fixture
def previous(lake: Path) -> Path:
    """A lake of two merchants, three orders and one row set aside, as the release before left it."""
    with zipfile.ZipFile(Path(__file__).parent / "fixtures" / "previous-lake.zip") as packed:
        packed.extractall(lake)
    return lake


def test_it_opens_and_reads(previous: Path) -> None:
    """Columns gained since are null; nothing else differs."""
    lake = Lake.open(previous)
    orders = lake.whole("orders").collect().sort("order_id")
    assert dict(orders.schema) == CONTRACT.stored
    assert orders["order_id"].to_list() == ["o1", "o2", "o3"]
    assert (orders["device_id"].null_count(), orders["amount_fen"].sum()) == (3, 122_490)
    assert (lake.verify(), quarantine.stored(lake, "orders").height) == ([], 1)
    assert query(lake, "SELECT count(*), count(device_id) FROM orders").rows == [(3, 0)]
    assert lake.whole("merchants").collect()["area_mu"].to_list() == [None, None]


def test_it_takes_an_ingest(previous: Path, source: Path, load: Load) -> None:
    """Old rows are recognised, new ones have the new columns."""
    write_csv(source / "orders.csv", [[*ORDER_COLUMNS, "device_id"], *([*row, ""] for row in ORDERS[1:])])
    assert load(source).tables["orders"].already_there == 3
    write_csv(source / "orders.csv", [[*ORDER_COLUMNS, "device_id"], ["o4", *ORDERS[1][1:], "d1"]])
    assert load(source).tables["orders"].accepted == 1
    lake = Lake.open(previous)
    assert lake.whole("orders").collect().sort("order_id")["device_id"].to_list() == [None, None, None, "d1"]
    assert query(lake, "SELECT device_id FROM orders ORDER BY order_id").rows == [(None,)] * 3 + [("d1",)]
    assert (lake.manifest.schema_version, Lake.open(previous, 1).manifest.schema_version) == (3, 1)


def test_it_is_migrated(previous: Path) -> None:
    """Every file gets its contract's shape under a new snapshot; the old one can still be read."""
    rows = Lake.open(previous).whole("orders").collect()
    assert len(list(outdated(previous, Lake.open(previous).manifest))) == 4
    report = migrate(previous, now=NOW)
    lake = Lake.open(previous)
    assert (report.committed, sorted(report.tables), lake.manifest.verb) == (
        True,
        ["merchants", "orders"],
        "migrate",
    )
    assert list(outdated(previous, lake.manifest)) == []
    assert lake.whole("orders").collect().equals(rows)
    assert Lake.open(previous, 1).whole("orders").collect().equals(rows)
    assert (lake.verify(), lake.manifest.schema_version) == ([], 3)
    assert not migrate(previous, now=NOW).committed


def test_other_verbs_take_it_too(previous: Path) -> None:
    """Compact and forget work on a lake that was not migrated."""
    compact(previous, now=NOW)
    forget(previous, "m1", now=NOW, grace_days=0)
    lake = Lake.open(previous)
    assert lake.whole("orders").collect()["order_id"].to_list() == ["o3"]
    assert lake.forgotten("m1")


def test_the_lake_that_kept_no_counts_opens(source: Path, lake: Path, load: Load) -> None:
    """Manifest version 2: its ingest is listed without counts, its quarantined row without an ingest; what comes is counted."""
    with zipfile.ZipFile(Path(__file__).parent / "fixtures" / "previous-lake-2.zip") as packed:
        packed.extractall(lake)
    opened = Lake.open(lake)
    assert (opened.manifest.schema_version, opened.verify(), quarantine.unnumbered(opened)) == (2, [], 1)
    assert [(one.number, one.tables) for one in ingests.listed(lake, opened.manifest)] == [(0, None)]
    write_csv(
        source / "orders.csv", [*ORDERS, ["bad", "m1", "", "2025-03-01", "ten", ""], ["o4", *ORDERS[1][1:]]]
    )
    report = load(source)
    assert (report.sequence, report.tables["orders"].again) == (2, 1)
    compact(lake, now=NOW)
    after = Lake.open(lake)
    assert [one.number for one in ingests.listed(lake, after.manifest)] == [2, 0]
    assert (after.manifest.schema_version, after.verify(), quarantine.unnumbered(after)) == (3, [], 1)
    assert quarantine.stored(after, "orders")["ingest"].to_list() == [None]


@pytest.mark.parametrize(
    ("version", "said"), [(4, "use a newer release of suixin"), (0, "has the version 0")]
)
def test_other_versions_are_refused(version: int, said: str, previous: Path) -> None:
    """A manifest of a later release, or of none, is refused in one line."""
    path = previous / "snapshots/000001.json"
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | {"schema_version": version}))
    with pytest.raises(LakeError, match=said) as refused:
        Lake.open(previous)
    assert "\n" not in str(refused.value)


def test_a_damaged_file_is_named_and_nothing_is_migrated(previous: Path) -> None:
    """A file that no longer reads stops the migration before its commit."""
    file = next((previous / "data/orders").rglob("*.parquet"))
    file.write_bytes(bytes(file.stat().st_size))
    with pytest.raises(LakeError, match=r"a data file cannot be read"):
        migrate(previous, now=NOW)
    assert Lake.open(previous).manifest.sequence == 1
    assert pl.read_parquet(next((previous / "data/merchants").rglob("*.parquet"))).height == 1
