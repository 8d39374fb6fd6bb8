"""Who asks by the API: a client by its id and secret, or by a token; how often it may.

The id and the token begin with the organisation's number, so that the rows are looked for behind its wall and nowhere
else. Both secrets are 256 bits by chance: nobody guesses them, so that one SHA-256 keeps them as well as a slow hash
would, and a wrong one costs the server nothing (decision 0021).
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from django.db import connection
from django.utils.crypto import constant_time_compare

from suixin.server import tenancy
from suixin.server.identity.access import Actor
from suixin.server.identity.limits import MINUTE, requests_a_minute
from suixin.server.identity.models import Client, Token
from suixin.server.identity.scopes import Scope, granted

_DIGITS = 9  # of an organisation's number


@dataclass(frozen=True, slots=True)
class Caller:
    """A client that has shown who it is: as an actor, with the scopes of its token."""

    client: Client
    actor: Actor
    scopes: frozenset[Scope]
    wait_seconds: int = 0  # above 0: it has asked too often, and may ask again after them


def new_secret() -> str:
    """256 bits by chance, as text."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """SHA-256 (hex) of a secret."""
    return sha256(secret.encode()).hexdigest()


def client_of(client_id: str, secret: str, at: datetime) -> Caller | None:
    """The client of an id and its secret, with all its scopes; None if there is none or it was revoked."""
    organisation = _organisation(client_id.partition("-")[0])
    if organisation is None or not _plain(client_id):
        return None
    with tenancy.within(organisation):
        held = Client.objects.filter(client_id=client_id, revoked_at=None).first()
        if held is None or not constant_time_compare(held.digest, digest_of(secret)):
            return None
        return _caller(held, held.scopes, at)


def bearer_of(token: str, at: datetime) -> Caller | None:
    """The client that a token was given to; None if it is none, is over, or its client was revoked."""
    organisation = _organisation(token.partition(".")[0])
    if organisation is None:
        return None
    with tenancy.within(organisation):
        found = Token.objects.select_related("client").filter(digest=digest_of(token), expires_at__gt=at)
        held = found.filter(client__revoked_at=None).first()
        return None if held is None else _caller(held.client, held.scopes, at)


def actor_of(client: Client, scopes: frozenset[Scope]) -> Actor:
    """A client as an actor; it is no person, and what its scopes do not grant it may not do."""
    return Actor(client.organisation_id, f"client:{client.pk}", granted(scopes))


def _caller(client: Client, names: list[str], at: datetime) -> Caller:
    scopes = frozenset(Scope(name) for name in names)
    return Caller(client, actor_of(client, scopes), scopes, _counted(client, at))


def _counted(client: Client, at: datetime) -> int:
    """Count a request, by all workers together; the seconds to wait if it is one too many."""
    second = int(at.timestamp())
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [client.organisation_id, client.pk, second // MINUTE])
        (requests,) = cursor.fetchone()
    most = requests_a_minute(client.requests_a_minute, at.astimezone(UTC).date())
    return MINUTE - second % MINUTE if requests > most else 0


_COUNT = """
INSERT INTO identity_usage (organisation_id, client_id, minute, requests) VALUES (%s, %s, %s, 1)
ON CONFLICT (client_id) DO UPDATE SET
    requests = CASE WHEN identity_usage.minute = excluded.minute THEN identity_usage.requests + 1 ELSE 1 END,
    minute = excluded.minute
RETURNING requests
"""


def _organisation(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def _plain(text: str) -> bool:
    """Whether a database takes it as text."""
    return text.isascii() and text.isprintable()
