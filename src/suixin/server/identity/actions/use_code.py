"""Take a code of a second factor, or a recovery code, once."""

from datetime import datetime

from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import factor
from suixin.server.identity.access import actor_of
from suixin.server.identity.factors import secret_of
from suixin.server.identity.models import RecoveryCode, SecondFactor, User

ACTION = "identity.factor.recover"


def use_code(user: User, typed: str, *, at: datetime) -> bool:
    """Whether a code is right; one that was taken is never right again, whoever types it.

    Args:
        user: who gave the right password.
        typed: six figures of the app, or a recovery code, which is written down when it is used.
        at: now.
    """
    with tenancy.within(user.organisation_id):
        held = locks.rows(SecondFactor.objects.filter(user_id=user.pk, confirmed_at__isnull=False))
        if not held:
            return False
        if factor.is_recovery(typed):
            return _recovered(user, typed, at)
        step = factor.matching_step(secret_of(held[0]), typed, at, after=held[0].last_step)
        if step is None:
            return False
        held[0].last_step = step
        held[0].save(update_fields=["last_step"])
        return True


def _recovered(user: User, typed: str, at: datetime) -> bool:
    digest = factor.recovery_digest(typed)
    held = locks.rows(RecoveryCode.objects.filter(user_id=user.pk, used_at=None, digest=digest))
    if not held:
        return False
    held[0].used_at = at
    held[0].save(update_fields=["used_at"])
    by = actor_of(user)
    by.require_own(ACTION, user)
    record(by, ACTION, user, after={"code": held[0].pk}, at=at)
    return True
