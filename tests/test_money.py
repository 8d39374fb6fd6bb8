import decimal
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suixin.errors import UsageError
from suixin.money import (
    BRL,
    CNY,
    CZK,
    USD,
    currency_of,
    format_amount,
    format_rate,
    parse_rate,
    round_half_up,
    round_ratio,
    split,
    to_major,
    to_minor,
)

MINOR = st.integers(-(10**17), 10**17)


@pytest.mark.parametrize(
    ("value", "minor"),
    [
        ("1234.56", 123456),
        ("-0.01", -1),
        (" 7 ", 700),
        (5, 500),
        (Decimal("1.10"), 110),
        (Decimal("1E+3"), 100_000),
        (Decimal("1.230"), 123),  # a surplus zero loses nothing
    ],
)
def test_to_minor_reads_major_units(value, minor):
    """Protects the boundary: texts, ints and Decimals are yuan, and come out as fen."""
    assert to_minor(value, CNY) == minor


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.5, "float"),  # binary fractions are not money
        (True, "bool"),  # a flag in an amount column
        (Decimal("NaN"), "not a finite number"),
        (Decimal("-Infinity"), "not a finite number"),
        ("1,234.56", "write it as 1234.56"),  # thousands separator: ambiguous across locales
        ("1e5", "not a plain number"),  # spreadsheet notation
        ("", "not a plain number"),  # empty cell
        ("１２", "not a plain number"),  # full-width digits
        ("0.005", "more than 2 decimals"),  # half a fen
        (Decimal("1E-50"), "over 40 decimals"),  # would need a giant integer
        ("10000000000000000", "too large"),  # 10^18 fen no longer fits decimal(18,2)
        (Decimal("1E+999999"), "too large"),  # would exhaust memory
        (None, "NoneType"),  # missing value
    ],
)
def test_to_minor_refuses(value, message):
    """Protects the ledger from amounts that were never exact."""
    with pytest.raises(UsageError, match=message):
        to_minor(value, CNY)


def test_to_minor_rounds_only_when_asked():
    """Protects the rule that rounding is a choice, half-up and away from zero."""
    assert to_minor("0.005", CNY, rounding=True) == 1
    assert to_minor("-0.005", CNY, rounding=True) == -1
    assert to_minor("0.0049999", CNY, rounding=True) == 0


@given(MINOR)
def test_minor_major_round_trip(minor):
    """Protects exactness: fen to yuan and back is the identity, whatever the global decimal context."""
    with decimal.localcontext() as context:
        context.prec = 3
        major = to_major(minor, CNY)
        assert to_minor(major, CNY) == minor
        assert to_minor(str(major), CNY) == minor
        assert major.as_tuple().exponent == -2


@pytest.mark.parametrize(
    ("text", "rounded"),
    [("0.5", 1), ("-0.5", -1), ("2.5", 3), ("2.4999999999999999999999999999999", 2), ("-2.5", -3)],
)
def test_round_half_up(text, rounded):
    """Protects commercial rounding: halves go away from zero, never to even."""
    assert round_half_up(Decimal(text)) == rounded
    assert round_ratio(*Decimal(text).as_integer_ratio()) == rounded


@pytest.mark.parametrize("value", [0.5, Decimal("NaN")])  # a float; not a number
def test_round_half_up_refuses(value):
    """Protects rounding from inputs that carry no exact value."""
    with pytest.raises(UsageError):
        round_half_up(value)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),  # the tie goes to the first
        (-100, [1, 1, 1], [-34, -33, -33]),  # the mirror image
        (10, [0, 1, 0, 2], [0, 3, 0, 7]),  # zero weights get nothing
        (2, [1, 1, 1], [1, 1, 0]),
        (7, [Decimal("0.2"), Fraction(3, 5), 0.5], [1, 3, 3]),  # 1.08, 3.23, 2.69
        (0, [1, 2], [0, 0]),
        (5, [1e-300, 1.0], [0, 5]),
    ],
)
def test_split_by_largest_remainder(total, weights, parts):
    """Protects the fixed order of ties, so that the same split is made on every machine."""
    assert split(total, weights) == parts


WEIGHTS = st.lists(
    st.one_of(
        st.integers(0, 10**9),
        st.fractions(0, 100, max_denominator=997),
        st.decimals(0, 100, places=4),
        st.floats(0, 1e9),
    ),
    min_size=1,
    max_size=40,
).filter(any)


@given(MINOR, WEIGHTS)
def test_split_sums_exactly_and_stays_within_one_unit(total, weights):
    """Protects reliability 10 and 12: parts sum to the total, each within one minor unit of its fair share."""
    parts = split(total, weights)
    assert sum(parts) == total
    whole = sum(Fraction(weight) for weight in weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * Fraction(weight) / whole) < 1
    assert split(-total, weights) == [-part for part in parts]


@pytest.mark.parametrize(
    ("total", "weights", "message"),
    [
        (100, [], "sum to zero"),  # nobody to give it to
        (100, [0, 0], "sum to zero"),  # the same
        (100, [2, -1], "negative"),  # a share that takes
        (100, [1, float("nan")], "no finite number"),
        (100, [1, float("inf")], "no finite number"),
        (100, [1, "2"], "no finite number"),  # a text from a file
        (1.0, [1], "total 1.0 is a float"),
    ],
)
def test_split_refuses(total, weights, message):
    """Protects splits from weights that have no meaning."""
    with pytest.raises(UsageError, match=message):
        split(total, weights)


@pytest.mark.parametrize(
    ("minor", "chinese", "english"),
    [
        (0, "0.00元", "¥0.00"),
        (853_099, "8,530.99元", "¥8,530.99"),
        (999_999, "9,999.99元", "¥9,999.99"),
        (1_000_000, "1万元", "¥10,000.00"),
        (12_345_678, "12.35万元", "¥123,456.78"),
        (9_999_499_999, "9,999.5万元", "¥99,994,999.99"),
        (9_999_999_999, "1亿元", "¥99,999,999.99"),  # rounded first, then the unit is chosen
        (12_345_678_901_234, "1,234.57亿元", "¥123,456,789,012.34"),
        (-5_000_000, "-5万元", "-¥50,000.00"),
    ],
)
def test_format_amount(minor, chinese, english):
    """Protects what merchants read: Chinese myriads and English thousands."""
    assert format_amount(minor, CNY, "zh-Hans") == chinese
    assert format_amount(minor, CNY, "en") == english


def test_format_amount_exact_and_other_currencies():
    """Protects contracts (every fen shown) and the three other currencies' symbols."""
    assert format_amount(12_345_678, CNY, "zh", exact=True) == "123,456.78元"
    assert format_amount(123_456, BRL, "en") == "R$1,234.56"
    assert format_amount(123_456, CZK, "en") == "Kč 1,234.56"
    assert format_amount(1_234_567, USD, "zh_CN") == "1.23万美元"


def test_unknown_language_and_currency_are_refused():
    """Protects pages and policies from a silent fallback."""
    with pytest.raises(UsageError, match="language 'fr'"):
        format_amount(1, CNY, "fr")
    with pytest.raises(UsageError, match="currency 'EUR'"):
        currency_of("EUR")
    assert currency_of("BRL") is BRL


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("4.35%", "0.0435"),
        ("0.0435", "0.0435"),
        (" 4.35 % ", "0.0435"),
        ("100%", "1"),
        (".5", "0.5"),
        ("0", "0"),
    ],
)
def test_parse_rate(text, rate):
    """Protects both ways of writing a rate."""
    assert parse_rate(text) == Decimal(rate)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("4.35", "write 4.35%"),  # the units mistake that the rule is about
        ("1", "write 1%"),  # 1 % or 100 %?
        ("-4%", "not a rate"),  # no negative rates or shares
        ("4,35%", "not a rate"),  # decimal comma
        ("1e-2", "not a rate"),  # spreadsheet notation
        ("nan", "not a rate"),
        ("0." + "1" * 80, "not a rate"),  # more digits than any rate has
        ("", "not a rate"),  # empty cell
        (0.0435, "not a rate"),  # a float instead of a text
    ],
)
def test_parse_rate_refuses(text, message):
    """Protects prices from a rate a hundred times too high, and says how to write it."""
    with pytest.raises(UsageError, match=message):
        parse_rate(text)


@given(st.decimals(0, 5, places=8))
def test_rate_round_trip(rate):
    """Protects figures that are written and read back: no digit of a rate is lost."""
    assert parse_rate(format_rate(rate)) == rate


@pytest.mark.parametrize(
    ("rate", "text"), [("0.0435", "4.35%"), ("0.035", "3.50%"), ("1", "100.00%"), ("1E-4", "0.01%")]
)
def test_format_rate(rate, text):
    """Protects the two decimals that rates are read with."""
    assert format_rate(Decimal(rate)) == text
