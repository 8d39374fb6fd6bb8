"""From a raw score to a probability: rising, invertible, and as simple as the sample is small."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from suixin.scoring.calibration import Calibration, calibrate, probability


def outcomes(rows, slope, seed=0):
    """Scores whose true log-odds are -1 + slope x score."""
    draw = np.random.default_rng(seed)
    raw = draw.normal(size=rows)
    return (draw.random(rows) < expit(-1 + slope * raw)).astype(int), raw


def test_few_defaults_give_a_line():
    """Platt's two figures are scikit-learn's logistic regression on his smoothed targets, given as weighted rows."""
    y, raw = outcomes(300, 1.5)
    found = calibrate(y, raw)
    assert found.method == "platt"
    bad, good = y.sum(), (1 - y).sum()
    target = np.where(y == 1, (bad + 1) / (bad + 2), 1 / (good + 2))
    both = LogisticRegression(C=1e9, tol=1e-10).fit(
        np.r_[raw, raw][:, None], np.repeat([1, 0], 300), np.r_[target, 1 - target]
    )
    at = np.array([-3.0, 0.0, 4.0])
    np.testing.assert_allclose(found.apply(at), both.decision_function(at[:, None]), atol=1e-3)


def test_many_defaults_give_steps_joined_by_lines():
    """With 500 defaults on, the knots are scikit-learn's isotonic regression of the bins, and the truth is near."""
    y, raw = outcomes(20_000, 1.0)
    found = calibrate(y, raw)
    assert found.method == "isotonic"
    parts = np.array_split(np.argsort(raw, kind="stable"), 50)
    x = np.array([raw[part].mean() for part in parts])
    rate = np.array([(y[part].sum() + 0.5 * y.mean()) / (part.size + 0.5) for part in parts])
    level = IsotonicRegression().fit_transform(x, rate, sample_weight=[part.size for part in parts])
    np.testing.assert_allclose(expit(found.log_odds), np.unique(level.round(12)), atol=1e-9)
    at = np.linspace(-1.5, 1.5, 7)
    np.testing.assert_allclose(
        probability(found.apply(at)), expit(-1 + at), atol=0.05
    )  # a bin of 400 rows: 0.024


@pytest.mark.parametrize(("defaults", "method"), [(499, "platt"), (500, "isotonic")])
def test_the_method_follows_the_defaults(defaults, method):
    """500 defaults and 500 good borrowers are needed for the freer one."""
    raw = np.r_[np.random.default_rng(1).normal(1, 1, defaults), np.random.default_rng(2).normal(0, 1, 600)]
    assert calibrate(np.repeat([1, 0], [defaults, 600]), raw).method == method
    assert calibrate(np.repeat([0, 1], [defaults, 600]), -raw).method == method  # so few good ones


def test_a_useless_score_still_rises():
    """A score that ranks the wrong way, or is one constant, gets the average risk and almost no slope."""
    y = np.repeat([1, 0], [30, 70])
    for raw in (-y.astype(float), np.zeros(100)):
        found = calibrate(y, raw)
        assert found.log_odds[1] > found.log_odds[0]
        assert probability(found.apply(raw)) == pytest.approx(31 / 102, abs=0.02)
    many = np.repeat([1, 0], [600, 900])
    assert calibrate(many, -many.astype(float)).method == "platt"


knots = st.lists(st.tuples(st.floats(0.01, 5), st.floats(0.01, 5)), min_size=1, max_size=20)


@given(knots, st.lists(st.floats(-30, 30), min_size=2, max_size=30))
def test_rising_and_invertible(steps, raw):
    """A higher raw score is a higher risk, also beyond the knots, and the way back leads to it."""
    x, y = np.cumsum([(0.0, 0.0), *steps], axis=0).T
    found = Calibration(tuple(x.tolist()), tuple(y.tolist()), "isotonic")
    ordered = np.unique(raw)
    risk = found.apply(ordered)
    assert (np.diff(risk) >= 0).all()
    steepest = max(max(a / b, b / a) for a, b in steps)
    np.testing.assert_allclose(found.invert(risk), ordered, atol=1e-10 * steepest)
    np.testing.assert_allclose(found.apply(x), y, atol=1e-12)
    assert Calibration.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    ("raw", "log_odds", "message"),
    [
        ((0.0,), (0.0,), "two or more knots"),
        ((0.0, 1.0), (0.0, float("nan")), "finite"),
        ((0.0, 0.0), (0.0, 1.0), "must ascend"),
        ((0.0, 1.0), (1.0, 1.0), "must ascend"),
        ((0.0, 1.0, 2.0), (0.0, 2.0, 1.0), "must ascend"),
    ],
)
def test_what_does_not_rise_is_refused(raw, log_odds, message):
    """A calibration that turns the order around never enters a model."""
    with pytest.raises(ValueError, match=message):
        Calibration(raw, log_odds, "platt")


def test_another_document_is_refused():
    """A key too many or too few is no calibration."""
    with pytest.raises(ValueError, match="has method, raw and log_odds"):
        Calibration.from_json({"method": "platt", "raw": [0, 1]})


def test_probability_is_the_logistic_function():
    """The inverse of the log-odds."""
    np.testing.assert_allclose(probability(logit([0.1, 0.5, 0.9])), [0.1, 0.5, 0.9], atol=1e-15)
