"""Balances are the fold of the entries, whatever their order."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from suixin.ledger.balances import Total, fold, out_of_balance, trial_balance
from suixin.ledger.transaction import Entry, Transaction

DAY = date(2025, 1, 1)


@st.composite
def journals(draw):
    made = []
    for number in range(draw(st.integers(0, 12))):
        debit, credit = draw(
            st.lists(
                st.sampled_from(["1002.01", "1132.01", "1303.01", "6011.01"]),
                min_size=2,
                max_size=2,
                unique=True,
            )
        )
        amount = draw(st.integers(1, 10**12))
        subject = draw(st.sampled_from(["L1", "L2"]))
        entries = sorted([Entry(debit, subject, "CNY", amount), Entry(credit, subject, "CNY", -amount)])
        made.append(Transaction(f"k{number}", "any", DAY, DAY, tuple(entries)))
    return made


@given(journals(), st.randoms(use_true_random=False), st.integers(0, 12))
def test_a_fold_does_not_depend_on_order_or_on_parts(journal, random, at):
    """Balances kept step by step are the balances added up at the end."""
    whole = fold(journal)
    assert fold(journal[at:], fold(journal[:at])) == whole
    random.shuffle(journal)
    assert fold(journal) == whole
    assert out_of_balance(trial_balance(whole)) == {}


def test_a_trial_balance_shows_each_side_and_what_is_wrong():
    balances = {
        ("1002.01", "", "CNY"): -300,
        ("1303.01", "L1", "CNY"): 100,
        ("1303.01", "L2", "CNY"): 200,
        ("9001.01", "L1", "CNY"): 7,
    }
    totals = trial_balance(balances)
    assert totals == [
        Total("1002.01", "CNY", 0, 300),
        Total("1303.01", "CNY", 300, 0),
        Total("9001.01", "CNY", 7, 0),
    ]
    assert out_of_balance(totals) == {"CNY memo": 7}
