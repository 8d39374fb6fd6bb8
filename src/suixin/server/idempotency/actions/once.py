"""Do a write once."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from django.db import IntegrityError, transaction

from suixin.errors import ConflictError
from suixin.server import tenancy
from suixin.server.audit.registry import known
from suixin.server.idempotency.models import DoneWrite


def once(action: str, key: str, body: Any, do: Callable[[], Any], *, at: datetime) -> Any:
    """Do a write and keep its result under the key; the same key with the same body returns the result, undone again.

    Both commit together. Of two callers at once the second one fails on the key and is given the first one's result.

    Args:
        action: a registered name; keys of different actions do not meet.
        key: the caller's own.
        body: what was asked, as JSON.
        do: writes, and returns a result that is JSON; its writes are undone if another caller came first.
        at: when.

    Raises:
        ConflictError: the key was used for another body.
    """
    asked = _digest(body)
    with tenancy.within(tenancy.current()):
        if (held := _held(action, key)) is not None:
            return _same(held, asked)
        try:
            with transaction.atomic():
                result = do()
                DoneWrite(action=known(action), key=key, body=asked, result=result, done_at=at).save()
        except (IntegrityError, ConflictError):  # of the key, or of what the first one wrote under it
            if (held := _held(action, key)) is None:
                raise
            return _same(held, asked)
        return result


def before(action: str, key: str, body: Any) -> Any | None:
    """The result of a write that was done under the key, None if none was: for work that is too long for a transaction.

    Raises:
        ConflictError: the key was used for another body.
    """
    held = _held(action, key)
    return None if held is None else _same(held, _digest(body))


def _digest(body: Any) -> bytes:
    return sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).digest()


def _held(action: str, key: str) -> DoneWrite | None:
    return DoneWrite.objects.filter(action=action, key=key).first()


def _same(held: DoneWrite, asked: bytes) -> Any:
    if bytes(held.body) != asked:
        raise ConflictError(f"key {held.key!r} of {held.action} was used before for something else")
    return held.result
