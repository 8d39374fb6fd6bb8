"""Money as integer minor units (fen, centavo, haléř, cent), rates as Decimal; no float ever enters."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation
from fractions import Fraction

from suixin.errors import UsageError

# Traps Inexact, so that a figure which does not fit raises instead of being rounded silently; the global
# context belongs to the caller and is never used.
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_RATE = re.compile(r"([0-9]{1,20}(?:\.[0-9]{1,28})?|\.[0-9]{1,28})\s*([%％]?)")
_MAX_MINOR = 10**18  # decimal(18,2) at the boundary and int64 in the lake
_MAX_DECIMALS = 40


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency: ISO 4217 code, number of minor digits, symbol and the unit's Chinese name."""

    code: str
    digits: int
    symbol: str
    unit_zh: str


CNY = Currency("CNY", 2, "¥", "元")
BRL = Currency("BRL", 2, "R$", "雷亚尔")
CZK = Currency("CZK", 2, "Kč", "克朗")
USD = Currency("USD", 2, "$", "美元")
CURRENCIES = {currency.code: currency for currency in (CNY, BRL, CZK, USD)}


def currency_of(code: str) -> Currency:
    """Look a currency up by its ISO 4217 code.

    Raises:
        UsageError: the code is not one of `CURRENCIES`.
    """
    if code not in CURRENCIES:
        raise UsageError(f"currency {code!r} is unknown; use one of {', '.join(CURRENCIES)}")
    return CURRENCIES[code]


def round_ratio(numerator: int, denominator: int) -> int:
    """Round numerator / denominator (denominator > 0) to an integer, halves away from zero, exactly."""
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def round_half_up(value: Decimal) -> int:
    """Round to an integer, halves away from zero (commercial rounding).

    Raises:
        UsageError: the value is not a finite Decimal.
    """
    return int(_finite(value).to_integral_value(rounding=ROUND_HALF_UP))


def _finite(value: Decimal) -> Decimal:
    if not isinstance(value, Decimal):
        raise UsageError(f"{value!r} is a {type(value).__name__}; pass a Decimal")
    if not value.is_finite():
        raise UsageError(
            f"{value} is not a finite number; pass a finite Decimal", zh=f"“{value}”不是金额，请用数字填写"
        )
    return value


def _amount(value: Decimal | str | int) -> Decimal:
    if isinstance(value, bool | float):
        raise UsageError(f"amount {value!r} is a {type(value).__name__}; pass a Decimal, an int or a text")
    if isinstance(value, str):
        text = value.strip()
        if not _PLAIN_NUMBER.fullmatch(text):
            raise UsageError(
                f"amount {value!r} is not a plain number; write it as 1234.56",
                zh=f"“{value}”不是金额，请用数字填写，如 1234.56",
            )
        return Decimal(text)
    return _finite(Decimal(value) if isinstance(value, int) else value)


def to_minor(value: Decimal | str | int, currency: Currency, *, rounding: bool = False) -> int:
    """Turn an amount in major units (yuan) into integer minor units (fen).

    Args:
        value: a Decimal, an int or a plain text such as '1234.56'; an int is major units too.
        currency: gives the number of minor digits.
        rounding: round surplus digits half-up instead of refusing them.

    Raises:
        UsageError: float, NaN, a text that is no plain number, surplus digits, or 10^18 minor units or more.
    """
    amount = _amount(value)
    if amount and amount.adjusted() + currency.digits >= 18:
        raise UsageError(
            f"amount {value} is too large; it must stay below 10^18 minor units", zh=f"金额 {value} 太大"
        )
    if int(amount.as_tuple().exponent) < -_MAX_DECIMALS:
        raise UsageError(
            f"amount {value} has over {_MAX_DECIMALS} decimals; round it first",
            zh=f"金额 {value} 的小数位太多，请先四舍五入",
        )
    numerator, denominator = amount.as_integer_ratio()
    numerator *= int(10**currency.digits)
    if numerator % denominator and not rounding:
        raise UsageError(
            f"amount {value} has more than {currency.digits} decimals; round it first",
            zh=f"金额 {value} 最多 {currency.digits} 位小数",
        )
    minor = round_ratio(numerator, denominator)
    if abs(minor) >= _MAX_MINOR:
        raise UsageError(
            f"amount {value} is too large; it must stay below 10^18 minor units", zh=f"金额 {value} 太大"
        )
    return minor


def check_minor(minor: int, name: str = "amount") -> int:
    """Return the figure if it is an int of minor units.

    Raises:
        UsageError: a float, a bool or another type; the message names the argument.
    """
    if not isinstance(minor, int) or isinstance(minor, bool):
        raise UsageError(f"{name} {minor!r} is a {type(minor).__name__}; pass an int of minor units")
    return minor


def to_major(minor: int, currency: Currency) -> Decimal:
    """Turn integer minor units into a Decimal in major units with exactly the currency's decimals."""
    return Decimal(check_minor(minor)).scaleb(-currency.digits, context=_EXACT)


def major_text(minor: int) -> str:
    """An amount of minor units as a refusal names it that knows no currency: '1600.00'. All have two digits."""
    return f"{to_major(minor, CNY):f}"


def split(total: int, weights: Sequence[int | Decimal | Fraction | float]) -> list[int]:
    """Split a whole number of minor units by weights so that the parts sum to it exactly.

    Largest remainder (Hamilton's method); of equal remainders the lower index wins. A negative total is the
    mirror image of the positive one. Weights are proportions, not money, so a finite float is allowed.

    Raises:
        UsageError: no weights, a negative or non-finite weight, or weights that sum to zero.
    """
    check_minor(total, "total")
    whole = _whole_weights(weights)
    base = sum(whole)
    shares = [divmod(abs(total) * weight, base) for weight in whole]
    parts = [quotient for quotient, _ in shares]
    missing = abs(total) - sum(parts)
    if missing:
        order = sorted(range(len(shares)), key=lambda index: -shares[index][1])  # stable: ties by index
        for index in order[:missing]:
            parts[index] += 1
    return parts if total >= 0 else [-part for part in parts]


def _whole_weights(weights: Sequence[int | Decimal | Fraction | float]) -> list[int]:
    try:
        ratios = [weight.as_integer_ratio() for weight in weights]
    except (AttributeError, ValueError, OverflowError) as error:
        raise UsageError(f"weights {list(weights)} hold a value that is no finite number") from error
    if any(numerator < 0 for numerator, _ in ratios):
        raise UsageError(f"weights {list(weights)} hold a negative value; each must be 0 or more")
    if not any(numerator for numerator, _ in ratios):
        raise UsageError(f"weights {list(weights)} sum to zero; give at least one above 0")
    common = math.lcm(*(denominator for _, denominator in ratios))
    return [numerator * (common // denominator) for numerator, denominator in ratios]


def amount_text(minor: int, code: str, lang: str = "en") -> str:
    """An amount of minor units to the last one, as a refusal names it: '¥1,600.00', '1,600.00元'."""
    return format_amount(minor, currency_of(code), lang, exact=True)


def format_amount(minor: int, currency: Currency, lang: str, *, exact: bool = False) -> str:
    """Write an amount for people.

    zh: '8,530.99元' below 10,000, else '12.35万元' and '1.2亿元', rounded half-up to two decimals without
    trailing zeros; `exact` keeps every fen ('123,456.78元') for contracts and receipts. en: '¥123,456.78'.

    Raises:
        UsageError: the language is neither zh nor en (regional forms such as zh-Hans are accepted).
    """
    check_minor(minor)
    sign, size = ("-" if minor < 0 else ""), abs(minor)
    plain = f"{to_major(size, currency):,f}"
    match lang.replace("_", "-").split("-")[0].lower():
        case "en":
            gap = " " if currency.symbol[-1].isalpha() else ""
            return f"{sign}{currency.symbol}{gap}{plain}"
        case "zh":
            myriads = None if exact else _in_myriads(size, 10**currency.digits)
            return f"{sign}{myriads or plain}{currency.unit_zh}"
    raise UsageError(f"language {lang!r} is unknown; use zh or en")


def _in_myriads(minor: int, unit: int) -> str | None:
    if minor < 10**4 * unit:
        return None
    hundredths, name = round_ratio(minor, 100 * unit), "万"
    # The unit is chosen after rounding: 99,999,999.99 yuan reads 1亿, not 10,000万.
    if hundredths >= 10**6:
        hundredths, name = round_ratio(minor, 10**6 * unit), "亿"
    return f"{hundredths // 100:,}.{hundredths % 100:02d}".rstrip("0").rstrip(".") + name


def parse_rate(text: str) -> Decimal:
    """Read an annual rate or a share: '4.35%' and '0.0435' are the same fraction.

    Raises:
        UsageError: no plain number, negative, or a bare number of 1 or more (a units mistake).
    """
    found = _RATE.fullmatch(text.strip()) if isinstance(text, str) else None
    if not found:
        raise UsageError(f"rate {text!r} is not a rate; write 4.35% or 0.0435")
    digits, percent = found.groups()
    value = Decimal(digits)
    if percent:
        return value.scaleb(-2, context=_EXACT)
    if value >= 1:
        raise UsageError(f"rate {text!r} is 1 or more without a percent sign; write {digits}% or a fraction")
    return value


def format_rate(rate: Decimal) -> str:
    """Write a rate as a percentage with every digit it has and at least two decimals: '4.35%', '3.50%'."""
    percent = _finite(rate).scaleb(2, context=_EXACT)
    whole, _, decimals = f"{percent:f}".partition(".")
    return f"{whole}.{decimals.rstrip('0'):0<2}%"
