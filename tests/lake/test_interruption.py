"""An ingest that is killed, or meets another, leaves a lake that equals one clean ingest."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from suixin.lake.store import Lake
from suixin.lake.tables import TABLES
from suixin.simulation import simulate

INGEST = [sys.executable, "-m", "suixin", "ingest"]


def content(lake: Path) -> dict[str, pl.DataFrame]:
    opened = Lake.open(lake)
    assert opened.verify() == []
    tables = {name: opened.whole(name).collect() for name in TABLES if opened.holds(name)}
    return {name: rows.sort(TABLES[name].sort_by) for name, rows in tables.items()}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county") / "source"
    simulate(folder, merchants=120, months=18, seed=3, processes=1)
    return folder


@pytest.fixture(scope="module")
def clean(county: Path) -> dict[str, pl.DataFrame]:
    lake = county.parent / "clean"
    subprocess.run([*INGEST, county, "--lake", lake], check=True, capture_output=True)
    return content(lake)


def equal(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> bool:
    return one.keys() == other.keys() and all(one[name].equals(other[name]) for name in one)


@pytest.mark.full
def test_killed_at_twenty_moments(county: Path, clean: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    """kill -9 at 20 random moments of one ingest after another, then one more: equal to the clean lake."""
    lake = tmp_path / "lake"
    began = time.monotonic()
    subprocess.run([*INGEST, county, "--lake", tmp_path / "timed"], check=True, capture_output=True)
    whole = time.monotonic() - began
    moments = random.Random(11)
    killed = 0
    for _ in range(20):
        process = subprocess.Popen(
            [*INGEST, county, "--lake", lake], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        time.sleep(moments.uniform(0.15, 0.95) * whole)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            killed += 1
        if process.wait() == 0:
            shutil.rmtree(lake)  # it was done before the blow fell: the next one begins anew
    assert killed >= 10
    subprocess.run([*INGEST, county, "--lake", lake], check=True, capture_output=True)
    assert equal(content(lake), clean)
    assert not list(lake.glob(".staging-*"))
    named = {file.path for file in Lake.open(lake).manifest.files}
    assert {p.relative_to(lake).as_posix() for p in lake.rglob("*.parquet")} == named


@pytest.mark.full
def test_two_ingests_at_once(county: Path, clean: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    """Two at once: one waits for the other and finds everything there already."""
    lake = tmp_path / "lake"
    command = [*INGEST, county, "--lake", lake]
    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert equal(content(lake), clean)
    assert Lake.open(lake).manifest.sequence == 1


@pytest.mark.full
def test_a_writer_that_may_not_wait_is_told(county: Path, tmp_path: Path) -> None:
    """With --wait 0 the second writer is refused in one line and exits 2."""
    lake = tmp_path / "lake"
    first = subprocess.Popen([*INGEST, county, "--lake", lake], stdout=subprocess.DEVNULL)
    while not (lake / "lock").exists():
        time.sleep(0.01)
    time.sleep(0.1)
    second = subprocess.run(
        [*INGEST, county, "--lake", lake, "--wait", "0"], capture_output=True, text=True, check=False
    )
    assert first.wait() == 0
    assert second.returncode == 2
    assert second.stderr.startswith(f"suixin: {lake}: another process is writing to this lake")
    assert second.stderr.count("\n") == 1
