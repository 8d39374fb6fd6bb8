"""The benchmark's yardstick by hand: what counts as found, as true, and as load."""

import sys
from importlib import import_module
from pathlib import Path

import polars as pl
import pytest

from suixin.scoring.watch.rules import Rules, parse_rules
from warning_rules import TEXT

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
ONE_SIGNAL = TEXT.replace("close_after_weeks: 2", "close_after_weeks: 1").partition("  - code: cash_low")[0]


@pytest.fixture
def parts(monkeypatch):
    """The modules `counties` and `judged` of the benchmark."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    yield import_module("early_warning_parts.counties"), import_module("early_warning_parts.judged")
    for name in [name for name in sys.modules if name.startswith("early_warning_parts")]:
        del sys.modules[name]


@pytest.fixture
def rules() -> Rules:
    return parse_rules(ONE_SIGNAL, "test").rules


def county(counties, late: dict[str, list[float]], defaults: dict[str, tuple[int | None, str | None]]):
    """Loans on the Mondays 7, 14, ...: days past due of each, and the day and cause of its default."""
    rows = [
        (f"l{who}", who, 7 * (n + 1), value) for who, values in late.items() for n, value in enumerate(values)
    ]
    schema = {
        "loan_id": pl.String(),
        "merchant_id": pl.String(),
        "as_of_day": pl.Int32(),
        "repayment_late": pl.Float64(),
    }
    measured = pl.DataFrame(rows, schema, orient="row").sort("as_of_day", "loan_id")
    truth = pl.DataFrame(
        [(who, day, cause) for who, (day, cause) in defaults.items()],
        {"merchant_id": pl.String(), "default_day": pl.Int32(), "cause": pl.String()},
        orient="row",
    )
    days = sorted(set(measured["as_of_day"].to_list()))
    return counties.County(1, days, measured.drop("repayment_late"), measured, measured, truth)


def test_found_is_under_alert_thirty_days_before(parts, rules):
    """Protects the recall: an alert on day 14 finds a default on day 50, and one on day 21 comes too late for it."""
    counties, judged = parts
    late = {"a": [0, 31, 31, 31], "b": [0, 0, 31, 31], "c": [0, 0, 0, 0], "d": [0, 31, 0, 0]}
    defaults = {"a": (50, "visible"), "b": (50, "visible"), "c": (50, "illness"), "d": (None, None)}
    found = judged.judge(county(counties, late, defaults), rules)
    assert (found.foreseeable, found.found_foreseeable, found.leads) == (2, 1, (36,))
    assert (found.hidden, found.found_hidden, found.later) == (1, 0, 0)
    assert (found.live, found.held, found.new) == (16, 6, 3)
    assert found.busiest == pytest.approx(0.5)


def test_a_graver_level_counts_from_the_day_it_rose(parts, rules):
    """Protects the figures by severity: at urgent the alert begins on day 21, where it rose."""
    counties, judged = parts
    late = {"a": [0, 31, 61, 61]}
    held = county(counties, late, {"a": (60, "visible")})
    assert judged.judge(held, rules, severity=1).leads == (46,)
    assert judged.judge(held, rules, severity=3).leads == (39,)


def test_precision_takes_alerts_whose_time_is_over(parts, rules):
    """Protects the precision: of alerts that are 182 days old one of two was followed by a default."""
    counties, judged = parts
    weeks = 30
    late = {
        "a": [31.0, *[0.0] * (weeks - 1)],
        "b": [31.0, *[0.0] * (weeks - 1)],
        "c": [*[0.0] * (weeks - 1), 31.0],
    }
    held = county(counties, late, {"a": (180, None), "b": (None, None), "c": (None, None)})
    found = judged.judge(held, rules)
    assert (found.episodes, found.true, found.later, found.found_later) == (2, 1, 1, 1)
    assert judged.total([found])["precision"] == 0.5
