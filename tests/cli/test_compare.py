"""An earlier book against today's lake, and what a forgotten merchant leaves of it."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from samples import Run, write_csv


@pytest.fixture
def mine(county: Path, tmp_path: Path) -> Path:
    """The county's lake and book, to be changed."""
    shutil.copytree(county / "lake", tmp_path / "lake")
    shutil.copytree(county / "book", tmp_path / "book")
    return tmp_path


def one_that_sells(book: Path) -> tuple[str, str]:
    """An approved merchant and the evidence of nothing else: the first in the book."""
    table = pl.read_parquet(book / "decisions.parquet").filter(pl.col("decision") == "approve")
    return table["merchant_id"][0], table["merchant_id"][1]


def test_an_unchanged_lake_gives_no_difference(mine: Path, here: Run) -> None:
    """The same snapshot decides the same, and no book is written."""
    done = here("assess", mine / "lake", "--compare", mine / "book", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["decided"], said["differ"]) == (60, [])
    assert sorted(p.name for p in mine.iterdir()) == ["book", "lake"]


def test_late_facts_show_as_differences(mine: Path, here: Run) -> None:
    """A big order that is ingested later changes its merchant's features alone, and others' forecasts as their peer."""
    merchant, _ = one_that_sells(mine / "book")
    columns = ["order_id", "merchant_id", "buyer_id", "ordered_at", "amount"]
    late = ["late-1", merchant, "somebody", "2025-12-20 10:00:00", "900000"]
    write_csv(mine / "more" / "orders.csv", [columns, late])
    route = "currency: CNY\nzone: Asia/Shanghai\nroute: simulation\n"
    (mine / "more" / "source.yaml").write_text(route, encoding="utf-8")
    assert here("ingest", mine / "more", "--adapter", "standard", "--lake", mine / "lake").returncode == 0
    done = here("assess", mine / "lake", "--compare", mine / "book", "--json")
    differ = json.loads(done.stdout)["differ"]
    moved = {entry["merchant_id"]: entry["features"] for entry in differ}
    assert "gmv_30d" in moved[merchant]
    assert [features for name, features in moved.items() if name != merchant and features] == []
    told = here("assess", mine / "lake", "--compare", mine / "book").stdout
    assert f"{len(moved)} of 60 decisions differ" in told


def test_a_forgotten_merchant_is_erased(mine: Path, here: Run) -> None:
    """A replay decides and scores everybody else as before, with one peer fewer, and says who was erased; a comparison too."""
    gone, kept = one_that_sells(mine / "book")
    done = here("lake", "forget", mine / "lake", gone, "--grace-days", 0, "--json")
    assert done.returncode == 0, done.stderr
    run = mine / "book" / "run.json"
    again = here("assess", mine / "lake", "--replay", run, "--out", mine / "again")
    assert again.returncode == 0, again.stderr
    assert f"erased at their own wish since, and not decided again: {gone}" in again.stdout
    old = pl.read_parquet(mine / "book" / "decisions.parquet").filter(pl.col("merchant_id") != gone)
    new = pl.read_parquet(mine / "again" / "decisions.parquet")
    for name in ("merchant_id", "decision", "score"):
        assert old[name].to_list() == new[name].to_list()
    for before, after in zip(old["limit"].to_list(), new["limit"].to_list(), strict=True):
        assert abs(after - before) <= before / 20  # the forgotten one was a peer
    assert json.loads((mine / "again" / "run.json").read_bytes())["merchants_erased"] == [gone]
    said = json.loads(here("assess", mine / "lake", "--compare", mine / "book", "--json").stdout)
    differ = {entry["merchant_id"]: entry for entry in said["differ"]}
    assert differ.pop(gone)["after"] == {"decision": "erased"}
    assert [entry["features"] for entry in differ.values() if entry["features"]] == []
    assert kept in new["merchant_id"]


def test_a_book_whose_table_is_another(mine: Path, here: Run) -> None:
    """A file of offers in the place of the decisions is told, by compare, explain and whatif alike."""
    pl.DataFrame({"merchant_id": ["10"], "amount": [5]}).write_parquet(mine / "book" / "decisions.parquet")
    for asked in (
        ("assess", mine / "lake", "--compare", mine / "book"),
        ("explain", mine / "book", "10"),
        ("whatif", mine / "book", "10", "--set", "lenders=1"),
    ):
        done = here(*asked)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert "book" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "name a folder for the book with --out"),
        (["--compare", "BOOK", "--replay", "BOOK"], "two questions"),
        (
            ["--compare", "BOOK", "--as-of", "2026-01-01"],
            "--compare takes date, merchants and policy from run.json",
        ),
        (["--compare", "NOWHERE"], "cannot be read"),
    ],
)
def test_what_cannot_be_compared(options: list[str], message: str, mine: Path, here: Run) -> None:
    """Each is one line with the mend."""
    places = {"BOOK": mine / "book", "NOWHERE": mine / "nowhere"}
    done = here("assess", mine / "lake", *(places.get(option, option) for option in options))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert message in done.stderr
