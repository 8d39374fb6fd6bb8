"""Two policies on the same cases: exact figures on decisions made by hand."""

from datetime import date

import pytest
import yaml

from suixin.underwriting.decide import Case, decide
from suixin.underwriting.decision import Outcome, Reason
from suixin.underwriting.forecast import Forecast
from suixin.underwriting.policy import parse_policy, shipped_policy
from suixin.underwriting.portfolio import (
    Pair,
    Verdict,
    expected_loss,
    migration,
    portfolio,
    swapped_in,
    swapped_out,
    verdict,
)

FIRST, SECOND = date(2025, 12, 1), date(2026, 1, 1)
APPROVE, REFER, DECLINE = Outcome
SURE = Forecast(*((1_000_000,) * 12,) * 3, "own_years", 0.1, (1_000_000,) * 12)


def yes(limit: int, rate: int = 60_000, pd: float = 0.02) -> Verdict:
    """An approval."""
    return Verdict(APPROVE, limit, rate, pd)


def maybe(limit: int) -> Verdict:
    """A referral."""
    return Verdict(REFER, limit, 90_000, 0.10, Reason("check.score_below_approve", outcome="refer"))


NO = Verdict(DECLINE, 0, 0, 0.5, Reason("check.no_sales", outcome="decline"))


def test_a_portfolio_in_exact_figures() -> None:
    """Two dates: sums are halved, the median and the rate are of the offers, referred limits stand apart."""
    held = portfolio([yes(100_000), yes(300_000, 80_000, 0.05), maybe(500_000), NO], 0.6, dates=2)
    assert held.outcomes == {APPROVE: 2, REFER: 1, DECLINE: 1}
    assert held.share(APPROVE) == 0.5
    assert held.limit_fen == 200_000  # (1,000 + 3,000 yuan) / 2
    assert held.median_fen == 200_000
    assert held.referred_fen == 250_000
    assert held.rate_ppm == 75_000  # (1 x 6 % + 3 x 8 %) / 4
    # (100,000 x 0.02 + 300,000 x 0.05) x 0.6 / 2 = 5,100 fen
    assert held.expected_loss_fen == 5_100
    assert held.loss_rate == 0.0255


def test_a_portfolio_without_offers() -> None:
    """Nobody is approved: no median, no rate and no share of nothing."""
    held = portfolio([NO, maybe(500_000)], 0.6, dates=1)
    assert (held.limit_fen, held.median_fen, held.rate_ppm, held.expected_loss_fen) == (0, None, None, 0)
    assert held.loss_rate is None
    assert portfolio([], 0.6, dates=1).share(APPROVE) == 0.0


def test_the_median_of_an_even_number_rounds_half_up() -> None:
    """Half a fen goes up, as everywhere."""
    assert portfolio([yes(100), yes(101)], 0.6, dates=1).median_fen == 101


def test_expected_loss_is_limit_times_pd_times_lgd() -> None:
    """A million yuan at 2 % and 60 % loses 12,000 yuan."""
    assert expected_loss([(100_000_000, 0.02)], 0.6, 1) == 1_200_000


PAIRS = [
    Pair("in", FIRST, NO, yes(200_000)),
    Pair("in", SECOND, maybe(100_000), yes(300_000)),
    Pair("bigger", FIRST, maybe(700_000), yes(700_000)),
    Pair("out", SECOND, yes(400_000), NO),
    Pair("same", SECOND, yes(400_000), yes(500_000)),
    Pair("never", SECOND, NO, NO),
]


def test_the_migration_has_all_nine_ways() -> None:
    """Every pair is counted once; ways that nobody goes are nil."""
    moved = migration(PAIRS)
    assert len(moved) == 9
    assert {way: n for way, n in moved.items() if n} == {
        (DECLINE, APPROVE): 1,
        (REFER, APPROVE): 2,
        (APPROVE, DECLINE): 1,
        (APPROVE, APPROVE): 1,
        (DECLINE, DECLINE): 1,
    }


def test_who_swaps() -> None:
    """A merchant is named once, on its latest date; the largest offer first; who only gets more does not swap."""
    assert [(p.merchant_id, p.as_of) for p in swapped_in(PAIRS)] == [("bigger", FIRST), ("in", SECOND)]
    assert [p.merchant_id for p in swapped_out(PAIRS)] == ["out"]


@pytest.mark.parametrize(
    ("debt", "outcome", "limit", "reason"),
    [
        # every item of the card speaks for it
        (0.0, APPROVE, 1_000_000, None),
        # nothing is left to lend
        (900_000.0, DECLINE, 0, "check.limit_below_minimum"),
    ],
)
def test_a_verdict_is_the_decision_in_short(
    debt: float, outcome: Outcome, limit: int, reason: str | None
) -> None:
    """Limit, rate, probability and the first reason are those of the decision."""
    features = {"genuine_trading_days": 800.0, "genuine_weekly_cv_52w": 0.5, "household_debt": debt}
    features |= {"fee_share_365d": 0.0, "invoice_margin_365d": 0.7}  # the multiple of sales binds
    case = Case(
        "m1",
        SECOND,
        features,
        [1_000_000] * 12,
        "orders",
        7,
        bureau_required=False,
        lake_snapshot="1",
        outlook=SURE,
    )
    loaded = shipped_policy("CNY")
    plain = loaded.policy.model_dump(by_alias=True, mode="json", exclude_none=True)
    plain["data"]["minimum_confidence"]["value"] = 0.0
    decision = decide(case, parse_policy(yaml.safe_dump(plain), "ours"))
    short = verdict(decision)
    assert (short.outcome, short.limit_fen) == (decision.outcome, decision.limit_fen) == (outcome, limit)
    assert short.pd == decision.pd
    assert short.rate_ppm == (decision.terms.annual_rate_ppm if decision.terms else 0)
    assert (short.reason and short.reason.code) == reason
