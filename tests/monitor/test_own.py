"""One look at a lender's own loans, on a lake written by hand: what it knows itself, what it may read, what goes on."""

from datetime import date

import polars as pl

from suixin.calendar import date_to_day
from suixin.monitor.own import LOANS, look
from suixin.scoring.watch.found import Row
from suixin.scoring.watch.repayment import DUES
from suixin.scoring.watch.rules import shipped_rules

RULES = shipped_rules().rules
ON, SINCE = date(2025, 10, 20), date(2024, 3, 1)


def day(text):
    return date_to_day(date.fromisoformat(text))


def looked(lake, late, held=(), on=ON):
    """A look at m1's loan, which is so many days late; the first open instalment is that of 10 September."""
    loans = [(0, "m1", "L1", date_to_day(ON), day("2025-01-10"), late, 10_000)]
    dues = [("L1", 0, day("2025-09-10"), 9_000)]
    return look(
        lake,
        pl.DataFrame(loans, schema=LOANS, orient="row"),
        pl.DataFrame(dues, schema=DUES, orient="row"),
        RULES,
        on,
        held=held,
        since=SINCE,
        orders=3,
    )


def test_a_look_opens_what_the_lender_knows(lake):
    """Protects the lender's own word: 40 days by its ledger, its own open instalment, and the orders in 90 days before."""
    found = looked(lake.narrowed({"merchants", "orders", "settlements", "cashflows"}, SINCE), 40)
    late = next(alert for alert in found.alerts if alert.signal == "repayment_late")
    proof = found.proofs[found.alerts.index(late)]
    assert (late.loan_id, late.value, late.severity, late.raised) == ("L1", 40.0, 3, [(date_to_day(ON), 3)])
    assert proof.rows[0] == Row("loans", "L1", day("2025-09-10"), "due_fen", 9_000.0)
    assert [(row.table, row.field) for row in proof.orders] == [("orders", "amount_fen")] * 3
    assert [row.day for row in proof.orders] == [day("2025-10-13"), day("2025-10-06"), day("2025-09-29")]
    assert (len(found.months["m1"]), found.months["m1"][-1].ends_on) == (12, date(2025, 10, 19))


def test_an_alert_that_lasts_is_not_opened_again(lake):
    """Protects the officer: a week later it is the same alert, seen on that day, and nothing new stands behind it."""
    narrow = lake.narrowed({"merchants", "orders", "settlements", "cashflows"}, SINCE)
    first = looked(narrow, 40)
    again = looked(narrow, 40, held=first.alerts, on=date(2025, 10, 27))
    assert {alert.opened_day for alert in again.alerts} == {date_to_day(ON)}
    assert {alert.seen_day for alert in again.alerts} == {day("2025-10-27")}
    assert again.proofs == {}


def test_what_may_not_be_read_is_not_there(lake):
    """Protects the consent: tables that it does not name are absent, and rows from before its first day are as well."""
    narrow = lake.narrowed({"merchants", "orders"}, SINCE)
    assert sorted(narrow.manifest.tables) == ["merchants", "orders"]
    assert narrow.whole("orders").select(pl.col("ordered_day").min()).collect().item() >= date_to_day(SINCE)
    assert lake.whole("orders").select(pl.col("ordered_day").min()).collect().item() == day("2024-01-01")
    assert narrow.whole("merchants").collect().height == lake.whole("merchants").collect().height
    codes = {alert.signal for alert in looked(narrow, 40).alerts}
    assert codes <= {"repayment_late", "sales_collapse", "sales_falling", "buyers_lost", "genuine_falling"}


def test_a_grant_whose_year_may_not_be_read_measures_nothing(lake):
    """Protects against half a year held for a whole one: from 2024-03 on, the year before January 2025 is not whole."""
    tables = {"merchants", "orders", "exposures"}
    since = {at: lake.narrowed(tables, at) for at in (date(2024, 1, 1), SINCE)}
    whole = look_at(since[date(2024, 1, 1)], date(2024, 1, 1))
    cut = look_at(since[SINCE], SINCE)
    assert "new_debts" in {alert.signal for alert in whole.alerts}
    assert "new_debts" not in {alert.signal for alert in cut.alerts}


def look_at(lake, since):
    """The same loan, of which the lender may read from a day on."""
    loans = [(0, "m1", "L1", date_to_day(ON), day("2025-01-10"), 40, 10_000)]
    frame = pl.DataFrame(loans, schema=LOANS, orient="row")
    return look(lake, frame, pl.DataFrame(schema=DUES), RULES, ON, since=since)
