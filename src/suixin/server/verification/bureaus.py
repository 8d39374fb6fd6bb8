"""How a credit bureau is asked: a port, and the two ways that need no line to a bureau.

In production a licensed bureau stands behind `Bureau`: its reports come into the lake by the house's own feed, and a query is
answered with the newest of them; or it answers a list of queries by a file. The demonstration's county comes with its reports.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Protocol

import orjson
import polars as pl

from suixin.calendar import date_to_day, day_to_date
from suixin.identifiers import bucket_of
from suixin.lake.store import Lake

_SAID = ("exposure_id", "lender_id", "kind", "reported_day", "balance_fen", "monthly_service_fen")


@dataclass(frozen=True, slots=True)
class Report:
    """What a bureau says of a merchant.

    Attributes:
        reported_on: the day of the report, None if there is none.
        rows: how many debts it names.
        digest: SHA-256 (hex) of its rows.
        snapshot: of the lake in which they stand.
    """

    reported_on: date | None
    rows: int
    digest: str
    snapshot: str


class Bureau(Protocol):
    """Something that can be asked for a report."""

    @property
    def name(self) -> str:
        """What the bureau is called."""

    def query(self, merchant_id: str) -> Report | None:
        """Ask for a report; None if the answer comes later, by a file."""


@dataclass(frozen=True, slots=True)
class Held:
    """The report that the lake holds, as it was known before a day."""

    name: str
    lake: Lake
    as_of: date

    def query(self, merchant_id: str) -> Report:
        """See `Bureau`."""
        known = self.lake.versions(
            "exposures", bucket_of(merchant_id, self.lake.manifest.bucket_count)
        ).filter(
            pl.col("merchant_id") == merchant_id,
            pl.col("source") == "bureau",
            pl.col("known_day") < date_to_day(self.as_of),
        )
        newest = known.filter(pl.col("reported_day") == pl.col("reported_day").max())
        rows = newest.select(_SAID).sort(_SAID).unique(maintain_order=True).collect().to_dicts()
        on = day_to_date(rows[0]["reported_day"]) if rows else None
        return Report(on, sum(row["kind"] != "none" for row in rows), digest_of(rows), self.lake.snapshot)


@dataclass(frozen=True, slots=True)
class ByFile:
    """A bureau that answers a list of queries by a file."""

    name: str

    def query(self, merchant_id: str) -> None:
        """See `Bureau`."""
        del merchant_id


def digest_of(rows: list[dict[str, object]]) -> str:
    """SHA-256 (hex) of the rows of a report as JSON with sorted keys."""
    return sha256(orjson.dumps(rows, option=orjson.OPT_SORT_KEYS)).hexdigest()
