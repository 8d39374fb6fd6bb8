"""What the season lets one expect, by hand."""

import math

import numpy as np
import polars as pl

from suixin.scoring.watch.found import Shock
from suixin.scoring.watch.measures import group_ratios
from suixin.scoring.watch.season import expectation, shared
from suixin.scoring.watch.shocks import shocks


def net(*months: float) -> np.ndarray:
    row = np.zeros(36, dtype=np.int64)
    row[: len(months)] = months
    return row


def test_own_year_is_scaled_by_its_level():
    """Protects the expectation: last year's 300 in these two months, and since then half as much as then, is 150."""
    months = [10, 20, *[50] * 10, 100, 200, *[100] * 10]
    expected, basis = expectation(net(*months)[None, :], np.array([24]), ["tea"], 2)
    assert (expected[0], basis[0]) == (150.0, "own_year")


def test_a_season_without_sales_expects_nothing():
    """Protects the dead season: who sold nothing then is not held to it now."""
    months = [0, 0, *[50] * 10, 0, 0, *[100] * 10]
    expected, basis = expectation(net(*months)[None, :], np.array([24]), ["tea"], 2)
    assert math.isnan(expected[0])
    assert basis[0] == "none"


def test_the_young_take_their_peers_season():
    """Protects newcomers: eight peers doubled into these months a year ago, so 100 a month becomes 400 in two."""
    old = net(*[0] * 14, *[50] * 6)
    old[12:14] = 100
    young = net(0, 0, 100, 100, 100)
    rows = np.stack([old] * 8 + [young])
    expected, basis = expectation(rows, np.array([36] * 8 + [5]), ["tea|1"] * 9, 2)
    assert (expected[8], basis[8]) == (400.0, "peers")
    lonely, told = expectation(rows, np.array([36] * 8 + [5]), ["tea|1"] * 8 + ["rice|1"], 2)
    assert math.isnan(lonely[8])
    assert told[8] == "none"


def test_a_level_is_bounded():
    """Protects against thin years: a level beyond four is read as four."""
    months = [10, 20, *[5000] * 10, 100, 200, *[100] * 10]
    expected, _ = expectation(net(*months)[None, :], np.array([24]), ["tea"], 2)
    assert expected[0] == 1200.0


def test_a_group_has_its_median_in_common():
    """Protects the shock of a whole crop: the median of ten is told, of nine it is not, and no group is no shock."""
    ratio = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    assert shared(ratio, ["tea"] * 10).tolist() == [0.55] * 10
    assert np.isnan(shared(ratio, ["tea"] * 9 + [""])).all()


def test_a_shock_is_told_once_a_group():
    """Protects relief in a batch: Mondays running are one shock with its lowest share, a gap begins another."""
    days = [(7, 0.9), (14, 0.7), (21, 0.5), (28, 0.6), (42, 0.65)]
    groups = pl.DataFrame(
        [("crop", "tea", day, ratio, 20 + day) for day, ratio in days] + [("township", "east", 42, 0.4, 11)],
        ["kind", "name", "as_of_day", "ratio", "borrowers"],
        orient="row",
    )
    assert shocks(groups, 0.7) == [
        Shock("crop", "tea", 14, 28, 0.5, 41),
        Shock("crop", "tea", 42, 42, 0.65, 62),
        Shock("township", "east", 42, 42, 0.4, 11),
    ]


def test_groups_of_fewer_than_ten_are_not_told():
    """Protects against chance, and privacy: ten borrowers of tea are a group, nine of rice are none."""
    months = {f"month_{n}": [0] * 19 for n in range(36)}
    months |= {f"month_{n}": [100] * 19 for n in range(2, 24)} | {f"month_{n}": [40] * 19 for n in (0, 1)}
    crops = ["tea"] * 10 + ["rice"] * 9
    facts = pl.DataFrame({"as_of_day": [7] * 19, "crop": crops, "township": [""] * 19, **months})
    found = group_ratios(facts.with_columns(genuine_trading_days=pl.lit(730.0)))
    assert found.rows() == [("crop", "tea", 7, 0.4, 10)]
