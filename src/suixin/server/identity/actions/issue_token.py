"""Issue a token to a client of the API."""

from collections.abc import Collection
from datetime import datetime, timedelta

from suixin.errors import AccessError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.clients import Caller, digest_of, new_secret
from suixin.server.identity.models import Token
from suixin.server.identity.scopes import Scope

LIFE = timedelta(minutes=10)
"""So long a token is good; another one costs one request."""


def issue_token(caller: Caller, scopes: Collection[Scope] | None, *, at: datetime) -> tuple[str, Token]:
    """Give a client a token for some of its scopes, all unless told; return its text, which is not kept, and its row.

    Raises:
        AccessError: the client does not hold a scope.
    """
    wanted = caller.scopes if scopes is None else frozenset(scopes)
    if beyond := sorted(wanted - caller.scopes):
        raise AccessError(f"{caller.actor.name} does not hold {', '.join(beyond)}")
    organisation_id = caller.actor.organisation_id
    text = f"{organisation_id}.{new_secret()}"
    with tenancy.within(organisation_id):
        Token.objects.filter(client_id=caller.client.pk, expires_at__lte=at).delete()
        made = Token(
            client=caller.client,
            digest=digest_of(text),
            scopes=sorted(wanted),
            issued_at=at,
            expires_at=at + LIFE,
        )
        made.save(force_insert=True)
        record(caller.actor, "identity.token.issue", caller.client, after={"scopes": made.scopes}, at=at)
        return text, made
