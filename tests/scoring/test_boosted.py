"""The boosted model: runs averaged into one ensemble, seeded, and held to its directions."""

import lightgbm
import numpy as np
import pytest

from borrowers import DIRECTED, drawn
from suixin.scoring.boosted import BoostedSettings, fit_boosted, mixed
from suixin.scoring.monotone import violations

SMALL = BoostedSettings(trees=20, runs=3)
SAMPLE = drawn(500, 4, -1.2)


def test_equal_seeds_give_equal_models():
    """To the last bit; another seed gives another model."""
    one, two, other = (fit_boosted(SAMPLE, SMALL, seed) for seed in (1, 1, 2))
    assert one == two
    assert one != other


def test_the_ensemble_is_the_mean_of_its_runs():
    """Against LightGBM's own prediction of each run, trained beside it with the documented parameters."""
    parameters = {
        "objective": "binary", "learning_rate": 0.06, "num_leaves": 10, "max_depth": 4, "min_data_in_leaf": 4,
        "min_sum_hessian_in_leaf": 0.2, "lambda_l2": 2.0, "feature_fraction_bynode": 0.4, "bagging_fraction": 0.6,
        "bagging_freq": 1, "monotone_constraints": [-1, 1, 1, 1, 0, 0], "monotone_constraints_method": "basic",
        "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1,
    }  # fmt: skip
    runs = [
        lightgbm.train({**parameters, "seed": 7_000 + run}, lightgbm.Dataset(SAMPLE.x, SAMPLE.y), 20)
        for run in range(3)
    ]
    expected = np.mean([run.predict(SAMPLE.x, raw_score=True) for run in runs], axis=0)
    np.testing.assert_allclose(fit_boosted(SAMPLE, SMALL, 7).raw(SAMPLE.x), expected, atol=1e-12)


@pytest.mark.parametrize("settings", mixed(2_000))
def test_every_mixed_setting_keeps_the_directions(settings):
    """Leaf against leaf, no pair breaks a direction."""
    assert violations(fit_boosted(SAMPLE, settings, 0), DIRECTED) == ()


def test_fewer_rows_more_runs():
    """Eight runs for a county's few hundred, two for thousands."""
    assert [mixed(rows)[0].runs for rows in (100, 500, 1_000, 50_000)] == [3, 3, 2, 1]
