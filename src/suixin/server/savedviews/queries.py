"""Whose views there are."""

from suixin.server.identity.models import User
from suixin.server.savedviews.models import SavedView


def views_of(user: User, page: str) -> list[SavedView]:
    """A person's views of a list, in the order of their names."""
    return list(SavedView.objects.filter(user=user, page=page).order_by("name"))
