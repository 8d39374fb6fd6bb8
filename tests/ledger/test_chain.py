"""Whatever is done to a sealed journal afterwards, the chain says where."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.ledger.chain import GENESIS, Break, Fault, Head, content, digest, first_break, sealed
from suixin.ledger.transaction import Entry, Transaction

JOURNAL = [
    Transaction(
        f"k{number}",
        "repaid",
        date(2025, 1, number),
        date(2025, 1, number),
        (Entry("1002.01", "", "CNY", number), Entry("1303.01", "L1", "CNY", -number)),
    )
    for number in range(1, 8)
]
LINKS = sealed(Head(0, GENESIS), [digest(one) for one in JOURNAL])
HEAD = Head(7, LINKS[-1].link)


def now(journal, numbers=None):
    return [(at, digest(one)) for at, one in zip(numbers or range(1, 99), journal, strict=False)]


def test_what_is_hashed_is_all_of_the_transaction_in_a_fixed_form():
    """An auditor can compute the hash from the journal alone."""
    assert content(JOURNAL[0]) == (
        b'{"key":"k1","kind":"repaid","booked_on":"2025-01-01","value_on":"2025-01-01",'
        b'"entries":[["1002.01","","CNY",1],["1303.01","L1","CNY",-1]],"reference":"","reverses":"","reason":""}'
    )


def test_a_chain_that_nobody_touched_holds():
    assert first_break(LINKS, now(JOURNAL), [HEAD]) is None


def test_sealing_in_parts_is_sealing_at_once():
    first = sealed(Head(0, GENESIS), [digest(one) for one in JOURNAL[:3]])
    rest = sealed(Head(3, first[-1].link), [digest(one) for one in JOURNAL[3:]])
    assert first + rest == LINKS


@given(st.integers(0, 6), st.sampled_from(["key", "kind", "reference", "reason", "value_on", "entries"]))
def test_an_edit_is_found_at_its_place(at, column):
    """Every column counts, not the sums alone."""
    changed = {
        "value_on": date(2024, 12, 31),
        "entries": (Entry("1002.01", "", "CNY", 900), Entry("1303.01", "L1", "CNY", -900)),
    }
    edited = [*JOURNAL]
    edited[at] = replace(edited[at], **{column: changed.get(column, "other")})
    assert first_break(LINKS, now(edited), [HEAD]) == Break(at + 1, Fault.EDITED)


def test_a_deletion_is_found_with_and_without_its_link():
    numbers = [1, 2, 4, 5, 6, 7]
    left = [JOURNAL[number - 1] for number in numbers]
    assert first_break(LINKS, now(left, numbers), [HEAD]) == Break(3, Fault.MISSING)
    links = [one for one in LINKS if one.sequence != 3]
    assert first_break(links, now(left, numbers), [HEAD]) == Break(3, Fault.MISSING)


def test_a_deletion_with_every_link_made_anew_is_found_by_the_signed_head():
    """Whoever can write every table still cannot sign."""
    left = [*JOURNAL[:2], *JOURNAL[3:]]
    links = sealed(Head(0, GENESIS), [digest(one) for one in left])
    assert first_break(links, now(left)) is None
    assert first_break(links, now(left), [HEAD]) == Break(7, Fault.CUT)
    assert first_break(links, now(left), [Head(5, LINKS[4].link), HEAD]) == Break(5, Fault.RELINKED)


def test_an_insertion_is_found_at_its_place():
    extra = replace(JOURNAL[3], key="extra")
    found = [*now(JOURNAL), (4, digest(extra))]
    assert first_break(LINKS, found, [HEAD]) == Break(4, Fault.INSERTED)
    behind = [*now(JOURNAL), (8, digest(extra))]
    assert first_break(LINKS, behind, [HEAD]) == Break(8, Fault.INSERTED)


def test_two_that_changed_places_are_found():
    swapped = [JOURNAL[0], JOURNAL[2], JOURNAL[1], *JOURNAL[3:]]
    assert first_break(LINKS, now(swapped), [HEAD]) == Break(2, Fault.REORDERED)


@pytest.mark.parametrize("left", range(7))
def test_a_tail_cut_off_is_found_by_the_signed_head(left):
    """A shorter chain is a good chain: the head alone knows that there was more."""
    assert first_break(LINKS[:left], now(JOURNAL[:left])) is None
    assert first_break(LINKS[:left], now(JOURNAL[:left]), [HEAD]) == Break(left + 1, Fault.CUT)


def test_a_link_rewritten_is_found():
    links = [*LINKS]
    links[4] = links[4]._replace(link=bytes(32))
    assert first_break(links, now(JOURNAL), []) == Break(5, Fault.RELINKED)
