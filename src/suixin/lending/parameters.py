"""Figures that a regulator or a contract sets: each says since when it holds, where it stands, and who checked it."""

from dataclasses import dataclass
from datetime import date
from typing import Generic, NamedTuple, TypeVar

from suixin.errors import UsageError

V = TypeVar("V")


class Stated(NamedTuple, Generic[V]):
    """A figure as its source states it.

    Attributes:
        value: the figure; its unit is that of the parameter it belongs to.
        from_on: the first day on which it holds.
        source: law, notice or practice.
        verified: whether a public page was seen that says so; else it is knowledge of the trade to be confirmed.
    """

    value: V
    from_on: date
    source: str
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Dated(Generic[V]):
    """A parameter: what held when, in order of the first day."""

    name: str
    rows: tuple[Stated[V], ...]

    def __post_init__(self) -> None:
        days = [row.from_on for row in self.rows]
        if not days or days != sorted(set(days)):
            raise UsageError(f"{self.name}: {len(days)} rows are empty, repeat a day or are out of order")

    def stated_on(self, day: date) -> Stated[V]:
        """Return what holds on a day, with its source.

        Raises:
            UsageError: nothing was in force yet.
        """
        reached = [row for row in self.rows if row.from_on <= day]
        if not reached:
            raise UsageError(f"{self.name} begins on {self.rows[0].from_on}; add the row in force on {day}")
        return reached[-1]

    def on(self, day: date) -> V:
        """Return the value that holds on a day; errors as in `stated_on`."""
        return self.stated_on(day).value

    def followed_by(self, row: Stated[V]) -> "Dated[V]":
        """Return the parameter with a later row: a notice changed it, or a lender sets its own figure.

        Raises:
            UsageError: the row does not begin after the last.
        """
        return Dated(self.name, (*self.rows, row))
