"""Add a person to an organisation."""

from datetime import datetime

from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import houses
from suixin.server.identity.access import Actor
from suixin.server.identity.actions.found_organisation import NewPerson, add_person
from suixin.server.identity.models import User


def add_user(
    person: NewPerson, *, by: Actor, second: Actor | None = None, reason: str = "", at: datetime
) -> User:
    """Add a person with a first role, which is a role granted: it needs a second administrator's word.

    Raises:
        AccessError: not an administrator, or no second one.
        UsageError: no name, a user name that is none, or a role that people of this kind of house have not.
        ConflictError: somebody signs in under this name already.
    """
    by.require("identity.user.add")
    by.require_second("identity.role.grant", second)
    with tenancy.within(by.organisation_id):
        houses.require(person.role)
        user = add_person(person, at)
        after = {"role": str(person.role), "second": second.name if second else ""}
        record(by, "identity.user.add", user, after=after, reason=by.with_second(reason, second), at=at)
        return user
