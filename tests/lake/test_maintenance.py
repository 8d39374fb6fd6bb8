"""Maintenance verbs: other files, the same rows, and nobody who reads is disturbed."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from samples import MERCHANTS, ORDER_COLUMNS, ORDERS, write_csv
from suixin.adapters import open_source
from suixin.errors import LakeError, UsageError
from suixin.lake import quarantine
from suixin.lake.compact import compact, plan
from suixin.lake.expire import expire
from suixin.lake.ingest import IngestReport, ingest
from suixin.lake.manifest import load, save
from suixin.lake.rebucket import proposed, rebucket
from suixin.lake.settle import absorbed
from suixin.lake.store import Lake
from suixin.lake.tables import TABLES

Load = Callable[..., IngestReport]
NOW = datetime(2026, 6, 2, tzinfo=UTC)


def content(lake: Lake) -> dict[str, pl.DataFrame]:
    """Every row version of every table, in an order that files do not change."""
    found = {}
    for name in lake.manifest.tables:
        parts = [lake.versions(name, bucket).collect() for bucket in lake.buckets(name)]
        if parts:
            found[name] = pl.concat(parts).sort(TABLES[name].sort_by, maintain_order=True)
    return found


def same(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> bool:
    return one.keys() == other.keys() and all(one[name].equals(other[name]) for name in one)


def files(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*.parquet")}


def day_by_day(source: Path, load: Load, days: int) -> None:
    """One ingest a day: five new orders, one delivery of the day before, one bad row."""
    for day in range(days):
        rows = [[f"d{day}-{n}", "m1", "b1", f"2025-04-{day + 1:02} 08:00:00", "2.00", ""] for n in range(5)]
        if day:
            at = f"2025-04-{day:02} 08:00:00"
            rows.append([f"d{day - 1}-0", "m1", "b1", at, "2.00", f"2025-04-{day + 1:02} 09:00:00"])
        rows.append([f"bad{day}", "m1", "", "2025-04-01", "ten", ""])
        write_csv(source / "orders.csv", [ORDER_COLUMNS, *rows])
        load(source)


def test_compact_keeps_every_version(source: Path, load: Load, lake: Path) -> None:
    """Many small ingests become one file a bucket, with the same versions and the same current rows."""
    day_by_day(source, load, 6)
    before = Lake.open(lake)
    rows, aside = content(before), quarantine.stored(before, "orders")
    report = compact(lake, now=NOW)
    after = Lake.open(lake)
    change = report.tables["orders"]
    assert (change.files_before, change.files_after, change.rows_before, change.rows_after) == (12, 2, 35, 35)
    assert same(content(after), rows)
    assert quarantine.stored(after, "orders").equals(aside)
    assert after.verify() == []
    assert (after.facts("orders"), after.manifest.tables["orders"].rows) == (30, 35)
    assert (after.manifest.sequence, after.manifest.verb, after.manifest.made_at) == (
        7,
        "compact",
        "2026-06-02T00:00:00+00:00",
    )
    assert not compact(lake, now=NOW).committed
    assert plan(after.manifest) == {}


def test_compact_finds_the_marks_anew(source: Path, load: Load, lake: Path) -> None:
    """A bucket marked for replaced rows that it does not have loses the mark when it is compacted."""
    load(source)
    write_csv(source / "orders.csv", [ORDER_COLUMNS, ["o9", *ORDERS[1][1:]]])
    load(source)
    held = load_manifest(lake)
    orders = held.tables["orders"]
    marked = replace(orders, superseded=tuple(sorted(orders.buckets)))
    save(lake, replace(held, tables={**held.tables, "orders": marked}))
    compact(lake, now=NOW)
    touched = [b for b, f in orders.buckets.items() if len(f) == 2]
    assert Lake.open(lake).manifest.tables["orders"].superseded == tuple(
        b for b in sorted(orders.buckets) if b not in touched
    )


def load_manifest(lake: Path):
    manifest = load(lake)
    assert manifest is not None
    return manifest


def test_a_row_count_that_would_differ_is_not_committed(source: Path, load: Load, lake: Path) -> None:
    """A manifest that counts other rows than its files hold stops the verb before its commit."""
    load(source)
    held = load_manifest(lake)
    orders = replace(held.tables["orders"], rows=4)
    save(lake, replace(held, tables={**held.tables, "orders": orders}))
    with pytest.raises(LakeError, match=r"rebucket would make 3 rows and 0 set aside of 4 and 0 in orders"):
        rebucket(lake, 3, now=NOW)
    assert load_manifest(lake).sequence == 1


@pytest.mark.parametrize("buckets", [1, 7, 64])
def test_rebucket_keeps_every_version(buckets: int, source: Path, load: Load, lake: Path) -> None:
    """Another number of buckets, fewer or more: the same versions, each merchant in its bucket."""
    day_by_day(source, load, 4)
    before = Lake.open(lake)
    report = rebucket(lake, buckets, now=NOW)
    after = Lake.open(lake)
    assert (report.committed, after.manifest.bucket_count) == (True, buckets)
    assert same(content(after), content(before))
    assert after.verify() == []
    assert after.whole("orders").collect().equals(before.whole("orders").collect())
    write_csv(source / "orders.csv", ORDERS)
    assert load(source).tables["orders"].accepted == 3
    assert not list(lake.glob(".staging-*"))


def test_rebucket_refuses_numbers_that_make_no_sense(source: Path, load: Load, lake: Path) -> None:
    """None, or more than a folder name has digits for, is refused; the same number changes nothing."""
    load(source)
    for number in (0, 10_000):
        with pytest.raises(UsageError, match=f"{number} buckets are not from 1 to 9999"):
            rebucket(lake, number, now=NOW)
    assert not rebucket(lake, 16, now=NOW).committed


def test_rebucket_is_proposed_beyond_a_million_orders(source: Path, load: Load, lake: Path) -> None:
    """A bucket of three million orders asks for four times as many buckets; a small lake for none."""
    load(source)
    held = load_manifest(lake)
    assert proposed(held) is None
    orders = held.tables["orders"]
    many = {b: tuple(replace(f, rows=3_000_000) for f in files) for b, files in orders.buckets.items()}
    assert proposed(replace(held, tables={"orders": replace(orders, buckets=many)})) == 64


def test_expire_keeps_what_others_need(source: Path, load: Load, lake: Path) -> None:
    """Old snapshots go at once, their files when the grace time is over, and no file that is still named."""
    day_by_day(source, load, 3)
    compact(lake, now=NOW)
    rows = content(Lake.open(lake))
    held = files(lake)
    report = expire(lake, now=NOW, keep=1)
    assert (report.snapshots, report.kept, report.files, report.waiting) == ((1, 2, 3), (4,), 0, 3)
    assert files(lake) == held
    with pytest.raises(LakeError, match=r"snapshot 2 was expired; the lake holds 4$"):
        Lake.open(lake, 2)
    with pytest.raises(LakeError, match=r"there is no snapshot 5; the lake holds 4$"):
        Lake.open(lake, 5)
    assert expire(lake, now=NOW + timedelta(days=6.9)).files == 0
    done = expire(lake, now=NOW + timedelta(days=7))
    assert (done.files, done.waiting) == (6, 0)
    assert files(lake) == {file.path for file in Lake.open(lake).manifest.files}
    assert same(content(Lake.open(lake)), rows)


def test_expire_by_age(source: Path, load: Load, lake: Path) -> None:
    """Only snapshots older than so many days go, and never the current one, whatever its age."""
    load(source)  # 2026-06-01
    write_csv(source / "orders.csv", [ORDER_COLUMNS, ["o9", *ORDERS[1][1:]]])
    ingest(open_source("standard", source), lake, now=NOW + timedelta(days=10))
    when = NOW + timedelta(days=12)
    assert expire(lake, now=when, older_than_days=14, dry_run=True).snapshots == ()
    assert expire(lake, now=when, older_than_days=12, keep=2).snapshots == ()
    assert expire(lake, now=when, older_than_days=12, dry_run=True).snapshots == (1,)
    assert Lake.open(lake, 1).manifest.sequence == 1
    assert expire(lake, now=when, older_than_days=0, grace_days=0).snapshots == (1,)
    assert Lake.open(lake).verify() == []


@pytest.mark.parametrize(
    ("option", "said"), [({"keep": 0}, "--keep 0"), ({"grace_days": -1}, "--grace-days -1")]
)
def test_expire_refuses(option: dict[str, int], said: str, source: Path, load: Load, lake: Path) -> None:
    """To keep nothing, or to have a negative grace, is a slip."""
    load(source)
    with pytest.raises(UsageError, match=said):
        expire(lake, now=NOW, **option)


def test_the_next_writer_sweeps_what_a_killed_one_left(source: Path, load: Load, lake: Path) -> None:
    """After a kill, data and manifests that no commit names go; those of older snapshots stay."""
    day_by_day(source, load, 2)
    compact(lake, now=NOW)
    held = files(lake)
    (lake / "data/orders/0001").mkdir(parents=True, exist_ok=True)
    (lake / "data/orders/0001/left.parquet").touch()
    (lake / ".staging-x").mkdir()
    (lake / "snapshots/000004.json").write_bytes((lake / "snapshots/000003.json").read_bytes())
    (lake / "snapshots/.000005.json.draft").touch()
    (lake / "ingests/000004.json").touch()
    (lake / "writing").touch()
    with pytest.raises(LakeError, match="there is no snapshot 4; the lake holds 1 to 3"):
        Lake.open(lake, 4)
    load(source)  # nothing new
    assert files(lake) == held
    folders = ["data", "ingests", "lock", "quarantine", "snapshots"]
    assert sorted(p.name for p in lake.iterdir()) == ["CURRENT", *folders]
    assert sorted(p.name for p in (lake / "ingests").iterdir()) == ["000001.json", "000002.json"]
    assert sorted(p.name for p in (lake / "snapshots").iterdir()) == [f"00000{n}.json" for n in (1, 2, 3)]
    assert Lake.open(lake, 1).verify() == []


READER = """
import sys
from pathlib import Path
from suixin.lake.store import Lake
lake = Lake.open(Path(sys.argv[1]))
print(lake.snapshot, flush=True)
sys.stdin.readline()
print(lake.verify(), lake.whole("orders").collect().hash_rows().sum(), flush=True)
"""


def test_a_reader_keeps_its_snapshot(source: Path, load: Load, lake: Path) -> None:
    """A process that opened the lake before compact, rebucket and expire reads it whole after them."""
    day_by_day(source, load, 3)
    opened = Lake.open(lake)
    rows = opened.whole("orders").collect().hash_rows().sum()
    with subprocess.Popen(
        [sys.executable, "-c", READER, lake], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout.readline().strip() == opened.snapshot
        compact(lake, now=NOW)
        rebucket(lake, 5, now=NOW)
        expire(lake, now=NOW, keep=1)
        load(source)
        assert reader.communicate("go\n")[0].strip() == f"[] {rows}"


def test_small_files_are_absorbed_by_like_ones() -> None:
    """Eight of a size become one, in tiers; a large file is never written again by an ingest."""
    sizes: list[int] = []
    written = 0
    for _ in range(1_000):
        taken = absorbed(sizes, 62)
        new = 62 + sum(sizes[len(sizes) - taken :])
        sizes = [*sizes[: len(sizes) - taken], new]
        written += new
    assert (sum(sizes), len(sizes) <= 24, written <= 4.5 * 62_000) == (62_000, True, True)
    assert absorbed([300_000] * 20, 62) == 0
    assert absorbed([62] * 20, 300_000) == 0


def test_an_allowed_route_makes_a_row_allowed(source: Path, load: Load, lake: Path) -> None:
    """A row first had by one route and then by another is found by readers of either, and counts once."""
    load(source)
    own = replace(open_source("standard", source), route="own_mall")
    report = ingest(own, lake, now=NOW).tables["orders"]
    assert (report.read, report.accepted, report.already_there, report.quarantined) == (3, 0, 3, 0)
    opened = Lake.open(lake)
    for route in ("own_mall", "merchant_export"):
        found = [opened.versions("orders", b, [route]).collect() for b in opened.buckets("orders")]
        assert sorted(pl.concat(found)["order_id"]) == ["o1", "o2", "o3"]
    assert (opened.facts("orders"), opened.whole("orders").collect().height) == (3, 3)
    assert not ingest(own, lake, now=NOW).committed


def test_a_route_that_knows_less_takes_nothing_away(source: Path, load: Load, lake: Path) -> None:
    """The same order without its delivery by another route: that route has no delivery, the lake keeps it."""
    load(source)
    write_csv(source / "orders.csv", [ORDER_COLUMNS, [*ORDERS[1][:5], ""]])
    own = replace(open_source("standard", source), route="own_mall")
    assert ingest(own, lake, now=NOW).tables["orders"].already_there == 1
    assert not ingest(own, lake, now=NOW).committed
    opened = Lake.open(lake)
    whole = opened.whole("orders").filter(order_id="o1").collect()
    assert (whole.height, whole["delivered_at"].null_count()) == (1, 0)
    mine = pl.concat([opened.versions("orders", b, ["own_mall"]).collect() for b in opened.buckets("orders")])
    assert (mine["order_id"].to_list(), mine["delivered_at"].to_list()) == (["o1"], [None])


def test_many_bad_rows_are_set_aside_by_batches(source: Path, load: Load, lake: Path) -> None:
    """Sixty thousand bad rows reach the quarantine, once, however often they come."""
    lines = [f"x{n},m1,,2025-03-01,ten," for n in range(60_000)]
    (source / "orders.csv").write_text(",".join(ORDER_COLUMNS) + "\n" + "\n".join(lines) + "\n")
    assert load(source).tables["orders"].quarantined == 60_000
    assert (load(source).committed, quarantine.stored(Lake.open(lake), "orders").height) == (False, 60_000)


def test_merchants_are_as_they_were(source: Path, load: Load, lake: Path) -> None:
    """The small tables come through every verb as well."""
    load(source)
    rebucket(lake, 3, now=NOW)
    compact(lake, now=NOW)
    ids = Lake.open(lake).whole("merchants").collect()["merchant_id"].sort().to_list()
    assert ids == [row[0] for row in MERCHANTS[1:]]
