"""The expert card: points for the band a feature falls in, and reasons measured from the accept threshold.

The card is additive, so a reason can be exact: every item has a reference r_i with base + sum of r_i = cut-off,
and its contribution is points_i - r_i. The contributions add up to score - cut-off: they say what carried the
merchant over the threshold or kept it below, not how it differs from an average nobody asked about.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from suixin.features.feature import Direction
from suixin.features.registry import FEATURES

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Points = Annotated[float, Field(ge=-10_000, le=10_000)]
_MOST_DOUBLINGS = 1_000  # more would leave the range of a float; the probability is nil long before


class Strict(BaseModel):
    """A part of a policy: no unknown key, no figure without end, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Band(Strict):
    """Points for values from `from` (inclusive) to `to` (exclusive); an open end is left out."""

    low: float | None = Field(default=None, alias="from")
    high: float | None = Field(default=None, alias="to")
    points: Points

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(
                f"the band {self} holds nothing and would overlap another: from must lie below to"
            )
        return self

    def __contains__(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value < self.high)

    def __str__(self) -> str:
        low = "-inf" if self.low is None else f"{self.low:g}"
        return f"[{low}, {'inf' if self.high is None else f'{self.high:g}'})"


class Item(Strict):
    """One feature of the card.

    Attributes:
        feature: a registered feature.
        dimension: what it is evidence of; two features of one dimension can stand in for each other.
        bands: ascending, without gap or overlap, from -inf to inf; points in the feature's direction.
        source, since: where the points come from, and since when.
    """

    feature: str
    dimension: Text
    bands: tuple[Band, ...]
    source: Text
    since: date

    @model_validator(mode="after")
    def _whole_line(self) -> Self:
        if self.feature not in FEATURES:
            raise ValueError(f"{self.feature!r} is no registered feature")
        if not self.bands:
            raise ValueError(f"{self.feature}: has no bands")
        for lower, upper in pairwise(self.bands):
            if lower.high is None or upper.low is None or upper.low < lower.high:
                raise ValueError(f"{self.feature}: the bands {lower} and {upper} overlap")
            if upper.low > lower.high:
                raise ValueError(f"{self.feature}: there is a gap between the bands {lower} and {upper}")
        if self.bands[0].low is not None or self.bands[-1].high is not None:
            raise ValueError(f"{self.feature}: the first band must be open below and the last open above")
        self._along_direction()
        return self

    def _along_direction(self) -> None:
        sign = {Direction.SAFER: 1, Direction.RISKIER: -1, Direction.NEUTRAL: 0}[
            FEATURES[self.feature].direction
        ]
        for lower, upper in pairwise(self.bands):
            if sign * (upper.points - lower.points) < 0:
                raise ValueError(
                    f"{self.feature}: is registered as {FEATURES[self.feature].direction}, but the points go from "
                    f"{lower.points:g} in {lower} to {upper.points:g} in {upper}"
                )

    @cached_property
    def least(self) -> float:
        """The fewest points the item gives."""
        return min(band.points for band in self.bands)

    @cached_property
    def most(self) -> float:
        """The most points the item gives."""
        return max(band.points for band in self.bands)

    @cached_property
    def span(self) -> float:
        """How far apart its fewest and most points lie."""
        return self.most - self.least

    def band(self, value: float) -> Band:
        """The band that holds the value."""
        return next(band for band in self.bands if value in band)


class Card(Strict):
    """The expert card.

    Attributes:
        base: score of a merchant of whom nothing is known.
        odds_score, odds: at this score there are so many good borrowers to a bad one (assumed, not estimated).
        points_to_double: so many points more double the odds.
        items: the features.
    """

    base: Points
    odds_score: Points
    odds: float = Field(gt=0, le=1_000_000)
    points_to_double: float = Field(ge=1, le=1_000)
    source: Text
    since: date
    items: tuple[Item, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [item.feature for item in self.items]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the card names {', '.join(twice)} more than once")
        return self

    @cached_property
    def weights(self) -> dict[str, float]:
        """Dimension -> the range of its widest item."""
        widest: dict[str, float] = {}
        for item in self.items:
            widest[item.dimension] = max(widest.get(item.dimension, 0.0), item.span)
        return widest

    def pd(self, score: float) -> float:
        """The assumed probability of default at a score."""
        doublings = min((score - self.odds_score) / self.points_to_double, _MOST_DOUBLINGS)
        return 1.0 / (1.0 + self.odds * math.exp2(doublings))


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one known feature did to the score.

    Attributes:
        feature, value: what was seen.
        points: given by its band.
        reference: the points at which it neither helps nor hurts; `points - reference` is its contribution.
        threshold: the edge of the band nearest to the value that gives at least the reference; None if none does
            or the value lies in such a band.
        target: the value to take for the threshold, on its right side; None without a threshold.
        gain: points by which the score would rise with the target in place of the value.
    """

    feature: str
    value: float | None
    points: float
    reference: float
    threshold: float | None
    target: float | None = None
    gain: float = 0.0

    @property
    def contribution(self) -> float:
        """Points above (+) or below (-) the accept threshold's share."""
        return self.points - self.reference


@dataclass(frozen=True, slots=True)
class Scored:
    """A score, its parts, and how much of the card's evidence was there (0 to 1)."""

    score: float
    contributions: tuple[Contribution, ...]
    confidence: float


def score(card: Card, values: Mapping[str, float | None], cutoff: float) -> Scored:
    """Score one merchant.

    Args:
        card: the card.
        values: feature -> value; None or absent gives no points and lowers the confidence.
        cutoff: the accept threshold, from which the contributions are measured.
    """
    known = [(item, value) for item in card.items if (value := values.get(item.feature)) is not None]
    points = [item.band(value).points for item, value in known]
    references = _references([item for item, _ in known], cutoff - card.base)
    contributions = tuple(
        _contribution(item, value, got, reference)
        for (item, value), got, reference in zip(known, points, references, strict=True)
    )
    return Scored(
        card.base + sum(points), contributions, _confidence(card, {item.dimension for item, _ in known})
    )


def _references(items: list[Item], needed: float) -> list[float]:
    """The same fraction of each item's range, so chosen that the references add up to what is needed."""
    least, span = sum(item.least for item in items), sum(item.span for item in items)
    share = (needed - least) / span if span else 0.0
    return [item.least + share * item.span for item in items]


def _contribution(item: Item, value: float, points: float, reference: float) -> Contribution:
    threshold = _threshold(item, value, points, reference)
    if threshold is None:
        return Contribution(item.feature, value, points, reference, None)
    # A band ends before its upper edge: to fall into it from above, go just below.
    target = threshold if threshold > value else math.nextafter(threshold, -math.inf)
    gain = item.band(target).points - points
    return Contribution(item.feature, value, points, reference, threshold, target, gain)


def _threshold(item: Item, value: float, points: float, reference: float) -> float | None:
    if points >= reference:
        return None
    edges = [
        edge
        for band in item.bands
        if band.points >= reference
        for edge in (band.low, band.high)
        if edge is not None and ((edge == band.low) == (edge > value))
    ]
    return min(edges, key=lambda edge: abs(edge - value), default=None)


def _confidence(card: Card, known: set[str]) -> float:
    """Share of the card's dimensions of which something is known, each weighed by its widest item."""
    whole = sum(card.weights.values())
    seen = sum(weight for dimension, weight in card.weights.items() if dimension in known)
    return seen / whole if whole else 0.0
