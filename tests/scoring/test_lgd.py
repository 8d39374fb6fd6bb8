"""Loss given default from balances, against sums by hand."""

import pytest

from suixin.scoring.lgd import FEWEST, loss_given_default


def test_a_workout_by_hand():
    """Owed 1,000; 400 come back after exactly a year at 10 %: 363.64 today, so 63.64 % are lost."""
    workouts = [(100, [(90, 1_000.0), (465, 600.0)])] * FEWEST
    found = loss_given_default(workouts, 0.10, 0.45)
    assert (found.basis, found.workouts) == ("measured", FEWEST)
    assert found.value == pytest.approx(1 - 400 / 1.1 / 1_000, rel=1e-12)
    assert (found.low, found.high) == (pytest.approx(found.value), pytest.approx(found.value))


def test_a_new_drawing_is_no_negative_recovery():
    """A balance that rises again recovers nothing, and what was recovered once is not counted twice."""
    workouts = [(0, [(0, 100.0), (200, 40.0), (300, 70.0), (400, 30.0)])] * FEWEST
    found = loss_given_default(workouts, 0.0, 0.45)
    assert found.value == pytest.approx(1 - (60 + 10) / 100)


@pytest.mark.parametrize(
    "balances",
    [[], [(90, 100.0)], [(90, 100.0), (200, 50.0)], [(150, 100.0), (400, 0.0)], [(90, 0.0), (400, 0.0)]],
    ids=["none", "no report after", "watched too shortly", "nothing known at default", "nothing owed"],
)
def test_what_is_no_workout(balances):
    """Without a balance at default and one half a year later nothing is measured: the policy's figure stands."""
    found = loss_given_default([(100, balances)] * 50, 0.05, 0.45)
    assert (found.value, found.basis, found.workouts) == (0.45, "assumed", 0)


def test_few_workouts_are_not_believed():
    """Nineteen say nothing; twenty do."""
    one = (100, [(90, 100.0), (465, 0.0)])
    assert loss_given_default([one] * (FEWEST - 1), 0.0, 0.45).value == 0.45
    assert loss_given_default([one] * FEWEST, 0.0, 0.45).value == 0.0
