"""Positions become entries: every position has its account, in order, and money belongs to no loan."""

from hypothesis import given
from hypothesis import strategies as st

from suixin.ledger.chart import CHART
from suixin.ledger.rules import ACCOUNT_OF, entries
from suixin.ledger.transaction import gathered
from suixin.lending.positions import Positions


def test_every_position_has_an_account_of_its_own():
    assert list(ACCOUNT_OF) == list(Positions._fields)
    assert len(set(ACCOUNT_OF.values())) == len(ACCOUNT_OF)
    assert set(ACCOUNT_OF.values()) <= set(CHART)


@given(st.lists(st.integers(-5, 5), min_size=15, max_size=15))
def test_entries_come_gathered(amounts):
    """One line an account, none of 0, in the order that a transaction wants."""
    change = Positions(*amounts)
    made = entries("L1", "CNY", change)
    assert made == gathered(made)
    assert {entry.account: entry.amount_minor for entry in made} == {
        ACCOUNT_OF[name]: amount for name, amount in change._asdict().items() if amount
    }
    assert {entry.subject for entry in made if entry.account == "1002.01"} <= {""}
    assert {entry.subject for entry in made if entry.account != "1002.01"} <= {"L1"}
