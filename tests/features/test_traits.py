"""Crop, place, legal form and area as they were known before each as-of date, in the order that was asked for."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from features.village import Row, asking, write
from suixin.features.traits import traits
from suixin.lake.store import Lake

MERCHANTS: list[Row] = [
    {
        "merchant_id": "m1",
        "opened_on": "2024-01-01",
        "crop": "tea",
        "region_code": "999901101102",
        "legal_form": "person",
        "known_at": "2024-01-01 00:00:00",
    },
    {
        "merchant_id": "m1",
        "opened_on": "2024-01-01",
        "crop": "kiwi",
        "region_code": "999901105101",
        "legal_form": "coop",
        "area_mu": "3.5",
        "known_at": "2025-06-10 00:00:00",
    },
    # nothing is said but that it is there
    {"merchant_id": "m2", "opened_on": "2024-02-01", "known_at": "2024-02-01 00:00:00"},
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, fill: Callable[[Path, Path], Lake]) -> Lake:
    """A register of two merchants, of whom one changed what it grows, where it is and what it is."""
    folder = tmp_path_factory.mktemp("register")
    write(folder / "source", {"merchants": MERCHANTS})
    return fill(folder / "source", folder / "lake")


def found(lake: Lake, *dates: date, routes: list[str] | None = None) -> list[tuple[str | float | None, ...]]:
    """Crop, region, legal form and area of every asked merchant on every date."""
    return traits(lake, asking(*dates, merchants=("m2", "m1")), routes).drop("subject").rows()


def test_a_change_counts_from_the_day_after_it_was_told(lake: Lake) -> None:
    """On the day itself the old register still stands: only what was known before the date is used."""
    nothing = ("", "", "", None)
    assert found(lake, date(2025, 6, 10), date(2025, 6, 11)) == [
        nothing,
        nothing,
        ("tea", "999901101102", "person", None),
        ("kiwi", "999901105101", "coop", 3.5),
    ]


def test_before_anything_was_told_nothing_is_known(lake: Lake) -> None:
    """Who is not yet on the register has no traits."""
    assert found(lake, date(2024, 1, 1)) == [("", "", "", None)] * 2


def test_a_route_that_is_not_allowed_tells_nothing(lake: Lake) -> None:
    """The source did not come by a bureau."""
    assert found(lake, date(2026, 1, 1), routes=["licensed_bureau"]) == [("", "", "", None)] * 2
    routes = [lake.manifest.ingests[0].route]
    assert found(lake, date(2026, 1, 1), routes=routes)[1] == ("kiwi", "999901105101", "coop", 3.5)


def test_the_order_is_that_of_the_subjects(lake: Lake) -> None:
    """Whatever the order asked in, each row answers its own subject."""
    asked = asking(date(2025, 6, 1), date(2026, 1, 1), merchants=("m1", "m2"))
    there = traits(lake, asked)
    back = traits(lake, asked.reverse())
    assert there["subject"].to_list() == [0, 1, 2, 3]
    assert back["subject"].to_list() == [3, 2, 1, 0]
    assert there.equals(back.sort("subject"))
    assert there.schema == {
        "subject": pl.Int64,
        **dict.fromkeys(("crop", "region_code", "legal_form"), pl.String),
        "area_mu": pl.Float64,
    }
