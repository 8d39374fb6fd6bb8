"""A table of figures by place: how many people each figure rests on, and its amount; what is hidden is None."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

WHOLE = ""
"""The place that holds all others: the county."""

BEFORE = "before:"
"""In a relation: the column of the table that was published before; twice, of the one before that."""


class Figure(NamedTuple):
    """How many people a figure rests on, and its amount in minor units."""

    people: int
    minor: int


class Cell(NamedTuple):
    """A place in a table."""

    column: str
    area: str


@dataclass(frozen=True, slots=True)
class Table:
    """Figures by column and place.

    Attributes:
        parents: place -> the place that contains it, `WHOLE` for the largest; the figures of the places in one add up to
            its own.
        columns: column -> place, `WHOLE` included -> its figure, None where it is hidden. Wide columns come first: of two
            that could hide a third the later one goes.
    """

    parents: Mapping[str, str]
    columns: Mapping[str, Mapping[str, Figure | None]]

    @property
    def areas(self) -> tuple[str, ...]:
        """The whole, and every place."""
        return (WHOLE, *sorted(self.parents))

    def cells(self) -> Iterator[tuple[Cell, Figure | None]]:
        """Every cell and its figure."""
        for column, held in self.columns.items():
            for area in self.areas:
                yield Cell(column, area), held[area]

    def without(self, hidden: frozenset[Cell]) -> "Table":
        """The same table, these cells hidden as well."""
        return Table(
            self.parents,
            {
                column: {area: None if Cell(column, area) in hidden else one for area, one in held.items()}
                for column, held in self.columns.items()
            },
        )


@dataclass(frozen=True, slots=True)
class Relation:
    """What everybody knows of the columns of one place: the sum of coefficient times column is at most 0, or is 0.

    A column that is in no table is implied: nobody prints it, and it can be computed if the others are printed carelessly.

    Attributes:
        terms: column (`BEFORE` and its name for the table published before) -> coefficient.
        equal: the sum is 0.
        counts: it holds of people.
        amounts: it holds of amounts.
    """

    terms: Mapping[str, int]
    equal: bool = False
    counts: bool = True
    amounts: bool = True

    @property
    def looks_back(self) -> bool:
        """Whether it ties the table to the one published before."""
        return any(name.startswith(BEFORE) for name in self.terms)
