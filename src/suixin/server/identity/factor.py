"""The second factor's rules: six figures that an app shows for half a minute (RFC 6238), and codes for a lost telephone.

A code counts in its own half minute and the ones beside it, for clocks differ; it never counts twice.
"""

import base64
import secrets
from datetime import datetime
from hashlib import sha256

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.utils.crypto import constant_time_compare

STEP = 30
BESIDE = 1
FIGURES = 6
RECOVERY_CODES = 10
_ISSUER = "Suixin"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # 32 that nobody mistakes for each other
_GROUPS, _GROUP = 6, 4  # 120 bits: nothing that a plain digest would betray


def new_secret() -> bytes:
    """A secret of 160 bits."""
    return secrets.token_bytes(20)


def code_at(secret: bytes, step: int) -> str:
    """The code of one half minute, by its number since 1970."""
    return _totp(secret).generate(step * STEP).decode()


def step_of(at: datetime) -> int:
    """The number of an instant's half minute."""
    return int(at.timestamp()) // STEP


def matching_step(secret: bytes, typed: str, at: datetime, *, after: int) -> int | None:
    """The half minute whose code was typed, later than one that was taken before; None for every other code."""
    code, now = "".join(typed.split()), step_of(at)
    steps = range(max(now - BESIDE, after + 1), now + BESIDE + 1)
    found = [step for step in steps if constant_time_compare(code_at(secret, step), code)]
    return max(found, default=None)


def shown(secret: bytes) -> str:
    """The secret as one types it into an app."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def picture(secret: bytes, username: str) -> str:
    """A QR code that an app reads, as SVG inside the page: the secret is told to nobody else."""
    address = _totp(secret).get_provisioning_uri(username, _ISSUER)
    drawn = segno.make(address, error="m", micro=False)
    return str(drawn.svg_inline(scale=5, border=4, svgclass=None, lineclass=None, dark="#000", light="#fff"))


def new_recovery_codes() -> list[str]:
    """Codes to write down."""
    return ["-".join(_word() for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES)]


def recovery_digest(typed: str) -> str:
    """What is kept of a recovery code; blanks, dashes and small letters do not matter."""
    return sha256("".join(one for one in typed.upper() if one in _LETTERS).encode()).hexdigest()


def is_recovery(typed: str) -> bool:
    """Whether this is as long as a recovery code."""
    return sum(one in _LETTERS for one in typed.upper()) == _GROUPS * _GROUP


def _word() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_GROUP))


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, FIGURES, SHA1(), STEP)  # noqa: S303  the apps know no other; it is keyed here
