"""Unlock a person's way in before its time is over."""

from datetime import datetime

from suixin.errors import UsageError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import throttle
from suixin.server.identity.access import Actor
from suixin.server.identity.models import User

ACTION = "identity.sign_in.unlock"


def unlock(user: User, *, by: Actor, reason: str, at: datetime) -> None:
    """Forget the failed tries of a person of one's house, at the password and at the code.

    Raises:
        UsageError: no reason, or nothing is locked.
        AccessError: not an administrator.
    """
    by.require(ACTION, user)
    if not reason.strip():
        raise UsageError(
            "say why, and how it was made sure who asks for it", zh="请写明原因，以及怎样核实了本人身份"
        )
    keys = [throttle.account(user.username), throttle.code(user.pk)]
    with tenancy.within(by.organisation_id):
        until = throttle.locked_until(keys, at)
        if until is None:
            raise UsageError(f"{user.username} is not locked", zh=f"{user.username} 没有被锁定")
        throttle.right(keys)
        record(by, ACTION, user, before={"until": until.isoformat()}, reason=reason.strip(), at=at)
