"""Figures for a monitor (Prometheus): requests by view, and how the house stands.

Views, not addresses, are counted, so that no number of a case and no person stands there. Each worker counts in a file of
its own in PROMETHEUS_MULTIPROC_DIR, which `suixin serve` makes; who asks one worker is told the sum of all.
"""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from suixin.calendar import CIVIL_ZONE
from suixin.server.telemetry.house import Standing, standings

_OWN = CollectorRegistry()
REQUESTS = Counter("suixin_requests", "Requests answered.", ["view", "method", "status"], registry=_OWN)
SECONDS = Histogram(
    "suixin_request_seconds",
    "Seconds until a request was answered.",
    ["view"],
    registry=_OWN,
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10),
)
_METHODS = {"GET", "HEAD", "POST"}


def answered(view: str, method: str, status: int, seconds: float) -> None:
    """Count a request."""
    REQUESTS.labels(view, method if method in _METHODS else "other", str(status)).inc()
    SECONDS.labels(view).observe(seconds)


def exposed(at: datetime) -> bytes:
    """All figures as text, those of the house as they stand now."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_OWN)
    registry.register(_House(at))
    return generate_latest(registry)


class _House(Collector):
    """How each bank's books, messages and log stand."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Gauges, by organisation, and by book where there are several."""
        found = list(standings())
        today = timezone.localtime(self._at, ZoneInfo(CIVIL_ZONE)).date()
        lag = GaugeMetricFamily(
            "suixin_book_lag_days", "Days whose end is overdue.", labels=["organisation", "book"]
        )
        broken = GaugeMetricFamily(
            "suixin_book_breaks", "Differences of loans and ledger.", labels=["organisation", "book"]
        )
        for one in found:
            for book, business_on, differ in one.books:
                lag.add_metric([one.organisation, book], (today - business_on).days)
                broken.add_metric([one.organisation, book], differ)
        yield lag
        yield broken
        yield self._each(found, "suixin_outbox_waiting", "Messages that wait.", lambda one: one.messages)
        yield self._each(
            found,
            "suixin_outbox_oldest_seconds",
            "Age of the oldest.",
            lambda one: self._age(one.oldest_message),
        )
        yield self._each(
            found, "suixin_audit_unsealed", "Audit records behind the last seal.", lambda one: one.unsealed
        )
        yield self._each(
            found,
            "suixin_audit_unsealed_oldest_seconds",
            "Age of the oldest of them.",
            lambda one: self._age(one.oldest_unsealed),
        )

    def _age(self, since: datetime | None) -> float:
        return 0.0 if since is None else (self._at - since).total_seconds()

    @staticmethod
    def _each(
        found: list[Standing], name: str, text: str, figure: Callable[[Standing], float]
    ) -> GaugeMetricFamily:
        family = GaugeMetricFamily(name, text, labels=["organisation"])
        for one in found:
            family.add_metric([one.organisation], figure(one))
        return family
