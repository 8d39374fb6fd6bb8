"""What became of a file of answers or reports, whether it was imported or only read."""

from collections.abc import Iterable
from dataclasses import dataclass

from suixin.server.origination.sheet import Fault


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file; of one that was only read, what would become of it.

    Attributes:
        kept: how many answers or reports were kept, or would be.
        there: how many were there already.
        faults: what is wrong with the rest, by row.
    """

    kept: int
    there: int
    faults: tuple[Fault, ...]


def imported(kept: int, there: int, faults: Iterable[Fault]) -> Imported:
    """The same, its faults in the order of the file."""
    return Imported(kept, there, tuple(sorted(faults, key=lambda one: (one.row, one.column))))
