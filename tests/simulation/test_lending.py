"""Loans, cash and default on households small enough to reckon by hand."""

from dataclasses import replace

import numpy as np
import pytest

from suixin.simulation import cash, lending
from suixin.simulation.household import Household
from suixin.simulation.lending import Loans

MONTHS = 24


def one(value, kind=np.float64):
    return np.array([value], dtype=kind)


def loan(*, principal=100_000.0, rate=0.06, method=0, month=0) -> Loans:
    return Loans(
        months=MONTHS, asked=one(True, bool), granted=one(True, bool), day=one(19_723, np.int64),
        month=one(month, np.int64), applied_s=one(0, np.int64), wanted=one(principal), principal=one(principal),
        rate=one(rate), term=one(12, np.int64), method=one(method, np.int64), purpose=one(0, np.int64),
        invested=one(1.0),
    )  # fmt: skip


def household(*, living=1000.0, income=1000.0, reserve=0.0, cause=0, blow=0, severity=0.0) -> Household:
    return Household(
        living=one(living), other_income=one(income), direct_cost=one(0.5), planned_cost=np.zeros((1, MONTHS)),
        usual=one(0.0), reserve_months=one(reserve), debts=np.zeros((1, 3)), reported=np.ones((1, 3), bool),
        cause=one(cause, np.int64), blow_months=one(blow, np.int64), severity=one(severity),
    )  # fmt: skip


def walk(house: Household, loans: Loans, sales=0.0) -> cash.Path:
    """Each month's sales are settled in full in the same month."""
    sold = np.full((1, MONTHS), sales)
    return cash.run(sold, sold, house, loans, cash.blow(house, loans, MONTHS))


def test_equal_instalments_and_bullet_interest():
    """Protects the instalments: 100,000 at 6 % costs 3,280 in equal parts and 6,000 as a bullet.

    The figures stand in reference/bank-practice.md, 'The season costs something'.
    """
    assert loan().total[0] - 100_000 == pytest.approx(3280, abs=1)
    assert loan(method=1).total[0] - 100_000 == pytest.approx(6000, abs=1e-6)
    assert loan().due[0].sum() == pytest.approx(loan().total[0])
    assert loan(method=1).due[0, [0, 1, 11, 12, 13]] == pytest.approx([0, 500, 500, 100_500, 0])


def test_a_household_that_earns_enough_pays_every_instalment():
    """Protects good borrowers: 30,000 of sales at half cost carry an instalment of 8,607."""
    path = walk(household(), loan(), sales=30_000.0)
    assert path.paid.sum() == pytest.approx(loan().total[0])
    assert path.defaulted_k.tolist() == [0]


def test_default_is_the_first_instalment_open_for_three_due_dates():
    """Protects the definition: without any margin the first instalment is the one that goes 91 days overdue."""
    path = walk(household(), loan(), sales=0.0)
    assert path.defaulted_k.tolist() == [1]
    assert lending.due_day(19_723, 1) == 19_723 + 31  # granted 1 January 2024


def test_arrears_that_are_caught_up_are_no_default():
    """Protects against counting lateness as default: two instalments missed and paid in the third month."""
    loans, house = loan(), household()
    sold = np.full((1, MONTHS), 60_000.0)
    sold[0, :3] = 0.0
    path = cash.run(sold, sold, house, loans, cash.blow(house, loans, MONTHS))
    assert path.paid[0, 1:3].sum() < loans.service[0]
    assert path.paid[0, 1:4].sum() == pytest.approx(3 * loans.service[0])
    assert path.defaulted_k.tolist() == [0]


def test_fraud_takes_the_cash_and_leaves_the_sales():
    """Protects the meaning of a hidden cause: with the same sales, the household whose cash leaves defaults."""
    assert walk(household(cause=3, blow=2), loan(), sales=30_000.0).defaulted_k.tolist() == [2]


@pytest.mark.parametrize("severity", [0.0, 0.5, 1.0])
def test_illness_costs_two_to_nine_months_of_living(severity):
    """Protects the size of the blow: its drains add up to (2 + 7 × severity) months of living."""
    house = household(cause=1, blow=4, severity=severity)
    hit = cash.blow(house, loan(), MONTHS)
    assert hit.drain.sum() == pytest.approx(1000.0 * (2 + 7 * severity))
    assert np.flatnonzero(hit.drain[0]).tolist() == [4, 5, 6, 7, 8]
    assert not hit.gone.any()


def test_a_loan_that_was_not_granted_cannot_default():
    """Protects the count of defaults: a refused applicant owes nothing."""
    refused = replace(loan(), granted=one(False, bool))
    assert walk(household(), refused).defaulted_k.tolist() == [0]
    assert refused.due.sum() == 0
