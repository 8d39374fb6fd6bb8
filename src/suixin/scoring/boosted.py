"""The boosted model: LightGBM held to the registry's directions, several runs averaged into one ensemble.

Averaging runs on different draws, and runs of different settings, is what keeps a boosted model steady on a few dozen
defaults: to choose among settings costs more there than any of them gains. The trees, each divided by the number of runs,
are one ensemble like any other.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from suixin.errors import UsageError
from suixin.scoring.sample import Sample
from suixin.scoring.trees import Trees


@dataclass(frozen=True, slots=True)
class BoostedSettings:
    """How one part of the model is trained.

    Attributes:
        trees, leaves, depth, rate: of one run.
        columns: share of the features that each split may choose from.
        random_cuts: whether cuts are drawn at random, which smooths (extremely randomised trees).
        runs: how many are averaged.
    """

    trees: int = 150
    leaves: int = 10
    depth: int = 4
    rate: float = 0.06
    columns: float = 0.4
    random_cuts: bool = False
    runs: int = 8


def fit_boosted(
    sample: Sample, settings: BoostedSettings, seed: int, together: Sequence[Sequence[int]] = ()
) -> Trees:
    """Train; the raw score is the log-odds of default.

    Args:
        sample: what is learned from.
        settings: how.
        seed: of what is drawn.
        together: sets of columns; a tree looks at columns of one set only, and at none in no set. Empty: at any.

    Raises:
        UsageError: LightGBM is not installed.
    """
    blank = [f"Column_{j}" for j in range(len(sample.names))]
    trees = [
        tree.scaled(1 / settings.runs)
        for run in range(settings.runs)
        for tree in Trees.from_lightgbm(_dump(sample, settings, seed * 1_000 + run, together), blank).trees
    ]
    return Trees(sample.names, tuple(trees))


def _dump(
    sample: Sample, settings: BoostedSettings, seed: int, together: Sequence[Sequence[int]]
) -> dict[str, Any]:
    lightgbm = _lightgbm()
    rows = len(sample.y)
    parameters = {
        "objective": "binary",
        "learning_rate": settings.rate,
        "num_leaves": settings.leaves,
        "max_depth": settings.depth,
        "min_data_in_leaf": max(4, rows // 200),
        "min_sum_hessian_in_leaf": 0.2,
        "lambda_l2": 2.0,
        "feature_fraction_bynode": settings.columns,
        "extra_trees": settings.random_cuts,
        "bagging_fraction": 0.6,
        "bagging_freq": 1,
        "monotone_constraints": list(sample.signs),
        "monotone_constraints_method": "basic",  # 'advanced' breaks what it promises
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }
    if together:
        parameters["interaction_constraints"] = [list(columns) for columns in together]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = lightgbm.Dataset(
            sample.x, label=sample.y, feature_name=[f"Column_{j}" for j in range(len(sample.names))]
        )
        booster = lightgbm.train(parameters, data, num_boost_round=settings.trees)
    dumped: dict[str, Any] = booster.dump_model()
    return dumped


def _lightgbm() -> Any:
    try:
        import lightgbm  # noqa: PLC0415 - needed for training only, and large
    except ImportError as error:
        raise UsageError("training needs LightGBM; install it with: ./dev setup train") from error
    return lightgbm


def fit_mixed(sample: Sample, settings: Sequence[BoostedSettings], seed: int) -> Trees:
    """The mean of what each settings find; likewise."""
    trees = [
        tree.scaled(1 / len(settings)) for one in settings for tree in fit_boosted(sample, one, seed).trees
    ]
    return Trees(sample.names, tuple(trees))


def mixed(rows: int) -> tuple[BoostedSettings, ...]:
    """The settings whose mean is taken for so many rows: the fewer, the more runs are averaged."""
    runs = math.ceil(np.clip(4_000 // max(rows, 1), 2, 8) / 3)
    return (
        BoostedSettings(runs=runs),
        BoostedSettings(trees=200, random_cuts=True, runs=runs),
        BoostedSettings(trees=120, leaves=4, depth=2, runs=runs),
    )
