"""Grant a role, with a second person's word."""

from datetime import datetime

from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.identity.models import Membership, User
from suixin.server.identity.roles import Role


def grant_role(
    user: User, role: Role, *, by: Actor, second: Actor | None, reason: str, at: datetime
) -> Membership:
    """Grant a role in the actor's organisation; a role that is held already stays as it is.

    The person's sessions end: one that began as a merchant's would else rest as long as a merchant's may.

    Raises:
        AccessError: not an administrator, or no second one.
    """
    by.require("identity.role.grant")
    by.require_second("identity.role.grant", second)
    with tenancy.within(by.organisation_id):
        held = Membership.objects.filter(user_id=user.pk, role=role, withdrawn_at=None).first()
        if held is not None:
            return held
        made = Membership(user=user, role=role, granted_at=at)
        made.save()
        (person,) = locks.rows(User.objects.filter(pk=user.pk))
        user.session_round = person.session_round = person.session_round + 1
        person.save(update_fields=["session_round"])
        after = {"user": user.pk, "role": str(role), "second": second.name if second else ""}
        record(by, "identity.role.grant", made, after=after, reason=reason, at=at)
        return made
