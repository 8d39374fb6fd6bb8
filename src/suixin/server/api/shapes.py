"""How figures stand at the API's boundary: money as decimals in text beside their currency, rates as annual fractions."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from ninja import Field, Schema
from pydantic import BeforeValidator, ConfigDict, StringConstraints

from suixin.errors import CurrencyError
from suixin.money import currency_of, to_major, to_minor

MILLION = 1_000_000
Number = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[!-.0-~]+$")]
"""What loans, applications and merchants are called in an address: printable ASCII without '/' and blanks."""
Words = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
    ),
]
"""A line of text."""
Amount = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,16}\.[0-9]{2}$")]
Rate = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,4}\.[0-9]{1,6}$")]
CLASSED_ON = "the last day that was ended: days past due, class and allowance are as of its end"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _written(given: Any) -> str:
    """Neither seconds since 1970 nor an instant: of both it would be a guess which day is meant."""
    if not isinstance(given, str) or _DAY.fullmatch(given) is None:
        raise ValueError("write the day as 2026-03-01")
    return given


Day = Annotated[date, BeforeValidator(_written)]
"""A day that somebody gives, in figures and no other way."""


class Asked(Schema):
    """What a request brings: nothing but what is named."""

    model_config = ConfigDict(extra="forbid")


class Sum(Asked):
    """A sum that somebody gives."""

    amount: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,13}(\.[0-9]{1,2})?$")] = Field(
        description="major units, as text: 30000.00"
    )
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = Field(description="ISO 4217")


class Money(Schema):
    """A sum."""

    amount: Amount = Field(description="major units, as text: 30000.00")
    currency: str = Field(description="ISO 4217")


def money(minor: int, currency: str) -> Money:
    """Minor units as a sum."""
    return Money(amount=str(to_major(minor, currency_of(currency))), currency=currency)


def maybe(minor: int | None, currency: str) -> Money | None:
    """As `money`, where there may be none."""
    return None if minor is None else money(minor, currency)


def minor_of(given: Sum, currency: str) -> int:
    """A sum as minor units of the book's currency.

    Raises:
        CurrencyError: it is in another one.
    """
    if given.currency != currency:
        raise CurrencyError(f"the amount is in {given.currency}; the book is in {currency}")
    return to_minor(given.amount, currency_of(currency))


def rate(ppm: int) -> str:
    """Parts per million a year as an annual fraction, such as 0.0795."""
    text = f"{Decimal(ppm).scaleb(-6):f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0') or '0'}"
