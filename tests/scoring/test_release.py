"""When a released model is to retire by its own rule, and a model in the form that the watch reads."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from borrowers import borrowers, model
from suixin.scoring.families import Kind
from suixin.scoring.release import due
from suixin.scoring.scorer import ModelScorer
from suixin.underwriting.policy import shipped_policy

RELEASED = {"retire": {"on": "2027-12-31", "psi_above": 0.25, "auc_below": 0.7}}


@pytest.mark.parametrize(
    ("on", "psi", "auc", "why"),
    [
        (date(2027, 12, 31), 0.25, 0.7, ()),
        (date(2027, 12, 31), None, None, ()),
        (date(2028, 1, 1), 0.0, 0.9, ("its release ended on 2027-12-31",)),
        (date(2027, 1, 1), 0.2501, 0.9, ("the score has shifted by a PSI of 0.250, above 0.25",)),
        (date(2027, 1, 1), 0.1, 0.699, ("the AUC on matured outcomes is 0.699, below 0.700",)),
    ],
)
def test_the_rule(on, psi, auc, why):
    """Each part alone, at its edge and past it; what cannot be told retires nothing."""
    assert due(RELEASED, on, psi, auc) == why


def test_a_model_is_watched_on_the_cards_scale():
    """Twice the odds of a good end are as many more points as the card says."""
    card = shipped_policy("CNY").policy.card
    scorer = ModelScorer(model(Kind.BLEND), card)
    rows = borrowers(200, 3).with_columns(pl.exclude("defaulted", "day").cast(pl.Float64))
    pd, score = scorer.pd(rows), scorer.score(rows)
    assert score == pytest.approx(
        card.odds_score + card.points_to_double * np.log2((1 - pd) / pd / card.odds), abs=1e-8
    )
    assert [card.pd(one) for one in score] == pytest.approx(pd.tolist(), rel=1e-9)
