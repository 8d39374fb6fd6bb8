"""Training as a whole: leaks out, the champion on all rows, its directions proved or the model refused."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from borrowers import DIRECTED, borrowers, drawn
from grown_trees import tree
from suixin.errors import ModelError, UsageError
from suixin.scoring.families import Kind, champion
from suixin.scoring.monotone_sum import Verdict, prove
from suixin.scoring.sample import sample_of
from suixin.scoring.training import refuse_broken, train
from suixin.scoring.trees import Trees

CHEAP = {"repeats": 1, "parts": 2, "kinds": [Kind.THIN]}


def planted(rows=400):
    """Three leaks of three kinds among honest features."""
    draw = np.random.default_rng(9)
    table = borrowers(rows, 2)
    bad = table["defaulted"].to_numpy()
    return table.with_columns(
        collections_calls=pl.Series(bad + draw.normal(0, 0.1, rows)),
        write_off_reason=pl.Series(draw.normal(size=rows)).set(pl.Series(~bad), None),
        known_late=pl.Series(draw.normal(size=rows)),
    )


def test_planted_leaks_are_left_out_by_name():
    """Neither the model nor its figures rest on what was known too late or knows the answer."""
    table = planted()
    sample = sample_of(table, day="day")
    trained = train(sample, known_days={"known_late": table["day"] + 1}, **CHEAP)
    assert {leak.feature for leak in trained.leaks} == {"collections_calls", "write_off_reason", "known_late"}
    assert set(trained.sample.left_out) == {leak.feature for leak in trained.leaks}
    assert all(why.startswith("leak: ") for why in trained.sample.left_out.values())
    assert set(trained.model.features) <= {*DIRECTED, "genuine_ticket_365d", "noise"}
    assert trained.validated.figures["champion"]["auc"].mean < 0.9


def test_a_sample_of_leaks_alone_is_refused():
    """Nothing to learn from is one sentence, as in `sample_of`, that names the leaks."""
    sample = sample_of(planted().select("collections_calls", "write_off_reason", "defaulted"))
    with pytest.raises(UsageError, match=r"no feature is left to learn from \(.*collections_calls: leak"):
        train(sample, **CHEAP)


def test_the_model_is_the_champion_on_all_rows():
    """It scores as the fitted champion does, without columns that it does not use, and every direction is proved."""
    trained = train(
        replace(drawn().columns([0, 1, 5]), days=None),
        horizon_days=180,
        seed=4,
        repeats=1,
        parts=2,
        kinds=[Kind.SCORECARD, Kind.THIN],
    )
    assert trained.champion is champion(trained.fitted)
    model, sample = trained.model, trained.sample
    used = [sample.names.index(name) for name in model.features]
    np.testing.assert_array_equal(model.trees.raw(sample.x[:, used]), trained.champion.trees.raw(sample.x))
    assert (model.kind, model.horizon_days, model.name) == (trained.champion.kind, 180, "")
    assert {proof.feature for proof in trained.proofs} == set(DIRECTED) & set(model.features)
    assert all(proof.proved for proof in trained.proofs)
    assert trained.validated.seeds == (4,)


def test_equal_seeds_give_equal_models():
    """To the last bit."""
    one, two = (train(drawn(300, 1), seed=3, **CHEAP) for _ in range(2))
    assert one.model.trees == two.model.trees
    assert one.model.calibration == two.model.calibration
    assert one.validated.to_json() == two.validated.to_json()


def test_a_broken_direction_is_refused():
    """A tree that gives more debt a lower risk, and one that gives more days a higher: refused by name and size."""
    falling = Trees(("debt_to_sales",), (tree([0], [0.5], [True], [-1], [-2], [1.0, 0.25], [10, 10]),))
    (proof,) = proofs = prove(falling, {"debt_to_sales": 1})
    assert proof.verdict is Verdict.BROKEN
    with pytest.raises(
        ModelError, match=r"larger debt_to_sales the risk must not fall, .* broken \(by -0\.75"
    ):
        refuse_broken(proofs)
    rising = Trees(("genuine_trading_days",), (tree([0], [90.0], [True], [-1], [-2], [0.0, 1.0], [9, 9]),))
    with pytest.raises(ModelError, match="larger genuine_trading_days the risk must not rise"):
        refuse_broken(prove(rising, {"genuine_trading_days": -1}))
    refuse_broken(prove(falling, {"debt_to_sales": -1}))


def test_what_is_not_proved_is_refused():
    """A direction beyond the size of a grid counts as broken: a model is released only on proof."""
    down = tree([1, 0], [0.0, 0.5], [True, True], [-1, -2], [1, -3], [0.0, 1.0, 0.0], [5] * 3)
    up = tree([1, 0], [-1.0, 0.5], [True, True], [-1, -2], [1, -3], [0.0, 0.0, 1.0], [5] * 3)
    trees = Trees(("a", "b"), (down, up))
    refuse_broken(prove(trees, {"a": 1}))
    (proof,) = prove(trees, {"a": 1}, most_points=1)
    assert proof.verdict is Verdict.UNPROVEN
    with pytest.raises(ModelError, match="unproven"):
        refuse_broken([proof])
