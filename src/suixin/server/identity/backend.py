"""Signing in: the one place that looks a person up before the organisation is known."""

from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from suixin.server import tenancy
from suixin.server.identity.models import User


class Backend:
    """By username and password, for active users."""

    def authenticate(
        self,
        request: HttpRequest | None,  # noqa: ARG002  Django's own signature
        username: str | None = None,
        password: str | None = None,
        **_: Any,
    ) -> User | None:
        """The user, or None; the same work is done for a name that does not exist, so that time tells nothing."""
        if username is None or password is None:
            return None
        user = _found("suixin.signing_in", username, username=username)
        if user is None:
            make_password(password)
            return None
        # Not the user's own method: it writes a stronger hash, which is for `sign_in` to do, within the user's house.
        right = check_password(password, user.password)
        return user if right and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """The user of a session, while active."""
        user = _found("suixin.user", str(user_id), pk=user_id)
        return user if user is not None and user.is_active else None


def _found(setting: str, value: str, **by: Any) -> User | None:
    with tenancy.directory(setting, value):
        found: User | None = User.directory.filter(**by).first()
        return found
