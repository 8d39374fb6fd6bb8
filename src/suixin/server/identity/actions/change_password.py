"""Change one's password."""

from datetime import datetime

from django.contrib.auth.hashers import check_password

from suixin.errors import AccessError, UsageError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import passwords, throttle
from suixin.server.identity.access import Actor
from suixin.server.identity.actions.lock import lock
from suixin.server.identity.models import User

ACTION = "identity.password.change"


def change_password(user: User, old: str, new: str, *, by: Actor, at: datetime) -> None:
    """Put a new password in the old one's place; every session that began with the old one ends.

    Called where no transaction is open, so that a wrong try stays counted.

    Raises:
        UsageError: the new one is too short, too common, too like the name, or the old one.
        AccessError: the old one is not right, too many tries failed, or it is another person's.
    """
    by.require_own(ACTION, user)
    if not _is_right(user, old, at):
        raise AccessError("the old password is not right", zh="原密码不正确")
    if new == old:
        raise UsageError("the new password is the old one", zh="新密码与原密码相同")
    passwords.judge(new, user)
    with tenancy.within(by.organisation_id):
        (person,) = locks.rows(User.objects.filter(pk=user.pk))
        person.set_password(new)
        person.save(update_fields=["password"])
        user.password = person.password
        record(by, ACTION, user, at=at)


def _is_right(user: User, old: str, at: datetime) -> bool:
    """Whether the old password is right and a try was left for it; a wrong one stays counted, with those at the code."""
    key = throttle.code(user.pk)
    may = throttle.begun([key], at)
    good = check_password(old, user.password) and may
    if good:
        throttle.taken_back([key], at)
    elif may and throttle.locked_until([key], at):
        lock(user.username, at)
    return good
