"""Which merchants brush, how much, and in what manner: the county's own brushers, or those who are told to."""

from dataclasses import dataclass

import numpy as np

from suixin.errors import UsageError
from suixin.simulation.streams import Floats, Ints, Streams

KINDS = ("family_ring", "click_farm", "payment_ring")
FAMILY, FARM, FRIENDS = 1, 2, 3  # number of a kind; 0 is genuine
MIX = "mix"
MOST_SALES = 5.0
_OWN_SHARE = 0.025  # of merchants, when no one is told to brush
_SQRT2, _SQRT11 = 0.4142135623730951, 0.3166247903553998


@dataclass(frozen=True, slots=True)
class Brushing:
    """Which merchants are told to brush, in place of the county's own brushers.

    Attributes:
        share: of merchants, 0 to 1; 0 is a county without brushing.
        sales: brushed orders against the merchant's genuine orders, above 0 to 5; 0.3 adds three to ten.
        kind: one of KINDS, or 'mix' for a third each.

    Raises:
        UsageError: a value is out of bounds.
    """

    share: float
    sales: float = 0.3
    kind: str = MIX

    def __post_init__(self) -> None:
        if not 0.0 <= self.share <= 1.0:
            raise UsageError(f"the share of brushers is {self.share!r}: give a number from 0 to 1")
        if not 0.0 < self.sales <= MOST_SALES:
            raise UsageError(
                f"brushed sales are {self.sales!r}: give a number above 0, at most {MOST_SALES:g}"
            )
        if self.kind not in (*KINDS, MIX):
            raise UsageError(f"the kind of brushing is {self.kind!r}: give {', '.join(KINDS)} or {MIX}")


def choose(streams: Streams, told: Brushing | None, ids: Ints) -> tuple[Floats, Ints]:
    """For each merchant its brushed orders as a share of its genuine ones, and the kind; 0 where it is honest."""
    kind = 1 + (streams.uniform("brush kind", ids) * len(KINDS)).astype(np.int64)
    if told is None:
        brushes = streams.even("brush", ids, _SQRT2) < _OWN_SHARE
        share = 0.15 + 0.4 * streams.uniform("brush share", ids)  # of all orders
        added = share / (1.0 - share)
    else:
        brushes = (streams.even("told to brush", ids, _SQRT11) < told.share) | (told.share == 1.0)
        added = np.full(ids.size, told.sales)
        kind = kind if told.kind == MIX else np.full(ids.size, 1 + KINDS.index(told.kind), dtype=np.int64)
    return np.where(brushes, added, 0.0), np.where(brushes, kind, 0)
