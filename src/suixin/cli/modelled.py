"""What several commands show of a model."""

from collections.abc import Iterator, Mapping
from typing import Any

from suixin.reporting.model_phrases import FIGURES


def figure_rows(figures: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str, str, str]]:
    """A row a figure: name, mean, low, high."""
    for name, found in figures.items():
        yield FIGURES[name], _short(found["mean"]), _short(found["low"]), _short(found["high"])


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
