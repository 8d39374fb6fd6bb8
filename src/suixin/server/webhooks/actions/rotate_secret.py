"""Replace an endpoint's secret."""

from datetime import datetime

from suixin.client.webhooks import new_secret
from suixin.errors import ConflictError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.webhooks.models import Endpoint
from suixin.server.webhooks.queries import locked
from suixin.server.webhooks.rules import OLD_SECRET
from suixin.server.webhooks.sealing import sealed

ACTION = "webhooks.endpoint.rotate"


def rotate_secret(code: str, *, by: Actor, reason: str, at: datetime) -> tuple[Endpoint, str]:
    """Draw another secret and return it, shown this once; for 24 hours the one before signs as well.

    Raises:
        AccessError: not an administrator.
        ConflictError: it was replaced less than 24 hours ago, and what signed before would sign no more.
        UsageError: there is no such endpoint.
    """
    by.require(ACTION)
    secret = new_secret()
    with tenancy.within(by.organisation_id):
        held = locked(code)
        if held.old_until is not None and at < held.old_until:
            raise ConflictError(
                f"the secret of {code} was replaced lately; the one before signs until {held.old_until.isoformat()}",
                zh=f"密钥刚更换过，旧密钥用到 {held.old_until.isoformat()}",
            )
        held.old_secret, held.old_until = held.secret, at + OLD_SECRET
        held.secret = sealed(secret, code)
        held.save(update_fields=["secret", "old_secret", "old_until"])
        record(by, ACTION, held, reason=reason, at=at)
        return held, secret
