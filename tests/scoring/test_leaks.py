"""Features that know the answer are found by name."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borrowers import drawn
from suixin.scoring.leaks import find_leaks
from suixin.scoring.sample import Sample

SAMPLE = drawn()


def planted(values, name="planted"):
    return Sample(
        (*SAMPLE.names, name), np.column_stack([SAMPLE.x, values]), SAMPLE.y, (*SAMPLE.signs, 0), SAMPLE.days
    )


def test_an_honest_sample_has_no_leak():
    """Features that tell something are not too good to be true."""
    assert find_leaks(SAMPLE) == ()


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.sampled_from([1.0, -1.0]))
def test_a_copy_of_the_target_with_little_noise(seed, sign):
    """Whichever way it points."""
    draw = np.random.default_rng(seed)
    leak = find_leaks(planted(sign * SAMPLE.y + draw.normal(0, 0.2, 600)))
    assert [one.feature for one in leak] == ["planted"]
    assert leak[0].why.startswith("alone it separates defaults from good borrowers with an AUC of ")


def test_nullness_that_is_the_target():
    """A field that is filled in only once a loan goes bad leaks by being there, whatever it says."""
    draw = np.random.default_rng(1)
    leak = find_leaks(planted(np.where(SAMPLE.y == 1, draw.normal(size=600), np.nan)))
    assert [one.feature for one in leak] == ["planted"]
    assert leak[0].why == "whether it is known separates defaults from good borrowers with an AUC of 1.000"


@pytest.mark.parametrize("shift", [0, 30])
def test_known_too_late(shift):
    """Known on the as-of day or later is a leak, with the number of rows; the day before is none; unknown is none."""
    days = SAMPLE.days - 1.0
    days[:10] = math.nan
    assert find_leaks(SAMPLE, {"noise": days}) == ()
    days[20:23] = SAMPLE.days[20:23] + shift
    (leak,) = find_leaks(SAMPLE, {"noise": days, "no such feature": days})
    assert (leak.feature, leak.why) == ("noise", "known on the as-of day or later in 3 of 600 rows")


def test_the_line_is_the_callers():
    """A lower line finds what is merely very good."""
    assert {leak.feature for leak in find_leaks(SAMPLE, most_auc=0.6)} >= {
        "genuine_trading_days",
        "debt_to_sales",
    }
