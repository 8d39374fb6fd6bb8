"""The canonical bytes of an audit record, of which its seal keeps the digest."""

from datetime import UTC
from hashlib import sha256

import orjson

from suixin.server.audit.models import Record


def digest(row: Record) -> bytes:
    """SHA-256 of all that a record says."""
    content = {
        "id": row.pk,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": row.actor,
        "action": row.action,
        "object": [row.object_kind, row.object_id],
        "before": row.before,
        "after": row.after,
        "reason": row.reason,
    }
    return sha256(orjson.dumps(content)).digest()
