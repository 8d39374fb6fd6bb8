"""What a feature definition needs of whatever runs it: one small adapter an engine."""

from collections.abc import Iterable, Mapping
from typing import Protocol

import narwhals.stable.v2 as nw

from suixin.features.feature import Rows


class Engine(Protocol):
    """The adapter between the definitions and an engine; see `suixin.features.build` and `suixin.features.spark`."""

    @property
    def tables(self) -> Mapping[str, int | None]:
        """The standard tables that are known of; see `suixin.features.coverage.known_tables`."""

    def scan(self, table: str) -> Rows:
        """All row versions of a table, in its stored columns."""

    def superseded(self, table: str) -> bool:
        """Whether some of these versions are replaced by later ones."""

    def keep(self, rows: Rows) -> Rows:
        """The same rows, computed at most once however often they are read."""

    def cut(self, rows: Rows) -> Rows:
        """The same rows, where a plan may be cut: an engine that cannot plan all at once computes them here."""


def of_those_told(engine: Engine, tables: Iterable[str], rows: Rows, subjects: Rows) -> Rows:
    """The rows of subjects that ask after something was told of each of these tables: to others they are not there."""
    days = [day for name in tables if (day := engine.tables[name]) is not None]
    if not days:
        return rows
    told = subjects.filter(nw.col("as_of_day") > max(days)).select("subject")
    return rows.join(told, on="subject", how="semi")
