"""Drift against hand values: the stability index and its chance level, Gini, the stability metric, calibration."""

import math

import numpy as np
import pytest
from scipy.special import betainc

from suixin.scoring.drift import (
    Calibration,
    Shift,
    Stability,
    calibration,
    gini,
    index,
    shift,
    stability,
)

NAN = math.nan


def test_the_index_is_the_sum_over_bins():
    """Protects the formula: (q − p)·ln(q/p) with half a value added to every bin, by hand for 50:50 against 80:20."""
    p, q = 50.5 / 101, (80.5 / 101, 20.5 / 101)
    by_hand = (q[0] - p) * math.log(q[0] / p) + (q[1] - p) * math.log(q[1] / p)
    assert index(np.array([50.0, 50.0]), np.array([80.0, 20.0])) == pytest.approx(by_hand, abs=1e-15)
    assert by_hand == pytest.approx(0.406286, abs=1e-6)


def test_bins_are_cut_at_quantiles_of_the_reference():
    """Protects the bins: ten of ten values each; all of the others in the lowest is the index of that table."""
    reference = np.arange(100, dtype=np.float64)
    moved = shift(reference, np.zeros(100))
    assert moved.psi == pytest.approx(index(np.full(10, 10.0), np.array([100.0, *[0.0] * 9])), abs=1e-12)
    assert shift(reference, reference).psi == 0.0


def test_nulls_are_a_bin_of_their_own():
    """Protects a source that stops delivering: values that are no longer there are a shift."""
    reference = np.array([1.0, 2.0, 3.0, 4.0])
    found = shift(reference, np.array([NAN, NAN, 3.0, 4.0]), bins=2)
    assert found.psi == pytest.approx(index(np.array([2.0, 2.0, 0.0]), np.array([0.0, 2.0, 2.0])), abs=1e-12)
    assert (found.nulls_reference, found.nulls_current) == (0.0, 0.5)


def test_one_value_all_over_is_a_bin():
    """Protects a constant feature: it is steady while it stays, and moves when half of it goes either way."""
    ones = np.ones(40)
    assert shift(ones, ones).psi == 0.0
    moved = shift(ones, np.concatenate([np.ones(20), np.full(10, 2.0), np.zeros(10)]))
    assert moved.psi == pytest.approx(
        index(np.array([0.0, 40.0, 0.0]), np.array([10.0, 20.0, 10.0])), abs=1e-12
    )


def test_what_chance_gives_is_told():
    """Protects small samples: the chance level is chi-square(9) at 99 % (21.666) times 1/n + 1/m."""
    found = shift(np.arange(100, dtype=np.float64), np.arange(100, dtype=np.float64))
    assert found.chance == pytest.approx(21.665994333461924 * 0.02, rel=1e-12)


def test_without_drift_one_comparison_of_a_hundred_is_above_chance():
    """Protects the chance level: 2,000 comparisons of samples of one source exceed it about 20 times."""
    draw = np.random.default_rng(4)
    above = sum(
        (found := shift(draw.normal(size=800), draw.normal(size=600))).psi > found.chance for _ in range(2000)
    )
    assert 5 <= above <= 40


@pytest.mark.parametrize(
    ("psi", "chance", "grade"),
    [(0.05, 0.02, "ok"), (0.12, 0.02, "watch"), (0.3, 0.02, "bad"), (0.3, 0.4, "ok"), (0.3, 0.28, "bad"), (NAN, NAN, "unknown")],
)  # fmt: skip
def test_an_alarm_lies_above_the_line_and_above_chance(psi, chance, grade):
    """Protects against false alarms: what chance gives is no drift, however far above the usual line."""
    assert Shift(psi, chance, 10, 10, 0.0, 0.0).grade == grade


def test_nothing_to_compare_is_unknown():
    """Protects the first months: an empty side gives no figure."""
    assert shift(np.array([]), np.ones(3)).grade == "unknown"


def test_gini_counts_pairs():
    """Protects the ranking: 5 of 6 pairs in order and one tied is 2 × 5.5/6 − 1; one class has none."""
    score, bad = np.array([1.0, 2.0, 2.0, 3.0, 4.0]), np.array([True, False, True, False, False])
    assert gini(score, bad) == pytest.approx(2 * 5.5 / 6 - 1, abs=1e-15)
    assert math.isnan(gini(score, np.zeros(5, dtype=bool)))


def test_the_stability_metric_by_hand():
    """Protects the penalty: 0.6, 0.5, 0.4 is a mean of 0.5, falls by 0.1 a week and lies on its line."""
    found = stability(np.array([0, 1, 2]), np.array([0.6, 0.5, 0.4]))
    assert found.slope == pytest.approx(-0.1, abs=1e-12)
    assert found.metric == pytest.approx(0.5 - 88 * 0.1, abs=1e-9)
    zigzag = stability(np.array([0, 1, 2, 3]), np.array([0.4, 0.6, 0.6, 0.4]))
    assert (zigzag.slope, zigzag.spread) == pytest.approx((0.0, 0.1), abs=1e-12)
    assert zigzag.metric == pytest.approx(0.45, abs=1e-12)


def test_weeks_without_both_classes_are_left_out():
    """Protects small counties: a week without a default says nothing, and one week has no slope."""
    assert stability(np.array([0, 1]), np.array([NAN, 0.3])) == Stability(0.3, 0.0, 0.0)
    assert math.isnan(stability(np.array([0]), np.array([NAN])).metric)


def test_calibration_has_an_interval():
    """Protects the verdict on few defaults: 10 of 100 has Jeffreys' interval 5.3 % to 17.0 %, by the incomplete beta function."""
    bad = np.arange(100) < 10
    found = calibration(np.full(100, 0.12), bad)
    assert (found.low, found.high) == pytest.approx((0.052585, 0.170124), abs=1e-6)
    assert betainc(10.5, 90.5, [found.low, found.high]) == pytest.approx([0.025, 0.975], abs=1e-12)
    assert (found.observed, found.grade) == (0.1, "ok")
    assert calibration(np.full(100, 0.02), bad).grade == "too_low"
    assert calibration(np.full(100, 0.3), bad).grade == "too_high"


def test_calibration_without_defaults_or_outcomes():
    """Protects the edges: no default begins at zero, no outcome is unknown."""
    assert calibration(np.full(9, 0.01), np.zeros(9, dtype=bool)).low == 0.0
    assert calibration(np.array([]), np.array([], dtype=bool)).grade == "unknown"
    assert math.isnan(Calibration(0, 0, NAN, NAN, NAN).observed)
