"""What the county looks like as a whole, against the sets that were computed for reference/credit-risk.md.

The county is that of seed 7; the constants were set so that seeds 1 to 18, 42, 100 and 2024 keep the bounds of
the loan book too. All 'Olist' figures are from the section 'What the real sets look like'.
"""

import numpy as np
import polars as pl
import pytest

LATE = pl.col("delivered_at").dt.date() > pl.col("promised_on")


@pytest.fixture(scope="module")
def orders(made):
    return made.read("orders")


@pytest.fixture(scope="module")
def delivered(orders):
    return orders.filter(pl.col("delivered_at").is_not_null()).with_columns(late=LATE)


@pytest.fixture(scope="module")
def revenue(made, orders):
    """Paid goods of every merchant in ascending order, those without a sale included."""
    sold = orders.filter(pl.col("paid_at").is_not_null()).group_by("merchant_id").agg(pl.col("amount").sum())
    every = made.read("merchants").select("merchant_id").join(sold, on="merchant_id", how="left")
    return np.sort(every["amount"].cast(pl.Float64).fill_null(0.0).to_numpy())


def test_at_least_a_million_orders(made):
    """Protects the promise of the default arguments: a county of a million orders or more."""
    assert 1_000_000 <= made.summary.orders <= 1_600_000


def test_late_by_calendar_date(delivered):
    """Protects logistics features: 5 to 11 % late (Olist 7.05 % by calendar date)."""
    assert 0.05 <= delivered["late"].mean() <= 0.11


def test_hand_over_after_the_deadline(orders):
    """Protects the seller's own fault signal: 7 to 12 % handed over late (Olist 9.3 %)."""
    handed = orders.filter(pl.col("handed_at").is_not_null())
    assert 0.07 <= (handed["handed_at"] > handed["ship_by_at"]).mean() <= 0.12


def test_cancelled_share(orders):
    """Protects genuine sales: 0.3 to 3 % cancelled (Olist 0.58 % and 0.55 % unavailable)."""
    assert 0.003 <= orders["cancelled_at"].is_not_null().mean() <= 0.03


@pytest.mark.parametrize(("stars", "olist"), [(5, 0.566), (4, 0.189), (3, 0.082), (2, 0.032), (1, 0.131)])
def test_review_shares(made, stars, olist):
    """Protects quality features: each score's share within 6 points of Olist's."""
    assert abs((made.read("reviews")["score"] == stars).mean() - olist) <= 0.06


def test_review_means_on_time_and_late(made, delivered):
    """Protects the tie of delivery and rating: means 4.29 ± 0.2 on time and 2.27 ± 0.4 late (Olist)."""
    scored = made.read("reviews").join(delivered.select("order_id", "late"), on="order_id")
    assert scored.filter(~pl.col("late"))["score"].mean() == pytest.approx(4.29, abs=0.2)
    assert scored.filter("late")["score"].mean() == pytest.approx(2.27, abs=0.4)


def test_inequality_of_sellers(revenue):
    """Protects the skew: top 1 % 18 to 34 %, top 10 % 60 to 76 %, Gini 0.72 to 0.86 (Olist 26, 68, 0.79)."""
    n, total = revenue.size, revenue.sum()
    assert 0.18 <= revenue[-n // 100 :].sum() / total <= 0.34
    assert 0.60 <= revenue[-n // 10 :].sum() / total <= 0.76
    assert 0.72 <= (2 * np.arange(1, n + 1) - n - 1) @ revenue / (n * total) <= 0.86


def test_produce_loss(made):
    """Protects the rural setting: 20 to 30 % of the harvest is lost ('Rural China, from the paper')."""
    assert 0.20 <= made.summary.produce_loss_share <= 0.30
    truth = made.truth
    assert made.summary.produce_loss_share == pytest.approx(
        truth["lost_yuan"].sum() / truth["harvested_yuan"].sum()
    )


def test_default_rate_and_hidden_causes(made):
    """Protects the loan book: 2 to 6 % of borrowers default (bank-practice.md), 30 % or more from hidden causes."""
    summary = made.summary
    assert 0.40 <= summary.borrowers / summary.merchants <= 0.60
    assert 0.02 <= summary.defaults / summary.borrowers <= 0.06
    assert summary.hidden_cause_defaults / summary.defaults >= 0.30
    assert summary.defaults == made.read("outcomes")["defaulted"].sum()


def test_hidden_blows_leave_no_mark_on_sales(made, orders):
    """Protects the difficulty: merchants who fall ill sell as before, their orders per month do not move."""
    ill = made.truth.filter(pl.col("hidden_blow") == "illness").select("merchant_id", "blow_month")
    month = (pl.col("ordered_at").dt.year() - 2024) * 12 + pl.col("ordered_at").dt.month() - 1
    since = month - pl.col("blow_month")
    counts = orders.join(ill, on="merchant_id").filter(
        (pl.col("blow_month") >= 6) & (pl.col("blow_month") < 18)
    )
    before = counts.filter((since >= -6) & (since < 0)).height
    after = counts.filter((since >= 0) & (since < 6)).height
    assert after / before == pytest.approx(1.0, abs=0.25)


def test_trade_shows_some_of_the_danger(made, orders):
    """Protects the signal: late hand-over before the grant ranks defaulters above others, far from perfectly."""
    outcomes = made.read("outcomes")
    seen = orders.join(outcomes, on="merchant_id").filter(pl.col("handed_at") < pl.col("as_of_on"))
    late = seen.group_by("merchant_id").agg(
        pl.col("defaulted").first(), late=(pl.col("handed_at") > pl.col("ship_by_at")).mean()
    )
    rank = late["late"].rank().to_numpy()
    bad = late["defaulted"].to_numpy()
    area = (rank[bad].sum() - bad.sum() * (bad.sum() + 1) / 2) / (bad.sum() * (~bad).sum())
    assert 0.55 <= area <= 0.90
