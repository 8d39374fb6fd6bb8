"""The same seed gives the same county: whatever the processes, the size or the length of the run."""

import hashlib
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from suixin.lake.tables import TABLES
from suixin.simulation import simulate

SMALL, LARGE = 230, 430  # both end inside a part of 200 merchants, in different parts


@pytest.fixture(scope="module")
def counties(tmp_path_factory):
    """A small county by one process, and a larger one by two."""
    folder = tmp_path_factory.mktemp("counties")
    simulate(folder / "small", merchants=SMALL, seed=3, processes=1)
    simulate(folder / "large", merchants=LARGE, seed=3, processes=2)
    return folder


def digests(folder):
    return {
        p.relative_to(folder): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*.parquet")
    }


@pytest.mark.parametrize("name", [n for n, table in TABLES.items() if table.per_merchant])
def test_first_merchants_of_a_larger_county_are_the_smaller_county(counties, read, name):
    """Protects comparisons across sizes: every row of the first merchants is equal in every per-merchant table."""
    larger = read(counties / "large", name).filter(pl.col("merchant_id") <= SMALL)
    key = TABLES[name].key
    assert_frame_equal(read(counties / "small", name).sort(key), larger.sort(key))


@pytest.mark.parametrize("name", ["regions", "weather", "prices", "crop_calendar"])
def test_the_world_does_not_depend_on_the_merchants(counties, read, name):
    """Protects the world: places, weather and prices are those of the seed and the calendar."""
    assert_frame_equal(read(counties / "small", name), read(counties / "large", name))


def test_parties_and_ties_of_a_larger_county_contain_the_smaller(counties, read):
    """Protects groups: households and ties of the first merchants are there, equal, in the larger county."""
    for name in ("parties", "relations", "identities"):
        key = list(TABLES[name].key)
        small, large = read(counties / "small", name), read(counties / "large", name)
        assert_frame_equal(small.sort(key), large.join(small, on=key, how="semi").sort(key))


def test_truth_of_the_first_merchants(counties):
    """Protects the truth: it too is that of the smaller county."""
    small = pl.read_parquet(counties / "small-truth.parquet")
    large = pl.read_parquet(counties / "large-truth.parquet")
    assert_frame_equal(small, large.head(SMALL))
    small = pl.read_parquet(counties / "small-brushed.parquet")
    large = pl.read_parquet(counties / "large-brushed.parquet")
    assert_frame_equal(small, large.filter(pl.col("merchant_id") <= SMALL))


def test_files_do_not_depend_on_the_processes(counties, tmp_path):
    """Protects reproducibility: one process and two write the same bytes."""
    simulate(tmp_path / "again", merchants=LARGE, seed=3, processes=1)
    assert digests(tmp_path / "again") == digests(counties / "large")
    for truth in ("truth", "brushed"):
        one, two = (tmp_path / f"again-{truth}.parquet", counties / f"large-{truth}.parquet")
        assert one.read_bytes() == two.read_bytes()


def test_another_seed_gives_another_county(counties, tmp_path, read):
    """Protects the seed: it changes orders, weather and prices."""
    simulate(tmp_path / "other", merchants=20, seed=4, processes=1)
    for name in ("orders", "weather", "prices"):
        assert not read(tmp_path / "other", name).head(100).equals(read(counties / "small", name).head(100))


@pytest.mark.parametrize("name", ["weather", "prices"])
def test_a_longer_run_extends_a_shorter_one(tmp_path, read, name):
    """Protects forecasts: weather and prices of the first five months do not change when seven are simulated."""
    start = date(2023, 1, 31)
    for months in (5, 7):
        simulate(tmp_path / f"m{months}", merchants=2, months=months, start=start, processes=1)
    short, long = read(tmp_path / "m5", name), read(tmp_path / "m7", name)
    assert_frame_equal(short, long.join(short, on=TABLES[name].key, how="semi"))
    assert long.height > short.height
