"""Withdraw a role, with a second person's word."""

from datetime import datetime

from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.identity.administrators import keep_two, stand_still
from suixin.server.identity.models import Membership
from suixin.server.identity.roles import Role


def withdraw_role(
    membership_id: int, *, by: Actor, second: Actor | None, reason: str, at: datetime
) -> Membership:
    """Withdraw a role; the membership stays as a record of who was what, and a second time changes nothing.

    Raises:
        AccessError: not an administrator, or no second one.
        ConflictError: fewer than two administrators would be left.
    """
    by.require("identity.role.withdraw")
    by.require_second("identity.role.withdraw", second)
    with tenancy.within(by.organisation_id):
        administrators = stand_still()
        (held,) = locks.rows(Membership.objects.filter(pk=membership_id))
        if held.withdrawn_at is None:
            if held.role == Role.ADMINISTRATOR:
                keep_two(administrators, without=held.user_id)
            held.withdrawn_at = at
            held.save(update_fields=["withdrawn_at"])
            before = {"user": held.user_id, "role": held.role}
            told = by.with_second(reason, second)
            record(by, "identity.role.withdraw", held, before=before, reason=told, at=at)
        return held
