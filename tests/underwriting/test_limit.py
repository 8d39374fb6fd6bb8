"""The limit, alone: the lowest ceiling, and the largest loan that is carried at its own price."""

from hypothesis import given
from hypothesis import strategies as st

from suixin.underwriting.limit import Debts, limit
from suixin.underwriting.policy import shipped_policy

TERMS = shipped_policy("CNY").policy.limit
STEP = 10_000  # fen
YEAR = [1_000_000] * 12


@given(
    carried=st.lists(st.integers(0, 2_500_000), min_size=201, max_size=201).map(sorted),
    owed=st.integers(0, 1_500_000),
)
def test_the_largest_loan_that_is_carried_at_its_own_price(carried: list[int], owed: int) -> None:
    """Whatever a loan of so many steps lets a household carry, no larger one carries itself: every loan tried in turn."""
    most = max(0, 2_000_000 - owed) // STEP  # twice the monthly sales, less the debts
    best = max(steps for steps in range(most + 1) if carried[steps] >= steps * STEP)
    found, parts = limit(TERMS, 2.0, YEAR, Debts(owed, 0), lambda fen: carried[fen // STEP])
    assert found == best * STEP
    amounts = {part.name: part.amount_fen for part in parts}
    assert amounts["repayment_capacity"] == carried[best] + owed
    assert amounts["limit"] == found
    lowest = min(amounts[name] for name in amounts if name not in ("existing_debt", "limit"))
    assert [part.amount_fen for part in parts if part.binding] == [lowest]


def test_a_loan_that_is_too_small_to_pay_its_way_is_none() -> None:
    """Each smaller loan costs so much that it carries only a smaller one still: nothing is left."""
    found, parts = limit(TERMS, 2.0, YEAR, Debts(0, 0), lambda fen: fen // 2)
    assert (found, {part.name: part.amount_fen for part in parts}["repayment_capacity"]) == (0, 0)
