"""Switch an endpoint on again."""

from datetime import datetime

from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import access
from suixin.server.identity.access import Actor
from suixin.server.webhooks.actions.spread import spread
from suixin.server.webhooks.models import Endpoint
from suixin.server.webhooks.queries import locked

ACTION = "webhooks.endpoint.switch_on"
_FIELDS = ["off_at", "off_because", "failures", "failing_since", "rests_until"]


def switch_on(code: str, *, by: Actor, second: Actor | None, reason: str, at: datetime) -> Endpoint:
    """Send it again what waits and what happens from now on; again changes nothing.

    Raises:
        AccessError: not an administrator, or no second one.
        UsageError: there is no such endpoint.
    """
    by.require(ACTION)
    by.require_second(ACTION, second)
    with tenancy.within(by.organisation_id):
        held = locked(code)
        if held.off_at is not None:
            spread(
                by=access.system(by.organisation_id, "webhooks"), at=at
            )  # what it missed is told to the others alone
            held.off_at, held.off_because = None, ""
            held.failures, held.failing_since, held.rests_until = 0, None, None
            held.save(update_fields=_FIELDS)
            told = by.with_second(reason, second)
            record(by, ACTION, held, before={"off": True}, after={"off": False}, reason=told, at=at)
        return held
