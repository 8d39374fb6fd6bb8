from collections import Counter
from datetime import date
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.errors import UsageError
from suixin.identifiers import (
    bucket_of,
    check_resident_id,
    digest,
    mask,
    mask_row,
    pseudonym,
    resident_id_check,
)

KEY = bytes(range(32))


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("merchant", "crc"),
    # 0xCBF43926 is the published check value of CRC-32/ISO-HDLC; `gzip -c` stores the same sums.
    [("123456789", 0xCBF43926), ("M000001", 0x47335F14), ("穗信", 0x8B44F716)],
)
def test_bucket_is_crc32_for_ever(merchant, crc):
    """Protects every lake on disk: a merchant never changes its bucket."""
    assert bucket_of(merchant, 2**32) == crc
    assert bucket_of(merchant, 64) == crc % 64
    assert bucket_of(merchant, 1) == 0


@pytest.mark.parametrize("buckets", [8, 64, 100])
def test_buckets_are_even_for_serial_ids(buckets):
    """Protects flat memory: ids in sequence, as shops really have, fill the buckets within a quarter of the mean."""
    sizes = Counter(bucket_of(f"M{number:07d}", buckets) for number in range(20_000))
    assert len(sizes) == buckets
    assert max(sizes.values()) <= 1.25 * 20_000 / buckets


@pytest.mark.parametrize(
    ("merchant", "buckets"),
    [
        ("M1", 0),  # nowhere to go
        ("M1", -4),  # nowhere to go
        ("M1", 2.0),  # a float
        ("", 8),  # a missing id
    ],
)
def test_bucket_refuses(merchant, buckets):
    """Protects the layout from a bad manifest or a missing id."""
    with pytest.raises(UsageError):
        bucket_of(merchant, buckets)


def test_pseudonym_is_stable_and_keyed():
    """Protects joins between deliveries (same key, same pseudonym) and privacy (other key or prefix, another)."""
    token = pseudonym("13812341234", KEY, "p")
    # python3 -c "import hmac,base64; print(base64.b32encode(hmac.digest(bytes(range(32)),
    #   b'p\0' + b'13812341234','sha256')[:15]).decode().lower())"
    assert token == "p_ex27x6tqaeaikzhmu2tou7ud"  # noqa: S105
    assert (
        pseudonym(" １３８12341234 ", KEY, "p") == token
    )  # full-width digits and blanks are the same number
    assert pseudonym("13812341234", KEY[1:], "p") != token
    assert pseudonym("13812341234", KEY, "b").partition("_")[2] != token.partition("_")[2]


@pytest.mark.parametrize(
    ("value", "key", "prefix"),
    [
        ("13812341234", b"", "p"),  # no key: anyone could try all numbers
        ("  ", KEY, "p"),  # all strangers without a number would be one person
        ("13812341234", KEY, ""),  # no prefix
        ("13812341234", KEY, "P_"),  # would make the parts ambiguous
    ],
)
def test_pseudonym_refuses(value, key, prefix):
    """Protects people from pseudonyms that can be undone or that merge strangers."""
    with pytest.raises(UsageError) as refusal:
        pseudonym(value, key, prefix)
    assert "13812341234" not in str(refusal.value)


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("13812341234", "138****1234"),
        ("138 1234 1234", "138****1234"),
        ("+86-13812341234", "+86-138****1234"),
        ("１３８１２３４１２３４", "138****1234"),
        ("11010119900307123X", "110101****123X"),
        ("110101900307123", "110101****7123"),  # the fifteen digits of the first generation
        ("6222021234567890123", "6222****0123"),
        ("6222 0212 3456 7890 123", "6222****0123"),
        ("zhang.san@example.com", "z****@example.com"),
        ("0531-88881234", "053****34"),
        ("+55 11 91234-5678", "+55****78"),
        ("SN-00012345", "SN****45"),
        ("1234567", "****"),  # shorter than 8: nothing is kept
        ("王小明", "****"),
        ("", "****"),
    ],
)
def test_mask(value, masked):
    """Protects people in logs, errors and pages, by the form of mask that each identifier is known by."""
    assert mask(value) == masked


def test_mask_row_finds_identifiers_anywhere():
    """Protects the quarantine's pages: identifiers inside texts, numbers and nested values are masked."""
    row = {
        "note": "call 13812341234, card 6222021234567890, mail a.b@c.cn",
        "phone": 13812341234,
        "excel_phone": 13812341234.0,
        "decimal_phone": Decimal(13812341234),
        "buyer": {"ids": ["11010119900307123X"]},
    }
    assert mask_row(row) == {
        "note": "call 138****1234, card 6222****7890, mail a****@c.cn",
        "phone": "138****1234",
        "excel_phone": "138****1234",
        "decimal_phone": "138****1234",
        "buyer": {"ids": ["110101****123X"]},
    }


def test_mask_row_leaves_the_rest():
    """Protects the clerk who mends a row: amounts, dates, ids and odd values are shown as they came."""
    row = {
        "amount": "1234.56",
        "full_width": "１２.5",
        "at": "2025-03-15 10:00:00",
        "epoch_ms": 1742032800000,
        "day": date(2025, 3, 15),
        "order": "M0001-2025-77",
        "none": None,
        "flag": True,
        "nan": Decimal("NaN"),
        "inf": float("inf"),
    }
    assert repr(mask_row(row)) == repr(row)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(alphabet="ab 电话:,-", max_size=8))
def test_no_phone_survives_a_mask(phone, around):
    """Protects against a phone number that slips through because of what stands around it."""
    assert phone not in mask_row({"text": f"{around}{phone}{around}"})["text"]
    assert phone not in mask(f"{around}{phone}{around}")


def test_digest_is_stable():
    """Protects decisions already stored: the same parts always have the same hash."""
    assert digest("suixin", 1, None, Decimal("4.35"), date(2025, 3, 15)) == "db9facfe16154d72"
    assert (
        digest() == "e4a6a0577479b2b4"
    )  # python3 -c "import hashlib; print(hashlib.blake2b(digest_size=8).hexdigest())"
    assert digest(Decimal("1.0")) == digest(Decimal("1.00"))
    assert digest(Colour.RED) == digest("red")


PART = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.dates()


@given(st.lists(PART, max_size=4), st.lists(PART, max_size=4))
def test_digest_tells_parts_apart(one, two):
    """Protects against two different inputs that run together into the same bytes, such as ('ab','c') and ('a','bc')."""
    same = [(type(part), part) for part in one] == [(type(part), part) for part in two]
    assert (digest(*one) == digest(*two)) == same


@pytest.mark.parametrize("part", [["a"], Decimal("NaN"), object()])  # a list; not a number; anything
def test_digest_refuses(part):
    """Protects hashes from parts whose text is not stable."""
    with pytest.raises(UsageError, match="a digest takes"):
        digest(part)


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("11010519491231002X", "11010519491231002X"),  # the example of GB 11643-1999
        ("440524188001010014", None),  # its other example, of 1880: nobody of that age borrows
        (" 110105 19491231 002x ", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        ("110105194912310021", "the check sign of the identity number does not fit"),
        ("11010519491231003X", "the check sign of the identity number does not fit"),
        ("11010519490231002X", "no date of birth"),
        ("11010520300101002X", "no date of birth"),
        ("110105491231002", "seventeen digits and a check sign"),
        ("", "seventeen digits and a check sign"),
        ("1101051949123100²X", "seventeen digits and a check sign"),
    ],
)
def test_a_resident_identity_number_is_checked(number, told):
    """Length, date of birth, check sign; what is refused is not repeated in the message."""
    today = date(2026, 1, 5)
    if told == "11010519491231002X":
        assert check_resident_id(number, today) == told
        return
    with pytest.raises(UsageError, match=told or "no date of birth") as refused:
        check_resident_id(number, today)
    assert not number or number not in str(refused.value)


def test_every_wrong_digit_of_an_identity_number_is_found():
    """MOD 11-2 finds every single wrong digit: of the first seventeen each, by every other."""
    number = "11010519491231002"
    assert resident_id_check(number) == "X"
    assert resident_id_check("44052418800101001") == "4"
    for at in range(17):
        for digit in "0123456789":
            changed = number[:at] + digit + number[at + 1 :]
            assert (resident_id_check(changed) == "X") == (changed == number)
    with pytest.raises(UsageError, match="seventeen digits"):
        resident_id_check("123")
