"""How good a score is: equal to scikit-learn, SciPy, brute force and the formulas."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp, t
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from suixin.scoring import metrics

rows = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 20).map(lambda value: value / 20)), min_size=2, max_size=60
)
mixed = rows.filter(lambda found: 0 < sum(y for y, _ in found) < len(found))


@given(mixed)
def test_rank_figures_are_those_of_others(found):
    """AUC is scikit-learn's; KS is the largest distance of the two shares at or below any value."""
    y, risk = np.array(found).T
    assert metrics.auc(y, risk) == pytest.approx(roc_auc_score(y, risk), abs=1e-12)
    distances = [abs((risk[y == 1] <= at).mean() - (risk[y == 0] <= at).mean()) for at in risk]
    assert metrics.ks(y, risk) == pytest.approx(max(distances), abs=1e-12)


def test_ks_is_scipys():
    """SciPy's two-sample statistic, with ties."""
    draw = np.random.default_rng(0)
    y = draw.integers(0, 2, 500)
    risk = np.round(draw.normal(y, 1.0), 1)
    assert metrics.ks(y, risk) == pytest.approx(ks_2samp(risk[y == 1], risk[y == 0]).statistic, abs=1e-12)


@given(mixed)
def test_probability_figures_are_scikit_learns(found):
    """Brier and log loss."""
    y, pd = np.array(found).T
    assert metrics.brier(y, pd) == pytest.approx(brier_score_loss(y, pd), abs=1e-12)
    inside = np.clip(pd, 0.01, 0.99)
    assert metrics.log_loss(y, inside) == pytest.approx(log_loss(y, inside), abs=1e-12)


def test_by_hand():
    """Two defaults (0.9, 0.5) and two good (0.5, 0.1): three and a half of four pairs; the curve in two bins."""
    y, pd = [1, 1, 0, 0], [0.9, 0.5, 0.5, 0.1]
    assert metrics.auc(y, pd) == 0.875
    assert metrics.ks(y, pd) == 0.5
    assert metrics.brier(y, pd) == pytest.approx((0.01 + 0.25 + 0.25 + 0.01) / 4, abs=1e-15)
    np.testing.assert_allclose(
        metrics.calibration_curve(y, pd, 2), [[0.3, 0.5, 2], [0.7, 0.5, 2]], atol=1e-15
    )
    assert metrics.ece(y, pd, 2) == pytest.approx(0.2, abs=1e-15)


def test_one_class_has_no_rank():
    """NaN, not 0.5 and not an error: the interval leaves it out."""
    assert math.isnan(metrics.auc([1, 1], [0.1, 0.2]))
    assert math.isnan(metrics.auc([0], [0.1]))


@given(rows, st.integers(1, 12))
def test_the_bins_hold_every_row_once(found, bins):
    """Counts add up, sizes differ by one at most, and the weighted means are the whole's."""
    y, pd = np.array(found).T
    mean, rate, count = metrics.calibration_curve(y, pd, bins).T
    assert count.sum() == len(y)
    assert count.max() - count.min() <= 1
    assert count @ mean == pytest.approx(pd.sum(), abs=1e-9)
    assert count @ rate == pytest.approx(y.sum(), abs=1e-9)
    assert (np.diff(mean) >= -1e-12).all()


def test_the_noise_floor_is_what_a_perfect_model_shows():
    """One bin of n rows of probability p: the mean absolute error of a binomial share, about sqrt(2 p q / (pi n))."""
    floor = metrics.ece_floor(np.full(1_000, 0.1), bins=1, draws=4_000)
    assert floor == pytest.approx(math.sqrt(2 * 0.1 * 0.9 / (math.pi * 1_000)), rel=0.03)
    assert floor == metrics.ece_floor(np.full(1_000, 0.1), bins=1, draws=4_000)


def test_interval_by_hand():
    """Nadeau and Bengio: the variance 0.0001 of three figures times (1/3 + 1/4), t with two degrees of freedom."""
    mean, low, high = metrics.interval([0.80, 0.81, 0.79, float("nan")], test_share=0.25)
    width = t.ppf(0.95, 2) * math.sqrt((1 / 3 + 1 / 4) * 1e-4)
    assert (mean, low, high) == pytest.approx((0.80, 0.80 - width, 0.80 + width), abs=1e-12)


def test_one_figure_has_no_interval():
    """One split says nothing of its own spread, none says nothing at all."""
    assert metrics.interval([0.7], 0.25)[0] == 0.7
    assert all(math.isnan(value) for value in metrics.interval([0.7], 0.25)[1:])
    assert all(math.isnan(value) for value in metrics.interval([float("nan")], 0.25))


def test_a_difference_of_aucs_has_the_error_that_draws_show():
    """Difference as counted pair by pair; the error as over 4,000 draws of borrowers anew (both classes apart), within 5 %."""
    random = np.random.default_rng(5)
    y = np.repeat([0, 1], [120, 60])
    one = np.round(random.normal(y, 1.0), 1)  # with ties
    other = np.round(0.6 * one + random.normal(0.3 * y, 0.8), 1)
    found, error = metrics.auc_difference(y, one, other)
    assert found == pytest.approx(metrics.auc(y, one) - metrics.auc(y, other), abs=1e-12)
    drawn = []
    for _ in range(4_000):
        rows = np.r_[random.integers(0, 120, 120), random.integers(120, 180, 60)]
        drawn.append(metrics.auc(y[rows], one[rows]) - metrics.auc(y[rows], other[rows]))
    assert error == pytest.approx(np.std(drawn), rel=0.05)
    assert np.isnan(metrics.auc_difference([0, 0, 1], [1, 2, 3], [3, 2, 1])).all()
