"""Out-of-sample figures: nested, with intervals, and equal to a plain loop."""

import json

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from borrowers import drawn
from suixin.calendar import day_to_date
from suixin.scoring import metrics
from suixin.scoring.families import Kind, champion, fit_families
from suixin.scoring.sample import Sample
from suixin.scoring.splits import by_time, repeated
from suixin.scoring.validation import CHAMPION, validate

SAMPLE = drawn(400, 6, -1.4)
CHEAP = [Kind.THIN]
VALIDATED = validate(SAMPLE, seeds=range(2, 4), parts=3, kinds=CHEAP)


def test_equals_a_plain_loop():
    """AUC by scikit-learn over the six outer parts, its corrected interval, and the mean of the held-out predictions."""
    aucs, crossed = [], np.zeros((2, len(SAMPLE.y)))
    for seed, split in repeated(SAMPLE.y, 3, range(2, 4)):
        fitted = champion(fit_families(SAMPLE.rows(split.train), seed, CHEAP))
        pd = expit(fitted.log_odds(SAMPLE.x[split.test]))
        crossed[seed - 2, split.test] = pd
        aucs.append(roc_auc_score(SAMPLE.y[split.test], pd))
    found = VALIDATED.figures[CHAMPION]["auc"]
    assert (found.mean, found.low, found.high) == pytest.approx(metrics.interval(aucs, 0.5, 0.90), abs=1e-12)
    assert found.low < found.mean < found.high
    np.testing.assert_allclose(VALIDATED.crossed, crossed.mean(axis=0), atol=1e-15)
    eces = [metrics.ece(SAMPLE.y, one) for one in crossed]
    assert VALIDATED.figures[CHAMPION]["ece"].mean == pytest.approx(np.mean(eces), abs=1e-12)
    assert VALIDATED.won == {"thin": 6}


def test_out_of_time_figures_are_those_of_the_later_rows():
    """Learned before the day, tested from it on."""
    split, day = by_time(SAMPLE)
    fitted = champion(fit_families(SAMPLE.rows(split.train), 0, CHEAP))
    later = VALIDATED.later[CHAMPION]
    pd = expit(fitted.log_odds(SAMPLE.x[split.test]))
    assert VALIDATED.later_from == day
    assert later["auc"] == pytest.approx(roc_auc_score(SAMPLE.y[split.test], pd), abs=1e-12)
    assert (later["observed"], later["predicted"]) == pytest.approx((SAMPLE.y[split.test].mean(), pd.mean()))


def test_a_row_never_teaches_its_own_prediction():
    """A feature that is pure noise ranks at chance: had the rows been seen, it would rank far above."""
    draw = np.random.default_rng(3)
    noise = Sample(
        tuple("abcdefghij"), draw.normal(size=(300, 10)), (draw.random(300) < 0.3).astype(int), (0,) * 10
    )
    found = validate(noise, seeds=range(1), parts=3, kinds=CHEAP).figures[CHAMPION]["auc"]
    assert found.mean == pytest.approx(0.5, abs=0.1)


def test_the_document_is_plain_json():
    """What is written into metrics.json: figures with intervals, curve, how it was done, and null for no interval."""
    document = json.loads(json.dumps(VALIDATED.to_json(), allow_nan=False))
    assert document["seeds"] == [2, 3]
    assert (document["rows"], document["defaults"]) == (400, SAMPLE.defaults)
    assert set(document["figures"]) == {"champion", "thin"}
    assert set(document["figures"]["champion"]) == {"auc", "ks", "brier", "log_loss", "ece"}
    assert sum(row["rows"] for row in document["curve"]) == 400
    assert document["out_of_time"]["from"] == day_to_date(VALIDATED.later_from).isoformat()
    undated = Sample(SAMPLE.names, SAMPLE.x, SAMPLE.y, SAMPLE.signs)
    once = validate(undated, seeds=range(1), parts=2, kinds=CHEAP).to_json()
    assert once["out_of_time"] is None
    assert once["figures"]["champion"]["ece"]["low"] is None  # one repetition has no spread


def test_progress_is_told():
    """After each outer part, from 0 to all."""
    told = []
    validate(SAMPLE, seeds=range(1), parts=2, kinds=CHEAP, progress=lambda *step: told.append(step))
    assert told == [("validating", done, 2) for done in range(3)]
