"""What is kept as a document is what is read, and goes on as if it had never been put away."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loan_lives import START, lives
from suixin.errors import LendingError
from suixin.lending.account import fold
from suixin.lending.documents import (
    read_account,
    read_contract,
    read_event,
    write_account,
    write_contract,
    write_event,
)
from suixin.lending.positions import positions


@settings(max_examples=50, deadline=None)
@given(lives(), st.integers(0, 450))
def test_a_loan_put_away_and_read_again_goes_on_the_same(life, day):
    contract, events = life
    on = START + timedelta(days=day)
    assert read_contract(write_contract(contract)) == contract
    assert [read_event(*write_event(event)) for event in events] == events
    try:
        account = fold(contract, events, on)
    except LendingError:  # it closes before the last event
        return
    other = read_account(contract, write_account(account))
    assert other.kept() == account.kept()
    for held in (account, other):
        held.close(on + timedelta(days=40))
    assert positions(other) == positions(account)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"version":9,"held":{}}', "of version 9"),
        ('{"version":1,"held":{}}', "cannot be read"),
        ("[]", "cannot be read"),
        ("{", "cannot be read"),
    ],
)
def test_a_document_that_is_none_is_refused(text, words):
    with pytest.raises(LendingError, match=words):
        read_contract(text)
    with pytest.raises(LendingError, match="later version"):
        read_event("sold", "{}")
