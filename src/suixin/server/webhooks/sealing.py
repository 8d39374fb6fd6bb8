"""An endpoint's secret as it is kept: sealed, so that a copy of the database signs nothing, and opened to sign.

It is sealed by the key that seals second factors (`suixin.server.identity.keys`), for its endpoint alone: moved to another's
row it opens no more. It cannot be kept as a digest, as a client's secret is, since the server must sign with it.
"""

from contextlib import suppress
from datetime import datetime

from suixin.errors import UsageError
from suixin.server.identity import keys
from suixin.server.webhooks.models import Endpoint


def sealed(secret: str, code: str) -> bytes:
    """A secret sealed for the endpoint of this code."""
    return keys.seal(secret.encode(), _owner(code))


def secrets_of(endpoint: Endpoint, at: datetime) -> list[str]:
    """The secrets that sign now, the newest first: two for a while after one was replaced, if its key is still there.

    Raises:
        UsageError: no key opens the newest.
    """
    held = [keys.unseal(bytes(endpoint.secret), _owner(endpoint.code)).decode()]
    if endpoint.old_secret is not None and endpoint.old_until is not None and at < endpoint.old_until:
        with suppress(UsageError):  # it was replaced because its key is gone
            held.append(keys.unseal(bytes(endpoint.old_secret), _owner(endpoint.code)).decode())
    return held


def _owner(code: str) -> str:
    return f"webhook:{code}"
