"""Begin a second factor: draw a secret for a person's app."""

from datetime import datetime

from suixin.errors import ConflictError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import factor, keys
from suixin.server.identity.access import Actor
from suixin.server.identity.models import SecondFactor, User

ACTION = "identity.factor.enrol"


def begin_factor(user: User, *, by: Actor, at: datetime) -> SecondFactor:
    """Draw a secret; until a code confirms it, it asks nobody for anything, and another may take its place.

    Raises:
        ConflictError: the person has a second factor; an administrator takes it away.
        AccessError: it is another person's.
    """
    by.require_own(ACTION, user)
    with tenancy.within(by.organisation_id):
        locks.rows(User.objects.filter(pk=user.pk))
        held = SecondFactor.objects.filter(user_id=user.pk).first()
        if held is not None and held.confirmed_at is not None:
            raise ConflictError(
                "there is a second factor already; an administrator takes it away",
                zh="已启用两步验证；如需更换，请管理员先取消",
            )
        made = held or SecondFactor(user=user)
        made.secret, made.made_at, made.last_step = keys.seal(factor.new_secret(), f"user:{user.pk}"), at, 0
        made.save()
        record(by, ACTION, made, after={"confirmed": False}, at=at)
        return made
