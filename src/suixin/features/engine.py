"""What a feature definition needs of whatever runs it: one small adapter an engine."""

from collections.abc import Collection
from typing import Protocol

from suixin.features.feature import Rows


class Engine(Protocol):
    """The adapter between the definitions and an engine; see `suixin.features.build` and `suixin.features.spark`."""

    @property
    def tables(self) -> Collection[str]:
        """The standard tables that have a row by an allowed route."""

    def scan(self, table: str) -> Rows:
        """All row versions of a table, in its stored columns."""

    def superseded(self, table: str) -> bool:
        """Whether some of these versions are replaced by later ones."""

    def keep(self, rows: Rows) -> Rows:
        """The same rows, computed at most once however often they are read."""

    def cut(self, rows: Rows) -> Rows:
        """The same rows, where a plan may be cut: an engine that cannot plan all at once computes them here."""
