"""Prepayment in three ways: figures by hand, and what must hold on random loans."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from suixin.errors import UsageError
from suixin.lending.amortise import build
from suixin.lending.periods import regular
from suixin.lending.prepay import Way, payoff, prepay, reamortise
from suixin.lending.schedule import Drawdown, Method, equal_instalment
from suixin.lending.terms import Moratorium, Terms

START, SIX = date(2025, 3, 15), Decimal("0.06")
ON = date(2025, 6, 20)
EVEN = Terms(10_000_000, SIX, START, Method.EQUAL_PRINCIPAL, regular(START, 12))
LEVEL = replace(EVEN, method=Method.EQUAL_INSTALMENT)


def test_a_payoff_settles_interest_to_the_day():
    """Protects the quote: 75,000.01 left after three parts, five days at 6 % / 360 make 62.50."""
    owed = payoff(EVEN, ON)
    assert (owed.principal_fen, owed.interest_fen, owed.total_fen) == (7_500_001, 6_250, 7_506_251)


def test_lower_keeps_the_dates():
    """Protects 减少月供: 50,000 over the nine dates left; 25 days' interest first, then months."""
    done = prepay(EVEN, ON, 2_500_001 + 6_250, Way.LOWER)
    rows = done.after.rows
    assert [row.principal_fen for row in rows] == [555_556] * 8 + [555_552]
    assert rows[0].due_on == date(2025, 7, 15)
    assert [row.interest_fen for row in rows[:2]] == [20_833, 22_222]
    assert (done.principal_fen, done.interest_fen) == (2_500_001, 6_250)


def test_shorten_keeps_the_part():
    """Protects 缩短期限: six parts as before, the last three dates fall away, no instalment of three fen."""
    rows = prepay(EVEN, ON, 2_500_001 + 6_250, Way.SHORTEN).after.rows
    assert [row.principal_fen for row in rows] == [833_333] * 5 + [833_335]
    assert rows[-1].due_on == date(2025, 12, 15)


def test_keep_reduces_the_next_parts():
    """Protects the third way: the money is taken off the next parts, the later ones stay as the contract has them."""
    rows = prepay(EVEN, ON, 2_500_001 + 6_250, Way.KEEP).after.rows
    assert [row.principal_fen for row in rows] == [
        0,
        0,
        0,
        833_331,
        833_333,
        833_333,
        833_333,
        833_333,
        833_337,
    ]
    assert rows[-1].due_on == date(2026, 3, 15)


def test_shorten_keeps_the_instalment():
    """Protects 缩短期限 of equal instalments: the same amount, fewer of them, the last the smaller."""
    level = equal_instalment(10_000_000, SIX, 12, START).rows[0].total_fen
    rows = prepay(LEVEL, ON, 3_000_000, Way.SHORTEN).after.rows
    assert {row.total_fen for row in rows[:-1]} == {level}
    assert len(rows) == 6
    assert 0 < rows[-1].total_fen <= level


def test_shorten_after_keep_takes_parts_from_the_end():
    """Protects a second prepayment: a level loan whose parts were kept has no instalment any more to be kept."""
    once = prepay(LEVEL, ON, 2_500_000, Way.KEEP)
    twice = prepay(once.terms, ON + timedelta(days=5), 1_000_000, Way.SHORTEN)
    before, after = once.after.rows, twice.after.rows
    kept = len(after) - 1
    assert [row.principal_fen for row in after[:kept]] == [row.principal_fen for row in before[:kept]]
    assert after[-1].due_on < before[-1].due_on
    assert sum(row.principal_fen for row in after) == once.terms.principal_fen - twice.principal_fen


def test_the_order_of_the_ways_by_interest():
    """Protects the borrower's choice: shortening saves most, keeping the later parts saves least."""
    saved = [prepay(EVEN, ON, 2_506_251, way).saved_fen for way in (Way.SHORTEN, Way.LOWER, Way.KEEP)]
    assert saved == sorted(saved, reverse=True)
    assert saved[-1] > 0


def test_the_whole_payoff_closes_the_loan():
    """Protects the close: nothing follows, and unearned interest is never charged."""
    done = prepay(EVEN, ON, payoff(EVEN, ON).total_fen, Way.LOWER)
    assert done.after is None
    assert done.saved_fen == sum(row.interest_fen for row in build(EVEN).rows[3:]) - 6_250


def test_deferred_interest_is_in_the_payoff():
    """Protects relief and harvest: what was put off is owed, 50,000 fen a month on 100,000, and ten days more."""
    harvest = replace(EVEN, method=Method.HARVEST, weights=(0,) * 11 + (1,), defer_interest=True)
    assert payoff(harvest, date(2025, 6, 25)).interest_fen == 3 * 50_000 + 16_667
    frozen = replace(EVEN, moratorium=Moratorium(date(2025, 4, 1), date(2025, 5, 31)))
    assert payoff(frozen, date(2025, 5, 15)).interest_fen == 100_000


def test_reamortise_at_another_rate_and_longer():
    """Protects an extension: what is left after three parts, over twelve more months at 3 %."""
    on = date(2025, 6, 15)
    held = reamortise(LEVEL, on, annual_rate=Decimal("0.03"), periods=regular(on, 12))
    left = build(LEVEL).rows[2].balance_fen
    assert build(held).rows == equal_instalment(left, Decimal("0.03"), 12, on).rows
    with pytest.raises(UsageError, match="is not settled"):
        reamortise(LEVEL, ON)


def test_grace_goes_on_after_a_prepayment():
    """Protects 只还息: of three months of grace one is over, two are left, and then principal is repaid."""
    rows = prepay(replace(EVEN, grace_periods=3), date(2025, 4, 20), 1_000_000, Way.LOWER).after.rows
    assert [row.principal_fen > 0 for row in rows[:4]] == [False, False, True, True]


@pytest.mark.parametrize(
    ("terms", "on", "amount", "message"),
    [
        (EVEN, START - timedelta(days=1), 10_000, "not within the loan"),
        (EVEN, date(2026, 3, 15), 10_000, "not within the loan"),
        (EVEN, ON, 6_250, "does not exceed the interest"),
        (EVEN, ON, 7_506_252, "pay 75062.51"),
        (EVEN, ON, 1.5, "float"),
        (replace(EVEN, drawdowns=(Drawdown(date(2025, 8, 1), 5),)), ON, 10_000, "still to be drawn"),
    ],
)
def test_bad_prepayments_are_refused(terms, on, amount, message):
    """Protects the entry: each names the value and the mend."""
    with pytest.raises(UsageError, match=message):
        prepay(terms, on, amount, Way.LOWER)


@given(
    st.sampled_from([Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.INTEREST_FIRST, Method.HARVEST]),
    st.integers(10_000, 10**11),
    st.decimals(0, Decimal("0.5"), places=4),
    st.integers(2, 40),
    st.none() | st.integers(1, 31),
    st.sampled_from(Way),
    st.data(),
)
def test_any_prepayment_keeps_the_loan_whole(method, principal, rate, months, day, way, data):
    """Protects reliability 10 through a prepayment: paid before, prepaid and paid after make the principal, and no
    way costs more interest than not prepaying, but for the rounding of each row."""
    periods = regular(START, months, settlement_day=day)
    bare = sum(not period.stub for period in periods)
    weights = (*([0] * (bare // 2)), *([1] * (bare - bare // 2))) if method is Method.HARVEST else None
    terms = Terms(principal, rate, START, method, periods, weights=weights, by_days=False)
    made = build(terms)
    on = START + timedelta(data.draw(st.integers(1, (made.rows[-1].due_on - START).days - 1)))
    owed = payoff(terms, on)
    assume(owed.principal_fen > 1)
    amount = owed.interest_fen + data.draw(st.integers(1, owed.principal_fen - 1))
    done = prepay(terms, on, amount, way)
    before = sum(row.principal_fen for row in made.rows if row.due_on <= on)
    assert before + done.principal_fen + done.after.principal_fen == principal
    assert done.after.rows[-1].balance_fen == 0
    assert done.after.rows[-1].due_on <= made.rows[-1].due_on
