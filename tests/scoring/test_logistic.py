"""Ridge logistic regression with signs: scikit-learn's weights, and signs that are kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from suixin.scoring.logistic import fit


def data(seed=0, rows=400):
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(rows, 3))
    return x, (draw.random(rows) < expit(-1 + x @ [1.0, -0.5, 0.2])).astype(int)


@pytest.mark.parametrize("ridge", [0.5, 3.0, 100.0])
def test_equals_scikit_learn(ridge):
    """The same penalised likelihood has the same minimum: C is one over the ridge."""
    x, y = data()
    ours, theirs = (
        fit(x, y, ridge=ridge, signs=[0, 0, 0]),
        LogisticRegression(C=1 / ridge, tol=1e-10).fit(x, y),
    )
    np.testing.assert_allclose(ours.weights, theirs.coef_[0], atol=1e-5)
    assert ours.intercept == pytest.approx(theirs.intercept_[0], abs=1e-5)
    np.testing.assert_allclose(ours.raw(x), theirs.decision_function(x), atol=1e-4)


@settings(max_examples=25)
@given(st.integers(0, 1_000), st.lists(st.sampled_from([-1, 0, 1]), min_size=3, max_size=3))
def test_signs_are_kept_and_the_rest_is_optimal(seed, signs):
    """No weight against its sign, and at the minimum the gradient vanishes or pushes against the bound."""
    x, y = data(seed, 150)
    found = fit(x, y, ridge=1.0, signs=signs)
    gradient = x.T @ (expit(found.raw(x)) - y) + found.weights
    for weight, sign, slope in zip(found.weights, signs, gradient, strict=True):
        assert sign * weight >= 0
        if sign and weight == 0:
            assert sign * slope >= -1e-3
        else:
            assert abs(slope) < 1e-2
    assert expit(found.raw(x)).mean() == pytest.approx(y.mean(), abs=1e-4)


def test_fractions_are_weights_of_both_answers():
    """A target of 3/4 is three rows of 1 and one of 0: log 3."""
    found = fit(np.zeros((5, 1)), np.full(5, 0.75), ridge=1.0, signs=[0])
    assert found.intercept == pytest.approx(np.log(3), abs=1e-6)
    assert found.weights.tolist() == [0.0]
