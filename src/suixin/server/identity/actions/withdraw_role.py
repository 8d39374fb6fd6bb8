"""Withdraw a role, with a second person's word."""

from datetime import datetime

from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.identity.models import Membership


def withdraw_role(
    membership_id: int, *, by: Actor, second: Actor | None, reason: str, at: datetime
) -> Membership:
    """Withdraw a role; the membership stays as a record of who was what, and a second time changes nothing.

    Raises:
        AccessError: not an administrator, or no second one.
    """
    by.require("identity.role.withdraw")
    by.require_second("identity.role.withdraw", second)
    with tenancy.within(by.organisation_id):
        (held,) = locks.rows(Membership.objects.filter(pk=membership_id))
        if held.withdrawn_at is None:
            held.withdrawn_at = at
            held.save(update_fields=["withdrawn_at"])
            before = {"user": held.user_id, "role": held.role}
            record(by, "identity.role.withdraw", held, before=before, reason=reason, at=at)
        return held
