"""What watches a score needs of it, and the expert card in that form."""

from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from suixin.scoring.card import Card

Floats = NDArray[np.float64]


class Scorer(Protocol):
    """Anything that scores rows of features: the expert card, or a trained model."""

    @property
    def features(self) -> tuple[str, ...]:
        """The registered features that it reads."""
        ...

    def score(self, frame: pl.DataFrame) -> Floats:
        """A score a row, more is safer; `frame` has a Float64 column a feature, null where it is unknown."""
        ...

    def pd(self, frame: pl.DataFrame) -> Floats:
        """The probability of default a row."""
        ...


class CardScorer:
    """The expert card over many rows at once: the same points as `suixin.scoring.card.score` gives one by one."""

    def __init__(self, card: Card) -> None:
        self._card = card
        self.features: tuple[str, ...] = tuple(item.feature for item in card.items)

    def score(self, frame: pl.DataFrame) -> Floats:
        """The base and the points of each known feature."""
        total = np.full(frame.height, self._card.base)
        for item in self._card.items:
            values = frame[item.feature].to_numpy()
            edges = np.array([band.high for band in item.bands[:-1]], dtype=np.float64)
            points = np.array([band.points for band in item.bands])
            found = points[np.searchsorted(edges, values, side="right")]
            total += np.where(np.isnan(values), 0.0, found)
        return total

    def pd(self, frame: pl.DataFrame) -> Floats:
        """The assumed probability at each score."""
        return np.array([self._card.pd(score) for score in self.score(frame)], dtype=np.float64)
