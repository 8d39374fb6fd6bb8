"""Confirm a second factor by its first code."""

from datetime import datetime

from suixin.errors import ConflictError, UsageError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import factor
from suixin.server.identity.access import Actor
from suixin.server.identity.factors import secret_of
from suixin.server.identity.models import RecoveryCode, SecondFactor, User

ACTION = "identity.factor.enrol"


def confirm_factor(user: User, code: str, *, by: Actor, at: datetime) -> list[str]:
    """From now on the person is asked for a code; every session that began without one ends.

    Returns:
        Ten recovery codes, which nobody can show again.

    Raises:
        UsageError: not the app's code.
        ConflictError: nothing waits to be confirmed.
        AccessError: it is another person's.
    """
    by.require_own(ACTION, user)
    with tenancy.within(by.organisation_id):
        (person,) = locks.rows(User.objects.filter(pk=user.pk))
        held = SecondFactor.objects.filter(user_id=user.pk, confirmed_at=None).first()
        if held is None:
            raise ConflictError("no second factor waits to be confirmed", zh="没有待确认的两步验证")
        step = factor.matching_step(secret_of(held), code, at, after=held.last_step)
        if step is None:
            raise UsageError(
                "this is not the code that the app shows now; look at the telephone's clock, too",
                zh="这不是验证器现在显示的验证码；请同时核对手机时间",
            )
        held.confirmed_at, held.last_step = at, step
        held.save(update_fields=["confirmed_at", "last_step"])
        codes = factor.new_recovery_codes()
        digests = [factor.recovery_digest(one) for one in codes]
        RecoveryCode.objects.bulk_create([RecoveryCode(user=person, digest=one) for one in digests])
        user.session_round = person.session_round = person.session_round + 1
        person.save(update_fields=["session_round"])
        record(by, ACTION, held, before={"confirmed": False}, after={"confirmed": True}, at=at)
        return codes
