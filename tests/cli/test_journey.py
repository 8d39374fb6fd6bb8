"""From a county to a decision that is explained and replayed, by the commands alone."""

import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from polars.testing import assert_frame_equal

from samples import Run
from suixin.reporting.decision_schema import json_schema

BOOK = {
    "decisions.parquet",
    "features.parquet",
    "cases.parquet",
    "evidence.parquet",
    "book.xlsx",
    "book.html",
    "run.json",
}


def test_the_book_is_whole(county: Path) -> None:
    """Every merchant of the county has a row, with the columns that the data dictionary names."""
    assert {p.name for p in (county / "book").iterdir()} == BOOK
    decisions = pl.read_parquet(county / "book" / "decisions.parquet")
    assert decisions["merchant_id"].n_unique() == decisions.height == 60
    assert set(decisions["decision"]) <= {"approve", "refer", "decline"}
    declined = decisions.filter(pl.col("decision") == "decline")
    assert (declined["reasons"].list.first().struct.field("outcome") == "decline").all()
    assert decisions.filter(pl.col("decision") == "approve").height > 0


def test_status_for_machines(county: Path, suixin: Run) -> None:
    """`lake status --json` has the snapshot and, a table, rows, quarantined, from and to."""
    status = json.loads(suixin("lake", "status", county / "lake", "--json").stdout)
    orders = status["tables"]["orders"]
    rows = pl.scan_parquet(county / "source" / "orders" / "*.parquet").select(pl.len()).collect().item()
    assert (orders["rows"], orders["quarantined"]) == (rows, 0)
    assert "2024-01-01" <= orders["from"] <= orders["to"] <= "2025-12-31"
    assert status["snapshot"].startswith("1-")


def test_verify_and_quarantine(county: Path, suixin: Run) -> None:
    """A sound lake verifies; nothing was set aside from what the simulator wrote."""
    assert json.loads(suixin("lake", "verify", county / "lake", "--json").stdout)["faults"] == []
    assert json.loads(suixin("lake", "quarantine", county / "lake", "--json").stdout) == {
        "quarantined": 0,
        "rows": [],
    }


def test_a_replay_is_equal_row_by_row(county: Path, suixin: Run, tmp_path: Path) -> None:
    """The run.json alone gives the same decisions and features, in one process as in several."""
    again = tmp_path / "again"
    done = suixin(
        "assess", county / "lake", "--replay", county / "book" / "run.json", "--out", again, "--processes", 1
    )
    assert done.returncode == 0, done.stderr
    for name in ("decisions.parquet", "features.parquet", "cases.parquet"):
        first, second = (pl.read_parquet(folder / name) for folder in (county / "book", again))
        assert_frame_equal(first, second, check_exact=True)


@pytest.mark.full
def test_a_replay_finds_its_old_snapshot(county: Path, suixin: Run, tmp_path: Path) -> None:
    """Late data makes a new snapshot; a replay still reads the one the book was made on."""
    lake = tmp_path / "lake"
    assert suixin("ingest", county / "source", "--lake", lake).returncode == 0
    assert suixin("assess", lake, "--as-of", "2025-06-01", "--out", tmp_path / "one").returncode == 0
    merchant = pl.read_parquet(tmp_path / "one" / "features.parquet")["merchant_id"][0]
    late = tmp_path / "late"
    late.mkdir()
    (late / "reviews.csv").write_text(
        "review_id,order_id,merchant_id,reviewed_at,score\n"
        + "".join(f"z{n},x,{merchant},2025-05-01,1\n" for n in range(200))
    )
    assert suixin("ingest", late, "--lake", lake).returncode == 0
    assert suixin("assess", lake, "--as-of", "2025-06-01", "--out", tmp_path / "two").returncode == 0
    run = tmp_path / "one" / "run.json"
    assert suixin("assess", lake, "--replay", run, "--out", tmp_path / "three").returncode == 0
    one, two, three = (
        pl.read_parquet(tmp_path / name / "features.parquet") for name in ("one", "two", "three")
    )
    assert_frame_equal(one, three, check_exact=True)
    changed = one.filter(pl.col("bad_review_share_365d").ne_missing(two["bad_review_share_365d"]))
    assert changed["merchant_id"].to_list() == [merchant]


def test_features_alone(county: Path, suixin: Run, tmp_path: Path) -> None:
    """`suixin features` writes the table that the book decided on; a CSV holds the same values."""
    out = tmp_path / "特征.parquet"
    done = suixin("features", county / "lake", "--as-of", "2026-01-01", "--out", out, "--json")
    assert json.loads(done.stdout)["merchants"] == 60
    assert_frame_equal(
        pl.read_parquet(out), pl.read_parquet(county / "book" / "features.parquet"), check_exact=True
    )


def test_chosen_merchants_with_their_own_dates(county: Path, suixin: Run, tmp_path: Path) -> None:
    """A file of merchants and dates assesses just these on just then; without a date each has its default."""
    chosen = tmp_path / "chosen.csv"
    chosen.write_text("merchant_id,as_of\n7,2025-05-01\n9,2025-08-01\n")
    book = tmp_path / "book"
    assert suixin("assess", county / "lake", "--merchants", chosen, "--out", book).returncode == 0
    rows = (
        pl.read_parquet(book / "decisions.parquet")
        .select("merchant_id", pl.col("as_of").cast(pl.String))
        .rows()
    )
    assert rows == [("7", "2025-05-01"), ("9", "2025-08-01")]


def test_the_default_date(county: Path, suixin: Run, tmp_path: Path) -> None:
    """Without a date: the latest in outcomes where a merchant has one, else the day after the last event."""
    book = tmp_path / "book"
    assert suixin("assess", county / "lake", "--out", book).returncode == 0
    dates = pl.read_parquet(book / "decisions.parquet").select("merchant_id", "as_of")
    outcomes = pl.read_parquet(
        county / "source" / "outcomes" / "*.parquet"
        if (county / "source" / "outcomes").is_dir()
        else county / "source" / "outcomes.parquet"
    )
    own = outcomes.group_by(pl.col("merchant_id").cast(pl.String)).agg(pl.col("as_of_on").max())
    both = dates.join(own, on="merchant_id", how="left")
    assert both.filter(pl.col("as_of_on").is_not_null() & (pl.col("as_of") != pl.col("as_of_on"))).height == 0
    rest = both.filter(pl.col("as_of_on").is_null())["as_of"].cast(pl.String).unique().to_list()
    assert rest == ["2026-01-01"]


def test_explain_in_both_languages(county: Path, suixin: Run, here: Run) -> None:
    """One decision in words, in English and Chinese, and the same as JSON."""
    decided = pl.read_parquet(county / "book" / "decisions.parquet").filter(pl.col("decision") == "approve")
    merchant = decided["merchant_id"][0]
    english = suixin("explain", county / "book", merchant)
    chinese = here("explain", county / "book", merchant, "--lang", "zh")
    assert "approve" in english.stdout.lower()
    assert any("\u4e00" <= c <= "\u9fff" for c in chinese.stdout)
    declined = pl.read_parquet(county / "book" / "decisions.parquet").filter(pl.col("decision") == "decline")
    refusal = json.loads(here("explain", county / "book", declined["merchant_id"][0], "--json").stdout)
    Draft202012Validator(json_schema(), format_checker=FormatChecker()).validate(refusal)
    document = json.loads(here("explain", county / "book", merchant, "--json").stdout)
    Draft202012Validator(json_schema(), format_checker=FormatChecker()).validate(document)
    assert document["decision_id"] == decided["decision_id"][0]
    principal = sum(Decimal(row["principal"]) for row in document["schedule"])
    assert principal == Decimal(document["limit"]) == decided["limit"][0]
