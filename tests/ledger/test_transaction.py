"""A transaction that does not balance, or is not plain, cannot be made."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.errors import LedgerError
from suixin.ledger.balances import fold
from suixin.ledger.transaction import Entry, Transaction, gathered, reversal

DAY = date(2025, 3, 15)
CURRENT = Entry("1303.01", "L1", "CNY", 100_000)
PAID = Entry("1002.01", "", "CNY", -100_000)


def made(*entries: Entry, **other: object) -> Transaction:
    held = {"key": "k", "kind": "disbursed", "booked_on": DAY, "value_on": DAY, **other}
    return Transaction(entries=tuple(entries), **held)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("entries", "other", "words"),
    [
        ((PAID, CURRENT._replace(amount_minor=99_999)), {}, "does not balance: -1 CNY"),
        ((PAID,), {}, "has 1 entries"),
        ((PAID, PAID, CURRENT), {}, "out of order or twice"),
        ((CURRENT, PAID), {}, "out of order or twice"),
        ((PAID, CURRENT._replace(account="9999")), {}, "'9999' is not in the chart"),
        ((PAID, CURRENT._replace(currency="XYZ")), {}, "currency 'XYZ' is unknown"),
        # One balances in each currency, never over two.
        ((PAID, CURRENT._replace(currency="USD")), {}, "does not balance"),
        ((PAID, CURRENT, Entry("6011.01", "", "CNY", 0)), {}, "entry of 0"),
        ((PAID, CURRENT), {"key": ""}, "key ''"),
        ((PAID, CURRENT), {"key": "a\nb"}, "cannot be printed"),
        ((PAID, CURRENT), {"value_on": date(2025, 3, 16)}, "after it is booked"),
        ((PAID, CURRENT), {"reverses": "x"}, "without a reason"),
    ],
)
def test_a_wrong_transaction_is_refused_by_name(entries, other, words):
    with pytest.raises(LedgerError, match=words):
        made(*entries, **other)


def test_a_reversal_takes_back_every_fen_from_the_day_on_which_it_counted():
    first = made(PAID, CURRENT)
    back = reversal(first, "k-back", date(2025, 3, 20), "entered twice")
    assert back.entries == (
        PAID._replace(amount_minor=100_000),
        CURRENT._replace(amount_minor=-100_000),
    )
    assert (back.value_on, back.booked_on, back.reverses) == (DAY, date(2025, 3, 20), "k")
    assert fold([first, back]) == {}
    with pytest.raises(LedgerError, match="comes before"):
        reversal(first, "k-back", date(2025, 3, 14), "too early")


@given(
    st.lists(
        st.builds(
            Entry,
            st.sampled_from(["1002.01", "1303.01", "6011.01"]),
            st.sampled_from(["", "L1"]),
            st.just("CNY"),
            st.integers(-50, 50),
        )
    )
)
def test_gathering_keeps_every_sum(entries):
    """What a transaction says of each account is what its parts said."""
    lines = gathered(entries)
    assert len({line[:3] for line in lines}) == len(lines)
    assert list(lines) == sorted(lines)
    for line in {entry[:3] for entry in entries}:
        before = sum(entry.amount_minor for entry in entries if entry[:3] == line)
        assert sum(entry.amount_minor for entry in lines if entry[:3] == line) == before
