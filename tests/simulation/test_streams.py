"""The random streams against published vectors and scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from suixin.simulation.streams import Streams, _mix, normal_quantile, poisson_quantile


def test_mixer_is_splitmix64():
    """Protects the generator: these are the published outputs of SplitMix64 for seed 1234567."""
    weyl = 0x9E3779B97F4A7C15
    state = np.array([(1234567 + n * weyl) % 2**64 for n in range(1, 6)], dtype=np.uint64)
    _mix(state)
    assert state.tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


@given(
    ids=st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=30),
    seed=st.integers(),
    cut=st.integers(0, 30),
)
def test_a_draw_depends_on_its_id_alone(ids, seed, cut):
    """Protects the prefix property: neighbours in the array do not change what an id draws."""
    streams, every = Streams(seed), np.array(ids, dtype=np.int64)
    whole = streams.uniform("x", every)
    parts = np.concatenate([streams.uniform("x", every[:cut]), streams.uniform("x", every[cut:])])
    assert whole.tolist() == parts.tolist()
    assert ((whole > 0) & (whole < 1)).all()


def test_streams_are_uniform_and_unrelated():
    """Protects the marginals: consecutive ids look uniform, and two names share nothing."""
    ids = np.arange(200_000, dtype=np.int64)
    one, two = Streams(7).uniform("one", ids), Streams(7).uniform("two", ids)
    assert stats.kstest(one, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.01
    assert abs(np.corrcoef(one[:-1], one[1:])[0, 1]) < 0.01
    assert abs(np.corrcoef(one, Streams(8).uniform("one", ids))[0, 1]) < 0.01


def test_normal_quantile_against_scipy():
    """Protects sizes and delays: Acklam's approximation holds its stated error from tail to tail."""
    p = np.concatenate(
        [np.logspace(-15, -1, 200), np.linspace(0.01, 0.99, 99), 1 - np.logspace(-12, -1, 200)]
    )
    assert normal_quantile(p) == pytest.approx(stats.norm.ppf(p), rel=2e-9, abs=1e-9)


@given(mean=st.floats(0.0, 29.9), u=st.floats(1e-9, 1 - 1e-9))
def test_poisson_quantile_is_exact_for_small_means(mean, u):
    """Protects order counts: below a mean of 30 the quantile is scipy's, but for ties of rounding."""
    got = int(poisson_quantile(np.array([u]), np.array([mean]))[0])
    want = stats.poisson.ppf(u, mean)
    near_tie = min(abs(stats.poisson.cdf(k, mean) - u) for k in (got - 1, got)) < 1e-12
    assert got == want or near_tie


@given(mean=st.floats(30.0, 6000.0), u=st.floats(1e-6, 1 - 1e-6))
def test_poisson_quantile_is_near_for_large_means(mean, u):
    """Protects the largest sellers: above a mean of 30 the quantile is at most one off."""
    got = int(poisson_quantile(np.array([u]), np.array([mean]))[0])
    assert abs(got - stats.poisson.ppf(u, mean)) <= 1


@given(first=st.integers(1, 10**6), seed=st.integers(0, 1000))
def test_even_sequence_fills_every_tenth(first, seed):
    """Protects stable totals: any 1,000 neighbours put 100 ± 5 into each tenth of the range."""
    ids = np.arange(first, first + 1000, dtype=np.int64)
    tenths = np.bincount((Streams(seed).even("size", ids, 0.6180339887498949) * 10).astype(int), minlength=10)
    assert np.abs(tenths - 100).max() <= 5
