"""Sign in: a name and a password, tried no more often than a guesser may."""

from datetime import datetime

from django.contrib.auth.hashers import identify_hasher

from suixin.server import tenancy
from suixin.server.identity import factors, throttle
from suixin.server.identity.actions.lock import lock
from suixin.server.identity.actions.use_code import use_code
from suixin.server.identity.backend import Backend
from suixin.server.identity.models import User
from suixin.server.telemetry import logs


def sign_in(username: str, password: str, *, address: str, at: datetime) -> User | None:
    """Who signs in so; None for a wrong name, a wrong password and a locked account or address alike.

    The same work is done in each case: the answer and its time tell nothing about who there is.

    Args:
        username: as typed.
        password: as typed.
        address: the network address that the try comes from.
        at: now.
    """
    account, place = throttle.account(username), throttle.address(address)
    may = throttle.begun([account, place], at)
    user = Backend().authenticate(None, username=username, password=password)
    logs.note("sign-in", step="password", outcome="right" if may and user else "wrong" if may else "locked")
    if not may:
        return None
    if user is None:
        if throttle.locked_until([account], at):
            lock(username, at)
        return None
    throttle.right([account])
    throttle.taken_back([place], at)
    _strengthen(user, password)
    return user


def second_step(user: User, code: str, *, at: datetime) -> bool:
    """Whether who gave the right password gives a right code; too many wrong ones wait like wrong passwords."""
    key = throttle.code(user.pk)
    may = throttle.begun([key], at)
    good = may and use_code(user, code, at=at)
    logs.note("sign-in", step="code", outcome="right" if good else "wrong" if may else "locked")
    if good:
        throttle.right([key])
        return True
    if may and throttle.locked_until([key], at):
        lock(user.username, at)
    return False


def is_asked_for_code(user: User) -> bool:
    """Whether the password is only the first step."""
    with tenancy.within(user.organisation_id):
        return factors.is_asked(user)


def _strengthen(user: User, password: str) -> None:
    """Hash the password anew where today's work is more than that of the day it was set."""
    if identify_hasher(user.password).must_update(user.password):
        with tenancy.within(user.organisation_id):
            user.set_password(password)
            user.save(update_fields=["password"])
