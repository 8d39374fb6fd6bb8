"""Give the second word on another one's form: a name, a password and a code, tried no more often than at the door."""

from datetime import datetime

from suixin.errors import AccessError
from suixin.server import tenancy
from suixin.server.identity import factors, throttle
from suixin.server.identity.access import Actor, actor_of
from suixin.server.identity.actions.lock import lock
from suixin.server.identity.actions.sign_in import second_step
from suixin.server.identity.backend import Backend
from suixin.server.identity.models import User
from suixin.server.telemetry import logs


def give_word(username: str, password: str, code: str = "", *, house: int, at: datetime) -> Actor:
    """The colleague who signs so; called before the work's transaction opens, so that a try stays counted if it is undone.

    Args:
        username: as typed.
        password: as typed.
        code: of the second factor, or a recovery code; asked of whoever has one.
        house: the organisation whose person it must be.
        at: now.

    Raises:
        AccessError: nobody of this house signs so, or too many tries failed, which is not told; the code is not right; or
            the house requires a second factor and the colleague has none.
    """
    user = _known(username, password, house, at)
    if user is None:
        raise AccessError(
            "the second person's name or password is not right", zh="复核人的用户名或密码不正确"
        )
    with tenancy.within(house):
        actor, asked = actor_of(user), factors.is_asked(user)
    if not asked and factors.must_have(actor):
        raise AccessError(
            "this house asks for a second factor and the second person has none; set it up first",
            zh="本机构要求两步验证，复核人尚未启用，请先启用",
        )
    if asked and not second_step(user, code, at=at):
        raise AccessError(
            "the second person's code is not right or was used; wait for the next one",
            zh="复核人的验证码不正确或已用过，请等下一个",
        )
    return actor


def _known(username: str, password: str, house: int, at: datetime) -> User | None:
    """Whose name and password these are, if a try is left; a right one is taken back and forgives no other."""
    key = throttle.account(username)
    may = throttle.begun([key], at)
    user: User | None = Backend().authenticate(None, username=username, password=password)
    good = may and user is not None and user.organisation_id == house
    logs.note("sign-in", step="second word", outcome="right" if good else "wrong" if may else "locked")
    if good:
        throttle.taken_back([key], at)
    elif may and throttle.locked_until([key], at):
        lock(username, at)
    return user if good else None
