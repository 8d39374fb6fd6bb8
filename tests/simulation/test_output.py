"""Arguments that are refused, and an output folder that is whole or not there."""

import signal
import subprocess
import sys
from datetime import date

import pytest
import yaml

from suixin.errors import UsageError
from suixin.simulation import Brushing, simulate

STARVED = """
import resource, sys
from pathlib import Path
from suixin.simulation import simulate

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
    try:
        simulate(Path(sys.argv[1]), merchants=400, processes=int(sys.argv[2]))
    except OSError as error:
        print("OSError", "cannot write" in str(error))
"""


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"merchants": 0}, "merchants is 0"),
        ({"merchants": -3}, "merchants is -3"),
        ({"merchants": 2.5}, "merchants is 2.5"),
        ({"merchants": 5_000_001}, "merchants is 5000001"),
        ({"months": 0}, "months is 0"),
        ({"months": 121}, "months is 121"),
        ({"processes": 0}, "processes is 0"),
        ({"seed": "seven"}, "seed is 'seven'"),
        ({"start": date(1999, 12, 31)}, "year is 1999"),
        ({"start": date(2091, 1, 1)}, "year is 2091"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_written(tmp_path, wrong, named):
    """Protects users: the message names the value and the mend, and the disk is untouched."""
    with pytest.raises(UsageError, match=named) as refused:
        simulate(tmp_path / "county", **wrong)
    assert "give a whole number" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_refused(tmp_path):
    """Protects other people's files: the message names the folder and the mend, and the file stays."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty: name another folder") as refused:
        simulate(tmp_path, merchants=1, months=1)
    assert str(tmp_path) in str(refused.value)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    """Protects files: a path that is a file is named as such."""
    (tmp_path / "county").write_text("mine")
    with pytest.raises(UsageError, match="is a file"):
        simulate(tmp_path / "county", merchants=1, months=1)


def test_an_empty_folder_is_filled(tmp_path):
    """Protects convenience: an empty folder may be named, and parents are made."""
    out = tmp_path / "deep" / "county"
    out.mkdir(parents=True)
    made = simulate(out, merchants=1, months=1, processes=1)
    assert made.files == sum(1 for path in out.rglob("*") if path.is_file())
    beside = ["county", "county-brushed.parquet", "county-truth.parquet"]
    assert sorted(p.name for p in out.parent.iterdir()) == beside


def test_source_says_what_it_is(tmp_path):
    """Protects the ingest: adapter, currency, zone, route, authorisation, purpose and what made the files."""
    simulate(tmp_path / "c", merchants=1, months=2, seed=11, start=date(2025, 3, 15), processes=1)
    source = yaml.safe_load((tmp_path / "c" / "source.yaml").read_text(encoding="utf-8"))
    assert source == {
        "adapter": "standard",
        "name": "云岭县（虚构） seed 11",
        "currency": "CNY",
        "zone": "Asia/Shanghai",
        "route": "simulation",
        "authorisation": "none needed: generated data",
        "purpose": "demonstration",
        "simulation": {
            "seed": 11,
            "merchants": 1,
            "months": 2,
            "start": date(2025, 3, 15),
            "generator_version": 3,
        },
    }


def test_source_says_who_was_told_to_brush(tmp_path):
    """Protects the record of a red team: the source names share, sales and kind."""
    told = Brushing(0.5, 0.3, "click_farm")
    simulate(tmp_path / "c", merchants=1, months=2, brush=told, processes=1)
    source = yaml.safe_load((tmp_path / "c" / "source.yaml").read_text(encoding="utf-8"))
    assert source["simulation"]["brush"] == {"share": 0.5, "sales": 0.3, "kind": "click_farm"}


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"share": -0.1}, "share of brushers is -0.1: give a number from 0 to 1"),
        ({"share": float("nan")}, "share of brushers is nan: give a number from 0 to 1"),
        ({"share": 1, "sales": 0}, "brushed sales are 0: give a number above 0, at most 5"),
        ({"share": 1, "sales": 5.1}, "brushed sales are 5.1: give a number above 0, at most 5"),
        (
            {"share": 1, "kind": "x"},
            "kind of brushing is 'x': give family_ring, click_farm, payment_ring or mix",
        ),
    ],
)
def test_brushing_out_of_bounds_is_refused(wrong, named):
    """Protects the red team: a wrong share, sales or kind is named with the mend."""
    with pytest.raises(UsageError, match=named):
        Brushing(**wrong)


def test_progress_counts_merchants(tmp_path):
    """Protects the progress bar: it ends at all merchants."""
    told = []
    simulate(tmp_path / "c", merchants=450, months=1, processes=1, progress=lambda *step: told.append(step))
    assert told == [("merchants", 200, 450), ("merchants", 400, 450), ("merchants", 450, 450)]


@pytest.mark.parametrize("processes", [1, 2])
def test_an_interruption_leaves_nothing(tmp_path, processes):
    """Protects the next run: when the caller stops half-way no folder, part or truth file remains."""

    def stop(*_step):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(tmp_path / "c", merchants=450, months=2, processes=processes, progress=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_full_disk_is_an_oserror_and_leaves_nothing(tmp_path, processes):
    """Protects against half a county: a file that cannot grow is an OSError, and nothing remains.

    A limit on file size stands for the full disk: the write fails in the same place.
    """
    script = tmp_path / "starved.py"
    script.write_text(STARVED)
    (tmp_path / "out").mkdir()
    ran = subprocess.run(
        [sys.executable, script, tmp_path / "out" / "county", processes],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
    )
    assert ran.stdout == "OSError True\n", ran.stderr
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("months", [1, 18])
def test_short_runs_have_no_loans_and_no_outcomes(tmp_path, months):
    """Protects short demonstrations: without a year to watch a loan none is granted, and all files are there."""
    made = simulate(tmp_path / "c", merchants=40, months=months, processes=1)
    assert (made.borrowers, made.defaults, made.rows["outcomes"]) == (0, 0, 0)
    assert set(made.rows) >= {"loans", "outcomes", "applications", "exposures"}
    assert (tmp_path / "c" / "loans" / "part-00000.parquet").is_file()
