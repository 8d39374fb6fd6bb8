"""The families that compete: cross-fitted, calibrated, and every one of them monotone."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from borrowers import DIRECTED, drawn, families, many
from suixin.errors import UsageError
from suixin.scoring.calibration import calibrate
from suixin.scoring.families import INNER_FOLDS, Kind, champion, fit_families
from suixin.scoring.metrics import auc
from suixin.scoring.monotone import sampled_violations
from suixin.scoring.monotone_sum import prove
from suixin.scoring.sample import Sample
from suixin.scoring.splits import folds
from suixin.scoring.thin import ThinSettings, fit_thin

KINDS = pytest.mark.parametrize("kind", list(Kind))


@KINDS
def test_no_family_breaks_a_direction(kind):
    """Each constrained feature that a family uses: proved, and 0 violations on 10,000 random pairs of borrowers."""
    trees = families()[kind].trees
    used = {column for tree in trees.trees for column in tree.feature}
    asked = {name: sign for name, sign in DIRECTED.items() if many().names.index(name) in used}
    assert len(asked) == len(DIRECTED)
    for name, sign in asked.items():
        found = sampled_violations(trees, many().x, name, sign)
        assert (found.pairs, found.wrong) == (10_000, 0)
    assert all(proof.proved for proof in prove(trees, asked))


@KINDS
def test_every_family_tells_borrowers_apart(kind):
    """The features that made the defaults are found: cross-fitted AUC well above chance, calibrated on the same."""
    fitted = families()[kind]
    parts = folds(many().y, INNER_FOLDS, 0)
    assert fitted.inner_auc == pytest.approx(np.mean([auc(many().y[p], fitted.crossed[p]) for p in parts]))
    assert fitted.inner_auc > 0.75
    assert fitted.calibration == calibrate(many().y, fitted.crossed)
    np.testing.assert_array_equal(
        fitted.log_odds(many().x), fitted.calibration.apply(fitted.trees.raw(many().x))
    )


def test_crossed_scores_come_from_the_other_parts():
    """A row's cross-fitted score is that of a model that never saw it."""
    fitted = families()[Kind.THIN]
    part = folds(many().y, INNER_FOLDS, 0)[2]
    rest = np.setdiff1d(np.arange(len(many().y)), part)
    model = fit_thin(many().rows(rest), ThinSettings(**fitted.settings))
    np.testing.assert_array_equal(fitted.crossed[part], model.raw(many().x[part]))


def test_the_blend_is_the_mean_log_odds():
    """Half of the thin and half of the boosted model, in the score and in the cross-fitted score."""
    thin, boosted, blend = (families()[kind] for kind in (Kind.THIN, Kind.BOOSTED, Kind.BLEND))
    mean = (thin.trees.raw(many().x) + boosted.trees.raw(many().x)) / 2
    np.testing.assert_allclose(blend.trees.raw(many().x), mean, atol=1e-12)
    np.testing.assert_array_equal(blend.crossed, (thin.crossed + boosted.crossed) / 2)


PARTS = tuple(np.arange(start, 40, 4) for start in range(4))
OUTCOMES = np.repeat([0, 1], 20)
EQUAL = np.r_[
    np.arange(20.0), np.arange(10.0, 30.0)
]  # of 20 good borrowers and 20 defaults, half of them among the good


def judged(**scores):
    """The families, all with equal cross-fitted scores but for those given."""
    alike = {
        kind: replace(one, crossed=EQUAL, outcomes=OUTCOMES, parts=PARTS) for kind, one in families().items()
    }
    return alike | {Kind(name): replace(alike[Kind(name)], crossed=found) for name, found in scores.items()}


def raised(rows, by):
    """The equal scores with those of some borrowers raised."""
    found = EQUAL.copy()
    found[list(rows)] += by
    return found


@pytest.mark.parametrize(
    ("crossed", "chosen"),
    [
        (EQUAL, Kind.BLEND),  # equal: nothing speaks against the mean of two
        (raised([20], 8), Kind.BLEND),  # one default of five in its part climbs: no more than chance
        (raised(range(20, 40), 15), Kind.SCORECARD),  # every default is now above all good borrowers
    ],
)
def test_the_champion_is_the_blend_unless_another_is_ahead_by_more_than_noise(crossed, chosen):
    """One standard error of the paired difference over the borrowers of the inner parts."""
    assert champion(judged(scorecard=crossed)).kind is chosen


def test_of_equals_without_a_blend_the_simplest_is_champion():
    """Cards before thin before boosted."""
    assert (
        champion({kind: one for kind, one in judged().items() if kind is not Kind.BLEND}).kind
        is Kind.SCORECARD
    )


def test_only_what_is_asked_for():
    """A family that was not asked for does not enter."""
    assert set(fit_families(drawn(), 0, [Kind.THIN])) == {Kind.THIN}


def uninformative():
    """One feature, the same of everybody but for a few unknown, who default like the others."""
    x = np.ones((200, 1))
    x[::5] = np.nan
    y = np.zeros(200, dtype=np.int64)
    y[:40] = 1
    return Sample(("f",), x, y, (0,))


def test_a_family_that_cannot_be_fitted_is_left_out():
    """Where nothing separates there is no card, and the others stay; where only a card was wanted, a refusal."""
    assert set(fit_families(uninformative(), 0, [Kind.SCORECARD, Kind.THIN])) == {Kind.THIN}
    with pytest.raises(UsageError):
        fit_families(uninformative(), 0, [Kind.SCORECARD])


@pytest.mark.parametrize("rows", [1, 3, 12])
def test_a_feature_that_few_borrowers_have(rows):
    """In a part of the sample it may be known of nobody, or always the same: no family stumbles over it."""
    sample = drawn(300, 3, -1.0).columns([0, 1, 5])
    x = sample.x.copy()
    x[rows:, 2] = np.nan
    found = fit_families(replace(sample, x=x), 0, [Kind.SCORECARD, Kind.THIN])
    assert set(found) == {Kind.SCORECARD, Kind.THIN}
    assert all(np.isfinite(one.log_odds(x)).all() for one in found.values())


@pytest.mark.parametrize(("library", "kind"), [("lightgbm", Kind.BOOSTED), ("optbinning", Kind.SCORECARD)])
def test_a_library_that_is_not_installed_is_named(library, kind, monkeypatch):
    """A family is never left out in silence for want of what it needs."""
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UsageError, match=r"install it with: \./dev setup train"):
        fit_families(drawn(), 0, [Kind.THIN, kind])
