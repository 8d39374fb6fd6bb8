"""Switch an endpoint off."""

from datetime import datetime

from suixin.errors import UsageError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.webhooks.models import Endpoint
from suixin.server.webhooks.queries import locked

ACTION = "webhooks.endpoint.switch_off"
LONGEST = 400


def switch_off(code: str, *, by: Actor, reason: str, at: datetime) -> Endpoint:
    """Send it nothing more: what waits goes on waiting, what happens meanwhile is not told; again changes nothing.

    One administrator is enough, and so is the program, when an endpoint says that it is gone or has taken nothing for days.

    Raises:
        AccessError: the actor may not.
        UsageError: there is no such endpoint, or the reason is too long.
    """
    by.require(ACTION)
    if len(reason) > LONGEST:
        raise UsageError(
            f"the reason has {len(reason)} characters; write at most {LONGEST}",
            zh=f"理由有 {len(reason)} 个字，最多 {LONGEST} 个",
        )
    with tenancy.within(by.organisation_id):
        held = locked(code)
        if held.off_at is None:
            held.off_at, held.off_because = at, reason
            held.save(update_fields=["off_at", "off_because"])
            record(by, ACTION, held, before={"off": False}, after={"off": True}, reason=reason, at=at)
        return held
