"""A maintenance verb that is killed leaves the lake as it was, or as it should be, and the next writer cleans up."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import polars as pl
import pytest

from suixin.lake.files import file_hash
from suixin.lake.snapshots import kept
from suixin.lake.store import Lake
from suixin.lake.tables import TABLES
from suixin.simulation import simulate

SUIXIN = [sys.executable, "-m", "suixin"]
KILLS = 4
Content = dict[str, pl.DataFrame]


def content(lake: Lake) -> Content:
    """Every row version of every table; tombstones are random, so that they count as one name."""
    found = {}
    for name in sorted(lake.manifest.tables):
        parts = [lake.versions(name, bucket).collect() for bucket in lake.buckets(name)]
        if parts:
            text = pl.col(pl.String).str.replace(r"^erased_\w+$", "erased")
            found[name] = pl.concat(parts).with_columns(text).sort(TABLES[name].sort_by, maintain_order=True)
    return found


def equal(one: Content, other: Content) -> bool:
    return one.keys() == other.keys() and all(one[n].equals(other[n]) for n in one)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county that came in three ingests."""
    folder = tmp_path_factory.mktemp("upkeep")
    for seed in (3, 4, 5):
        simulate(folder / f"s{seed}", merchants=60, months=12, seed=seed, processes=1)
        command = [*SUIXIN, "ingest", folder / f"s{seed}", "--lake", folder / "lake"]
        subprocess.run(command, check=True, capture_output=True)
    return folder / "lake"


def merchant(lake: Path) -> str:
    return str(Lake.open(lake).whole("orders").select("merchant_id").first().collect().item())


def arguments(verb: str, lake: Path) -> list[str]:
    if verb == "forget":
        return [merchant(lake), "--grace-days", "0"]
    return ["5"] if verb == "rebucket" else []


def older(lake: Path) -> None:
    """Take the newest columns out of the files of orders, as a release before would have written them."""
    path = lake / "snapshots" / (lake / "CURRENT").read_text().strip()
    document = orjson.loads(path.read_bytes())
    for files in document["tables"]["orders"]["buckets"].values():
        for file in files:
            data = lake / file["path"]
            pl.read_parquet(data).drop("device_id", "address_id").write_parquet(data)
            file |= {"bytes": data.stat().st_size, "hash": file_hash(data)}
    path.write_bytes(orjson.dumps(document))
    for name in kept(lake, Lake.open(lake).manifest).values():
        if name != path.name:
            (lake / "snapshots" / name).unlink()


@pytest.mark.full
@pytest.mark.parametrize("verb", ["compact", "rebucket", "migrate", "forget"])
def test_killed_at_random_moments(verb: str, filled: Path, tmp_path: Path) -> None:
    """kill -9 while the verb runs: the lake opens, verifies, and is the old one whole or the finished one."""
    start, done = tmp_path / "start", tmp_path / "done"
    shutil.copytree(filled, start)
    if verb == "migrate":
        older(start)
    shutil.copytree(start, done)
    more = arguments(verb, start)

    def command(lake: Path) -> list[object]:
        return [*SUIXIN, "lake", verb, lake, *more]

    began = time.monotonic()
    subprocess.run(command(done), check=True, capture_output=True)
    whole = time.monotonic() - began
    before, after = content(Lake.open(start)), content(Lake.open(done))
    moments = random.Random(7)
    killed = 0
    for turn in range(KILLS):
        lake = tmp_path / f"lake{turn}"
        shutil.copytree(start, lake)
        process = subprocess.Popen(command(lake), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.3, 1.0) * whole)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            killed += 1
        process.wait()
        opened = Lake.open(lake)
        finished = opened.manifest.verb == verb
        assert opened.verify() == []
        assert equal(content(opened), after if finished else before)
        assert all(Lake.open(lake, n).verify() == [] for n in kept(lake, opened.manifest))
        subprocess.run(command(lake), check=True, capture_output=True)
        clean(lake, after)
        shutil.rmtree(lake)
    assert killed >= KILLS // 2


def clean(lake: Path, after: Content) -> None:
    """The next run has finished the work, and nothing is in the folder that no snapshot names."""
    opened = Lake.open(lake)
    assert (opened.verify(), equal(content(opened), after)) == ([], True)
    named = {f.path for n in kept(lake, opened.manifest) for f in Lake.open(lake, n).manifest.files}
    assert {p.relative_to(lake).as_posix() for p in lake.rglob("*.parquet")} == named
    assert not [*lake.glob(".*"), *(lake / "snapshots").glob(".*"), *lake.glob("writing")]
