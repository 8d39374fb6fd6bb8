"""The cluster engine: the same definitions on PySpark, for a lake that one machine cannot hold.

PySpark is not among the product's own dependencies: `./dev setup spark` installs it, and it needs Java 17. Every
worker must see the lake under the same path. Results equal the embedded engine's; docs/reference/engine-equality.md
is the proof, made by the tests.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import polars as pl

from suixin.errors import UsageError
from suixin.features.build import EVIDENCE, SERIES, SUBJECTS, Built, with_month
from suixin.features.coverage import known_tables
from suixin.features.definition import County, of_county, of_merchants, present, reads_county
from suixin.features.feature import Rows
from suixin.features.registry import FAMILIES
from suixin.lake.contract import Table
from suixin.lake.store import Lake
from suixin.lake.tables import TABLES

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SPARK_TYPE = {
    pl.String: "string",
    pl.Int64: "bigint",
    pl.Int32: "int",
    pl.Float64: "double",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Datetime: "timestamp",
}
_POLARS_TYPE = {"string": pl.String(), "bigint": pl.Int64(), "int": pl.Int32(), "double": pl.Float64()}


class SparkEngine:
    """PySpark over the whole of a lake."""

    def __init__(
        self,
        session: "SparkSession",
        lake: Lake,
        routes: tuple[str, ...] | None,
        tables: Mapping[str, int | None],
    ) -> None:
        self._session, self._lake, self._routes = session, lake, routes
        self._kept: list[Rows] = []
        self.tables = tables

    def scan(self, table: str) -> Rows:
        """All row versions of a table."""
        state = self._lake.manifest.tables[table]
        paths = [
            str(self._lake.root.resolve() / file.path) for held in state.buckets.values() for file in held
        ]
        rows: Rows = nw.from_native(self._session.read.schema(_schema(TABLES[table])).parquet(*paths))
        chosen: Rows = rows if self._routes is None else rows.filter(nw.col("route").is_in(self._routes))
        return chosen

    def superseded(self, table: str) -> bool:
        """Whether some versions are replaced."""
        return any(self._lake.superseded(table, bucket) for bucket in self._lake.buckets(table))

    def keep(self, rows: Rows) -> Rows:
        """The rows, computed now and held by the workers.

        A checkpoint, not a cache: a cached frame keeps its whole plan, and plans that read such frames several times
        grow until Spark spends minutes on analysing them.
        """
        held: Rows = nw.from_native(rows.to_native().localCheckpoint())
        self._kept.append(held)
        return held

    def cut(self, rows: Rows) -> Rows:
        """The rows, computed now: a plan of all families at once holds more aggregations than a task has memory for."""
        return self.keep(rows)

    def given(self, frame: pl.DataFrame) -> Rows:
        """A small frame handed to the cluster."""
        columns = ", ".join(f"{name} {_SPARK_TYPE[kind.base_type()]}" for name, kind in frame.schema.items())
        rows: Rows = nw.from_native(self._session.createDataFrame(frame.rows(), columns))
        return rows

    def forget(self) -> None:
        """Let go of what was kept."""
        for rows in self._kept:
            rows.to_native().unpersist()
        self._kept.clear()


def build_on_spark(
    session: "SparkSession",
    lake: Lake,
    subjects: pl.DataFrame,
    *,
    routes: Iterable[str] | None = None,
    only: Iterable[str] | None = None,
    check_self_dealing: bool = True,
) -> Built:
    """Compute every feature on a cluster; the same result as `suixin.features.build.build`.

    Args:
        session: a session of PySpark 4, with `spark.sql.session.timeZone` UTC.
        lake: a snapshot, on a path that every worker sees.
        subjects: one row each, with columns `subject` (unique), `merchant_id`, `as_of_day`.
        routes: only rows that came by these routes; None for all.
        only: families to compute; None for all.
        check_self_dealing: False takes every order as genuine, to show what the check is worth.

    Raises:
        UsageError: the session reads times in another zone.
    """
    zone = session.conf.get("spark.sql.session.timeZone")
    if zone != "UTC":
        raise UsageError(f"the Spark session's zone is {zone}; set spark.sql.session.timeZone to UTC")
    asking = with_month(subjects)
    wanted = None if only is None else frozenset(only)
    allowed = None if routes is None else tuple(sorted(routes))
    engine = SparkEngine(session, lake, allowed, known_tables(lake, allowed, asking["as_of_day"]))
    held = present(FAMILIES, engine.tables, wanted)
    try:
        rows = engine.keep(engine.given(asking))
        county = County(rows.select("subject"), {})
        if check_self_dealing or reads_county(held):
            county = of_county(engine, rows, wanted)
        own = of_merchants(engine, rows, county.shared, wanted, check_self_dealing=check_self_dealing)
        both = collected(own.features).join(collected(county.features), on="subject")
        series = pl.DataFrame(schema=SERIES) if own.series is None else collected(own.series).select(*SERIES)
        found = (
            pl.DataFrame(schema=EVIDENCE)
            if own.evidence is None
            else collected(own.evidence).select(*EVIDENCE)
        )
    finally:
        engine.forget()
    whole = asking.select(*SUBJECTS).join(both, on="subject").sort("subject")
    absent = tuple(family.name for family in FAMILIES if family not in held)
    return Built(
        whole, series.sort("subject", "source", "month"), found.sort("subject", "order_id", "sign"), absent
    )


def collected(rows: Rows) -> pl.DataFrame:
    """The rows, brought to this process."""
    native = rows.to_native()
    schema = {name: _POLARS_TYPE[kind] for name, kind in native.dtypes}
    return pl.DataFrame([tuple(row) for row in native.collect()], schema=schema, orient="row")


def _schema(table: Table) -> str:
    return ", ".join(f"`{name}` {_SPARK_TYPE[kind.base_type()]}" for name, kind in table.stored.items())
