"""End who speaks for a merchant."""

from datetime import datetime

from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.sharing.models import Speaker

ACTION = "sharing.speaker.end"


def end_speaker(speaker: Speaker, *, by: Actor, reason: str, at: datetime) -> Speaker:
    """End it from now on; her consents stay as they are. A second time changes nothing.

    Raises:
        AccessError: the actor may not.
    """
    by.require(ACTION, speaker)
    with tenancy.within(by.organisation_id):
        (held,) = locks.rows(Speaker.objects.filter(pk=speaker.pk))
        if held.ended_at is None:
            held.ended_at = at
            held.save(update_fields=["ended_at"])
            record(by, ACTION, held, after={"merchant_id": held.merchant_id}, reason=reason, at=at)
        return held
