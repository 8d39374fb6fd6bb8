"""Write one line of the audit log."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson
from django.db import models, transaction

from suixin.errors import UsageError
from suixin.server.audit.models import Record
from suixin.server.audit.objects import known_object
from suixin.server.audit.registry import known
from suixin.server.telemetry import logs

if TYPE_CHECKING:
    from suixin.server.identity.access import Actor


LONGEST = 500
"""So many characters of a reason are kept."""


def record(
    by: "Actor",
    action: str,
    thing: models.Model,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    at: datetime,
) -> Record:
    """Write who did what to which object, in the transaction that does it.

    Of the state before and after the log keeps the digest: it proves what a document says without keeping it.

    Raises:
        UsageError: the action is not registered, the kind of object has no words, or the reason is longer than the log keeps.
        TenancyError: outside the actor's organisation.
    """
    if len(reason) > LONGEST:
        raise UsageError(f"the reason has {len(reason)} characters; the log keeps {LONGEST}")
    made = Record(
        organisation_id=by.organisation_id,
        at=at,
        actor=by.name,
        action=known(action),
        object_kind=known_object(thing._meta.label_lower),
        object_id=str(thing.pk),
        before=state_digest(before),
        after=state_digest(after),
        reason=reason,
    )
    made.save(force_insert=True)
    transaction.on_commit(partial(_told, made))
    return made


def _told(made: Record) -> None:
    """A line of the log for whoever runs the server, once it has happened; the reason stays in the database."""
    logs.note(
        "action",
        action=made.action,
        actor=made.actor,
        object=f"{made.object_kind} {made.object_id}",
        organisation=made.organisation_id,
    )


def state_digest(state: Mapping[str, Any] | None) -> str:
    """SHA-256 (hex) of a state as JSON with sorted keys; '' for none."""
    if state is None:
        return ""
    return sha256(orjson.dumps(state, option=orjson.OPT_SORT_KEYS)).hexdigest()
