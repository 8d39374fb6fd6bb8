"""End all of a person's sessions."""

from datetime import datetime

from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.identity.models import User

ACTION = "identity.session.end"


def end_sessions(user: User, *, by: Actor, at: datetime) -> None:
    """Sign a person out everywhere: their own word on any of their devices, or an administrator's.

    Raises:
        AccessError: another person's, and not an administrator.
    """
    if not by.may(ACTION, user):
        by.require_own(ACTION, user)
    with tenancy.within(by.organisation_id):
        (person,) = locks.rows(User.objects.filter(pk=user.pk))
        user.session_round = person.session_round = person.session_round + 1
        person.save(update_fields=["session_round"])
        record(by, ACTION, user, after={"round": person.session_round}, at=at)
