"""Standard Webhooks: how an event is signed, and how who receives it makes sure that it is ours and of now.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, symmetric signatures (`v1`):
HMAC-SHA256 over `id.timestamp.body` under the bytes behind `whsec_`. A header may bear several signatures, with a blank
between them, while a secret is being replaced by another.
"""

import base64
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson

from suixin.errors import SignatureError, UsageError

PREFIX = "whsec_"
TOLERANCE = timedelta(minutes=5)
"""So far the time of a message may lie from ours, before and behind; an older one may be somebody's copy."""
_BYTES = range(24, 65)  # what the specification lets a secret be


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it came.

    Attributes:
        id: the same whenever it is sent again: who has seen it does nothing.
        type: its topic, such as `repayment.received`.
        version: of the topic's data.
        happened_at: when it was written, in the transaction that made it true.
        data: what the topic tells, money as `{"amount": "500.00", "currency": "CNY"}`, dates as text.
    """

    id: str
    type: str
    version: int
    happened_at: datetime
    data: Mapping[str, Any]


def new_secret() -> str:
    """A secret of 32 bytes by chance."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature of one message under one secret, `v1,...`.

    Args:
        secret: `whsec_` and base64.
        message_id: of the header `webhook-id`.
        timestamp: seconds since 1970, of the header `webhook-timestamp`.
        body: as it is sent, byte by byte.

    Raises:
        UsageError: it is no such secret.
    """
    signed = _bytes(f"{message_id}.{timestamp}.") + body
    return "v1," + base64.b64encode(hmac.new(_key(secret), signed, sha256).digest()).decode()


def verify(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: datetime | None = None,
    tolerance: timedelta = TOLERANCE,
) -> Event:
    """The event of a message that was signed under the secret, lately.

    Args:
        secret: of the endpoint.
        headers: of the request, in whatever case.
        body: of the request, before anything has read it as JSON.
        now: the time; the clock's unless told.
        tolerance: see `TOLERANCE`.

    Raises:
        SignatureError: a header is missing, the time is too far off, or no signature fits. Answer 400 and do nothing.
        UsageError: the secret is none.
    """
    held = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, told, signed = (held[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        timestamp = _seconds(told)
    except (KeyError, ValueError) as error:
        raise SignatureError(
            "the message lacks webhook-id, webhook-timestamp in seconds or webhook-signature"
        ) from error
    _judge_time(timestamp, now or datetime.now(UTC), tolerance)
    expected = signature(secret, message_id, timestamp, body).encode()
    if not any(hmac.compare_digest(expected, _bytes(one)) for one in signed.split(" ")):
        raise SignatureError("no signature of the message fits this secret")
    return _event(message_id, body)


def _seconds(told: str) -> int:
    if not (told.isascii() and told.isdigit() and len(told) < 16):
        raise ValueError(told[:16])
    return int(told)


def _bytes(text: str) -> bytes:
    """Of a header, which some servers hand over with bytes that are no text."""
    return text.encode(errors="surrogatepass")


def _judge_time(timestamp: int, now: datetime, tolerance: timedelta) -> None:
    if abs(now.timestamp() - timestamp) > tolerance.total_seconds():
        raise SignatureError(f"the message is of another time than {now.isoformat()}; it may be a copy")


def _event(message_id: str, body: bytes) -> Event:
    try:
        told = orjson.loads(body)
        happened = datetime.fromisoformat(told["timestamp"])
        return Event(message_id, str(told["type"]), int(told["version"]), happened, told["data"])
    except (ValueError, KeyError, TypeError) as error:
        raise SignatureError("the message is signed and is no event of this version") from error


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError as error:  # base64's own, or signs beyond ASCII
        raise UsageError("a webhook's secret is whsec_ and base64; this is none") from error
    if len(key) not in _BYTES:
        raise UsageError(f"a webhook's secret holds 24 to 64 bytes; this one {len(key)}")
    return key
