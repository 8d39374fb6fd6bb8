"""Write messages, in the transaction that makes them true."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from django.db import connection

from suixin.server import tenancy


class News(NamedTuple):
    """What others are to be told: the topic, a key that tells it once, and the words."""

    topic: str
    key: str
    payload: dict[str, Any]


def write(news: Iterable[News], *, at: datetime) -> None:
    """Keep the messages for sending; one whose key was told before is not told again."""
    rows = [(tenancy.current(), one.topic, one.key, orjson.dumps(one.payload).decode(), at) for one in news]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, rows)


_INSERT = """
INSERT INTO outbox_message (organisation_id, topic, key, payload, written_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (organisation_id, topic, key) DO NOTHING
"""
