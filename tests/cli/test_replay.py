"""A replay trusts no run.json that was changed, and dates that cannot be meant are refused."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from samples import Run


def changed(county: Path, tmp_path: Path, **entries: Any) -> Path:
    """A copy of the book's run.json with other entries."""
    run = orjson.loads((county / "book" / "run.json").read_bytes())
    file = tmp_path / "run.json"
    file.write_bytes(orjson.dumps({**run, **entries}))
    return file


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        # a laxer policy under the old hash
        ({"policy": "name: lax"}, "run.json was changed: its policy has the hash "),
        ({"policy_hash": "0" * 16}, "the book was made with 0000000000000000"),
        ({"lake_sequence": "one"}, "lake_sequence: Input should be a valid integer"),
        ({"lake_sequence": -1}, "lake_sequence: Input should be greater than or equal to 0"),
        ({"lake_sequence": 77}, "there is no snapshot 77"),
        ({"lake_snapshot": "1-other"}, "was made on snapshot 1-other"),
        ({"as_of": "harvest"}, "as_of: Input should be a valid date"),
        ({"as_of": "9999-12-31"}, "as-of date 9999-12-31 is too late"),
        ({"merchants": "all"}, "merchants: Input should be a valid array"),
        # a day that no calendar has
        ({"merchants": [["7", 10**12]]}, "merchants.0.1: Input should be less than or equal to "),
        ({"policy": None}, "policy: Input should be a valid string"),
        ({"run_version": 1}, "is of version 1; this release replays version 2"),
    ],
)
def test_a_changed_run_is_not_replayed(
    entries: dict[str, Any], message: str, county: Path, tmp_path: Path, here: Run
) -> None:
    """Each is one line that says what is wrong, and no book is written."""
    file = changed(county, tmp_path, **entries)
    done = here("assess", county / "lake", "--replay", file, "--out", tmp_path / "again")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert message in done.stderr
    assert list(tmp_path.iterdir()) == [file]


def test_what_is_no_run_at_all(county: Path, tmp_path: Path, here: Run) -> None:
    """A file of something else, or none, is named."""
    file = tmp_path / "run.json"
    done = here("assess", county / "lake", "--replay", file, "--out", tmp_path / "again")
    assert done.stderr == f"suixin: {file}: cannot be read: No such file or directory\n"
    file.write_text("decisions, decisions")
    done = here("assess", county / "lake", "--replay", file, "--out", tmp_path / "again")
    assert f"{file}: is not the run.json of a decision book: Invalid JSON" in done.stderr
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_book_is_replayed_by_its_folder(county: Path, tmp_path: Path, here: Run) -> None:
    """As --compare takes it; a folder without a run.json is told of the file that it lacks."""
    out = tmp_path / "书 册"
    assert here("assess", county / "lake", "--replay", county / "book", "--out", out).returncode == 0
    assert (out / "decisions.parquet").read_bytes() == (county / "book" / "decisions.parquet").read_bytes()
    done = here("assess", county / "lake", "--replay", tmp_path, "--out", tmp_path / "again")
    assert done.stderr == f"suixin: {tmp_path / 'run.json'}: cannot be read: No such file or directory\n"


def test_one_date_for_all_or_one_a_merchant(county: Path, tmp_path: Path, here: Run) -> None:
    """A date for all beside merchants with dates of their own is a contradiction, whichever is meant."""
    chosen = tmp_path / "chosen.csv"
    chosen.write_text("merchant_id,as_of\n7,2025-05-01\n9,\n")
    common = ("assess", county / "lake", "--merchants", chosen, "--out", tmp_path / "book")
    done = here(*common, "--as-of", "2026-01-01")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "--as-of 2026-01-01 and the as_of dates in" in done.stderr
    chosen.write_text("merchant_id\n7\n9\n")
    assert here(*common, "--as-of", "2026-01-01").returncode == 0


@pytest.mark.parametrize("day", ["9999-12-31", "2101-01-01"])
def test_dates_too_late_to_repay(day: str, county: Path, tmp_path: Path, here: Run) -> None:
    """A date that must be a slip is refused with the last that can be meant."""
    done = here("assess", county / "lake", "--as-of", day, "--out", tmp_path / "book")
    assert done.stderr == f"suixin: as-of date {day} is too late; name a date up to 2100-12-31\n"
    assert done.returncode == 2
    assert list(tmp_path.iterdir()) == []
