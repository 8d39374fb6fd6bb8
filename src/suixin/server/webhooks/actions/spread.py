"""Give each endpoint the messages that it is to hear."""

from datetime import datetime

from suixin.server import tenancy
from suixin.server.identity.access import Actor
from suixin.server.outbox.actions.send import send
from suixin.server.outbox.models import Message
from suixin.server.webhooks.events import body_of, id_of
from suixin.server.webhooks.models import Delivery, Endpoint

ACTION = "webhooks.delivery.send"
_BATCH = 500


def spread(*, by: Actor, at: datetime) -> int:
    """Make a delivery of each waiting message for each endpoint that hears its topic; return how many messages there were.

    In one transaction with the mark that a message is sent on, so that each becomes one delivery an endpoint, however often
    this is tried. An endpoint hears what was written since it was added, and nothing while it is off.
    """
    by.require(ACTION)
    done = 0
    while (batch := _batch(by.organisation_id, at)) > 0:
        done += batch
    return done


def _batch(organisation_id: int, at: datetime) -> int:
    made: list[Delivery] = []
    with tenancy.within(organisation_id):
        hearing = list(Endpoint.objects.filter(off_at=None).order_by("pk"))

        def carry(message: Message) -> None:
            made.extend(
                _delivery(message, one, at)
                for one in hearing
                if message.topic in one.topics and message.written_at >= one.added_at
            )

        count = send(organisation_id, carry, at=at, limit=_BATCH)
        Delivery.objects.bulk_create(made, ignore_conflicts=True)
        return count


def _delivery(message: Message, endpoint: Endpoint, at: datetime) -> Delivery:
    return Delivery(
        organisation_id=message.organisation_id,
        endpoint=endpoint,
        event_id=id_of(message),
        topic=message.topic,
        body=body_of(message),
        happened_at=message.written_at,
        next_at=at,
    )
