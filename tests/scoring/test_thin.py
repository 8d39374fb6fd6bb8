"""The thin-file model: ranks with known signs, and nothing where nothing is known."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from borrowers import DIRECTED, drawn
from suixin.scoring.sample import Sample
from suixin.scoring.thin import ThinSettings, fit_thin

NAN = float("nan")


def two_halves():
    """One feature, 0 for 20 borrowers and 1 for 20, of whom 5 and 10 defaulted; unknown of 10 with 4 defaults."""
    x = np.r_[np.zeros(20), np.ones(20), np.full(10, NAN)][:, None]
    y = np.r_[np.repeat([1, 0], [5, 15]), np.repeat([1, 0], [10, 10]), np.repeat([1, 0], [4, 6])]
    return Sample(("f",), x, y.astype(np.int64), (1,))


def test_by_hand():
    """Middle ranks 1/4 and 3/4 are the normal scores -0.674 and +0.674; the unknown scores 0 and gets the intercept."""
    raw = fit_thin(two_halves(), ThinSettings((1e-9,))).raw([[0.0], [1.0], [NAN]])
    step = (raw[1] - raw[0]) / 2
    np.testing.assert_allclose(raw, [raw[2] - step, raw[2] + step, raw[2]], atol=1e-12)
    # the maximum of the likelihood, by a grid: intercept a and weight b
    a, b = np.meshgrid(np.linspace(-1.2, 0.2, 281), np.linspace(0, 1.5, 301), indexing="ij")
    z = [a - b * norm.ppf(0.75), a + b * norm.ppf(0.75), a]
    loss = sum(
        n * np.logaddexp(0, at) - bad * at for at, n, bad in zip(z, (20, 20, 10), (5, 10, 4), strict=True)
    )
    best = np.unravel_index(np.argmin(loss), loss.shape)
    assert abs(raw[2] - a[best]) < 0.01
    assert abs(step / norm.ppf(0.75) - b[best]) < 0.01


def test_a_feature_of_the_wrong_sign_has_no_say():
    """More is registered as safer, and the sample says the contrary by chance: the feature is left out."""
    sample = two_halves()
    against = Sample(("f",), sample.x, sample.y, (-1,))
    trees = fit_thin(against, ThinSettings((1.0,)))
    assert trees.splits("f") == ()
    np.testing.assert_allclose(trees.raw(sample.x), np.log(19 / 31), atol=1e-5)


@settings(max_examples=8)
@given(st.integers(0, 1_000), st.sampled_from([3.0, 30.0]))
def test_every_direction_is_kept(seed, ridge):
    """Whatever the draw, the raw score never moves against a registered direction; beyond the data it stands still."""
    sample = drawn(200, seed, -0.9)
    trees = fit_thin(sample, ThinSettings((ridge,)))
    for name, sign in DIRECTED.items():
        column = sample.names.index(name)
        x = np.repeat(sample.x[:1], 202, axis=0)
        values = np.sort(np.nan_to_num(sample.x[:, column]))
        x[:, column] = [values[0] - 1e6, *values, values[-1] + 1e6]
        raw = trees.raw(x)
        assert (sign * np.diff(raw) >= -1e-12).all()
        assert raw[-1] == raw[-2]


def test_a_rank_is_robust():
    """Any rising change of a feature's scale gives every borrower the same score."""
    sample = drawn(300, 2)
    other = Sample(
        sample.names, np.exp(sample.x / np.nanmax(np.abs(sample.x), axis=0)), sample.y, sample.signs
    )
    one, two = (fit_thin(each, ThinSettings((10.0,))).raw(each.x) for each in (sample, other))
    np.testing.assert_allclose(one, two, atol=1e-6)
