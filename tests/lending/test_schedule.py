import decimal
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability import check_10
from suixin.calendar import DayCount, add_months
from suixin.errors import UsageError
from suixin.lending.schedule import (
    Instalment,
    Method,
    Schedule,
    ScheduleError,
    bullet,
    equal_instalment,
    equal_principal,
    interest_first,
    season,
)

HUNDRED_THOUSAND = 10_000_000  # fen
START = date(2025, 3, 15)
SIX_PERCENT = Decimal("0.06")
MONTHLY = [equal_instalment, equal_principal, interest_first]


@pytest.mark.parametrize(
    ("loan", "figures"),
    [
        ((10_000_000, "0.0435", 12), (853_099, 853_101, 237_190)),
        ((10_000_000, "0.0345", 12), (848_988, 848_993, 187_861)),
        ((30_000_000, "0.0365", 36), (881_056, 881_067, 1_718_027)),
    ],
)
def test_equal_instalment_golden(loan, figures):
    """Protects the annuity to the fen (reference/lending-rules.md, golden figures)."""
    principal, rate, months = loan
    instalment, last, interest = figures
    schedule = equal_instalment(principal, Decimal(rate), months, START)
    assert {row.total_fen for row in schedule.rows[:-1]} == {instalment}
    assert schedule.rows[-1].total_fen == last
    assert schedule.total_interest_fen == interest
    assert schedule.total_fen == principal + interest


def test_equal_instalment_first_row():
    """Protects the split of an instalment into principal and interest (reference/lending-rules.md)."""
    first = equal_instalment(HUNDRED_THOUSAND, Decimal("0.0435"), 12, START).rows[0]
    assert first == Instalment(1, date(2025, 4, 15), 816_849, 36_250, 853_099, 9_183_151)


def test_equal_principal_golden():
    """Protects equal parts of principal with the residue last (reference/lending-rules.md)."""
    schedule = equal_principal(HUNDRED_THOUSAND, Decimal("0.0435"), 12, START)
    assert schedule.rows[0].total_fen == 869_583
    assert schedule.rows[-1].total_fen == 836_358
    assert schedule.total_interest_fen == 235_626
    assert [row.principal_fen for row in schedule.rows] == [833_333] * 11 + [833_337]


@pytest.mark.parametrize(
    ("count", "interest"),
    [(DayCount.ACT_360, 264_625), (DayCount.ACT_365, 261_000), (DayCount.THIRTY_360, 259_792)],
)
def test_bullet_golden(count, interest):
    """Protects actual-day interest: 219 days, or 215 by 30/360 (reference/lending-rules.md for the first two)."""
    schedule = bullet(HUNDRED_THOUSAND, Decimal("0.0435"), START, date(2025, 10, 20), count)
    assert schedule.rows == (
        Instalment(1, date(2025, 10, 20), 10_000_000, interest, 10_000_000 + interest, 0),
    )


@pytest.mark.parametrize(
    ("weights", "interest"),
    [
        ([0] * 9 + [1, 1, 1], 550_000),  # one harvest, months 10-12: exactly the reference's 5,500
        ([0] * 11 + [1], 600_000),  # all at the end is interest-first: 6,000
        # The reference gives two harvests as 4,550 without their months. Any weights with mean month 9.1 give
        # it; 40 % in months 5-6 and 60 % in months 11-12 are one such pair of harvests.
        ([0, 0, 0, 0, 20, 20, 0, 0, 0, 0, 30, 30], 455_000),
        ([0] * 6 + [30, 0, 0, 70, 0, 0], 455_000),  # 30 % in month 7, 70 % in month 10: another
    ],
)
def test_the_season_costs_what_the_practice_says(weights, interest):
    """Protects the yuan figures shown to merchant and officer (reference/bank-practice.md, 100,000 at 6 %)."""
    assert season(HUNDRED_THOUSAND, SIX_PERCENT, 12, START, weights).total_interest_fen == interest


def test_the_comparators_of_the_season():
    """Protects the comparison's other two figures: 3,280 to the yuan for equal instalments, 6,000 interest-first.

    A bullet costs 6,000.00 by ACT/365 or 30/360 over a plain year; by ACT/360 it is 6,083.33.
    """
    assert equal_instalment(HUNDRED_THOUSAND, SIX_PERCENT, 12, START).total_interest_fen == 327_973
    assert interest_first(HUNDRED_THOUSAND, SIX_PERCENT, 12, START).total_interest_fen == 600_000
    year = date(2025, 1, 1), date(2026, 1, 1)
    assert bullet(HUNDRED_THOUSAND, SIX_PERCENT, *year, DayCount.ACT_365).total_interest_fen == 600_000
    assert bullet(HUNDRED_THOUSAND, SIX_PERCENT, *year, DayCount.THIRTY_360).total_interest_fen == 600_000
    assert bullet(HUNDRED_THOUSAND, SIX_PERCENT, *year).total_interest_fen == 608_333


def test_season_rows():
    """Protects months of weight 0 (interest only), the split's exact sum, and empty months after the harvest."""
    schedule = season(10_000, Decimal("0.12"), 5, START, [0, 1, 1, 1, 0])
    assert [row.principal_fen for row in schedule.rows] == [0, 3334, 3333, 3333, 0]
    assert [row.interest_fen for row in schedule.rows] == [100, 100, 67, 33, 0]
    assert schedule.method is Method.SEASON


@pytest.mark.parametrize("build", MONTHLY)
def test_without_interest(build):
    """Protects interest-free loans: P / n with the residue last, and not a fen of interest."""
    schedule = build(1_000, Decimal(0), 3, START)
    expected = [0, 0, 1_000] if build is interest_first else [333, 333, 334]
    assert [row.total_fen for row in schedule.rows] == expected
    assert schedule.total_interest_fen == 0


def test_settlement_day_makes_broken_periods():
    """Protects settlement days: five days' interest first, then whole months, then 23 days to the maturity."""
    schedule = equal_instalment(HUNDRED_THOUSAND, Decimal("0.0435"), 12, START, settlement_day=20)
    first, second, last = schedule.rows[0], schedule.rows[1], schedule.rows[-1]
    assert first == Instalment(
        1, date(2025, 3, 20), 0, 6_042, 6_042, 10_000_000
    )  # 100,000 x 4.35 % x 5 / 360
    assert (second.due_on, second.total_fen) == (date(2025, 4, 20), 853_099)
    assert (last.due_on, last.interest_fen) == (date(2026, 3, 15), 2_362)  # 8,500.20 x 4.35 % x 23 / 360
    assert last.number == 13


def test_settlement_day_of_the_drawdown_changes_nothing():
    """Protects the equality of the two ways to name the same due dates, month ends included."""
    for start, day in ((START, 15), (date(2025, 4, 30), 30)):
        one = equal_principal(HUNDRED_THOUSAND, SIX_PERCENT, 7, start, settlement_day=day)
        assert one == equal_principal(HUNDRED_THOUSAND, SIX_PERCENT, 7, start)


def test_a_month_end_settlement_has_whole_months_only():
    """Protects annual / 12 for a period from the end of April to the end of May."""
    rows = interest_first(HUNDRED_THOUSAND, SIX_PERCENT, 1, date(2025, 4, 30), settlement_day=31).rows
    assert [(row.due_on, row.interest_fen) for row in rows] == [(date(2025, 5, 30), 50_000)]
    rows = interest_first(HUNDRED_THOUSAND, SIX_PERCENT, 2, date(2025, 4, 30), settlement_day=31).rows
    assert [(row.due_on, row.interest_fen) for row in rows] == [
        (date(2025, 5, 31), 50_000),
        (date(2025, 6, 30), 50_000),
    ]


LOANS = st.tuples(
    st.integers(1, 10**12),
    st.decimals(0, Decimal("0.9999"), places=4),
    st.integers(1, 60),
    st.dates(date(2000, 1, 1), date(2060, 12, 31)),
)
DAYS = st.none() | st.integers(1, 31)


@given(LOANS, DAYS, st.sampled_from(MONTHLY))
def test_every_schedule_keeps_reliability_10(loan, day, build):
    """Protects reliability 10: principal sums to the disbursement, balance 0, dates increase to the maturity."""
    principal, rate, months, start = loan
    rows = build(principal, rate, months, start, settlement_day=day).rows
    check_10(principal, start, rows)
    assert rows[-1].due_on == add_months(start, months)


@given(LOANS, st.data())
def test_a_season_never_costs_more_than_interest_first(loan, data):
    """Protects the promise of the season: dearer than nothing, never dearer than interest-only."""
    principal, rate, months, start = loan
    weights = data.draw(st.lists(st.integers(0, 100), min_size=months, max_size=months).filter(any))
    schedule = season(principal, rate, months, start, weights)
    assert schedule.total_interest_fen <= interest_first(principal, rate, months, start).total_interest_fen
    left = [principal, *(row.balance_fen for row in schedule.rows)][:-1]
    monthly = Fraction(rate) / 12
    assert abs(schedule.total_interest_fen - monthly * sum(left)) <= Fraction(months, 2)


def _decimal_oracle(principal, rate, months):
    """The textbook loop in 60-digit decimals: an independent way to the same rows."""
    with decimal.localcontext() as context:
        context.prec = 60
        monthly = rate / 12
        growth = (1 + monthly) ** months
        exact = principal * monthly * growth / (growth - 1) if monthly else Decimal(principal) / months
        instalment = exact.to_integral_value(ROUND_HALF_UP)
        balance, rows = Decimal(principal), []
        for number in range(1, months + 1):
            # Divided last: 5,266,597,957 fen at 16.87 % over 483 months meets an exact half, which a rate
            # already rounded to monthly would fall short of.
            interest = (balance * rate / 12).to_integral_value(ROUND_HALF_UP)
            part = balance if number == months else min(instalment - interest, balance)
            balance -= part
            rows.append((int(part), int(interest)))
        return rows


@given(LOANS)
def test_equal_instalment_equals_the_decimal_oracle(loan):
    """Protects the integer arithmetic: it gives the textbook's figures, in whatever global decimal context."""
    principal, rate, months, start = loan
    expected = _decimal_oracle(principal, rate, months)
    with decimal.localcontext() as context:
        context.prec = 2
        rows = equal_instalment(principal, rate, months, start).rows
    assert [(row.principal_fen, row.interest_fen) for row in rows] == expected


def test_an_exact_half_fen_rounds_up():
    """Protects half-up rounding where a monthly rate of finitely many digits would fall just short of the half."""
    row = equal_instalment(5_266_597_957, Decimal("0.1687"), 483, START).rows[131]
    assert row.balance_fen + row.principal_fen == 5_234_100_000  # x 0.1687 / 12 = 73,582,722.5 exactly
    assert row.interest_fen == 73_582_723


@given(LOANS)
def test_instalments_are_equal_but_for_the_last(loan):
    """Protects the borrower's plain view: one amount each month until the loan is repaid, then the residue."""
    schedule = equal_instalment(*loan)
    running = [row.total_fen for row in schedule.rows[:-1] if row.balance_fen]
    assert len(set(running)) <= 1


def test_a_tiny_loan_ends_early_and_never_below_zero():
    """Protects loans of a few fen: the rounded-up instalment repays ten fen in ten months, the rest is empty."""
    rows = equal_instalment(10, Decimal(0), 12, START).rows
    assert [row.total_fen for row in rows] == [1] * 10 + [0, 0]
    assert [row.total_fen for row in equal_principal(10, Decimal(0), 12, START).rows] == [1] * 10 + [0, 0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"principal_fen": 0}, "not above 0"),  # nothing lent
        ({"principal_fen": -100}, "not above 0"),  # negative loan
        ({"principal_fen": 100_000.0}, "float"),  # float money
        ({"principal_fen": Decimal(100)}, "Decimal"),  # major units by mistake
        ({"principal_fen": True}, "bool"),  # a flag
        ({"annual_rate": Decimal("4.35")}, "0.0435 for 4.35 %"),  # the units mistake
        ({"annual_rate": Decimal(1)}, "outside 0 to 1"),  # 100 %, or 1 %?
        ({"annual_rate": Decimal("-0.01")}, "outside 0 to 1"),  # negative interest
        ({"annual_rate": Decimal("NaN")}, "outside 0 to 1"),  # no number
        ({"annual_rate": 0.0435}, "no Decimal"),  # float rate
        ({"annual_rate": Decimal("1E-40")}, "over 28 decimals"),  # would cost giant integers
        ({"months": 0}, "out of range"),  # no term
        ({"months": -12}, "out of range"),  # negative term
        ({"months": 601}, "out of range"),  # over 50 years
        ({"months": 12.0}, "out of range"),  # float term
        ({"start_on": datetime(2025, 3, 15, tzinfo=UTC)}, "civil date"),  # an instant is no date
        ({"start_on": "2025-03-15"}, "civil date"),  # a text
        ({"settlement_day": 32}, "settlement day 32"),  # no such day
    ],
)
@pytest.mark.parametrize("build", MONTHLY)
def test_builders_refuse(build, change, message):
    """Protects every schedule from arguments that cannot be meant, by the value's name and the mend."""
    sound = {"principal_fen": 100_000, "annual_rate": SIX_PERCENT, "months": 12, "start_on": START}
    with pytest.raises(UsageError, match=message):
        build(**(sound | change))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1] * 11, "11 weights for 12 months"),  # one short
        ([1] * 13, "13 weights for 12 months"),  # one too many
        ([0] * 12, "sum to zero"),  # nothing is ever repaid
        ([1] * 11 + [-1], "negative"),  # a month that lends
        ([1] * 11 + [float("nan")], "no finite number"),  # a forecast that failed
    ],
)
def test_season_refuses_weights(weights, message):
    """Protects season schedules from weights of the wrong length or sign."""
    with pytest.raises(UsageError, match=message):
        season(100_000, SIX_PERCENT, 12, START, weights)


@pytest.mark.parametrize("due_on", [START, date(2025, 3, 14)])  # the same day; the day before
def test_bullet_refuses_a_due_date_not_after_the_start(due_on):
    """Protects bullets from terms of no days."""
    with pytest.raises(UsageError, match="not after the start"):
        bullet(100_000, SIX_PERCENT, START, due_on)


GOOD = equal_principal(300, Decimal(0), 3, START).rows


@pytest.mark.parametrize(
    "rows",
    [
        (),  # nothing is repaid
        GOOD[:2],  # a balance is left
        (GOOD[0], GOOD[2], GOOD[1]),  # out of order
        (GOOD[0]._replace(principal_fen=101), *GOOD[1:]),  # parts do not make the total
        (GOOD[0]._replace(balance_fen=199), *GOOD[1:]),  # the balance does not follow
        (GOOD[0]._replace(due_on=START), *GOOD[1:]),  # due on the day of the drawdown
        (GOOD[0], GOOD[1]._replace(due_on=GOOD[0].due_on), GOOD[2]),  # two on one day
        (GOOD[0]._replace(principal_fen=-1, total_fen=-1, balance_fen=301), *GOOD[1:]),  # negative principal
        (GOOD[0]._replace(interest_fen=-1, total_fen=99), *GOOD[1:]),  # negative interest
    ],
)
def test_a_schedule_that_contradicts_itself_cannot_exist(rows):
    """Protects everything downstream: whoever holds a Schedule may rely on its invariants."""
    with pytest.raises(ScheduleError):
        Schedule(300, Decimal(0), START, Method.EQUAL_PRINCIPAL, rows)
    with pytest.raises(ScheduleError):
        replace(Schedule(300, Decimal(0), START, Method.EQUAL_PRINCIPAL, GOOD), rows=rows)
