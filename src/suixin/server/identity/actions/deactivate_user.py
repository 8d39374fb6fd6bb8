"""End a person's access, with a second administrator's word."""

from datetime import datetime

from suixin.errors import AccessError, UsageError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.identity.administrators import keep_two, stand_still
from suixin.server.identity.models import Membership, User

ACTION = "identity.user.deactivate"


def deactivate_user(user: User, *, by: Actor, second: Actor | None, reason: str, at: datetime) -> User:
    """Withdraw every role of a person, end their sessions, and let nobody sign in under the name; again changes nothing.

    The person and what they did stay in the records, so the name is never another's. Who comes back is added anew under
    another one.

    Raises:
        AccessError: not an administrator, no second one, or one's own access.
        UsageError: no reason.
        ConflictError: fewer than two administrators would be left.
    """
    by.require(ACTION, user)
    by.require_second(ACTION, second)
    if by.name == f"user:{user.pk}":
        raise AccessError(
            "nobody ends their own access; another administrator does", zh="不能停用自己，请另一位管理员办理"
        )
    if not reason.strip():
        raise UsageError("say why the access ends", zh="请写明停用原因")
    with tenancy.within(by.organisation_id):
        administrators = stand_still()
        person: User = locks.rows(User.objects.filter(pk=user.pk))[0]
        if not person.is_active:
            return person
        live = locks.rows(Membership.objects.filter(user_id=person.pk, withdrawn_at=None))
        keep_two(administrators, without=person.pk)
        for one in live:
            one.withdrawn_at = at
            one.save(update_fields=["withdrawn_at"])
        person.is_active, person.session_round = False, person.session_round + 1
        person.save(update_fields=["is_active", "session_round"])
        before = {"roles": sorted(one.role for one in live)}
        told = by.with_second(reason.strip(), second)
        record(by, ACTION, person, before=before, after={"active": False}, reason=told, at=at)
        return person
