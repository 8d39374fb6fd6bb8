"""What watches a score needs of it, and the expert card and a trained model in that form."""

from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from suixin.scoring.card import Card
from suixin.scoring.model import Model

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


class ModelScorer:
    """A trained model on the scale of a policy's card."""

    def __init__(self, model: Model, card: Card) -> None:
        self._model, self._card = model, card
        self.features: tuple[str, ...] = model.features

    def score(self, frame: pl.DataFrame) -> Floats:
        """Points that say the same odds as the card's."""
        return self._model.score(frame, self._card)

    def pd(self, frame: pl.DataFrame) -> Floats:
        """The calibrated probability of default within a year."""
        return self._model.pd(frame)
