"""Questions about endpoints and deliveries."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from suixin.errors import UsageError
from suixin.server import locks, tenancy
from suixin.server.days import between
from suixin.server.webhooks.models import Attempt, Delivery, Endpoint


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries: of a state, a topic, an endpoint's code, an event's id, the days of what happened; '' or None for all."""

    state: str = ""
    topic: str = ""
    endpoint: str = ""
    event_id: str = ""
    from_on: date | None = None
    to_on: date | None = None


def endpoints() -> list[Endpoint]:
    """The house's endpoints, the oldest first, each with how many deliveries wait (`waiting`) and were given up (`dead`)."""
    of = "deliveries__state"
    counted = Endpoint.objects.annotate(
        waiting=Count("deliveries", filter=Q(**{of: Delivery.State.WAITING})),
        dead=Count("deliveries", filter=Q(**{of: Delivery.State.DEAD})),
    )
    return list(counted.order_by("pk"))


def any_on() -> bool:
    """Whether the house has an endpoint that is told something."""
    return Endpoint.objects.filter(off_at=None).exists()


def locked(code: str) -> Endpoint:
    """An endpoint, locked.

    Raises:
        UsageError: there is none of that code.
    """
    found = locks.rows(Endpoint.objects.filter(code=code))
    if not found:
        raise UsageError(f"there is no endpoint {code!r} in this organisation", zh=f"没有推送地址“{code}”")
    return found[0]


def locked_delivery(number: int) -> Delivery:
    """A delivery, locked.

    Raises:
        UsageError: there is none of that number.
    """
    found = locks.rows(Delivery.objects.filter(pk=number).select_related("endpoint"))
    if not found:
        raise UsageError(
            f"there is no delivery {number} in this organisation", zh=f"没有编号为 {number} 的推送"
        )
    return found[0]


def due(at: datetime) -> QuerySet[Delivery]:
    """What is to be sent, the longest due first; nothing of an endpoint that is off or rests."""
    awake = Q(endpoint__rests_until=None) | Q(endpoint__rests_until__lte=at)
    waiting = Delivery.objects.filter(awake, state=Delivery.State.WAITING, next_at__lte=at)
    return waiting.filter(endpoint__off_at=None, endpoint__organisation_id=tenancy.current()).order_by(
        "next_at", "pk"
    )


def found(wanted: Wanted) -> QuerySet[Delivery]:
    """The deliveries that are asked for, the latest first."""
    rows = Delivery.objects.select_related("endpoint")
    rows = rows.filter(between("happened_at", wanted.from_on, wanted.to_on))
    asked = {
        "state": wanted.state,
        "topic": wanted.topic,
        "endpoint__code": wanted.endpoint,
        "event_id": wanted.event_id,
    }
    return rows.filter(**{name: value for name, value in asked.items() if value}).order_by("-pk")


def attempts(delivery: Delivery) -> list[Attempt]:
    """Every try, the latest first."""
    return list(Attempt.objects.filter(delivery_id=delivery.pk).order_by("-pk"))
