"""The way in: who needs a second factor, how many tries may fail, how long a session lasts."""

import os

from suixin.errors import UsageError
from suixin.server.settings.web import behind_tls

STAFF_IDLE_SECONDS = 30 * 60
"""How long a member of staff may be away before the session ends."""
SESSION_SECONDS = 8 * 3_600
"""How long a session lasts, however busy: a working day."""
HALF_SECONDS = 5 * 60
"""How long a right password waits for its code."""


def second_factor_required() -> bool:
    """SUIXIN_MFA: whether staff come in with a second factor only ('required', the default) or may ('optional').

    Raises:
        UsageError: another word.
    """
    given = os.environ.get("SUIXIN_MFA", "").strip().lower() or "required"
    if given not in {"required", "optional"}:
        raise UsageError(f"SUIXIN_MFA is {given!r}; say required or optional")
    return given == "required"


def lock_account_after() -> int:
    """SUIXIN_LOCK_ACCOUNT: how many tries under one name may fail before it waits."""
    return _count("SUIXIN_LOCK_ACCOUNT", 5)


def lock_address_after() -> int:
    """SUIXIN_LOCK_ADDRESS: how many tries from one address may fail before it waits."""
    return _count("SUIXIN_LOCK_ADDRESS", 30)


def proxies() -> int:
    """SUIXIN_PROXIES: how many proxies of the house stand in front, each adding to X-Forwarded-For; with TLS one."""
    return _count("SUIXIN_PROXIES", 1 if behind_tls() else 0, least=0)


def _count(name: str, usual: int, least: int = 1) -> int:
    given = os.environ.get(name, "").strip() or str(usual)
    if not (given.isascii() and given.isdigit() and least <= int(given) <= 1_000):
        raise UsageError(f"{name} is {given!r}; give a whole number from {least} to 1,000")
    return int(given)
