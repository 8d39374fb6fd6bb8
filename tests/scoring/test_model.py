"""A trained model explains itself: reasons add up from the accept line, and a way out brings what it says."""

import numpy as np
import polars as pl
import pytest
from scipy.special import expit, logit

from borrowers import families, many, model
from suixin.scoring.calibration import Calibration
from suixin.scoring.families import Kind
from suixin.scoring.model import Model, Typical
from suixin.scoring.steps import constant_tree
from suixin.scoring.trees import Trees
from suixin.underwriting.policy import shipped_policy

POLICY = shipped_policy("CNY").policy
CARD, LINE = POLICY.card, POLICY.cutoffs.approve_from
EVERY = pytest.mark.parametrize(
    ("kind", "method", "days"),
    [(kind, method, days) for kind in Kind for method in ("platt", "isotonic") for days in (365, 180)],
)


def frame(rows=None):
    sample = many()
    table = pl.DataFrame(sample.x, schema=list(sample.names)).fill_nan(None)
    return table if rows is None else table.head(rows)


def values(one, x):
    return {
        name: None if np.isnan(value) else float(value) for name, value in zip(one.features, x, strict=True)
    }


@EVERY
def test_reasons_add_up_to_the_distance_from_the_line(kind, method, days):
    """For every family, calibration and horizon, to 1e-9, also where nothing at all is known, and at other lines."""
    one = model(kind, method, days)
    rows = pl.concat([frame(400), frame(1).select(pl.all() * None)])
    score = one.score(rows, CARD)
    for line in (LINE, 400.0, float(score[3])):
        parts = one.contributions(rows, CARD, line)
        assert np.abs(parts.sum(axis=1) - (score - line)).max() < 1e-9
    explained = one.explained(one.matrix(rows), CARD, LINE, ways=0)
    for row, each, known in zip(one.contributions(rows, CARD, LINE), explained, score, strict=True):
        assert each.score == pytest.approx(known, abs=1e-9)
        assert [part.contribution for part in each.contributions] == pytest.approx(row.tolist(), abs=1e-9)
        assert sum(part.contribution for part in each.contributions) == pytest.approx(known - LINE, abs=1e-9)


@EVERY
def test_score_and_probability_say_the_same(kind, method, days):
    """The card's own scale turns the score into the model's probability; the horizon is brought to a year."""
    one, rows = model(kind, method, days), frame(300)
    pd = one.pd(rows)
    np.testing.assert_allclose([CARD.pd(score) for score in one.score(rows, CARD)], pd, atol=1e-9)
    within = expit(one.calibration.apply(families()[kind].trees.raw(many().x[:300])))
    if method == "platt":
        one = model(kind, method)
        np.testing.assert_allclose(one.pd(rows), within, atol=1e-12)
    np.testing.assert_allclose(pd, 1 - (1 - within) ** (365 / days), atol=1e-9)


@EVERY
def test_the_way_out_is_what_it_says(kind, method, days):
    """In 500 of 500 cases the score moves by exactly `gain` when a reason's feature is set to its target."""
    one = model(kind, method, days)
    x = one.matrix(frame(250))
    before, after, gains = [], [], []
    for row, each in zip(x, one.explained(x, CARD, LINE), strict=True):
        for column, part in enumerate(each.contributions):
            assert (part.target is None) == (part.gain == 0.0)
            assert part.threshold == part.target
            if part.target is not None:
                assert part.contribution < 0 < part.gain
                other = row.copy()
                other[column] = part.target
                before.append(each.score)
                after.append(other)
                gains.append(part.gain)
    assert len(gains) >= 500
    table = pl.DataFrame(np.array(after)[:500], schema=list(one.features)).fill_nan(None)
    moved = one.score(table, CARD) - np.array(before)[:500]
    assert np.abs(moved - np.array(gains)[:500]).max() < 1e-9
    if (method, days) == ("isotonic", 365):
        again = [one.scored(values(one, row), CARD, LINE, ways=0).score for row in after[:500:10]]
        assert np.abs(np.array(again) - np.array(before)[:500:10] - np.array(gains)[:500:10]).max() < 1e-9


@pytest.mark.parametrize("kind", list(Kind))
def test_one_borrower_is_explained_like_many(kind):
    """`scored` of one dict is `explained` of that row among 300, to the last bit."""
    one = model(kind)
    x = one.matrix(frame(300))
    explained = one.explained(x, CARD, LINE)
    for at in (0, 7, 255, 256, 299):
        assert one.scored(values(one, x[at]), CARD, LINE) == explained[at]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_way_out_goes_in_the_safer_direction(kind):
    """Nobody is told to have more debt or fewer days of trading."""
    one = model(kind)
    signs = dict(zip(many().names, many().signs, strict=True))
    for each in one.explained(one.matrix(frame(200)), CARD, LINE):
        for part in each.contributions:
            if part.target is not None and part.value is not None and signs[part.feature]:
                assert (part.target - part.value) * signs[part.feature] < 0


def test_the_line_itself_is_neutral():
    """A borrower at the accept line has reasons that add up to nothing."""
    one = model(Kind.BLEND)
    score = float(one.score(frame(1), CARD)[0])
    assert one.contributions(frame(1), CARD, score).sum() == pytest.approx(0.0, abs=1e-9)


def test_confidence_is_the_share_of_the_evidence_that_is_known():
    """1 with all known, 0 with nothing, and each feature adds its weight."""
    one = model(Kind.THIN)
    full = dict.fromkeys(one.features, 1.0)
    assert one.scored(full, CARD, LINE).confidence == pytest.approx(1.0, abs=1e-15)
    assert one.scored({}, CARD, LINE).confidence == 0.0
    shares = [one.scored({name: 1.0}, CARD, LINE).confidence for name in one.features]
    assert sum(shares) == pytest.approx(1.0, abs=1e-12)
    parts = one.trees.contributions(many().columns([many().names.index(n) for n in one.features]).x)[:, :-1]
    weight = np.abs(parts - parts.mean(axis=0)).mean(axis=0)
    np.testing.assert_allclose(shares, weight / weight.sum(), atol=1e-12)


def test_typical_is_a_linear_regression():
    """What a feature contributes at a raw score: numpy's own least squares over the training rows."""
    one = model(Kind.BOOSTED)
    parts = one.trees.contributions(many().columns([many().names.index(n) for n in one.features]).x)
    raw = parts.sum(axis=1)
    slope, intercept = np.polyfit(raw, parts[:, :-1], 1)
    np.testing.assert_allclose(one.typical.at(-1.3), intercept - 1.3 * slope, atol=1e-9)
    assert one.typical.slope.sum() == pytest.approx(1.0, abs=1e-12)
    back = Typical.from_json(one.typical.to_json())
    np.testing.assert_array_equal(back.at(0.7), one.typical.at(0.7))


def test_columns_that_are_missing_are_unknown():
    """A table without a feature, or with it all null, gives one score."""
    one = model(Kind.SCORECARD)
    gone = frame(50).with_columns(debt_to_sales=None)
    np.testing.assert_array_equal(one.pd(frame(50).drop("debt_to_sales")), one.pd(gone))
    assert not (one.pd(gone) == one.pd(frame(50))).all()


def test_a_model_of_one_constant():
    """Nothing was found to tell borrowers apart: everybody has the average, and the reasons still add up."""
    flat = Trees(("f",), (constant_tree(-2.0, 10),))
    typical = Typical.of(flat.contributions(np.ones((10, 1))))
    one = Model("", Kind.THIN, flat, Calibration((-1.0, 1.0), (-1.0, 1.0), "platt"), typical, 365)
    (each,) = one.explained(np.array([[3.0]]), CARD, LINE)
    expected = CARD.odds_score + CARD.points_to_double * (2.0 - np.log(CARD.odds)) / np.log(2)
    assert each.score == pytest.approx(expected, abs=1e-9)
    assert each.contributions[0].contribution == pytest.approx(expected - LINE, abs=1e-9)
    assert one.pd(pl.DataFrame({"f": [3.0]}))[0] == pytest.approx(expit(-2.0), abs=1e-12)


def test_the_scale_by_hand():
    """600 points are odds of 20 to 1, and 40 points more double them: log-odds of default of -log 40 are 640."""
    assert (CARD.odds_score, CARD.odds, CARD.points_to_double) == (600, 20, 40)
    flat = Trees(("f",), (constant_tree(-np.log(40.0), 10),))
    typical = Typical.of(flat.contributions(np.ones((10, 1))))
    one = Model("", Kind.THIN, flat, Calibration((-1.0, 1.0), (-1.0, 1.0), "platt"), typical, 365)
    assert one.score(pl.DataFrame({"f": [1.0]}), CARD)[0] == pytest.approx(640.0, abs=1e-9)
    assert logit(one.pd(pl.DataFrame({"f": [1.0]})))[0] == pytest.approx(-np.log(40.0), abs=1e-12)
