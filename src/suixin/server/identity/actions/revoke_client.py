"""Revoke a client of the API."""

from datetime import datetime

from suixin.errors import UsageError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.identity.models import Client, Token


def revoke_client(client_id: str, *, by: Actor, reason: str, at: datetime) -> Client:
    """Revoke a client: its secret and every token of it are good for nothing from now on; again changes nothing.

    One administrator is enough: what is taken away in haste can be given again with two.

    Raises:
        AccessError: not an administrator.
        UsageError: there is no such client.
    """
    by.require("identity.client.revoke")
    with tenancy.within(by.organisation_id):
        found = locks.rows(Client.objects.filter(client_id=client_id))
        if not found:
            raise UsageError(f"there is no client {client_id!r} in this organisation")
        (held,) = found
        if held.revoked_at is None:
            held.revoked_at = at
            held.save(update_fields=["revoked_at"])
            Token.objects.filter(client_id=held.pk).delete()
            record(by, "identity.client.revoke", held, before={"scopes": held.scopes}, reason=reason, at=at)
        return held
