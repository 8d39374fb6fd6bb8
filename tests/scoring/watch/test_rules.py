"""The rules of early warning: what ships, and what is refused."""

import re

import numpy as np
import polars as pl
import pytest

from suixin.errors import PolicyError
from suixin.reporting import monitor_phrases as phrases
from suixin.reporting.wording import words
from suixin.scoring.watch.fit import fit
from suixin.scoring.watch.level import steps
from suixin.scoring.watch.measures import MEASURES
from suixin.scoring.watch.rules import ACTIONS, SEVERITIES, load_rules, parse_rules, shipped_rules

CJK = re.compile(r"[\u4e00-\u9fff]")


def test_the_shipped_rules_cover_every_signal_and_say_where_they_come_from():
    """Protects the lender: no signal without a rule, and what no data confirm is marked so."""
    rules = shipped_rules().rules
    assert [signal.code for signal in rules.signals] == list(MEASURES)
    assert all(signal.source and not signal.verified for signal in rules.signals)


def test_every_code_has_words_in_both_languages():
    """Protects the page: signals, actions, severities, grades and reasons for closing are named, in Chinese too."""
    assert set(phrases.SIGNALS) == set(phrases.UNITS) == set(MEASURES)
    assert set(phrases.SEVERITIES) == set(SEVERITIES)
    tables = (
        phrases.SIGNALS,
        phrases.SEVERITIES,
        phrases.AGAINST,
        phrases.GRADES,
        phrases.PERIODS,
        phrases.CLOSED,
        phrases.SHOCKS,
    )
    said = [text for table in (*tables, ACTIONS) for text in table.values()]
    assert [text for text in said if not CJK.search(words("zh").text(text))] == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("code: cash_low", "code: cash_lo", "'cash_lo' is no signal"),
        ("code: cash_low", "code: repayment_late", "repayment_late is given more than once"),
        ("watch: promise", "watch: shout", "'shout' is no action"),
        ("beyond: 60", "beyond: 20", "list the bands from mild to grave"),
        ("beyond: 60, points: 30", "beyond: 60, points: 3", "fewer points than a milder one"),
        ("watch, from_points: 10", "watch, from_points: 25", "each severity begins at more points"),
        ("worse: higher", "worse: sideways", "signals.0.worse"),
        ("schema_version: 1", "schema_version: [", "is not readable YAML"),
        ("close_after_weeks: 2", "close_after_weeks: 0", "close_after_weeks"),
    ],
)  # fmt: skip
def test_faulty_rules_are_refused(text, old, new, message):
    """Protects a lender's own file: each fault is one line that names it."""
    assert old in text
    with pytest.raises(PolicyError, match=re.escape(message)):
        parse_rules(text.replace(old, new, 1), "ours.yaml")


def test_a_missing_file_is_one_line(tmp_path):
    """Protects the user from a traceback."""
    with pytest.raises(PolicyError, match="no such file of rules"):
        load_rules(tmp_path / "none.yaml")


def test_bands_are_reached_at_their_bound(rules):
    """Protects the bounds: at the bound counts, on the worse side, and what is not known does not."""
    late, cash = rules.signals
    assert steps(np.array([29.9, 30.0, 60.0, np.nan]), late).tolist() == [0, 1, 2, 0]
    assert steps(np.array([2.1, 2.0, 1.0, np.nan]), cash).tolist() == [0, 1, 2, 0]


def test_points_are_learned_where_there_is_something_to_learn(rules):
    """Protects the fit: odds of 1:1 beyond 60 days against 1:9 below are 9 times, 32 points; what tells nothing gets none."""
    late = np.repeat([0.0, 70.0], 2000)
    bad = np.concatenate([np.arange(2000) % 10 == 0, np.arange(2000) % 2 == 0])
    measured = pl.DataFrame({"repayment_late": late, "cash_low": np.full(4000, 5.0)})
    found = fit(measured, bad, rules, penalty=1e-6)
    assert found.points["cash_low"] == [0, 0]
    assert found.points["repayment_late"][1] == 32  # 10·log2(9) = 31.7
    assert found.intercept == pytest.approx(-np.log(9.0), abs=1e-3)


def test_fixed_points_stay(rules):
    """Protects judgement: a signal that is not fitted keeps its points and the others are fitted beside it."""
    late = np.repeat([0.0, 70.0], 2000)
    bad = np.concatenate([np.arange(2000) % 10 == 0, np.arange(2000) % 2 == 0])
    measured = pl.DataFrame({"repayment_late": late, "cash_low": np.full(4000, 9.0)})
    assert set(fit(measured, bad, rules, fixed=["cash_low"]).points) == {"repayment_late"}
