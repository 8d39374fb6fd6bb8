"""What merchants have in common, as it was known on a day: read from a lake of a few rows."""

from datetime import UTC, date, datetime

import pytest

from samples import write_csv
from suixin.adapters import open_source
from suixin.lake.ingest import ingest
from suixin.lake.source import ROUTES
from suixin.lake.store import Lake
from suixin.underwriting.attributes import attributes

ON = date(2026, 1, 1)
TABLES = {
    "regions": [
        ["region_code", "parent_code", "level", "valid_from_on"],
        ["p", "", "province", "2000-01-01"],
        ["c", "p", "county", "2000-01-01"],
        ["t", "c", "township", "2000-01-01"],
        ["v", "t", "village", "2000-01-01"],
        ["w", "c", "village", "2000-01-01"],  # belongs to the county itself
    ],
    "parties": [
        ["party_id", "kind", "registered_on"],
        *([name, "person", "2020-01-01"] for name in ("a", "b", "c", "d", "e", "f", "g")),
    ],
    "merchants": [
        ["merchant_id", "party_id", "region_code", "crop", "opened_on"],
        ["m1", "a", "v", "tea", "2024-01-01"],
        ["m2", "b", "t", "tea", "2024-01-01"],
        ["m3", "c", "w", "rice", "2024-01-01"],
        ["m4", "d", "nowhere", "", "2024-01-01"],
        ["m5", "", "", "rice", "2024-01-01"],
    ],
    "relations": [
        ["party_id", "other_party_id", "kind", "since_on", "ended_on"],
        ["a", "e", "spouse", "2020-01-01", ""],  # m1's owner and m2's, by way of e
        ["b", "e", "guarantor_of", "2024-01-01", ""],
        ["c", "a", "supplier", "2020-01-01", ""],  # trade is no such tie
        ["c", "f", "legal_rep", "2020-01-01", "2025-06-30"],  # over by then
        ["d", "f", "household", "2020-01-01", ""],
        ["c", "d", "shareholder", "2026-01-01", ""],  # not known yet
    ],
    "settlements": [
        ["settlement_id", "merchant_id", "platform", "settled_at", "gross", "fees", "refunds", "net"],
        ["s1", "m1", "mall", "2025-03-01 08:00:00", "100", "0", "0", "100"],
        ["s2", "m1", "live", "2025-09-01 08:00:00", "70", "0", "0", "70"],
        ["s3", "m1", "live", "2025-10-01 08:00:00", "60", "0", "0", "60"],
        ["s4", "m1", "mall", "2024-10-01 08:00:00", "900", "0", "0", "900"],  # over a year ago
        ["s5", "m2", "live", "2026-02-01 08:00:00", "60", "0", "0", "60"],  # not known yet
        ["s6", "m3", "", "2025-10-01 08:00:00", "60", "0", "0", "60"],
    ],
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder = tmp_path_factory.mktemp("ties")
    for name, rows in TABLES.items():
        write_csv(folder / "source" / f"{name}.csv", rows)
    source = open_source("standard", folder / "source")
    report = ingest(source, folder / "lake", now=datetime(2026, 6, 1, tzinfo=UTC))
    assert {table.quarantined for table in report.tables.values()} == {0}
    return Lake.open(folder / "lake")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("crop", {"m1": "tea", "m2": "tea", "m3": "rice", "m5": "rice"}),
        # m3's village has no township above it, m4's place is in no list
        ("township", {"m1": "t", "m2": "t"}),
        ("platform", {"m1": "live"}),
        ("group", {"m1": "a", "m2": "a", "m3": "c", "m4": "d"}),
    ],
)
def test_what_was_known(lake: Lake, name: str, expected: dict[str, str]) -> None:
    """Each attribute on a day: what came later, ended before or is not said is left out."""
    assert attributes(lake, ON, [name], ROUTES) == {name: expected}


def test_what_is_known_later(lake: Lake) -> None:
    """Two days on, the shareholding ties m3 to m4; before June 2025 m3 was tied to it by its legal representative."""
    later = attributes(lake, date(2026, 1, 3), ["group"], ROUTES)["group"]
    assert later == {"m1": "a", "m2": "a", "m3": "c", "m4": "c"}
    assert attributes(lake, date(2025, 6, 1), ["group"], ROUTES)["group"]["m4"] == "c"


def test_only_routes_that_are_allowed(lake: Lake) -> None:
    """Rows of another route tell nothing, and a name that no lake tells is left out."""
    assert attributes(lake, ON, ["crop", "soil"], ["own_mall"]) == {"crop": {}}
