"""Schedules from terms: golden figures, every setting by hand-checked figures, and the invariants on random loans."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from suixin.calendar import Convention, DayCount, add_months
from suixin.errors import UsageError
from suixin.lending.amortise import build
from suixin.lending.periods import BusinessDays, Every, Period, custom, regular
from suixin.lending.schedule import (
    Drawdown,
    Method,
    bullet,
    equal_instalment,
    equal_principal,
    interest_first,
    season,
)
from suixin.lending.terms import Deferred, Moratorium, RateStep, Terms

START = date(2025, 3, 15)
RATE = Decimal("0.0435")
SIX = Decimal("0.06")


def loan(method=Method.EQUAL_INSTALMENT, *, rate=RATE, months=12, principal=10_000_000, **others):
    """100,000 yuan over twelve months unless told otherwise."""
    others.setdefault("periods", regular(START, months))
    return Terms(principal, rate, START, method, **others)


@pytest.mark.parametrize(
    ("principal", "rate", "months", "level", "last", "interest"),
    [
        (10_000_000, "0.0435", 12, 853_099, 853_101, 237_190),
        (10_000_000, "0.0345", 12, 848_988, 848_993, 187_861),
        (30_000_000, "0.0365", 36, 881_056, 881_067, 1_718_027),
    ],
)
def test_equal_instalment_golden(principal, rate, months, level, last, interest):
    """Protects the annuity from terms to the fen (reference/lending-rules.md, golden figures)."""
    made = build(loan(rate=Decimal(rate), months=months, principal=principal))
    assert {row.total_fen for row in made.rows[:-1]} == {level}
    assert (made.rows[-1].total_fen, made.total_interest_fen) == (last, interest)


def test_other_golden_figures():
    """Protects equal principal and bullet from terms to the fen (reference/lending-rules.md, golden figures)."""
    made = build(loan(Method.EQUAL_PRINCIPAL))
    assert (made.rows[0].total_fen, made.rows[-1].total_fen) == (869_583, 836_358)
    assert made.total_interest_fen == 235_626
    for count, interest in ((DayCount.ACT_360, 264_625), (DayCount.ACT_365, 261_000)):
        once = loan(Method.BULLET, periods=custom(START, [date(2025, 10, 20)]), day_count=count)
        assert build(once).total_interest_fen == interest


def test_interest_first_is_by_days():
    """Protects the reference's rule: interest each period by days (31 x 100,000 x 4.35 % / 360 = 374.58)."""
    made = build(loan(Method.INTEREST_FIRST))
    assert [row.interest_fen for row in made.rows[:2]] == [37_458, 36_250]
    assert made.rows[-1].principal_fen == 10_000_000
    whole = build(loan(Method.INTEREST_FIRST, by_days=False))
    assert whole == interest_first(10_000_000, RATE, 12, START)


def test_every_frequency():
    """Protects dates and interest by frequency: 100,000 at 6 %, interest of the first period by hand."""
    expected = {
        Every.DAY: (date(2025, 3, 16), 1_667),
        Every.WEEK: (date(2025, 3, 22), 11_667),
        Every.FORTNIGHT: (date(2025, 3, 29), 23_333),
        Every.MONTH: (date(2025, 4, 15), 50_000),
        Every.TWO_MONTHS: (date(2025, 5, 15), 100_000),
        Every.QUARTER: (date(2025, 6, 15), 150_000),
        Every.HALF_YEAR: (date(2025, 9, 15), 300_000),
        Every.YEAR: (date(2026, 3, 15), 600_000),
    }
    for every, (due_on, interest) in expected.items():
        rows = build(loan(Method.EQUAL_PRINCIPAL, rate=SIX, periods=regular(START, 12, every))).rows
        assert (rows[0].due_on, rows[0].interest_fen, rows[-1].due_on) == (
            due_on,
            interest,
            date(2026, 3, 15),
        )


def test_a_quarterly_settlement_day():
    """Protects 按季结息: the 20th of June, September and December, a short first period with interest only."""
    made = build(loan(rate=SIX, periods=regular(START, 12, Every.QUARTER, settlement_day=20)))
    assert [row.due_on for row in made.rows] == [
        date(2025, 3, 20),
        date(2025, 6, 20),
        date(2025, 9, 20),
        date(2025, 12, 20),
        date(2026, 3, 15),
    ]
    assert (made.rows[0].principal_fen, made.rows[0].interest_fen) == (0, 8_333)  # 5 days / 360
    assert [row.interest_fen for row in made.rows][1] == 150_000  # a whole quarter


def test_a_quarterly_annuity():
    """Protects A = P r (1+r)^n / ((1+r)^n - 1) with r = 1.5 % a quarter, n = 4: 25,944.48 by any calculator."""
    made = build(loan(rate=SIX, periods=regular(START, 12, Every.QUARTER)))
    assert [row.total_fen for row in made.rows[:3]] == [2_594_448] * 3


def test_holidays_move_due_dates_and_not_interest():
    """Protects the dated calendar: 1 October 2025 is a holiday until the 8th; interest only moves if agreed."""
    start = date(2025, 9, 1)
    rule = BusinessDays(Convention.FOLLOWING)
    terms = Terms(10_000_000, SIX, start, Method.EQUAL_PRINCIPAL, regular(start, 2, business_days=rule))
    assert [(row.due_on, row.interest_fen) for row in build(terms).rows] == [
        (date(2025, 10, 9), 50_000),
        (date(2025, 11, 3), 25_000),
    ]
    moved = replace(rule, interest_moves=True)
    terms = replace(terms, periods=regular(start, 2, business_days=moved))
    assert [row.interest_fen for row in build(terms).rows] == [63_333, 20_833]  # 38 and 25 days


def test_grace_pays_interest_only():
    """Protects 只还息: two months of interest, then the annuity of ten."""
    rows = build(loan(rate=SIX, grace_periods=2)).rows
    assert [row.total_fen for row in rows[:2]] == [50_000, 50_000]
    ten = equal_instalment(10_000_000, SIX, 10, START).rows[0].total_fen
    assert {row.total_fen for row in rows[2:-1]} == {ten}


@pytest.mark.parametrize(
    ("deferred", "interest"),
    [
        (Deferred.NEXT, [120_000, 30_000, 20_000, 10_000]),
        (Deferred.SPREAD, [60_000, 50_000, 40_000, 30_000]),
        (Deferred.LAST, [40_000, 30_000, 20_000, 90_000]),
    ],
)
def test_a_moratorium_defers_interest_and_moves_dates(deferred, interest):
    """Protects relief: two dates pay nothing, their interest is due after without compounding, the end moves."""
    held = Moratorium(date(2025, 5, 1), date(2025, 6, 30), deferred)
    made = build(loan(Method.EQUAL_PRINCIPAL, rate=SIX, months=5, moratorium=held))
    parts = [row.principal_fen for row in made.rows]
    assert parts == [2_000_000, 0, 0, 2_000_000, 2_000_000, 2_000_000, 2_000_000]
    assert made.rows[-1].due_on == date(2025, 10, 15)
    # 100,000 for one month, 80,000 for three, 60,000, 40,000 and 20,000 for one, at 0.5 %
    found = [row.interest_fen for row in made.rows]
    assert sum(found) == 50_000 + 3 * 40_000 + 30_000 + 20_000 + 10_000
    assert found[:3] == [50_000, 0, 0]
    assert found[3:] == interest


@pytest.mark.parametrize("first", [Period(date(2025, 3, 29), date(2025, 4, 24), date(2025, 4, 24)), None])
def test_dates_behind_the_last_keep_the_day_of_the_month(first):
    """Protects relief after a part was repaid ahead on the 29th, and of a first period up to a day of settlement: all fall due on the 24th."""
    months = [(date(2025, at, 24), date(2025, at + 1, 24)) for at in range(4, 8)]
    first = first or Period(date(2025, 3, 5), date(2025, 4, 24), date(2025, 4, 24), stub=True)
    periods = (first, *(Period(begin, end, end, 1) for begin, end in months))
    held = Moratorium(date(2025, 5, 1), date(2025, 6, 30))
    terms = Terms(10_000_000, RATE, first.begin, Method.EQUAL_PRINCIPAL, periods, moratorium=held)
    behind = [row.due_on for row in build(terms).rows][-2:]
    assert behind == [date(2025, 9, 24), date(2025, 10, 24)]


def test_a_bullet_in_a_moratorium():
    """Protects relief of a bullet: its one date moves on by its own term, with the interest of both."""
    due = date(2025, 10, 15)
    held = Moratorium(date(2025, 10, 1), date(2025, 10, 31))
    terms = loan(Method.BULLET, rate=SIX, periods=(Period(START, due, due, 7),), moratorium=held)
    rows = build(terms).rows
    assert [(row.due_on, row.total_fen) for row in rows[:1]] == [(due, 0)]
    assert rows[1].due_on == date(2026, 5, 15)
    assert rows[1].interest_fen == 356_667 + 353_333  # 214 and 212 days at 6 % / 360
    assert rows[1].principal_fen == 10_000_000


def test_a_moratorium_that_keeps_the_end():
    """Protects the other kind of relief: the dates stay, the instalments left repay more."""
    held = Moratorium(date(2025, 5, 1), date(2025, 6, 30), extend=False)
    rows = build(loan(Method.EQUAL_PRINCIPAL, rate=SIX, months=5, moratorium=held)).rows
    assert [row.principal_fen for row in rows] == [3_333_333, 0, 0, 3_333_333, 3_333_334]


def test_harvest_defers_interest_without_compounding():
    """Protects 农时: nothing for nine months, then 1/3 each; 50,000 fen a month on 100,000 all the while."""
    weights = (0,) * 9 + (1, 1, 1)
    rows = build(loan(Method.HARVEST, rate=SIX, weights=weights, defer_interest=True)).rows
    assert [row.total_fen for row in rows[:9]] == [0] * 9
    assert [row.interest_fen for row in rows[9:]] == [500_000, 33_333, 16_667]
    assert sum(row.interest_fen for row in rows) == 550_000  # reference/bank-practice.md: one harvest 5,500
    compounded = loan(Method.HARVEST, rate=SIX, weights=weights, defer_interest=True, compound=True)
    grown = 0
    for _ in range(10):  # interest on 100,000 and on what was deferred, each month to the fen
        grown += (10_000_000 + grown + 100) // 200
    assert build(compounded).rows[9].interest_fen == grown == 511_402


def test_repricing_makes_the_instalment_anew():
    """Protects LPR repricing: whole months at each rate, the annuity of what is left after."""
    steps = (RateStep(date(2025, 9, 15), Decimal("0.0345")),)
    rows = build(loan(rate_steps=steps)).rows
    before = equal_instalment(10_000_000, RATE, 12, START).rows[:6]
    assert list(rows[:6]) == list(before)
    after = equal_instalment(before[-1].balance_fen, Decimal("0.0345"), 6, date(2025, 9, 15)).rows
    assert [row[2:] for row in rows[6:]] == [row[2:] for row in after]


def test_repricing_inside_a_period_is_by_days():
    """Protects broken periods: 100,000 for 17 days at 6 % and 13 at 3 %, on 360: 283.33 + 108.33 = 391.67."""
    steps = (RateStep(date(2025, 5, 2), Decimal("0.03")),)
    rows = build(loan(Method.INTEREST_FIRST, rate=SIX, rate_steps=steps)).rows
    assert rows[1].interest_fen == 39_167


def test_drawdowns_by_day():
    """Protects 京农贷's rule, drawn by day: only drawn money accrues, and the parts are made anew after."""
    draws = (Drawdown(date(2025, 3, 25), 4_000_000),)
    made = build(loan(Method.EQUAL_PRINCIPAL, rate=SIX, months=4, drawdowns=draws))
    first = made.rows[0]
    assert first.interest_fen == 45_000  # 60,000 x 31 days + 40,000 x 21 days, at 6 % / 360
    assert sum(row.principal_fen for row in made.rows) == 10_000_000
    assert first.principal_fen == 1_500_000  # 60,000 / 4
    assert [row.principal_fen for row in made.rows[1:]] == [2_833_333, 2_833_333, 2_833_334]


METHODS = st.sampled_from([Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.INTEREST_FIRST])
RATES = st.decimals(0, Decimal("0.9999"), places=4)
STARTS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
PLAIN = {
    Method.EQUAL_INSTALMENT: equal_instalment,
    Method.EQUAL_PRINCIPAL: equal_principal,
    Method.INTEREST_FIRST: interest_first,
}


@example(Method.EQUAL_INSTALMENT, 13, Decimal(0), 26, date(2000, 12, 29), 28)  # ends on its settlement day
@given(METHODS, st.integers(1, 10**12), RATES, st.integers(1, 60), STARTS, st.none() | st.integers(1, 31))
def test_terms_and_plain_builders_agree(method, principal, rate, months, start, day):
    """Protects one figure for one loan: two independent loops give the same rows, with settlement days too."""
    periods = regular(start, months, settlement_day=day)
    made = build(Terms(principal, rate, start, method, periods, by_days=False))
    assert made == PLAIN[method](principal, rate, months, start, settlement_day=day)


@given(
    st.integers(1, 10**12), RATES, STARTS, st.lists(st.integers(0, 9), min_size=1, max_size=30).filter(any)
)
def test_weights_agree_with_the_season(principal, rate, start, weights):
    """Protects the weights: a harvest that pays its interest every month is the season's schedule."""
    periods = regular(start, len(weights))
    made = build(Terms(principal, rate, start, Method.HARVEST, periods, weights=tuple(weights)))
    assert made.rows == season(principal, rate, len(weights), start, weights).rows


@st.composite
def contracts(draw):
    """Any contract: frequency, day count, settlement day, grace, moratorium, repricing, drawdowns."""
    start, months = draw(STARTS), draw(st.integers(2, 30))
    every = draw(st.sampled_from([Every.WEEK, Every.FORTNIGHT, Every.MONTH, Every.QUARTER, Every.YEAR]))
    by_month = every not in {Every.WEEK, Every.FORTNIGHT}
    day = draw(st.none() | st.integers(1, 31)) if by_month else None
    periods = regular(start, months, every, settlement_day=day)
    method = draw(METHODS | st.just(Method.HARVEST))
    days = st.integers(1, (add_months(start, months) - start).days - 1)
    on = sorted({date.fromordinal(start.toordinal() + n) for n in draw(st.lists(days, max_size=4))})
    amounts = draw(st.lists(st.integers(1, 10**9), min_size=len(on), max_size=len(on)))
    rates = draw(st.lists(RATES, min_size=len(on), max_size=len(on)))
    held = None
    if len(periods) > 3 and draw(st.booleans()):
        at = draw(st.integers(0, len(periods) - 3))
        held = Moratorium(
            periods[at].due_on, periods[at + 1].due_on, draw(st.sampled_from(Deferred)), draw(st.booleans())
        )
    bare = len(periods) - sum(period.stub for period in periods)
    fixed = method is Method.HARVEST
    weights = (*draw(st.lists(st.integers(0, 5), min_size=bare - 1, max_size=bare - 1)), 1) if fixed else None
    return Terms(
        draw(st.integers(1, 10**12)) + sum(amounts),
        draw(RATES),
        start,
        method,
        periods,
        day_count=draw(st.sampled_from(DayCount)),
        by_days=draw(st.none() | st.booleans()),
        weights=weights,
        defer_interest=fixed and draw(st.booleans()),
        compound=draw(st.booleans()),
        grace_periods=0 if len(periods) < 6 or held else draw(st.integers(0, 2)),
        moratorium=held,
        drawdowns=tuple(Drawdown(*pair) for pair in zip(on, amounts, strict=True)),
        rate_steps=tuple(RateStep(*pair) for pair in zip(on, rates, strict=True)),
    )


@given(contracts())
def test_every_contract_keeps_reliability_10(terms):
    """Protects reliability 10 on any contract: principal sums to what is disbursed, the balance ends at 0, no part
    is negative, dates increase (the type itself checks each row's balance as well)."""
    made = build(terms)
    assert sum(row.principal_fen for row in made.rows) == terms.principal_fen
    assert made.rows[-1].balance_fen == 0
    assert min(min(row.principal_fen, row.interest_fen, row.balance_fen) for row in made.rows) >= 0
    days = [row.due_on for row in made.rows]
    assert days == sorted(set(days))
    assert days[0] > terms.start_on


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"principal_fen": 0}, "not above 0"),
        ({"principal_fen": 1.5}, "float"),
        ({"annual_rate": Decimal("4.35")}, "0.0435 for 4.35 %"),
        ({"annual_rate": 0.0435}, "no Decimal"),
        ({"periods": ()}, "without periods"),
        ({"periods": (Period(date(2025, 3, 16), date(2025, 4, 15), date(2025, 4, 15)),)}, "does not follow"),
        ({"method": Method.REVOLVING}, "lending.revolving"),
        ({"method": Method.BULLET}, "has one due date, not 12"),
        ({"method": Method.HARVEST}, "needs weights"),
        ({"weights": (1,) * 12}, "do not belong"),
        ({"method": Method.HARVEST, "weights": (1,)}, "1 weights for 12 periods"),
        ({"method": Method.HARVEST, "weights": (0,) * 12}, "leave nothing to repay"),
        ({"method": Method.HARVEST, "weights": (-1,) * 12}, "below 0"),
        ({"defer_interest": True}, "does not defer interest"),
        ({"grace_periods": 12}, "leave at least one"),
        ({"drawdowns": (Drawdown(START, 1),)}, "must lie after"),
        ({"drawdowns": (Drawdown(date(2025, 4, 1), 0),)}, "not above 0"),
        ({"drawdowns": (Drawdown(date(2025, 4, 1), 10_000_000),)}, "draw less later"),
        ({"rate_steps": (RateStep(START, SIX),)}, "must lie after"),
        ({"instalment_fen": 0}, "equal_instalment"),
        ({"parts_fen": (1,) * 12}, "do not repay"),
        ({"moratorium": Moratorium(date(2026, 3, 1), date(2026, 3, 31), extend=False)}, "nothing is left"),
    ],
)
def test_bad_terms_are_refused(change, message):
    """Protects the entry: each bad value is a typed error that names it."""
    with pytest.raises(UsageError, match=message):
        build(replace(loan(), **change))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: regular(START, 0), "term of 0 months"),
        (lambda: regular(START, 12, settlement_day=32), "settlement day 32"),
        (lambda: regular(START, 12, Every.WEEK, settlement_day=20), "whole months"),
        (lambda: regular(START, 240, Every.DAY), "over 3660"),
        (lambda: custom(START, []), "0 due dates"),
        (lambda: custom(START, [START]), "does not lie after"),
        (
            lambda: regular(START, 1, Every.DAY, business_days=BusinessDays(Convention.FOLLOWING)),
            "fall together",
        ),
    ],
)
def test_bad_periods_are_refused(make, message):
    """Protects the dates: none out of order, none twice, none without end."""
    with pytest.raises(UsageError, match=message):
        make()


def test_a_bullet_from_terms_is_the_plain_bullet():
    """Protects one figure for one loan, whatever builds it."""
    due = date(2025, 10, 20)
    made = build(loan(Method.BULLET, periods=custom(START, [due]), day_count=DayCount.ACT_ACT))
    assert made == bullet(10_000_000, RATE, START, due, DayCount.ACT_ACT)
