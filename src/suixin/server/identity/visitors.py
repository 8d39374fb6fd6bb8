"""Who is on the other side of a request: what `django.contrib.auth` does, without its tables of groups and permissions.

A session names the user and carries a digest of the password, so that a changed password ends every session.
"""

from collections.abc import Callable

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, login
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from suixin.server.identity.backend import Backend
from suixin.server.identity.models import User

_BACKEND = "suixin.server.identity.backend.Backend"


def let_in(request: HttpRequest, user: User) -> None:
    """From now on the session is the user's; its key is another one than before."""
    login(request, user, backend=_BACKEND)
    request.user = user


def see_off(request: HttpRequest) -> None:
    """End the session, and forget what it held."""
    request.session.flush()
    request.user = None  # type: ignore[assignment]


class VisitorMiddleware:
    """Sets `request.user`: the user of the session while active, or None."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look, and pass on."""
        request.user = _user_of(request)  # type: ignore[assignment]
        return self._next(request)


def _user_of(request: HttpRequest) -> User | None:
    held = request.session.get(SESSION_KEY)
    if held is None:
        return None
    user = Backend().get_user(int(held))
    known = request.session.get(HASH_SESSION_KEY, "")
    if user is None or not constant_time_compare(known, user.get_session_auth_hash()):
        request.session.flush()
        return None
    return user
