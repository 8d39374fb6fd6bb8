"""Who delivers to the house's lake, how well, and whether it is time that they did again."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count

from suixin.lake.ingests import Counts, Ingested, listed, of_record
from suixin.lake.manifest import IngestRecord
from suixin.lake.store import Lake
from suixin.server.identity.models import Client
from suixin.server.intake.models import RowOutcome
from suixin.server.intake.putting import ADAPTER as MENDED

WINDOW_DAYS = 30
MOST_ASIDE = 0.01
"""The share of rows set aside, and neither mended nor dismissed, above which a connector is shown as bad: the quality report's own bound."""
EXPECTED_DAYS = {
    "own_mall": 2,
    "cashflow_platform": 2,
    "merchant_export": 35,
    "licensed_bureau": 35,
    "tax_or_government": 95,
}
"""Route -> days within which something new is expected. House rules: a mall's orders come daily, exports and bureau reports
monthly, tax returns quarterly. A research set or a simulation is delivered once, and nothing is expected of it."""
NEVER, LATE, BAD, FINE = "never", "late", "bad", "fine"
STATES = (NEVER, LATE, BAD, FINE)


@dataclass(slots=True)
class Connector:
    """One source by one route.

    Attributes:
        source, adapter, route: as its ingests declare them; for a client of the API the client's name.
        last: its latest delivery that brought something new; None if there was none.
        ingests: how many deliveries of `WINDOW_DAYS` brought something new.
        read, aside: rows of these, and those of them that were set aside; None if a release before kept no counts.
        waiting: of those set aside, the rows that are neither mended nor dismissed, without those that an earlier ingest
            had set aside word for word; None as `aside`.
        state: of `STATES`: never delivered, late, bad rows, fine.
        tables: that they filled.
    """

    source: str
    adapter: str
    route: str
    last: IngestRecord | None = None
    ingests: int = 0
    read: int | None = 0
    aside: int | None = 0
    waiting: int | None = 0
    state: str = NEVER
    tables: set[str] = field(default_factory=set)

    @property
    def expected_days(self) -> int | None:
        """Within which the next one is expected, by its route; None for never."""
        return EXPECTED_DAYS.get(self.route)

    @property
    def last_at(self) -> datetime | None:
        """When it delivered last."""
        return None if self.last is None else datetime.fromisoformat(self.last.ingested_at)

    @property
    def share(self) -> float | None:
        """Of the rows of the window, those that were set aside and wait; None if there was no row or no count."""
        return self.waiting / self.read if self.read and self.waiting is not None else None


def connectors(lake: Lake | None, at: datetime) -> list[Connector]:
    """Every source that ever delivered by a route, and every live client of the API that may: who needs a look first.

    LakeError if what an ingest of the window did cannot be read.
    """
    found: dict[tuple[str, str, str], Connector] = {}
    for client in Client.objects.filter(revoked_at=None).exclude(route="").order_by("id"):
        found.setdefault(("api", client.name, client.route), Connector(client.name, "api", client.route))
    since, settled = at - timedelta(days=WINDOW_DAYS), _settled()
    for record in lake.manifest.ingests if lake else ():
        if record.adapter == MENDED:
            continue
        key = (record.adapter, record.source, record.route)
        one = found.setdefault(key, Connector(record.source, record.adapter, record.route))
        one.last = record
        if lake is not None and datetime.fromisoformat(record.ingested_at) >= since:
            _add(one, of_record(lake.root, record), settled[record.sequence])
    for one in found.values():
        one.state = _state(one, at)
    return sorted(found.values(), key=lambda one: (STATES.index(one.state), one.source, one.route))


def _settled() -> Counter[int]:
    """Ingest -> how many of the rows that it set aside are mended or dismissed."""
    counted = RowOutcome.objects.order_by().values("ingest").annotate(many=Count("id"))
    return Counter(dict(counted.values_list("ingest", "many")))


def _add(one: Connector, ingest: Ingested, settled: int) -> None:
    one.ingests += 1
    if ingest.tables is None or one.read is None or one.aside is None or one.waiting is None:
        one.read = one.aside = one.waiting = None
        return
    total = ingest.total
    one.read, one.aside = one.read + total.read, one.aside + total.quarantined
    one.waiting += max(0, total.quarantined - total.again - settled)
    one.tables |= ingest.tables.keys()


def _state(one: Connector, at: datetime) -> str:
    if one.last_at is None:
        return NEVER
    if one.expected_days is not None and at - one.last_at > timedelta(days=one.expected_days):
        return LATE
    return BAD if (one.share or 0) > MOST_ASIDE else FINE


@dataclass(frozen=True, slots=True)
class Break:
    """Counts of an ingest that do not add up: the sum that was read is not that of its three."""

    number: int
    table: str
    counts: Counts


def breaks(lake: Lake) -> Iterable[Break]:
    """Every ingest whose counts do not add up. There is none unless somebody changed a file of the lake."""
    for one in listed(lake.root, lake.manifest):
        for table, counts in (one.tables or {}).items():
            if not counts.adds_up:
                yield Break(one.number, table, counts)
