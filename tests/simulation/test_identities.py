"""Direct identifiers: well formed by the published rules, distinct, and impossible."""

import re

import numpy as np
import polars as pl
import pytest

from suixin.simulation import identities

WEIGHTS = [
    2 ** (17 - i) % 11 for i in range(17)
]  # GB 11643: the weight of a place is 2^(place - 1) modulo 11
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: no I, O, S, V, Z


@pytest.fixture(scope="module")
def rows(made):
    return made.read("identities").join(made.read("parties").select("party_id", "kind"), on="party_id")


def test_identity_numbers_carry_their_check_digit(rows):
    """Protects forms: 18 places, region 99, and the weighted sum of all digits is 1 modulo 11 (GB 11643)."""
    for number in rows.filter(pl.col("kind") == "person")["id_number"]:
        assert re.fullmatch(r"99\d{4}(19|20)\d{9}[\dX]", number)
        digits = [10 if c == "X" else int(c) for c in number]
        assert sum(d * w for d, w in zip(digits, [*WEIGHTS, 1], strict=True)) % 11 == 1


def test_check_digit_of_the_published_example():
    """Protects the formula: 11010519491231002X is the example of GB 11643, its check digit X."""
    digits = np.array([[int(c) for c in "11010519491231002"]])
    assert (digits @ np.array(WEIGHTS) % 11).tolist() == [2]
    assert identities._ID_CHECKS[2] == "X"  # noqa: SLF001
    assert identities._ID_WEIGHTS.tolist() == WEIGHTS  # noqa: SLF001


def test_business_codes_carry_their_check_character(rows):
    """Protects forms: 18 places, and the sum of value × 3^place is a multiple of 31 (GB 32100)."""
    codes = rows.filter(pl.col("kind") != "person")["id_number"]
    assert len(codes) > 100
    for code in codes:
        total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
        assert (total + ALPHABET.index(code[17])) % 31 == 0
        assert code[2:6] == "9999"


def test_cards_pass_luhn_and_begin_with_9999(rows):
    """Protects forms: every account number has nineteen digits and passes Luhn."""
    for card in rows["account"]:
        assert re.fullmatch(r"9999\d{15}", card)
        doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(card))]
        assert sum(d - 9 * (d > 9) for d in doubled) % 10 == 0


def test_identifiers_are_one_party_s_own(made, rows):
    """Protects erasure: number, telephone and account belong to one party, and stand in no other table."""
    for column in ("id_number", "phone", "account"):
        assert rows[column].is_unique().all()
    assert rows["phone"].str.contains(r"^00\d{9}$").all()
    assert rows["party_id"].is_in(made.read("parties")["party_id"].implode()).all()
    assert made.read("merchants")["merchant_id"].len() == rows.filter(pl.col("party_id") % 100 == 2).height


def test_numbers_are_distinct_over_the_whole_range():
    """Protects large counties: neighbours and far ends of the range of numbers get different documents."""
    number = np.unique(np.concatenate([np.arange(30_000), np.arange(10**9 - 30_000, 10**9)]))
    for form in (identities.id_numbers, identities.credit_codes, identities.cards):
        assert form(number).n_unique() == number.size
