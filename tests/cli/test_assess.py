"""What `suixin assess` says of its own reach: data that ends before the date, merchants who are not in the run."""

import json
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from samples import Run
from suixin.features.subjects import event_span
from suixin.lake.store import Lake

UNTIL = "the lake has data until "
NOT_IN_THE_RUN = "merchants of the lake that are not in the run: "


def chosen(folder: Path, *rows: str) -> Path:
    """A file of merchants to assess."""
    file = folder / "chosen.csv"
    file.write_text("\n".join(("merchant_id,as_of", *rows, "")))
    return file


def lines(done: str, start: str) -> list[str]:
    """What was printed with this start."""
    return [line for line in done.splitlines() if line.startswith(start)]


@pytest.mark.parametrize("days", [31, 32])
def test_a_date_long_after_the_last_event(days: int, county: Path, tmp_path: Path, here: Run) -> None:
    """More than 31 days after the last event the run says until when there is data; up to that it says nothing."""
    last = event_span(Lake.open(county / "lake"))[1]
    day = last + timedelta(days=days)
    done = here("assess", county / "lake", "--as-of", day, "--out", tmp_path / "book")
    assert done.returncode == 0, done.stderr
    said = (
        f"{UNTIL}{last}, 32 days before {day}: days without data count as days without sales; ingest what is newer, or "
        "name an earlier date"
    )
    assert lines(done.stdout, UNTIL) == [said] * (days == 32)
    assert lines(done.stdout, NOT_IN_THE_RUN) == []
    run = json.loads((tmp_path / "book" / "run.json").read_bytes())
    assert (run["last_event_on"], run["merchants_not_chosen"]) == (last.isoformat(), 0)


def test_a_run_over_a_few(county: Path, tmp_path: Path, here: Run) -> None:
    """A run over two of sixty merchants says how many others its forecast does not learn from; so does its replay."""
    file = chosen(tmp_path, "7,2026-01-01", "8,2025-11-01")
    done = here("assess", county / "lake", "--merchants", file, "--out", tmp_path / "book")
    assert done.returncode == 0, done.stderr
    said = (
        f"{NOT_IN_THE_RUN}58; the forecast learns from the merchants of the run alone, so limits may differ from those of a "
        "run over all"
    )
    assert lines(done.stdout, NOT_IN_THE_RUN) == [said]
    assert lines(done.stdout, UNTIL) == []
    again = here(
        "assess", county / "lake", "--replay", tmp_path / "book" / "run.json", "--out", tmp_path / "again"
    )
    assert lines(again.stdout, NOT_IN_THE_RUN) == [said]


def test_a_run_over_all_that_were_open(county: Path, tmp_path: Path, here: Run) -> None:
    """Whoever was not open yet on the date is missing from a run over all too, so a list of the others leaves nobody out."""
    whole = here("assess", county / "lake", "--as-of", "2024-03-01", "--out", tmp_path / "all", "--json")
    assert json.loads(whole.stdout)["merchants_not_open"] > 0
    names = pl.read_parquet(tmp_path / "all" / "decisions.parquet")["merchant_id"]
    file = chosen(tmp_path, *(f"{name}," for name in names))
    some = here(
        "assess",
        county / "lake",
        "--as-of",
        "2024-03-01",
        "--merchants",
        file,
        "--out",
        tmp_path / "same",
        "--json",
    )
    assert (some.returncode, json.loads(some.stdout)["merchants_not_chosen"]) == (0, 0), some.stderr
