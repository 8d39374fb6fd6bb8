"""An endpoint's secret as it is kept: sealed, so that a copy of the database signs nothing, and opened to sign.

It is sealed by the key that seals second factors (`suixin.server.identity.keys`), for its endpoint alone: moved to another's
row it opens no more. It cannot be kept as a digest, as a client's secret is, since the server must sign with it.
"""

from datetime import datetime

from suixin.server.identity import keys
from suixin.server.webhooks.models import Endpoint


def sealed(secret: str, code: str) -> bytes:
    """A secret sealed for the endpoint of this code."""
    return keys.seal(secret.encode(), _owner(code))


def secrets_of(endpoint: Endpoint, at: datetime) -> list[str]:
    """The secrets that sign now, the newest first: two for a while after one was replaced."""
    held = [bytes(endpoint.secret)]
    if endpoint.old_secret is not None and endpoint.old_until is not None and at < endpoint.old_until:
        held.append(bytes(endpoint.old_secret))
    return [keys.unseal(one, _owner(endpoint.code)).decode() for one in held]


def _owner(code: str) -> str:
    return f"webhook:{code}"
