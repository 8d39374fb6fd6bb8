"""Provisions: stages and losses by hand, the need by class beside them, and what is missing."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.errors import UsageError
from suixin.lending.class_rules import FiveClass
from suixin.lending.provisions import Provisioned, adequacy, class_rates
from suixin.lending.stages import Exposure, Stage, StageCode, expected_loss, rules_on, stage

DAY = date(2026, 11, 1)
RULES = rules_on(DAY)
LOAN = Exposure(10_000_000, Decimal("0.02"), Decimal("0.05"), Decimal("0.6"), Decimal("0.015"))


@pytest.mark.parametrize(
    ("days", "five_class", "in_watch", "found", "reasons"),
    [
        (30, FiveClass.NORMAL, False, Stage.ONE, ()),
        (31, FiveClass.NORMAL, False, Stage.TWO, (StageCode.DAYS,)),
        (90, FiveClass.SPECIAL_MENTION, False, Stage.TWO, (StageCode.DAYS, StageCode.SPECIAL_MENTION)),
        (91, FiveClass.SPECIAL_MENTION, False, Stage.THREE, (StageCode.DAYS_IMPAIRED,)),
        (0, FiveClass.SUBSTANDARD, True, Stage.THREE, (StageCode.IMPAIRED,)),
        (0, FiveClass.NORMAL, True, Stage.TWO, (StageCode.RESTRUCTURED,)),
    ],
)
def test_the_stage_tests(days, five_class, in_watch, found, reasons):
    """Protects the presumptions at 30 and 90 days, and that class and watch are tests of their own."""
    assert stage(LOAN, RULES, days, five_class, in_watch=in_watch) == (found, reasons)


def test_a_renewed_loan_is_tested_against_the_original_grant():
    """Protects the stage test of renewals: risk that has doubled since the first grant is stage 2."""
    risen = Exposure(1, Decimal("0.03"), Decimal("0.05"), Decimal("0.6"), Decimal("0.015"))
    assert stage(risen, RULES, 0) == (Stage.TWO, (StageCode.RISK_RISEN,))
    unknown = Exposure(1, Decimal("0.03"), Decimal("0.05"), Decimal("0.6"))
    assert stage(unknown, RULES, 0).stage is Stage.ONE


def test_the_loss_of_each_stage():
    """Protects EAD x PD x LGD: 100,000 at 2 % or 5 % and 60 % make 1,200 and 3,000; in default 60,000."""
    assert [expected_loss(LOAN, at) for at in Stage] == [120_000, 300_000, 6_000_000]


def test_the_need_by_class():
    """Protects 1 % general and 2 / 25 / 50 / 100 % specific, on 100,000 each."""
    rates = class_rates(DAY)
    assert [rates.need(10_000_000, one) for one in FiveClass] == [
        100_000,
        300_000,
        2_600_000,
        5_100_000,
        10_100_000,
    ]


def test_the_float():
    """Protects plus or minus 20 % on substandard and doubtful, and nothing beyond."""
    rates = class_rates(DAY, substandard_float=Decimal("0.2"), doubtful_float=Decimal("-0.2"))
    assert [rates.specific[one] for one in (FiveClass.SUBSTANDARD, FiveClass.DOUBTFUL)] == [
        Decimal("0.3"),
        Decimal("0.4"),
    ]
    with pytest.raises(UsageError, match="is beyond"):
        class_rates(DAY, doubtful_float=Decimal("0.21"))


def test_a_shortfall_is_shown():
    """Protects the floors: 150 % of 100,000 bad loans and 2.5 % of 1,000,000, against 60,000 held."""
    book = [
        Provisioned(90_000_000, FiveClass.NORMAL, 1_000_000),
        Provisioned(10_000_000, FiveClass.SUBSTANDARD, 5_000_000),
    ]
    found = adequacy(book, DAY)
    assert (found.held_fen, found.coverage, found.loan_loss) == (6_000_000, Fraction(3, 5), Fraction(3, 50))
    assert (found.class_need_fen, found.coverage_need_fen, found.loan_loss_need_fen) == (
        3_500_000,
        15_000_000,
        2_500_000,
    )
    assert found.shortfalls == {"coverage_need_fen": 9_000_000}
    assert found.shortfall_fen == 9_000_000
    assert adequacy(book, DAY, held_fen=15_000_000).shortfall_fen == 0


def test_an_empty_book_has_no_ratio():
    """Protects the division: no loans, no ratio, nothing missing."""
    found = adequacy([], DAY)
    assert (found.coverage, found.loan_loss, found.shortfall_fen) == (None, None, 0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Exposure(-1, Decimal(0), Decimal(0), Decimal(0)), "below 0"),
        (lambda: Exposure(1, Decimal("0.2"), Decimal("0.1"), Decimal(0)), "at least that of 12 months"),
        (lambda: adequacy([Provisioned(-1, FiveClass.NORMAL, 0)], DAY), "below 0"),
        (lambda: rules_on(date(2018, 1, 1)), "begins on 2019-01-01"),
    ],
)
def test_bad_figures_are_refused(call, message):
    """Protects the entry."""
    with pytest.raises(UsageError, match=message):
        call()


SHARES = st.decimals(0, 1, places=4)


@given(st.integers(0, 10**11), SHARES, SHARES, SHARES, st.integers(0, 400), st.sampled_from(FiveClass))
def test_a_later_stage_never_costs_less(fen, one, other, lgd, days, five_class):
    """Protects the order of the stages: the loss grows with the stage, never above the exposure, and more days never
    lead back."""
    exposure = Exposure(fen, min(one, other), max(one, other), lgd)
    losses = [expected_loss(exposure, at) for at in Stage]
    assert losses == sorted(losses)
    assert losses[-1] <= fen
    assert (
        stage(exposure, RULES, days + 30, five_class).stage >= stage(exposure, RULES, days, five_class).stage
    )


@given(
    st.lists(
        st.builds(Provisioned, st.integers(0, 10**9), st.sampled_from(FiveClass), st.integers(0, 10**9))
    ),
    st.integers(0, 10**9),
)
def test_the_shortfall_closes_the_gap(book, held):
    """Protects the figure itself: with the shortfall added nothing is missing, with a fen less something is."""
    short = adequacy(book, DAY, held_fen=held).shortfall_fen
    assert adequacy(book, DAY, held_fen=held + short).shortfall_fen == 0
    if short:
        assert adequacy(book, DAY, held_fen=held + short - 1).shortfall_fen == 1
