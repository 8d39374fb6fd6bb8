"""Add a client of the API."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from suixin.errors import UsageError
from suixin.lake.source import ROUTES
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.identity.clients import digest_of, new_secret
from suixin.server.identity.models import Client
from suixin.server.identity.scopes import Scope


@dataclass(frozen=True, slots=True)
class NewClient:
    """A program that is to speak to the API.

    Attributes:
        name: what it is called.
        scopes: what it may do.
        route, authorisation, purpose: of the data that it pushes, as an ingest declares them; '' if it pushes none.
        requests_a_minute: how often it may ask; None for what the house allows everyone.
    """

    name: str
    scopes: Collection[Scope]
    route: str = ""
    authorisation: str = ""
    purpose: str = ""
    requests_a_minute: int | None = None


def add_client(new: NewClient, *, by: Actor, second: Actor | None, at: datetime) -> tuple[Client, str]:
    """Add a client; return it and its secret, which is shown now and never again.

    Raises:
        AccessError: not an administrator, or no second one.
        UsageError: no name, no scope, or data to push without saying by which route, authorisation and purpose.
    """
    _judge(new)
    by.require("identity.client.add")
    by.require_second("identity.client.add", second)
    secret = new_secret()
    with tenancy.within(by.organisation_id):
        made = Client(
            client_id=f"{by.organisation_id}-{secrets.token_hex(6)}",
            name=new.name.strip(),
            digest=digest_of(secret),
            scopes=sorted({str(scope) for scope in new.scopes}),
            route=new.route,
            authorisation=new.authorisation,
            purpose=new.purpose,
            requests_a_minute=new.requests_a_minute,
            added_by=by.name,
            added_at=at,
        )
        made.save(force_insert=True)
        after = {
            "client_id": made.client_id,
            "scopes": made.scopes,
            "route": made.route,
            "second": second.name if second else "",
        }
        record(by, "identity.client.add", made, after=after, at=at)
        return made, secret


def _judge(new: NewClient) -> None:
    if not new.name.strip() or not new.scopes:
        raise UsageError(f"client {new.name!r} with the scopes {sorted(new.scopes)}: give a name and a scope")
    if new.requests_a_minute is not None and new.requests_a_minute < 1:
        raise UsageError(f"{new.requests_a_minute} requests a minute; give 1 or more")
    declared = (new.route, new.authorisation.strip(), new.purpose.strip())
    if Scope.DATA_WRITE not in new.scopes:
        if any(declared):
            raise UsageError(
                "a client without the scope data:write pushes no data; leave route and purpose out"
            )
        return
    if new.route not in ROUTES:
        raise UsageError(f"the route {new.route!r} is not one of {', '.join(ROUTES)}")
    if not all(declared):
        raise UsageError("who pushes data says what allows it and for what: give authorisation and purpose")
