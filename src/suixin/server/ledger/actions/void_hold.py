"""Void a hold."""

from datetime import datetime

from django.utils import timezone

from suixin.errors import HoldError
from suixin.server import locks, tenancy
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Balance, Book, Hold


def void_hold(book: Book, key: str, *, by: Actor, reason: str, at: datetime | None = None) -> Hold:
    """Give back what was set aside, for good; a hold that is void stays void.

    Raises:
        HoldError: it was posted, or never placed.
        AccessError: the actor may not.
    """
    by.require("ledger.hold.void", book)
    with tenancy.within(book.organisation_id):
        locks.rows(Balance.objects.filter(holds__book_id=book.pk, holds__key=key))
        held = Hold.objects.filter(book_id=book.pk, key=key).first()
        if held is None:
            raise HoldError(f"hold {key!r} was never placed")
        if held.state == Hold.State.POSTED:
            raise HoldError(f"hold {key!r} was posted by {held.transaction_key}; reverse that instead")
        if held.state == Hold.State.PLACED:
            held.state, held.reason, held.ended_at = Hold.State.VOIDED, reason, at or timezone.now()
            held.save(update_fields=["state", "reason", "ended_at"])
        return held
