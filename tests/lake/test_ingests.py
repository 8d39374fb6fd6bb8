"""What each ingest did is kept, whatever happens to the lake afterwards."""

import json
import re
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from samples import MERCHANTS, ORDER_COLUMNS, ORDERS, write_csv
from suixin.adapters import open_source
from suixin.cli import main
from suixin.cli.output import people
from suixin.errors import LakeError
from suixin.lake import ingests, manifest, quarantine
from suixin.lake.compact import compact
from suixin.lake.expire import expire
from suixin.lake.forget import forget
from suixin.lake.ingest import IngestReport, ingest
from suixin.lake.migrate import migrate
from suixin.lake.rebucket import rebucket
from suixin.lake.store import Lake

Load = Callable[..., IngestReport]
NOW = datetime(2026, 6, 2, tzinfo=UTC)
BAD = [
    ["x1", "m1", "13800138000", "2025-03-01 08:00:00", "ten", ""],
    ["x2", "m9", "b1", "2025-03-02", "5", ""],
]


@pytest.fixture
def twice(source: Path, load: Load) -> list[IngestReport]:
    """Three orders and two bad rows; then the delivery of one order, a new one, an old one, a conflict, a bad row of before."""
    write_csv(source / "orders.csv", [*ORDERS, *BAD])
    first = load(source)
    rows = [
        [*ORDERS[2][:5], "2025-03-06 10:00:00"],
        ["o4", *ORDERS[1][1:]],
        ORDERS[1],
        ["o3", *ORDERS[3][1:4], "1.00", ""],
        BAD[1],
    ]
    write_csv(source / "orders.csv", [ORDER_COLUMNS, *rows])
    return [first, load(source)]


def told(lake: Path) -> dict[int, dict[str, object]]:
    held = ingests.listed(lake, Lake.open(lake).manifest)
    return {one.number: {name: asdict(counts) for name, counts in (one.tables or {}).items()} for one in held}


def counted(
    read: int, accepted: int, there: int, completed: int, aside: int, again: int = 0, **rules: int
) -> dict[str, object]:
    names = ("read", "accepted", "already_there", "completed", "quarantined")
    counts = dict(zip(names, (read, accepted, there, completed, aside), strict=True))
    return {**counts, "again": again, "rules": rules}


FIRST = {
    "merchants": counted(2, 2, 0, 0, 0),
    "orders": counted(5, 3, 0, 0, 2, unknown_merchant=1, wrong_type=1),
}
SECOND = {
    "merchants": counted(2, 0, 2, 0, 0),
    "orders": counted(5, 2, 1, 1, 2, 1, conflict=1, unknown_merchant=1),
}


def test_every_commit_keeps_its_counts(
    twice: list[IngestReport], lake: Path, source: Path, load: Load
) -> None:
    """Read, accepted, of these completed, already there, set aside by rule; what brings nothing new leaves no record."""
    assert told(lake) == {1: FIRST, 2: SECOND}
    assert [one.sequence for one in twice] == [1, 2]
    first = ingests.numbered(lake, Lake.open(lake).manifest, 1)
    assert (first.total.read, first.total.quarantined, first.total.adds_up) == (7, 2, True)
    assert (first.record.route, first.record.ingested_at) == ("merchant_export", "2026-06-01T00:00:00+00:00")
    again = load(source)
    assert (again.committed, again.sequence, sorted(told(lake))) == (False, 0, [1, 2])
    load(source, dry_run=True)
    assert sorted(path.name for path in (lake / "ingests").iterdir()) == ["000001.json", "000002.json"]


def test_a_row_set_aside_names_its_ingest(twice: list[IngestReport], lake: Path) -> None:
    """Each ingest's rows are found again, also after their files were merged; one that came word for word before is the first's."""
    del twice

    def aside(number: int) -> list[tuple[int, str]]:
        rows = quarantine.of_ingest(Lake.open(lake), "orders", number)
        return list(rows.select("row", "rule").iter_rows())

    held = {1: [(4, "wrong_type"), (5, "unknown_merchant")], 2: [(4, "conflict")]}
    assert {number: aside(number) for number in (1, 2)} == held
    compact(lake, now=NOW)
    assert {number: aside(number) for number in (1, 2)} == held
    assert len(Lake.open(lake).manifest.tables["orders"].quarantine) == 1
    assert (aside(3), quarantine.unnumbered(Lake.open(lake))) == ([], 0)


def test_maintenance_keeps_them_and_nobody_is_in_them(twice: list[IngestReport], lake: Path) -> None:
    """Counts say what was done then; of who was forgotten since, no byte is among them."""
    del twice
    before = {path.name: path.read_bytes() for path in (lake / "ingests").iterdir()}
    compact(lake, now=NOW)
    rebucket(lake, 4, now=NOW)
    migrate(lake, now=NOW)
    forget(lake, "m1", now=NOW, grace_days=0)
    expire(lake, keep=1, now=NOW, grace_days=0)
    assert {path.name: path.read_bytes() for path in (lake / "ingests").iterdir()} == before
    assert told(lake) == {1: FIRST, 2: SECOND}
    assert Lake.open(lake).verify() == []
    assert not any(
        trace in text for text in before.values() for trace in (b"m1", b"13800138000", b"orders.csv")
    )
    assert quarantine.of_ingest(Lake.open(lake), "orders", 1)["row"].to_list() == [5]


def test_a_killed_commit_leaves_no_ingest(
    twice: list[IngestReport], source: Path, lake: Path, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the file and the manifest: the next snapshot of that number is another ingest's, or none's."""
    del twice
    write_csv(source / "orders.csv", [ORDER_COLUMNS, ["o7", *ORDERS[1][1:]]])

    def die(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dies:
        dies.setattr(manifest, "save", die)
        with pytest.raises(SystemExit):
            load(source)
    assert (lake / "ingests/000003.json").exists()
    assert sorted(told(lake)) == [1, 2]
    compact(lake, now=NOW)
    assert not (lake / "ingests/000003.json").exists()
    assert (load(source).sequence, sorted(told(lake))) == (4, [1, 2, 4])


DAMAGED = (
    (None, "restore the file from a backup"),
    (b"{", "is damaged"),
    (b'{"version": 1, "tables": {"orders": {"read": 1}}}', "is damaged"),
    (b'{"version": 2, "tables": {}}', "use a newer release of suixin"),
)


def test_a_damaged_file_is_told_in_one_line(twice: list[IngestReport], lake: Path) -> None:
    """The lake itself still opens; `verify` finds it."""
    del twice
    path = lake / "ingests/000002.json"
    for content, said in DAMAGED:
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
        (fault,) = Lake.open(lake).verify()
        assert said in fault
        with pytest.raises(LakeError, match=said):
            next(ingests.listed(lake, Lake.open(lake).manifest))


def test_a_sum_that_is_wrong_is_found(twice: list[IngestReport], lake: Path) -> None:
    """Read is always the sum of its three; where it is not, somebody changed the file."""
    del twice
    path = lake / "ingests/000002.json"
    document = orjson.loads(path.read_bytes())
    document["tables"]["orders"]["read"] = 6
    path.write_bytes(orjson.dumps(document))
    assert Lake.open(lake).verify() == [
        "ingest 2, orders: 6 rows were read, the sorts of them make another sum"
    ]


def test_the_manifest_grows_by_one_line_an_ingest(source: Path, lake: Path, load: Load) -> None:
    """However many tables and rules there are, counts stay out of it."""
    write_csv(source / "orders.csv", [*ORDERS, *BAD])
    load(source)
    sizes = []
    for number in range(3):
        write_csv(source / "orders.csv", [ORDER_COLUMNS, [f"n{number}", *ORDERS[1][1:]]])
        sizes.append(len(orjson.dumps([asdict(one) for one in manifest.load(lake).ingests])))
        load(source)
    assert sizes[2] - sizes[1] == sizes[1] - sizes[0] < 350


def test_rows_are_handed_back_where_asked(source: Path, lake: Path) -> None:
    """For a mended file, whose rows a person waits for: a dry run tells the same rows as the commit."""
    write_csv(source / "merchants.csv", MERCHANTS)
    write_csv(source / "orders.csv", [*ORDERS, *BAD, ["o1", *ORDERS[1][1:4], "7.00", ""]])
    found = open_source("standard", source)
    dry = ingest(found, lake, now=NOW, dry_run=True, keep_aside=True)
    real = ingest(found, lake, now=NOW, keep_aside=True)
    assert dry.aside["orders"].equals(real.aside["orders"])
    assert real.aside["orders"]["row"].to_list() == [4, 5, 6]
    assert ingest(found, lake, now=NOW).aside == {}


def test_they_are_printed(
    twice: list[IngestReport], lake: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The latest first; a line a table, or JSON for machines."""
    del twice
    monkeypatch.setattr(people, "width", 200)

    def run(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["suixin", "lake", "ingests", str(lake), *words])
        with pytest.raises(SystemExit) as stop:
            main()
        assert stop.value.code == 0
        return capsys.readouterr().out

    found = json.loads(run("--json"))
    assert [one["ingest"] for one in found] == [2, 1]
    assert (found[0]["tables"], found[1]["source"]) == (SECOND, "source")
    assert [one["ingest"] for one in json.loads(run("--json", "--limit", "1"))] == [2]
    lines = [re.split("[│┃]", line)[1:-1] for line in run().splitlines() if "source: orders" in line]
    assert [[cell.strip() for cell in line][4:] for line in lines] == [
        ["5", "2", "1", "1", "2"],
        ["5", "3", "0", "0", "2"],
    ]
