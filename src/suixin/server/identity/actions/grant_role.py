"""Grant a role, with a second person's word."""

from datetime import datetime

from suixin.errors import ConflictError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import houses
from suixin.server.identity.access import Actor
from suixin.server.identity.administrators import keep_apart
from suixin.server.identity.models import Membership, User
from suixin.server.identity.roles import Role


def grant_role(
    user: User, role: Role, *, by: Actor, second: Actor | None, reason: str, at: datetime
) -> Membership:
    """Grant a role in the actor's organisation; a role that is held already stays as it is.

    The person signs in anew: how long a session may rest hangs on the roles that it began with.

    Raises:
        AccessError: not an administrator, or no second one.
        UsageError: people of this kind of house have no such role.
        ConflictError: the person's access has ended, or an administrator would hold another role.
    """
    by.require("identity.role.grant")
    by.require_second("identity.role.grant", second)
    with tenancy.within(by.organisation_id):
        houses.require(role)
        held = Membership.objects.filter(user_id=user.pk, role=role, withdrawn_at=None).first()
        if held is not None:
            return held
        if not User.objects.filter(pk=user.pk, is_active=True).exists():
            raise ConflictError(f"the access of {user.username} has ended", zh=f"{user.username} 已停用")
        keep_apart(user.pk, role)
        made = Membership(user=user, role=role, granted_at=at)
        made.save()
        _ended_sessions(user)
        after = {"user": user.pk, "role": str(role), "second": second.name if second else ""}
        record(by, "identity.role.grant", made, after=after, reason=by.with_second(reason, second), at=at)
        return made


def _ended_sessions(user: User) -> None:
    (person,) = locks.rows(User.objects.filter(pk=user.pk))
    user.session_round = person.session_round = person.session_round + 1
    person.save(update_fields=["session_round"])
