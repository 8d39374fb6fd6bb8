"""The book of alerts: one a signal and loan, rising on its day, closed when the condition is gone."""

import polars as pl
import pytest

from suixin.scoring.watch.alerts import DEFAULTED, GONE, LEFT, alerted, follow
from suixin.scoring.watch.level import levels


def rows(*weeks: tuple[int, float | None, float | None], loan: str = "l1") -> pl.DataFrame:
    schema = {
        "loan_id": pl.String(), "merchant_id": pl.String(), "as_of_day": pl.Int32(),
        "repayment_late": pl.Float64(), "cash_low": pl.Float64(),
    }  # fmt: skip
    return pl.DataFrame(
        [(loan, f"m-{loan}", day, late, cash) for day, late, cash in weeks], schema, orient="row"
    )


def told(measured: pl.DataFrame, rules, ends=None):
    return follow(levels(measured, rules), measured, rules, ends)


def test_points_add_up_to_a_level(rules):
    """Protects the level: 10 of lateness and 5 of cash are 15 points, watch, and 1/(1+e^1.5) of chance."""
    found = levels(rows((7, 30.0, 1.5), (14, 29.9, None), (21, 61.0, 0.0)), rules)
    assert found["points"].to_list() == [15, 0, 40]
    assert found["level"].to_list() == [1, 0, 3]
    assert found["chance"].to_list() == pytest.approx(
        [0.18242552380635635, 0.04742587317756678, 0.7310585786300049]
    )


def test_a_signal_below_the_level_raises_nothing(rules):
    """Protects the officer: cash alone has 5 points, and the line is 10."""
    assert told(rows((7, 0.0, 1.5)), rules) == []


def test_the_same_signal_is_one_alert(rules):
    """Protects against repetition: three weeks late are one alert, seen last in the third."""
    (alert,) = told(rows((7, 31.0, 9.0), (14, 38.0, 9.0), (21, 45.0, 9.0)), rules)
    assert (alert.signal, alert.opened_day, alert.seen_day, alert.severity_name) == (
        "repayment_late",
        7,
        21,
        "watch",
    )
    assert (alert.closed_day, alert.raised, alert.value) == (None, [(7, 1)], 31.0)


def test_it_rises_once_and_never_falls_while_open(rules):
    """Protects the date of the escalation: 60 days past due are urgent on that Monday, and stay so at 40."""
    (alert,) = told(rows((7, 31.0, 9.0), (14, 60.0, 9.0), (21, 40.0, 9.0)), rules)
    assert (alert.severity_name, alert.raised) == ("urgent", [(7, 1), (14, 3)])
    assert (alert.escalated, alert.value, alert.points) == (True, 60.0, 30)


def test_an_earlier_look_goes_on(rules):
    """Protects a lender who looks once a week and keeps the book: three looks are what one walk is."""
    weeks = [(7, 31.0, 9.0), (14, 60.0, 9.0), (21, 0.0, 9.0), (28, 0.0, 9.0)]
    (walked,) = told(rows(*weeks), rules)
    held = []
    for week in weeks:
        measured = rows(week)
        held = follow(levels(measured, rules), measured, rules, held=held)
    assert held == [walked]
    assert (walked.raised, walked.seen_day, walked.closed_day) == ([(7, 1), (14, 3)], 14, 28)


def test_it_closes_when_the_condition_is_gone_for_two_weeks(rules):
    """Protects the close: one quiet week does not close, a relapse counts anew, the second quiet week closes."""
    weeks = [(7, 31.0, 9.0), (14, 0.0, 9.0), (21, 33.0, 9.0), (28, 0.0, 9.0), (35, 0.0, 9.0), (42, 40.0, 9.0)]
    first, second = told(rows(*weeks), rules)
    assert (first.opened_day, first.closed_day, first.closed_because) == (7, 35, GONE)
    assert (second.opened_day, second.closed_day) == (42, None)


def test_a_loan_that_left_closes_its_alerts(rules):
    """Protects the end: paid off, in default, or simply no longer there, on the first Monday without it."""
    gone = rows((7, 31.0, 9.0))
    stays = rows((7, 0.0, 9.0), (14, 0.0, 9.0), loan="l2")
    both = pl.concat([gone, stays])
    (alert,) = told(both, rules)
    assert (alert.closed_day, alert.closed_because) == (14, LEFT)
    (alert,) = told(both, rules, {"l1": DEFAULTED})
    assert alert.closed_because == DEFAULTED


def test_which_loans_are_under_alert(rules):
    """Protects the load: a loan counts once a week however many alerts it has, and is new in its first."""
    measured = rows((7, 31.0, 1.5), (14, 31.0, 1.5), (21, 0.0, 9.0), (28, 0.0, 9.0))
    alerts = told(measured, rules)
    assert [alert.signal for alert in alerts] == ["cash_low", "repayment_late"]
    assert alerted(alerts, [7, 14, 21, 28]).rows() == [("l1", 7, True), ("l1", 14, False), ("l1", 21, False)]
