"""A case with other features: what a reviewer sets by hand to see what a decision hangs on."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from difflib import get_close_matches
from math import isinf

from suixin.errors import UsageError
from suixin.features.feature import Unit
from suixin.features.registry import FEATURES
from suixin.underwriting.decide import Case

UNKNOWN = "unknown"
_NUMBER = re.compile(r"([+-]?[0-9]{1,20}(?:\.[0-9]{1,20})?)\s*([%％]?)")
_BOUND = Decimal(10) ** 12  # what a table of money can hold


def read_settings(texts: Iterable[str]) -> dict[str, float | None]:
    """Feature -> value, from texts such as 'household_debt=20000', 'top_buyer_share=35%' and 'lenders=unknown'.

    Units as in features.parquet: money in major units, shares as fractions or with a percent sign.

    Raises:
        UsageError: no equals sign, an unknown feature, one that is set twice, a value that its unit cannot have.
    """
    found: dict[str, float | None] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals:
            raise UsageError(f"{text!r} sets nothing; write --set feature=value")
        if name not in FEATURES:
            raise UsageError(f"no feature is called {name!r}{_closest(name)}")
        if name in found:
            raise UsageError(f"{name} is set twice; set it once")
        found[name] = _value(name, value)
    return found


def with_features(case: Case, settings: Mapping[str, float | None]) -> Case:
    """The case with these features in place of its own; a feature that it lacks is added."""
    return replace(case, features={**case.features, **settings})


def _value(name: str, text: str) -> float | None:
    if text.lower() == UNKNOWN:
        return None
    unit = FEATURES[name].unit
    found = _NUMBER.fullmatch(text)
    if not found or (found[2] and unit is not Unit.SHARE):
        percent = " or a percentage" if unit is Unit.SHARE else ""
        raise UsageError(f"{name}={text}: the value is no number; write a number{percent}, or {UNKNOWN}")
    number = Decimal(found[1]).scaleb(-2) if found[2] else Decimal(found[1])
    if unit is Unit.SHARE and not found[2] and abs(number) > 1:
        whole = f" or {number * 100:f}%" if _within(name, number) else ""
        raise UsageError(f"{name}={text}: a share is a fraction; write {text}%{whole}")
    if not _within(name, number):
        raise UsageError(f"{name}={text}: is {_beyond(name, number)}")
    if abs(number) > _BOUND:
        raise UsageError(f"{name}={text}: is too large; stay within {_BOUND:,}")
    if unit is Unit.COUNT and number % 1:
        raise UsageError(f"{name}={text}: is no whole number; give {int(number)} or {int(number) + 1}")
    return float(number)


def _within(name: str, number: Decimal) -> bool:
    low, high = FEATURES[name].bounds
    return low <= number <= high


def _beyond(name: str, number: Decimal) -> str:
    """Which bound of the feature a number passes, and what may be given."""
    bounds = FEATURES[name].bounds
    low, high = (f"{bound:.0%}" if FEATURES[name].unit is Unit.SHARE else f"{bound:g}" for bound in bounds)
    passed = f"below {low}" if number < bounds[0] else f"above {high}"
    return f"{passed}; give {low} or more" if isinf(bounds[1]) else f"{passed}; give {low} to {high}"


def _closest(name: str) -> str:
    near = get_close_matches(name, FEATURES, n=3, cutoff=0.5)
    return f"; the closest are {', '.join(near)}" if near else "; docs/reference/features.md lists them"
