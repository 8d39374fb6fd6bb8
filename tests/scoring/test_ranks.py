"""Ranks and quantiles stand in for those of SciPy's `stats`, whose import they spare every command: they are equal."""

import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from suixin.scoring.drift import calibration
from suixin.scoring.metrics import interval
from suixin.scoring.ranks import average_ranks


@pytest.mark.parametrize("kinds", [2, 5, 10**6])
@pytest.mark.parametrize("size", [0, 1, 2, 7, 1000])
def test_ranks_are_those_of_scipy(kinds: int, size: int) -> None:
    """With few ties and with many."""
    values = np.random.default_rng(size).integers(0, kinds, size)
    assert average_ranks(values).tolist() == stats.rankdata(values).tolist()


def test_of_what_is_unknown_no_rank_is_known() -> None:
    """As SciPy has it."""
    assert np.isnan(average_ranks([1.0, np.nan, 2.0])).all()


def test_quantiles_are_those_of_scipy() -> None:
    """Student's, of an interval of folds; Beta's, of a rate that was observed."""
    mean, low, high = interval([1.0, 2.0, 4.0], level=0.9, test_share=0.0)
    width = stats.t.ppf(0.95, 2) * np.sqrt(np.var([1.0, 2.0, 4.0], ddof=1) / 3)
    assert (high - mean, mean - low) == pytest.approx((width, width), rel=1e-12)
    found = calibration(np.full(50, 0.1), np.arange(50) < 4, 0.95)
    assert (found.low, found.high) == pytest.approx(stats.beta.ppf([0.025, 0.975], 4.5, 46.5), rel=1e-9)


def test_no_command_waits_for_what_it_does_not_use() -> None:
    """`stats` and all that it brings along are not imported to explain or assess."""
    said = "import suixin.cli, sys; suixin.cli.command_tree(['explain', 'assess', 'train', 'monitor'])"
    asked = f"{said}; print(sorted(set(sys.modules) & {{'scipy.stats', 'lightgbm', 'django'}}))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
