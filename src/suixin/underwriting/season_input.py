"""What a season costs to put in the ground: the measure of who sells in so few months that no month tells what he needs.

Fields cost seed, fertiliser, film and hands before they bring anything, so many yuan a mu by crop. Who sells in few
months of the year may owe no more than the policy's share of that. Without the area, or without a figure for the crop,
nothing is measured, and the year's sales stand alone: what is not known is not zero.
"""

import math
from dataclasses import dataclass

from suixin.underwriting.exact import exactly
from suixin.underwriting.policy_parts import SeasonInput as Terms


@dataclass(frozen=True, slots=True)
class SeasonInput:
    """What the merchant's fields cost in a season.

    Attributes:
        crop: what grows there.
        area_mu: how much of it, mu (a fifteenth of a hectare).
        cost_fen: of one mu, fen.
        share: the part of the cost that may be lent.
        ceiling_fen: area x cost x share, fen, rounded down.
    """

    crop: str
    area_mu: float
    cost_fen: int
    share: float
    ceiling_fen: int


def season_input(terms: Terms | None, crop: str, area_mu: float | None) -> SeasonInput | None:
    """The cost of a season's input; None where the policy does not ask, or crop, its cost or the area is unknown.

    Args:
        terms: the policy's figures.
        crop: '' where unknown.
        area_mu: cultivated area, mu.
    """
    cost = terms.cost_per_mu.get(crop) if terms else None
    if terms is None or cost is None or area_mu is None:
        return None
    cost_fen = round(cost.value * 100)
    ceiling = exactly(area_mu) * cost_fen * exactly(terms.share.value)
    return SeasonInput(crop, area_mu, cost_fen, terms.share.value, math.floor(ceiling))
