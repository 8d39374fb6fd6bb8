"""Forget a view."""

from datetime import datetime

from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.savedviews.models import SavedView

ACTION = "identity.view.drop"


def drop_view(view: SavedView, *, by: Actor, at: datetime) -> None:
    """Forget it; the list stays as it is.

    Raises:
        AccessError: it is another person's.
    """
    with tenancy.within(by.organisation_id):
        by.require_own(ACTION, view.user)
        record(by, ACTION, view, at=at)
        view.delete()
