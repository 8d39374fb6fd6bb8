"""A map of squares: one for each place, in the order of the codes, so that no boundary has to be drawn."""

import math
from collections.abc import Iterable
from typing import NamedTuple


class Tile(NamedTuple):
    """Where a place's square lies, counted from the top left."""

    area: str
    column: int
    row: int


def tiles(areas: Iterable[str]) -> tuple[Tile, ...]:
    """The squares of the places, row by row; as many columns as rows, or one more."""
    held = sorted(areas)
    wide = math.isqrt(max(len(held) - 1, 0)) + 1
    return tuple(Tile(area, at % wide, at // wide) for at, area in enumerate(held))
