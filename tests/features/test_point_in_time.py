"""No fact that became known on or after the as-of date ever changes a feature."""

import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from suixin.calendar import date_to_day
from suixin.features.build import build
from suixin.features.feature import Unit
from suixin.features.registry import FAMILIES, FEATURES
from suixin.lake.contract import Kind
from suixin.lake.store import Lake
from suixin.lake.tables import TABLES

AS_OF = date(2025, 6, 17)


def equal(one: pl.DataFrame, other: pl.DataFrame) -> None:
    """Equal but for the last bits of a sum of squares, which depend on the order that threads add in."""
    assert_frame_equal(one, other, rel_tol=1e-12, abs_tol=1e-12)


def subjects(lake: Lake, *dates: date) -> pl.DataFrame:
    merchants = lake.whole("merchants").select("merchant_id").collect().sort("merchant_id")
    days = pl.DataFrame({"as_of_day": [date_to_day(on) for on in dates]}, schema={"as_of_day": pl.Int32})
    pairs = merchants.join(days, how="cross")
    return pairs.with_row_index("subject").with_columns(pl.col("subject").cast(pl.Int64))


def cut(source: Path, target: Path, on: date) -> None:
    """The source as a person could have exported it on the morning of `on`: written without the product's code."""
    target.mkdir()
    shutil.copy(source / "source.yaml", target)
    for name, contract in TABLES.items():
        files = [
            f for f in (source / f"{name}.parquet", *sorted((source / name).glob("*.parquet"))) if f.exists()
        ]
        if not files:
            continue
        rows = pl.concat([pl.read_parquet(f) for f in files])
        start = datetime(on.year, on.month, on.day)  # noqa: DTZ001
        known = pl.col(contract.happened).cast(pl.Datetime("us"))
        if "known_at" in rows.columns:
            known = pl.coalesce("known_at", known)
        rows = rows.filter(known < start)
        late = [c for c in contract.columns if c.known_at and c.name in rows.columns]
        past = [
            pl.when(pl.col(c.name).cast(pl.Datetime("us")) < start).then(c.name).alias(c.name) for c in late
        ]
        rows.with_columns(past).write_parquet(target / f"{name}.parquet")


def test_equals_the_features_of_a_source_cut_at_the_date(
    county: tuple[Path, Lake], tmp_path: Path, fill: Callable[[Path, Path], Lake]
) -> None:
    """Features of a past date from today's lake equal those of a lake filled with what was known then."""
    source, lake = county
    cut(source, tmp_path / "cut", AS_OF)
    then = fill(tmp_path / "cut", tmp_path / "lake")
    people = subjects(lake, AS_OF).join(
        then.whole("merchants").select("merchant_id").collect(), on="merchant_id", how="semi"
    )
    now, past = build(lake, people, processes=0), build(then, people, processes=0)
    assert now.features.height > 30
    equal(now.features.select(past.features.columns), past.features)
    unknown_then = now.features.drop(past.features.columns)
    assert unknown_then.null_count().row(0) == (now.features.height,) * unknown_then.width
    assert_frame_equal(now.series, past.series, check_exact=True)


def test_two_dates_of_one_merchant_do_not_mix(county: tuple[Path, Lake]) -> None:
    """A merchant assessed at two dates in one run has the features of each date alone."""
    lake = county[1]
    early, late = date(2025, 1, 1), date(2025, 9, 1)
    both = build(lake, subjects(lake, early, late), processes=0).features.drop("subject")
    for on in (early, late):
        alone = build(lake, subjects(lake, on), processes=0).features.drop("subject")
        mine = both.filter(pl.col("as_of_day") == date_to_day(on))
        equal(mine.select(alone.columns).sort("merchant_id"), alone.sort("merchant_id"))
        not_told_of = mine.drop(alone.columns)
        assert not_told_of.null_count().row(0) == (mine.height,) * not_told_of.width


@pytest.mark.full
def test_every_value_lies_within_the_bounds_of_its_feature(county: tuple[Path, Lake]) -> None:
    """What data can give may be set by hand, so no bound is tighter than data; a count is whole."""
    lake = county[1]
    held = build(lake, subjects(lake, date(2025, 2, 1), AS_OF, date(2026, 1, 1)), processes=0).features
    for name, feature in FEATURES.items():
        found = held[name].drop_nulls()
        low, high = feature.bounds
        assert found.is_between(low, high).all(), (name, found.min(), found.max())
        assert feature.unit is not Unit.COUNT or (found % 1 == 0).all(), name


def test_equal_whatever_the_number_of_processes(county: tuple[Path, Lake]) -> None:
    """One worker or three: every value equal to the last bit."""
    lake = county[1]
    one, three = (build(lake, subjects(lake, AS_OF), processes=n) for n in (1, 3))
    assert_frame_equal(one.features, three.features, check_exact=True)
    assert_frame_equal(one.series, three.series, check_exact=True)


def test_rows_of_a_forbidden_route_never_reach_a_feature(county: tuple[Path, Lake]) -> None:
    """A policy without the route leaves no family to compute."""
    lake = county[1]
    built = build(lake, subjects(lake, AS_OF), routes=["licensed_bureau"], processes=0)
    assert built.absent == tuple(family.name for family in FAMILIES)
    assert built.features.columns == ["subject", "merchant_id", "as_of_day"]


def test_no_feature_can_read_the_latent_truth(county: tuple[Path, Lake]) -> None:
    """The truth lies outside the source, no standard table has a column of it, and features need it not."""
    source, lake = county
    truth = source.parent / f"{source.name}-truth.parquet"
    before = build(lake, subjects(lake, AS_OF), processes=0).features
    hidden = set(pl.read_parquet_schema(truth)) - {"merchant_id"}
    assert hidden.isdisjoint(name for table in TABLES.values() for name in table.stored)
    assert not [p for p in source.rglob("*") if "truth" in p.name]
    moved = truth.rename(truth.with_suffix(".hidden"))
    try:
        equal(build(lake, subjects(lake, AS_OF), processes=0).features, before)
    finally:
        moved.rename(truth)


def test_every_feature_is_registered_once_and_described() -> None:
    """A feature without a label, a sentence with its value, or a unique name cannot be explained."""
    names = [feature.name for family in FAMILIES for feature in family.features]
    assert len(names) == len(set(names)) == len(FEATURES) >= 20
    for feature in FEATURES.values():
        assert feature.label
        assert "{value}" in feature.sentence


def test_every_late_column_has_a_known_at() -> None:
    """A date that is filled in later than its row says when it became known, in every contract."""
    for table in TABLES.values():
        for column in table.columns:
            filled_in = column.kind is Kind.INSTANT and not column.required and column.name != "ship_by_at"
            assert not filled_in or column.known_at, f"{table.name}.{column.name}"
