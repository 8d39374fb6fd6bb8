"""What a feature is, and what a family of features is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Any, TypeAlias

import narwhals.stable.v2 as nw


class Direction(StrEnum):
    """What more of a feature means."""

    SAFER = "safer"
    RISKIER = "riskier"
    NEUTRAL = "neutral"


class Forgeable(StrEnum):
    """How easily a merchant could fake it: alone and at no cost (high), with helpers (medium), hardly (low)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Unit(StrEnum):
    """The unit of a feature's value; it also decides how the value is written for people."""

    MONEY = "money"  #  major units of the lake's currency
    SHARE = "share"  #  fraction, written as a percentage
    COUNT = "count"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    STARS = "stars"
    KILOMETRES = "km"
    DEGREES = "°C"
    INDEX = "index"  #  a number without unit


Bounds = tuple[float, float]
"""The least and the most that data can give."""

ANY: Bounds = (-inf, inf)
FROM_NIL: Bounds = (0.0, inf)
FROM_NIL_TO_ONE: Bounds = (0.0, 1.0)
CHANGE: Bounds = (-1.0, inf)  # from what cannot be negative: all of it can be lost, any multiple be won

BOUNDS: dict[Unit, Bounds] = {
    Unit.MONEY: FROM_NIL,
    Unit.SHARE: FROM_NIL_TO_ONE,
    Unit.COUNT: FROM_NIL,
    Unit.DAYS: FROM_NIL,
    Unit.WEEKS: (0.0, 52.0),
    Unit.MONTHS: (0.0, 12.0),  # of the year before, or of the one to come
    Unit.STARS: (1.0, 5.0),
    Unit.KILOMETRES: FROM_NIL,
    Unit.DEGREES: ANY,
    Unit.INDEX: FROM_NIL,
}
"""Between what a feature lies that names no bounds of its own."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One registered feature.

    Attributes:
        name: column name; a time window is part of it (`_90d`).
        unit: of the value.
        direction: what more of it means.
        forgeable: how easily it is faked.
        label: what it is, in a few words (English; the catalogue translates).
        sentence: the reason in words, with `{value}` (English; the catalogue translates).
        version: raised when the definition changes.
        own_bounds: where they are not those of the unit.
    """

    name: str
    unit: Unit
    direction: Direction
    forgeable: Forgeable
    label: str
    sentence: str
    version: int = 1
    own_bounds: Bounds | None = None

    @property
    def bounds(self) -> Bounds:
        """The least and the most that data can give; a count is whole besides."""
        return self.own_bounds or BOUNDS[self.unit]


Rows: TypeAlias = nw.LazyFrame[Any]
"""A lazy frame of whatever engine runs the definition."""

Frames = Mapping[str, Rows]
"""Table name -> its rows known before the as-of date, with `subject`, `as_of_day` and `age` (days before as-of, >= 1)."""


@dataclass(frozen=True, slots=True)
class Family:
    """Features computed together from the same tables.

    Attributes:
        name: the family's name.
        tables: the tables it reads; if the lake lacks one of them, the family is absent, not zero.
        optional: tables that it reads where the lake has them.
        reads: of the tables of merchants' own rows, the columns that `compute` reads beside subject, as_of_day and age:
            no other is held, for rows are most of an engine's memory. A test proves it both ways.
        gross: whether it sees the orders that count as self-dealing too, marked; every other family sees none of them,
            nor their parcels, reviews and refunds.
        features: what it computes.
        compute: frames -> one row a `subject` with a column a feature. A subject without any row in the first table
            is missing: unknown, not zero. A firm that sells offline has no orders, a farmer has no invoices.
    """

    name: str
    tables: tuple[str, ...]
    features: tuple[Feature, ...]
    compute: Callable[[Frames], Rows]
    optional: tuple[str, ...] = ()
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    gross: bool = False
