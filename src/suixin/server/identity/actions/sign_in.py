"""Sign in: a name and a password, tried no more often than a guesser may."""

from datetime import datetime

from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import access, factors, throttle
from suixin.server.identity.actions.use_code import use_code
from suixin.server.identity.backend import Backend
from suixin.server.identity.models import User
from suixin.server.identity.queries import user_called

ACTION = "identity.sign_in.lock"


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
    if not may:
        return None
    if user is None:
        if throttle.locked_until([account], at):
            _lock(username, at)
        return None
    throttle.right([account])
    throttle.taken_back([place], at)
    return user


def second_step(user: User, code: str, *, at: datetime) -> bool:
    """Whether who gave the right password gives a right code; too many wrong ones wait like wrong passwords."""
    key = throttle.code(user.pk)
    if not throttle.begun([key], at):
        return False
    if use_code(user, code, at=at):
        throttle.right([key])
        return True
    if throttle.locked_until([key], at):
        _lock(user.username, at)
    return False


def is_asked_for_code(user: User) -> bool:
    """Whether the password is only the first step."""
    with tenancy.within(user.organisation_id):
        return factors.is_asked(user)


def _lock(username: str, at: datetime) -> None:
    """Write down that an account is locked, if it is somebody's: the number of the person, not the name that was typed."""
    user = user_called(username)
    if user is None:
        return
    by = access.system(user.organisation_id, "sign-in")
    by.require(ACTION, user)
    with tenancy.within(user.organisation_id):
        record(by, ACTION, user, at=at)
