"""A user's error is one clear line and exit 2; nothing half-written is left."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from samples import Run
from suixin.underwriting.policy import shipped_policy


def refused(done: subprocess.CompletedProcess[str], message: str) -> bool:
    """Exit 2, one line, and it says so."""
    return (
        done.returncode == 2 and done.stderr.count("\n") == 1 and message in done.stderr and not done.stdout
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        # an adapter that nobody has written
        (
            ("ingest", "{county}/source", "--adapter", "shopify", "--lake", "{tmp}/lake"),
            "no adapter is called 'shopify'",
        ),
        (("ingest", "{tmp}/nowhere", "--lake", "{tmp}/lake"), "nowhere: no such file or folder"),
        # a folder without any standard file
        (("ingest", "{tmp}", "--lake", "{tmp}/lake"), "no file is named after a standard table"),
        (
            ("ingest", "{county}/source", "--adapter", "vat-invoices", "--lake", "{tmp}/l"),
            "not a folder of VAT invoices",
        ),
        (
            ("ingest", "{county}/source", "--route", "pigeon", "--lake", "{tmp}/lake"),
            "the route 'pigeon' is not one of",
        ),
        (("ingest", "{county}/source", "--zone", "Mars/Olympus", "--lake", "{tmp}/lake"), "Mars/Olympus"),
        (("lake", "status", "{tmp}/lake"), "no such lake"),
        (("lake", "tables", "{county}/lake", "ordres"), "no standard table is called 'ordres'"),
        # an empty folder is a lake without a snapshot
        (("assess", "{tmp}", "--out", "{tmp}/book"), "the lake is empty"),
        (
            ("assess", "{county}/lake", "--as-of", "2020-01-01", "--out", "{tmp}/b"),
            "lies before the first event",
        ),
        (("assess", "{county}/lake", "--as-of", "yesterday", "--out", "{tmp}/b"), "'yesterday' is no date"),
        (
            ("assess", "{county}/lake", "--policy", "{tmp}/none.yaml", "--out", "{tmp}/b"),
            "no such policy file",
        ),
        (
            ("assess", "{county}/lake", "--merchants", "{tmp}/none.csv", "--out", "{tmp}/b"),
            "no such file of merchants",
        ),
        (("assess", "{county}/lake", "--out", "{county}/source"), "exists and is no decision book"),
        (("assess", "{county}/lake", "--out", "{county}/book"), "holds a book already"),
        (("assess", "{county}/lake", "--out", "/proc/book"), "cannot write /proc/book"),
        (("features", "{county}/lake", "--out", "{tmp}/f.docx"), "'.docx' is not one of"),
        (
            ("features", "{county}/lake", "--out", "{county}/lake/f.csv"),
            "lake, which is read; name a file outside",
        ),
        (("features", "{county}/lake", "--out", "{tmp}/no/such/folder/f.csv"), "cannot write"),
        (("explain", "{county}/book", "nobody"), "has no decision on merchant 'nobody'"),
        (("explain", "{tmp}", "1"), "no decision book"),
        (("explain", "{county}/book", "1", "--lang", "fr"), "the language 'fr' is not one of zh, en"),
        (("policy", "check", "{tmp}/none.yaml"), "no such policy file"),
        (("simulate", "{county}/source"), "source"),
        (("simulate", "{tmp}/x", "--merchants", "0"), "0"),
        (("assess", "{county}/lake"), "--out"),
        (("ingest", "{county}/source", "--lake", "{tmp}/lake", "--colour", "red"), "--colour"),
        (("harvest",), "harvest"),
    ],
)
def test_one_line_and_exit_2(
    arguments: tuple[str, ...], message: str, county: Path, tmp_path: Path, here: Run
) -> None:
    """Each wrong argument is refused where it enters, with the value and the mend."""
    done = here(*(part.format(county=county, tmp=tmp_path) for part in arguments))
    assert refused(done, message), (done.returncode, done.stderr)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "bands: [{to: 180, points: -40}, {from: 180,",
            "bands: [{to: 180, points: -40}, {from: 150,",
            "overlap",
        ),
        ("currency: CNY", "currency: BRL", "is in BRL, the lake in CNY"),
        ("simulation]", "own_mall]", "allows none of the lake's routes (simulation)"),
    ],
)
def test_policies_that_do_not_fit(
    old: str, new: str, message: str, county: Path, tmp_path: Path, here: Run
) -> None:
    """A faulty policy, or one of another currency or route, decides nobody."""
    text = shipped_policy("CNY").text
    assert old in text
    file = tmp_path / "ours.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    done = here("assess", county / "lake", "--policy", file, "--out", tmp_path / "book")
    assert refused(done, message), done.stderr
    assert not (tmp_path / "book").exists()


def test_a_merchant_that_the_lake_does_not_know(county: Path, tmp_path: Path, here: Run) -> None:
    """A misspelt merchant in the list is named instead of left out."""
    chosen = tmp_path / "chosen.csv"
    chosen.write_text("merchant_id\n7\nseven\n")
    done = here("assess", county / "lake", "--merchants", chosen, "--out", tmp_path / "book")
    assert refused(done, "the lake does not know merchant 'seven'")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        # two dates for one merchant: a book has one decision a merchant
        ("7,2025-05-01\n7,2025-06-01\n", "merchant '7' is listed twice"),
        # a date of its own before anything happened
        ("7,2010-01-01\n", "as-of date 2010-01-01 lies before the first event"),
    ],
)
def test_lists_that_cannot_be_assessed(
    rows: str, message: str, county: Path, tmp_path: Path, here: Run
) -> None:
    """A list of merchants that would be assessed otherwise than it says is refused."""
    chosen = tmp_path / "chosen.csv"
    chosen.write_text(f"merchant_id,as_of\n{rows}")
    done = here("assess", county / "lake", "--merchants", chosen, "--out", tmp_path / "book")
    assert refused(done, message), done.stderr


def test_a_shop_that_opened_later_is_left_out(county: Path, tmp_path: Path, here: Run) -> None:
    """On an early date only the merchants known by then are assessed, and the run says how many were not."""
    done = here("assess", county / "lake", "--as-of", "2024-03-01", "--out", tmp_path / "book", "--json")
    run = json.loads(done.stdout)
    opened = pl.read_parquet(county / "source" / "merchants" / "*.parquet")["opened_on"]
    assert run["merchants_assessed"] == (opened < date(2024, 3, 1)).sum() < 60
    assert run["merchants_assessed"] + run["merchants_not_open"] == 60


@pytest.mark.full
def test_a_full_disk(county: Path, tmp_path: Path, suixin: Run) -> None:
    """On a disk of two megabytes ingest and assess say so in one line and leave nothing behind."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small], check=False).returncode:
        pytest.skip("a small disk (tmpfs) cannot be mounted here")
    try:
        done = suixin("ingest", county / "source", "--lake", small / "lake")
        assert refused(done, "No space left on device"), done.stderr
        assert list(small.iterdir()) == []
        (small / "filler").write_bytes(b"x" * (2 * 1024 * 1024 - 100_000))
        done = suixin("assess", county / "lake", "--as-of", "2026-01-01", "--out", small / "book")
        assert refused(done, "No space left on device"), done.stderr
        done = suixin("simulate", small / "source", "--merchants", "60")
        assert refused(done, "No space left on device"), done.stderr
        assert [p.name for p in small.iterdir()] == ["filler"]
    finally:
        subprocess.run(["umount", small], check=True)


def test_a_bug_shows_a_traceback_and_exits_1() -> None:
    """Only a user's error is one line: what nobody foresaw must not be hidden."""
    script = (
        "import sys, suixin.cli.lake as noun\n"
        "from suixin.cli import main\n"
        "noun.Lake = None\n"
        "sys.argv = ['suixin', 'lake', 'status', 'x']\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_a_source_of_empty_files_is_told(here: Run, tmp_path: Path) -> None:
    """Nothing is made of nothing; in a lake that is there it is a day without rows."""
    source, lake = tmp_path / "源 一", tmp_path / "lake"
    source.mkdir()
    for content in ("", "order_id,merchant_id,ordered_at,amount\n"):
        (source / "orders.csv").write_text(content)
        for asked in ((), ("--dry-run",), ("--json",)):
            done = here("ingest", source, "--lake", lake, *asked)
            assert refused(
                done, "源 一: no file in it holds a row; nothing was written, and there is no lake yet"
            )
            assert not lake.exists()
    (source / "merchants.csv").write_text("merchant_id,opened_on\nm1,2024-01-01\n")
    assert here("ingest", source, "--lake", lake).returncode == 0
    (source / "merchants.csv").unlink()
    done = here("ingest", source, "--lake", lake)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("the source holds no row: the lake stays at snapshot 1-")
