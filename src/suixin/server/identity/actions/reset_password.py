"""Give somebody who forgot theirs a new first password, with a second administrator's word."""

from datetime import datetime

from suixin.errors import AccessError, ConflictError, UsageError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import passwords
from suixin.server.identity.access import Actor
from suixin.server.identity.models import User

ACTION = "identity.password.reset"


def reset_password(user: User, *, by: Actor, second: Actor | None, reason: str, at: datetime) -> str:
    """Draw a new password and return it, which nobody can show again; every session ends, a second factor stays.

    One administrator alone could come in as anybody so; two cannot without each other's knowledge.

    Raises:
        AccessError: not an administrator, no second one, or one's own.
        UsageError: no reason.
        ConflictError: the person's access has ended.
    """
    by.require(ACTION, user)
    by.require_second(ACTION, second)
    if by.name == f"user:{user.pk}":
        raise AccessError(
            "nobody resets their own password: change it, or let another administrator do it",
            zh="不能重置自己的密码：请自行修改，或由另一位管理员办理",
        )
    if not reason.strip():
        raise UsageError(
            "say why, and how it was made sure who asks for it", zh="请写明原因，以及怎样核实了本人身份"
        )
    drawn = passwords.drawn()
    with tenancy.within(by.organisation_id):
        person: User = locks.rows(User.objects.filter(pk=user.pk))[0]
        if not person.is_active:
            raise ConflictError(f"the access of {person.username} has ended", zh=f"{person.username} 已停用")
        person.set_password(drawn)
        person.save(update_fields=["password"])
        record(by, ACTION, person, reason=by.with_second(reason.strip(), second), at=at)
        return drawn
