"""Take a second factor away, for who lost the telephone and the codes."""

from datetime import datetime

from suixin.errors import AccessError, UsageError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.identity.models import RecoveryCode, SecondFactor, User

ACTION = "identity.factor.reset"


def reset_factor(user: User, *, by: Actor, reason: str, at: datetime) -> None:
    """Forget a colleague's second factor and recovery codes, and end their sessions.

    Raises:
        UsageError: no reason, or there is none to forget.
        AccessError: not an administrator, or one's own.
    """
    by.require(ACTION, user)
    if by.name == f"user:{user.pk}":
        raise AccessError(
            "nobody takes their own second factor away; another administrator does",
            zh="不能取消自己的两步验证，请另一位管理员办理",
        )
    if not reason.strip():
        raise UsageError(
            "say why, and how it was made sure who asks for it", zh="请写明原因，以及怎样核实了本人身份"
        )
    with tenancy.within(by.organisation_id):
        (person,) = locks.rows(User.objects.filter(pk=user.pk))
        if not SecondFactor.objects.filter(user_id=user.pk).exists():
            raise UsageError(f"{user.username} has no second factor", zh=f"{user.username} 没有启用两步验证")
        RecoveryCode.objects.filter(user_id=user.pk).delete()
        SecondFactor.objects.filter(user_id=user.pk).delete()
        person.session_round += 1
        person.save(update_fields=["session_round"])
        record(by, ACTION, user, after={"factor": None}, reason=reason.strip(), at=at)
