"""Write down that an account is locked."""

from datetime import datetime

from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import access
from suixin.server.identity.queries import user_called

ACTION = "identity.sign_in.lock"


def lock(username: str, at: datetime) -> None:
    """Write it down if it is somebody's: the number of the person, not the name that was typed."""
    user = user_called(username)
    if user is None:
        return
    by = access.system(user.organisation_id, "sign-in")
    by.require(ACTION, user)
    with tenancy.within(user.organisation_id):
        record(by, ACTION, user, at=at)
