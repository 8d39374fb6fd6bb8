"""Figures of a policy as exact numbers."""

from fractions import Fraction
from functools import lru_cache


@lru_cache(maxsize=4096)  # a policy's figures are asked for in every decision
def exactly(figure: float) -> Fraction:
    """The decimal that a policy's author wrote: 0.29 is 29/100, not the float beside it that costs a fen."""
    return Fraction(repr(figure))


def fen(major: float) -> int:
    """Major units as minor units."""
    return round(major * 100)
