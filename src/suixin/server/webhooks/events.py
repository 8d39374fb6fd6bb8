"""A message of the outbox as the event that is sent."""

from datetime import UTC
from hashlib import sha256

import orjson

from suixin.server.outbox.models import Message
from suixin.server.webhooks.topics import VERSION


def id_of(message: Message) -> str:
    """The event's id: the same for every endpoint and whenever it is made."""
    told = f"{message.organisation_id}/{message.topic}/{message.key}"
    return f"msg_{sha256(told.encode()).hexdigest()[:32]}"


def body_of(message: Message) -> str:
    """What is sent, as JSON: type, version, id, timestamp, data."""
    document = {
        "type": message.topic,
        "version": VERSION,
        "id": id_of(message),
        "timestamp": message.written_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "data": message.payload,
    }
    return orjson.dumps(document).decode()
