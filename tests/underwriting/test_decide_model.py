"""A trained model decides in place of the expert card: its probability, its reasons, and hints that come true."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from borrowers import many, model
from suixin.features.feature import Direction, Forgeable
from suixin.features.registry import FEATURES
from suixin.scoring.families import Kind
from suixin.underwriting.decide import Case, decide
from suixin.underwriting.decision import Outcome
from suixin.underwriting.policy import shipped_policy

LOADED = shipped_policy("CNY")
CARD, LINE = LOADED.policy.card, LOADED.policy.cutoffs.approve_from
SOLD = {"fee_share_365d": 0.02, "invoice_margin_365d": 0.6, "bureau_age_days": 20.0}


def named(one, **changes):
    return replace(one, name=f"{one.kind.value}/abc", **changes)


def case(at=0, **features):
    row = zip(many().names, many().x[at].tolist(), strict=True)
    known = {name: None if np.isnan(value) else value for name, value in row}
    return Case(
        merchant_id="m1",
        as_of=date(2026, 1, 1),
        features={**known, **SOLD, **features},
        history=[2_000_000] * 24,
        sales_source="orders",
        months_known=24,
        bureau_required=True,
        lake_snapshot="1-test",
    )


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("days", [365, 180])
def test_the_decision_is_the_models(kind, days):
    """Score, grade and probability are the model's, marked as trained; the reasons are its parts from the line."""
    one = named(model(kind, horizon_days=days))
    for at in range(5):
        asked = case(at)
        decision = decide(asked, LOADED, hints=False, model=one)
        frame = pl.DataFrame(
            [{name: asked.features[name] for name in one.features}], infer_schema_length=None
        )
        assert decision.pd == pytest.approx(float(one.pd(frame)[0]), abs=1e-9)
        assert decision.score == pytest.approx(float(one.score(frame, CARD)[0]), abs=1e-9)
        assert decision.grade == LOADED.policy.grade_of(decision.score).grade
        assert (decision.pd_basis, decision.model_version) == ("trained", f"{kind.value}/abc")
        points = [reason.points for reason in decision.reasons if reason.code.startswith("card.")]
        assert sum(points) == pytest.approx(decision.score - LINE, abs=1e-9)
        assert points == sorted(points)


def test_asked_for_many_at_once_the_decision_is_the_same():
    """What `explained` says of a batch decides as `scored` does, to the last bit."""
    one = named(model(Kind.BLEND))
    asked = [case(at) for at in range(4)]
    x = one.matrix(pl.DataFrame([each.features for each in asked], infer_schema_length=None))
    for each, scored in zip(asked, one.explained(x, CARD, LINE), strict=True):
        assert decide(each, LOADED, model=one, scored=scored) == decide(each, LOADED, model=one)


def test_another_model_is_another_decision():
    """The card's, one model's and another's decisions of one case are three; the same model's is one."""
    one, other = named(model(Kind.THIN)), replace(model(Kind.THIN), name="thin/def")
    ids = [decide(case(), LOADED, hints=False, model=each).decision_id for each in (None, one, other, one)]
    assert len(set(ids)) == 3
    assert ids[1] == ids[3]
    card = decide(case(), LOADED, hints=False)
    assert (card.pd_basis, card.model_version.split("/")[0]) == ("assumed", "expert-card")


def test_hints_come_true():
    """Deciding again with the hinted value gives exactly the hinted rise, and nothing easily faked is hinted."""
    one, hinted = named(model(Kind.THIN)), 0
    for at in range(25):
        decision = decide(case(at), LOADED, model=one)
        before = 0 if decision.outcome is Outcome.DECLINE else decision.limit_fen
        for hint in decision.raise_hints:
            again = decide(case(at, **{hint.feature: hint.target}), LOADED, hints=False, model=one)
            assert again.outcome is not Outcome.DECLINE
            assert again.limit_fen - before == hint.gain_fen > 0
            assert FEATURES[hint.feature].forgeable is not Forgeable.HIGH
            assert FEATURES[hint.feature].direction is not Direction.NEUTRAL
            hinted += 1
    assert hinted >= 10


def test_an_analysts_own_feature_is_a_reason_and_no_hint():
    """`noise` is in no registry: it counts, and nobody is told to change it."""
    one = named(model(Kind.BOOSTED))
    worst = max(range(80), key=lambda at: _against(one, at))
    decision = decide(case(worst), LOADED, model=one)
    (reason,) = [each for each in decision.reasons if each.feature == "noise"]
    assert reason.points < 0
    assert "noise" not in {hint.feature for hint in decision.raise_hints}


def _against(one, at):
    scored = one.scored(case(at).features, CARD, LINE, ways=0)
    return -next(part.contribution for part in scored.contributions if part.feature == "noise")
