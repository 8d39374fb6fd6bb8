"""A month's sales of merchants who agreed to it, as the lake records them: added up a merchant, for the total alone.

Recorded sales, not genuine ones: to tell the two apart takes shipments, reviews, refunds and relations, which nobody
agrees to for a total.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import narwhals.stable.v2 as nw
import polars as pl

from suixin.calendar import add_months, date_to_day
from suixin.errors import LakeError, PolicyError, UsageError
from suixin.features.expressions import cancelled
from suixin.features.point_in_time import known_before
from suixin.features.subjects import event_span
from suixin.identifiers import bucket_of
from suixin.lake.store import Lake, reading
from suixin.lake.tables import ORDERS
from suixin.server.origination.desk import desk, lake_of, policy_of, release_in_force

PURPOSE = "P108"
READS = (ORDERS.name,)
"""All that the purpose allows."""


class Absent(StrEnum):
    """Why a month has no sales."""

    LAKE = "lake"  # there is none that can be read
    MONTH = "month"  # it does not hold the whole month


@dataclass(frozen=True, slots=True)
class Source:
    """A lake that knows the month, and the routes by which its rows may have come."""

    lake: Lake
    routes: tuple[str, ...] | None


def source(first_on: date) -> Source | Absent:
    """Where the sales of a month can be read, by the manifest alone: nobody's rows are opened."""
    try:
        lake = lake_of(desk())
        routes = policy_of(release_in_force()).policy.data.routes.value
        first, last = event_span(lake)
    except (LakeError, PolicyError, UsageError):
        return Absent.LAKE
    state = lake.manifest.tables.get(ORDERS.name)
    ends_on = date.fromisoformat(state.last_on) if state is not None and state.rows else date.min
    whole = first <= first_on <= ends_on and date_to_day(last) >= _until(first_on) - 1
    return Source(lake, routes) if whole else Absent.MONTH


def sums(held: Source, merchants: Collection[str], first_on: date, as_of: date) -> dict[str, int]:
    """Merchant -> the goods that were ordered of them in a month, fen, freight apart, by the civil day of the order.

    What was called off by then does not count, nor what became known on `as_of` or later; refunds are not taken off, since
    most come in another month. Who sold nothing is left out: they are none of those on whom a total rests.

    Raises:
        LakeError: a data file is missing or damaged.
    """
    lake, day = held.lake.narrowed(READS, first_on), date_to_day(as_of)
    placed = defaultdict[int, list[str]](list)
    for merchant in merchants:
        placed[bucket_of(merchant, lake.manifest.bucket_count)].append(merchant)
    found: dict[str, int] = {}
    for bucket, some in sorted(placed.items()):
        asking = pl.LazyFrame({"subject": some, "merchant_id": some, "as_of_day": [day] * len(some)})
        orders = known_before(
            nw.from_native(lake.versions(ORDERS.name, bucket, held.routes)),
            ORDERS,
            nw.from_native(asking.with_columns(pl.col("as_of_day").cast(pl.Int32))),
            versions=lake.superseded(ORDERS.name, bucket),
        )
        sold = orders.filter(~cancelled(), nw.col("age") > day - _until(first_on))
        with reading(lake.root):
            rows = sold.group_by("subject").agg(nw.col("amount_fen").sum()).to_native().collect()
        found |= {str(merchant): int(fen) for merchant, fen in rows.iter_rows() if fen > 0}
    return found


def _until(first_on: date) -> int:
    """The day after the month."""
    return date_to_day(add_months(first_on, 1))
