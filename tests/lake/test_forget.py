"""A person who is forgotten is in no file any more, and nobody else is touched."""

import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from samples import write_csv
from suixin.adapters import open_source
from suixin.errors import LakeError, UsageError
from suixin.features.build import build
from suixin.lake import quarantine
from suixin.lake.compact import compact
from suixin.lake.contract import Kind
from suixin.lake.erasing import NAMING
from suixin.lake.expire import expire
from suixin.lake.forget import forget
from suixin.lake.ingest import IngestReport, ingest
from suixin.lake.manifest import save
from suixin.lake.store import Lake
from suixin.lake.tables import TABLES

Load = Callable[..., IngestReport]
NOW = datetime(2026, 6, 2, tzinfo=UTC)
PARTY, MERCHANT, OTHER = "p_zhangsanzhangsan", "shop-of-zhang", "shop-of-li"
WORDS = ("张三丰", "110101199001011234", "138-0013-8000", "青山村三组17号", "6222020200112233445")
TRACES = (PARTY, MERCHANT, *WORDS, "13800138000")


def county(folder: Path, *, orders: list[list[str]] | None = None) -> Path:
    """Zhang runs a shop, buys from Li, pays Li, is Li's relation, and stands in rows that were set aside."""
    tables = {
        "parties": [
            ["party_id", "kind", "region_code", "registered_on"],
            [PARTY, "person", "v1", "2024-01-01"],
            ["p_li", "person", "v1", "2024-01-01"],
        ],
        "identities": [
            ["party_id", "name", "id_number", "phone", "address", "account", "recorded_on"],
            [PARTY, *WORDS, "2024-01-01"],
            [
                "p_li",
                "李四",
                "110101198001011234",
                "13900139000",
                "青山村四组2号",
                "6222020200119999",
                "2024-01-01",
            ],
        ],
        "relations": [
            ["party_id", "other_party_id", "kind", "since_on"],
            ["p_li", PARTY, "spouse", "2024-01-01"],
        ],
        "merchants": [
            ["merchant_id", "party_id", "opened_on", "crop"],
            [MERCHANT, PARTY, "2024-01-01", "茶叶"],
            [OTHER, "p_li", "2024-01-01", "柑橘"],
        ],
        "orders": orders
        or [
            ["order_id", "merchant_id", "buyer_id", "ordered_at", "amount"],
            ["o1", MERCHANT, "b1", "2025-03-01 08:00:00", "10.00"],
            ["o2", OTHER, PARTY, "2025-03-02 08:00:00", "20.00"],
            ["o3", OTHER, PARTY, "2025-03-03 08:00:00", "30.00"],
            ["o4", OTHER, "b2", "2025-03-04 08:00:00", "40.00"],
            ["o5", OTHER, "b2", "2025-03-05 08:00:00", "电话13800138000"],
            ["o6", MERCHANT, "b2", "2025-03-05 08:00:00", "ten"],
            ["o7", OTHER, "b2", "2025-03-05 08:00:00", "ten"],
        ],
        "payments": [
            ["payment_id", "order_id", "merchant_id", "paid_at", "amount", "payer_id"],
            ["y2", "o2", OTHER, "2025-03-02 09:00:00", "20.00", PARTY],
        ],
        "applications": [
            ["application_id", "merchant_id", "applied_at", "amount", "term_months", "purpose"],
            ["a1", OTHER, "2025-03-02 09:00:00", "20.00", "12", "与张三丰合伙"],
            ["a2", OTHER, "2025-03-03 09:00:00", "20.00", "12", "买种子"],
        ],
    }
    for name, rows in tables.items():
        write_csv(folder / f"{name}.csv", rows)
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return county(tmp_path / "source")


def texts(root: Path) -> Iterator[str]:
    """All that can be read in a lake: the bytes of each file, the values of each Parquet file, its statistics."""
    for path in (p for p in root.rglob("*") if p.is_file()):
        yield path.read_bytes().decode("utf-8", errors="ignore")
        yield path.as_posix()
        if path.suffix == ".parquet":
            rows = pl.read_parquet(path)
            yield "\n".join(str(value) for column in rows for value in column.unique())


def traces(root: Path) -> set[str]:
    found = set()
    for text in texts(root):
        found |= {trace for trace in TRACES if trace in text}
    return found


def features(lake: Lake) -> pl.DataFrame:
    days = 20_400
    subjects = pl.DataFrame({"subject": [0], "merchant_id": [OTHER], "as_of_day": [days]})
    built = build(lake, subjects.with_columns(pl.col("as_of_day").cast(pl.Int32)), processes=0)
    return built.features


@pytest.mark.parametrize("identifier", [PARTY, MERCHANT])
def test_no_byte_is_left(identifier: str, source: Path, load: Load, lake: Path) -> None:
    """After a grace of none no file holds a trace, in bytes, values or statistics; what was removed is on record."""
    load(source)
    write_csv(
        source / "orders.csv",
        [
            ["order_id", "merchant_id", "buyer_id", "ordered_at", "amount"],
            ["o8", OTHER, PARTY, "2025-04-01 08:00:00", "1.00"],
        ],
    )
    load(source)
    assert traces(lake) == set(TRACES)
    report = forget(lake, identifier, now=NOW, grace_days=0)
    assert traces(lake) == set()
    assert report.rows == {
        "parties": 1,
        "identities": 1,
        "merchants": 1,
        "orders": 1,
        "quarantine": 2,
    }
    assert report.replaced == {"relations": 1, "orders": 3, "payments": 1, "applications": 1}
    opened = Lake.open(lake)
    assert opened.verify() == []
    assert (opened.forgotten(PARTY), opened.forgotten(MERCHANT), opened.forgotten(OTHER)) == (
        True,
        True,
        False,
    )
    record = opened.manifest.forgotten[0]
    assert (record.sequence, record.rows, record.purge_due) == (3, report.rows, "2026-06-02T00:00:00+00:00")
    assert stat.S_IMODE((lake / "key").stat().st_mode) == 0o600
    aside = quarantine.stored(opened, "orders")
    assert (aside["row"].to_list(), opened.manifest.tables["orders"].quarantined) == ([7], 1)
    assert opened.whole("applications").collect().sort("application_id")["purpose"].to_list() == [
        "[erased]",
        "买种子",
    ]


def test_the_facts_of_others_keep_their_shape(source: Path, load: Load, lake: Path) -> None:
    """One tombstone stands for the person in all facts of others, and features of others stay exactly equal."""
    load(source)
    before = features(Lake.open(lake))
    forget(lake, PARTY, now=NOW)
    opened = Lake.open(lake)
    orders = opened.whole("orders").collect().sort("order_id")
    stone = orders["buyer_id"][0]
    assert orders["buyer_id"].to_list() == [stone, stone, "b2"]
    assert stone.startswith("erased_")
    assert opened.whole("payments").collect()["payer_id"].to_list() == [stone]
    assert opened.whole("relations").collect()["other_party_id"].to_list() == [stone]
    assert features(opened).equals(before)


def test_old_snapshots_are_kept_without_the_person(source: Path, load: Load, lake: Path) -> None:
    """Decisions about others find the snapshot that they rest on, under its name; the person is not in it."""
    load(source)
    first = Lake.open(lake).snapshot
    held = features(Lake.open(lake))
    write_csv(
        source / "orders.csv",
        [["order_id", "merchant_id", "ordered_at", "amount"], ["o9", OTHER, "2025-04-01 08:00:00", "1.00"]],
    )
    load(source)
    second = Lake.open(lake).snapshot
    report = forget(lake, PARTY, now=NOW, grace_days=0)
    assert report.snapshots == 2
    assert [Lake.open(lake, n).snapshot for n in (1, 2)] == [first, second]
    old = Lake.open(lake, 1)
    assert (old.forgotten(MERCHANT), old.whole("merchants").collect()["merchant_id"].to_list()) == (
        True,
        [OTHER],
    )
    assert (features(old).equals(held), old.verify()) == (True, [])
    forget(lake, OTHER, now=NOW, grace_days=0)
    assert (Lake.open(lake, 1).snapshot, Lake.open(lake, 3).snapshot) == (first, report.snapshot)
    assert not Lake.open(lake, 1).holds("orders")


def test_readers_keep_their_files_for_the_grace_time(source: Path, load: Load, lake: Path) -> None:
    """Who has opened the lake reads on; the next writer after the due date removes the last trace."""
    load(source)
    reader = Lake.open(lake)
    forget(lake, PARTY, now=NOW)
    assert (reader.whole("orders").collect().height, traces(lake)) == (4, set(TRACES))
    assert expire(lake, now=NOW + timedelta(days=6)).files == 0
    late = NOW + timedelta(days=7)
    rows = [["order_id", "merchant_id", "ordered_at", "amount"], ["o9", OTHER, "2025-04-01 08:00:00", "1.00"]]
    write_csv(source / "more" / "orders.csv", rows)
    ingest(open_source("standard", source / "more"), lake, now=late)
    assert traces(lake) == set()


def test_the_same_source_again_brings_nothing_back(source: Path, load: Load, lake: Path) -> None:
    """Rows about the person are set aside without their content; others' rows that name them are there already."""
    load(source)
    before = Lake.open(lake).manifest
    forget(lake, PARTY, now=NOW, grace_days=0)
    report = load(source)
    assert traces(lake) - {"13800138000"} == set()
    orders = report.tables["orders"]
    assert (orders.read, orders.accepted, orders.already_there, orders.quarantined) == (7, 0, 3, 4)
    assert dict(orders.rules) == {"forgotten": 2, "wrong_type": 2}
    assert dict(report.tables["identities"].rules) == {"forgotten": 1}
    assert dict(report.tables["relations"].rules) == {"forgotten": 1}
    aside = quarantine.stored(Lake.open(lake), "identities").row(0, named=True)
    assert (aside["row"], aside["rule"], aside["raw"]) == (1, "forgotten", "")
    assert Lake.open(lake).manifest.tables["orders"].rows == before.tables["orders"].rows - 1
    assert not load(source).committed


def test_a_later_purchase_is_a_fact_of_the_shop(source: Path, load: Load, lake: Path) -> None:
    """A new order of the forgotten buyer is accepted; its buyer is a tombstone of its own."""
    load(source)
    forget(lake, PARTY, now=NOW, grace_days=0)
    rows = [
        ["order_id", "merchant_id", "buyer_id", "ordered_at", "amount"],
        ["n1", OTHER, PARTY, "2025-05-01 08:00:00", "7.00"],
    ]
    assert load(county(source, orders=rows)).tables["orders"].accepted == 1
    orders = Lake.open(lake).whole("orders").collect().sort("order_id")
    assert (orders["buyer_id"].str.starts_with("erased_").sum(), orders["buyer_id"].n_unique()) == (3, 3)
    assert traces(lake) == set()
    assert load(source).tables["orders"].already_there == 1


def test_a_party_with_another_shop_stays(source: Path, load: Load, lake: Path) -> None:
    """Of two shops of one party one is forgotten: the party and the other shop stay."""
    write_csv(
        source / "merchants.csv",
        [
            ["merchant_id", "party_id", "opened_on"],
            [MERCHANT, PARTY, "2024-01-01"],
            [OTHER, PARTY, "2024-01-01"],
        ],
    )
    load(source)
    assert forget(lake, MERCHANT, now=NOW).rows == {"merchants": 1, "orders": 1, "quarantine": 1}
    assert Lake.open(lake).whole("identities").collect().height == 2
    assert not Lake.open(lake).forgotten(PARTY)


def test_a_dry_run_counts_and_changes_nothing(source: Path, load: Load, lake: Path) -> None:
    """What would go is told; no key is made and no file is written."""
    load(source)
    files = sorted(lake.rglob("*"))
    dry = forget(lake, PARTY, now=NOW, dry_run=True)
    assert sorted(lake.rglob("*")) == files
    assert (dry.committed, dry.rows) == (False, forget(lake, PARTY, now=NOW).rows)


def test_unknown_twice_and_empty(source: Path, load: Load, lake: Path) -> None:
    """An unknown identifier is refused, a forgotten one may be forgotten again, an empty one is a slip."""
    load(source)
    with pytest.raises(LakeError, match="knows no party or merchant 'nobody'; nothing was changed"):
        forget(lake, "nobody", now=NOW)
    with pytest.raises(UsageError, match="the identifier is empty"):
        forget(lake, " ", now=NOW)
    forget(lake, PARTY, now=NOW)
    again = forget(lake, PARTY, now=NOW)
    assert (again.committed, again.rows, Lake.open(lake).manifest.sequence) == (False, {}, 2)


def test_a_record_that_was_changed_is_noticed(source: Path, load: Load, lake: Path) -> None:
    """verify tells a record with another signature, and a lost key; without the key nobody is taken for known."""
    load(source)
    forget(lake, PARTY, now=NOW)
    held = Lake.open(lake).manifest
    wrong = replace(held.forgotten[0], rows={"orders": 99})
    save(lake, replace(held, forgotten=(wrong,)))
    assert Lake.open(lake).verify() == [
        "the record of somebody forgotten at 2026-06-02T00:00:00+00:00 has another signature"
    ]
    (lake / "key").unlink()
    with pytest.raises(LakeError, match="without the key the lake cannot tell who was forgotten"):
        Lake.open(lake).forgotten(PARTY)
    with pytest.raises(LakeError, match="without the key"):
        forget(lake, OTHER, now=NOW)


def test_compact_after_forget_brings_nothing_back(source: Path, load: Load, lake: Path) -> None:
    """Other verbs carry the records on and find the person nowhere."""
    load(source)
    forget(lake, PARTY, now=NOW, grace_days=0)
    load(source)
    compact(lake, now=NOW)
    assert Lake.open(lake).forgotten(PARTY)
    assert traces(lake) - {"13800138000"} == set()


def test_every_identifier_is_judged() -> None:
    """A new identifier column must be sorted: it may name a party or a merchant, or it numbers events and things."""
    things = {
        "order_id", "sku_id", "payment_id", "settlement_id", "shipment_id", "review_id", "refund_id", "invoice_id",
        "cashflow_id", "exposure_id", "inquiry_id", "application_id", "loan_id", "lender_id", "device_id",
        "address_id",
    }  # fmt: skip
    columns = {c.name for t in TABLES.values() for c in t.columns if c.kind is Kind.ID}
    assert columns == things | NAMING


def test_no_other_grace_keeps_the_person(source: Path, load: Load, lake: Path) -> None:
    """Snapshots that were expired with a longer grace, by hand or by an earlier forget, hold nobody back."""
    load(source)
    compact(lake, now=NOW)
    write_csv(
        source / "orders.csv",
        [["order_id", "merchant_id", "ordered_at", "amount"], ["o9", OTHER, "2025-04-01 08:00:00", "9.00"]],
    )
    load(source)
    expire(lake, keep=1, now=NOW, grace_days=30)
    forget(lake, "p_li", now=NOW, grace_days=30)
    assert traces(lake) != set()
    forget(lake, PARTY, now=NOW, grace_days=0)
    assert traces(lake) == set()


def test_a_typing_error_is_told_in_a_dry_run_too(source: Path, load: Load, lake: Path) -> None:
    """An unknown identifier is not 'nothing held'."""
    load(source)
    with pytest.raises(LakeError, match="knows no party or merchant 'nobody'"):
        forget(lake, "nobody", now=NOW, dry_run=True)
