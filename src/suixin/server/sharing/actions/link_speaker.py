"""Establish who speaks for a merchant, with a second person's word."""

from datetime import datetime

from suixin.errors import AccessError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.identity.models import Membership, User
from suixin.server.identity.roles import Role
from suixin.server.sharing.models import Speaker

ACTION = "sharing.speaker.link"


def link_speaker(
    user: User, merchant_id: str, *, by: Actor, second: Actor | None, reason: str, at: datetime
) -> Speaker:
    """Establish that a person who signs in is this merchant; a second time returns the same.

    Args:
        user: has the role of an owner here, and no other: staff never answer for a customer.
        merchant_id: her key in the lake.
        by: who saw her papers.
        second: another one.
        reason: how it was established.
        at: when.

    Raises:
        AccessError: the actor may not, no second one, or the user is no owner or is staff.
    """
    by.require(ACTION)
    by.require_second(ACTION, second)
    with tenancy.within(by.organisation_id):
        roles = set(
            Membership.objects.filter(user_id=user.pk, withdrawn_at=None).values_list("role", flat=True)
        )
        if roles != {Role.OWNER}:
            raise AccessError(f"user:{user.pk} is not an owner alone; only an owner speaks for a merchant")
        held = Speaker.objects.filter(user_id=user.pk, merchant_id=merchant_id, ended_at=None).first()
        if held is not None:
            return held
        made = Speaker(user=user, merchant_id=merchant_id, since_at=at)
        made.save(force_insert=True)
        after = {"user": user.pk, "merchant_id": merchant_id, "second": second.name if second else ""}
        record(by, ACTION, made, after=after, reason=reason, at=at)
        return made
