"""Change one's password."""

from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from suixin.errors import UsageError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import throttle
from suixin.server.identity.access import Actor
from suixin.server.identity.models import User

ACTION = "identity.password.change"


def change_password(user: User, old: str, new: str, *, by: Actor, at: datetime) -> None:
    """Put a new password in the old one's place; every session that began with the old one ends.

    Raises:
        WrongWordError: the old one is not right.
        UsageError: the new one is too short, too common, too like the name, or the old one.
        AccessError: it is another person's.
    """
    by.require_own(ACTION, user)
    key = throttle.code(user.pk)
    if throttle.locked_until([key], at) or not check_password(old, user.password):
        raise throttle.WrongWordError("the old password is not right", key, at)
    if new == old:
        raise UsageError("the new password is the old one")
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise UsageError(" ".join(error.messages)) from error
    with tenancy.within(by.organisation_id):
        (person,) = locks.rows(User.objects.filter(pk=user.pk))
        person.set_password(new)
        person.save(update_fields=["password"])
        user.password = person.password
        record(by, ACTION, user, at=at)
