"""Who is on the other side of a request: what `django.contrib.auth` does, without its tables of groups and permissions.

A session names the user and carries a digest of the password and of the user's round, so that a changed password, or
signing out everywhere, ends every session. It ends after a working day, and a member of staff's after half an hour's rest.
"""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, login
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from suixin.server.identity.backend import Backend
from suixin.server.identity.models import User
from suixin.server.settings.entrance import HALF_SECONDS

_BACKEND = "suixin.server.identity.backend.Backend"
_HALF, _BEGAN, _SEEN, _STAFF, _SECOND = (
    f"suixin.{name}" for name in ("half", "began", "seen", "staff", "second")
)
_SEEN_EVERY = 60  # a session is written once a minute, not once a request


def let_in(request: HttpRequest, user: User, *, is_staff: bool = False, by_second: bool = False) -> None:
    """From now on the session is the user's; its key is another one than before.

    Args:
        request: of who came in.
        user: who it is.
        is_staff: whether the session ends when nobody has asked for anything for a while.
        by_second: whether a second factor was given.
    """
    request.session.pop(_HALF, None)
    login(request, user, backend=_BACKEND)
    now = int(time.time())
    request.session.update({_BEGAN: now, _SEEN: now, _STAFF: is_staff, _SECOND: by_second})
    request.user = user


def keep_in(request: HttpRequest, user: User, *, by_second: bool | None = None) -> None:
    """Let this one session go on, under another key, after the user's others have ended."""
    request.session.cycle_key()
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    if by_second is not None:
        request.session[_SECOND] = by_second


def came_by_second(request: HttpRequest) -> bool:
    """Whether a second factor was given in this session."""
    return bool(request.session.get(_SECOND))


def wait_for_code(request: HttpRequest, user: User, onward: str) -> None:
    """Remember who gave a right password, and where to, for some minutes; nobody is let in yet."""
    request.session.flush()
    request.session[_HALF] = [user.pk, user.get_session_auth_hash(), onward, int(time.time())]


def who_waits(request: HttpRequest) -> tuple[User, str] | None:
    """Who gave a right password and owes a code, and where they want to go."""
    held: list[Any] | None = request.session.get(_HALF)
    if held is None or time.time() - held[3] > HALF_SECONDS:
        return None
    user = Backend().get_user(int(held[0]))
    if user is None or not constant_time_compare(held[1], user.get_session_auth_hash()):
        return None
    return user, str(held[2])


def see_off(request: HttpRequest) -> None:
    """End the session, and forget what it held."""
    request.session.flush()
    request.user = None  # type: ignore[assignment]


def address_of(request: HttpRequest) -> str:
    """The network address of whoever asks: what the outermost of the house's own proxies saw."""
    proxies = settings.TRUSTED_PROXIES
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if proxies and len(told) >= proxies:
        return told[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))


class VisitorMiddleware:
    """Sets `request.user`: the user of the session while active, or None."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look, and pass on."""
        request.user = _user_of(request)  # type: ignore[assignment]
        return self._next(request)


def _user_of(request: HttpRequest) -> User | None:
    session = request.session
    held = session.get(SESSION_KEY)
    if held is None:
        return None
    user = Backend().get_user(int(held))
    known = session.get(HASH_SESSION_KEY, "")
    if user is None or not constant_time_compare(known, user.get_session_auth_hash()) or _is_over(session):
        session.flush()
        return None
    return user


def _is_over(session: SessionBase) -> bool:
    """Whether the time of a session is over; else it is seen now."""
    now = int(time.time())
    began, seen = session.get(_BEGAN), session.get(_SEEN)
    if began is None or seen is None:
        return False  # begun by no sign-in of ours; it ends when its row expires
    if now - began > settings.SESSION_COOKIE_AGE:
        return True
    if session.get(_STAFF) and now - seen > settings.STAFF_IDLE_SECONDS:
        return True
    if now - seen >= _SEEN_EVERY:
        session[_SEEN] = now
    return False
