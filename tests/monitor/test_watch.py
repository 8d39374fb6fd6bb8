"""Who is watched, what is known of them, and what is raised, on a lake written by hand."""

from datetime import date

import polars as pl
import pytest

from suixin.calendar import date_to_day, day_to_date
from suixin.errors import UsageError
from suixin.monitor import load, monitor, watch
from suixin.monitor.borrowers import dues_of, live_loans, newest_dues, weeks
from suixin.monitor.evidence import evidence
from suixin.monitor.facts import at_grant, facts
from suixin.monitor.scores import drift, month_starts, outcomes
from suixin.scoring.card import score
from suixin.scoring.scorer import CardScorer
from suixin.scoring.watch.alerts import Alert
from suixin.scoring.watch.found import Row
from suixin.scoring.watch.measures import measures
from suixin.scoring.watch.rules import shipped_rules
from suixin.underwriting.policy import shipped_policy

MONDAY = date(2025, 10, 20)
RULES = shipped_rules().rules


def day(text: str) -> int:
    return date_to_day(date.fromisoformat(text))


@pytest.fixture(scope="module")
def live(lake):
    return live_loans(lake, None, weeks(date(2025, 9, 1), date(2025, 11, 30)))


@pytest.fixture(scope="module")
def known(lake, live):
    return facts(lake, live, processes=0)


@pytest.fixture(scope="module")
def measured(lake, live, known):
    return measures(live, known, at_grant(lake, live, processes=0))


def row(table: pl.DataFrame, merchant: str, on: date = MONDAY) -> dict:
    (found,) = table.filter(
        (pl.col("merchant_id") == merchant) & (pl.col("as_of_day") == date_to_day(on))
    ).to_dicts()
    return found


def test_weeks_are_mondays():
    """Protects the clock: what a Monday knows is known before it, and both ends may be one."""
    found = weeks(date(2025, 9, 1), date(2025, 9, 15))
    assert [day_to_date(d) for d in found] == [date(2025, 9, 1), date(2025, 9, 8), date(2025, 9, 15)]
    assert weeks(date(2025, 9, 2), date(2025, 9, 7)) == []


def test_who_is_live(live):
    """Protects the watched: closed loans leave the Monday after, a default is over, and 91 days past due is default."""
    by_day = {
        day_to_date(d): sorted(part["loan_id"])
        for (d,), part in live.partition_by("as_of_day", as_dict=True).items()
    }
    assert by_day[date(2025, 10, 6)] == ["l1", "l2", "l3"]  # closed on that Monday: known from the next
    assert by_day[date(2025, 10, 13)] == ["l1", "l2"]
    assert by_day[date(2025, 11, 24)] == ["l1", "l2"]


def test_the_first_open_instalment_tells_the_days_past_due(live):
    """Protects the arrears: m1 paid seven, so that of 10 September is open: 40 days on 20 October, and 200 yuan."""
    late = row(live, "m1")
    assert (late["days_past_due"], late["overdue_fen"], late["instalment_fen"]) == (40, 20_000, 10_000)
    assert (row(live, "m2")["days_past_due"], row(live, "m2")["overdue_fen"]) == (0, 0)


def test_a_payment_counts_when_it_is_known(lake):
    """Protects the point in time: of the instalment of 10 August Monday the 11th knows no payment, the 18th does."""
    found = live_loans(lake, None, [day("2025-08-11"), day("2025-08-18")])
    assert found.filter(pl.col("loan_id") == "l1")["days_past_due"].to_list() == [1, 0]


def test_corrected_terms_change_no_earlier_day():
    """Protects the point in time: terms that were corrected on Monday the 8th are those of that Monday, not of the 1st."""
    terms = {"loan_id": "l1", "granted_day": day("2025-01-10"), "annual_rate": 0.0, "term_months": 12}
    rows = [
        {
            "subject": n,
            "as_of_day": day(f"2025-09-0{on}"),
            "principal_fen": fen,
            "method": "equal_instalments",
            **terms,
        }
        for n, on, fen in ((0, 1, 120_000), (1, 8, 240_000))
    ]
    dues, holding = dues_of(pl.DataFrame(rows))
    asked = holding.join(dues, on="terms").group_by("subject").agg(pl.col("due_fen").first()).sort("subject")
    assert asked.rows() == [(0, 10_000), (1, 20_000)]


def test_a_default_leaves_at_91_days(lake):
    """Protects the line between warning and collection: open since 10 September, in default from 10 December."""
    found = live_loans(lake, None, [day("2025-12-09"), day("2025-12-10")])
    assert found.filter(pl.col("loan_id") == "l1")["as_of_day"].to_list() == [day("2025-12-09")]


def test_what_the_tables_tell(known):
    """Protects the facts: other lenders by the newest report, pay-outs that arrive, and a changed account."""
    m1, m2 = row(known, "m1"), row(known, "m2")
    assert (m1["other_lenders"], m1["other_debt_fen"], m1["other_service_fen"]) == (2, 130_000, 14_000)
    assert m1["arrived_share"] == pytest.approx(18 / 13)  # Sundays of 122 days, Saturdays 32 to 122 days ago
    assert m2["arrived_share"] == pytest.approx(4 / 13)  # the last came on 13 July
    assert (m1["account_changed"], m2["account_changed"]) == (0.0, 1.0)
    assert (m1["crop"], m1["township"]) == ("tea", "999901101")


def test_measures_against_the_grant(measured):
    """Protects the reference: one lender more than at the grant, and a balance of 3.9 instalments."""
    m1 = row(measured, "m1")
    assert (m1["repayment_late"], m1["new_debts"], m1["inquiries"]) == (40.0, 1.0, 1.0)
    assert row(measured, "m2")["payout_moved"] == pytest.approx(4 / 13)
    assert (m1["expected_basis"], m1["sold_fen"]) == (
        "own_year",
        80_000,
    )  # eight Mondays in two twelfths of a year


def test_what_is_not_there_is_unknown(measured):
    """Protects against invented signals: a lake without reviews, refunds, prices and weather tells nothing of them."""
    for code in ("reviews_falling", "refund_surge", "price_shock", "weather_shock", "purchases_drying"):
        assert measured[code].null_count() == measured.height


def test_later_rows_change_nothing(lake):
    """Protects the point in time: what September raises is the same whether one looks in September or in December."""
    early = watch(lake, RULES, date(2025, 9, 1), date(2025, 10, 20), processes=0)
    late = watch(lake, RULES, date(2025, 9, 1), date(2025, 11, 30), processes=0)

    def opened(found):
        return [
            (a.loan_id, a.signal, a.opened_day, [r for r in a.raised if r[0] <= day("2025-10-20")])
            for a in found.alerts
            if a.opened_day <= day("2025-10-20")
        ]

    assert opened(early) == opened(late)
    assert early.weeks == late.weeks[: len(early.weeks)]


def test_late_and_moved_are_raised_with_their_rows(lake):
    """Protects the alert: m1's open instalments and last payment, and m2's account of which no number is shown."""
    found = watch(lake, RULES, date(2025, 9, 1), date(2025, 10, 20), processes=0)
    by = {(a.loan_id, a.signal): (a, rows) for a, rows in zip(found.alerts, found.evidence, strict=True)}
    alert, rows = by["l1", "repayment_late"]
    assert day_to_date(alert.opened_day) == date(2025, 10, 13)  # 33 days
    assert rows[0] == Row("loans", "l1", day("2025-09-10"), "due_fen", 10_000.0)
    assert Row("cashflows", "pay-m1-8", day("2025-08-15"), "amount_fen", -10_000.0) in rows
    assert ("l2", "account_changed") in by
    assert "6222" not in repr(found)
    assert len(rows) <= RULES.evidence_rows


def test_evidence_is_known_on_its_day(lake, live):
    """Protects the evidence: a debt told of later is no evidence of an alert before."""
    alert = Alert(
        "l1", "m1", "new_debts", day("2025-09-01"), 1, [(day("2025-09-01"), 1)], 1.0, 10, day("2025-09-01")
    )
    (rows,) = evidence(lake, [alert], newest_dues(live), 5)
    assert rows == ()  # the report of January is too old to show, that of 5 September was not there yet


def test_the_load_counts_loans(live):
    """Protects the load: of three live loans one is under alert, and new in its first week."""
    on = day("2025-10-06")
    alert = Alert("l1", "m1", "cash_low", on, 1, [(on, 1)], 1.0, 10, on)
    (week,) = load(live, [alert], [on])
    assert (week.live, week.alerted, week.newly_alerted, week.opened) == (3, 1, 1, 1)
    assert week.load == pytest.approx(1 / 3)


def test_the_card_scores_many_as_it_scores_one(known):
    """Protects the scorer: the same points as the card gives one by one, nulls among them."""
    card = shipped_policy("CNY").policy.card
    scorer = CardScorer(card)
    missing = [name for name in scorer.features if name not in known.columns]
    frame = known.with_columns(pl.lit(None, pl.Float64).alias(name) for name in missing)
    one_by_one = [
        score(card, row, 600.0).score for row in frame.select(scorer.features).iter_rows(named=True)
    ]
    assert scorer.score(frame).tolist() == pytest.approx(one_by_one, abs=1e-9)
    assert scorer.pd(frame)[0] == pytest.approx(card.pd(one_by_one[0]), abs=1e-15)


def test_drift_is_against_the_same_month_a_year_before(lake):
    """Protects the season: October 2025 against October 2024; without half a year of trade before, nothing."""
    scorer = CardScorer(shipped_policy("CNY").policy.card)
    assert month_starts(date(2025, 9, 2), date(2025, 11, 1)) == [date(2025, 10, 1), date(2025, 11, 1)]
    found = drift(lake, scorer, [date(2025, 6, 1), date(2025, 10, 1)], processes=0)
    assert [(m.against, m.score.reference, m.score.current) for m in found] == [
        ("", 0, 3),
        ("same_month_last_year", 3, 3),
    ]
    sample = pl.DataFrame({name: [1.0, 2.0] for name in scorer.features})
    (june,) = drift(lake, scorer, [date(2025, 6, 1)], reference=sample, processes=0)
    assert (june.against, june.score.reference) == ("training_sample", 2)


def test_only_matured_outcomes_count(lake):
    """Protects calibration: two horizons end in June 2025; the default of 2024 was over in January."""
    scorer = CardScorer(shipped_policy("CNY").policy.card)
    found = outcomes(lake, scorer, date(2025, 6, 1), date(2025, 6, 30), processes=0)
    assert (found.whole.count, found.whole.bad) == (2, 0)
    assert outcomes(lake, scorer, date(2025, 7, 1), date(2025, 7, 31), processes=0) is None


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (date(2025, 9, 2), date(2025, 9, 1), "lies after --to 2025-09-01; swap the dates"),
        (date(2025, 9, 2), date(2025, 9, 7), "no Monday lies between"),
        (date(2020, 1, 1), date(2020, 9, 7), "events run from 2024-01-01"),
        (date(2024, 1, 2), date(2024, 1, 20), "no loan was live between"),
    ],
)
def test_dates_that_say_nothing_are_one_line(lake, start, end, message):
    """Protects the user: each is refused with what to do."""
    scorer = CardScorer(shipped_policy("CNY").policy.card)
    with pytest.raises(UsageError, match=message):
        monitor(lake, scorer, RULES, start, end, processes=0)
