"""The keys that seal second factors and the secrets of webhooks: SUIXIN_FACTOR_KEY, else `factor.key` in the data folder.

By keys that are derived from them an identity is known again without being kept (`fingerprint`).

Each is 32 bytes in URL-safe base64. Several may stand one after the other, comma-separated: the first seals, all open.
So a new key is put in front of the old one.
"""

import base64
import binascii
import hmac
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from suixin.errors import UsageError
from suixin.server.settings import home

_NONCE = 12
_MAKE = (
    "make one with: python3 -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
)


def new_key() -> str:
    """A new key."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def seal(plain: bytes, owner: str) -> bytes:
    """Seal by AES-256-GCM, so that it opens for its owner alone: moved to another's row it is nothing."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _keys()[0].encrypt(nonce, plain, owner.encode())


def unseal(sealed: bytes, owner: str) -> bytes:
    """What was sealed.

    Raises:
        UsageError: none of the keys opens it, or it is another owner's.
    """
    for key in _keys():
        try:
            return key.decrypt(sealed[:_NONCE], sealed[_NONCE:], owner.encode())
        except InvalidTag:
            continue
    raise UsageError("no key opens what was sealed here; put the key that sealed it into SUIXIN_FACTOR_KEY")


def fingerprint(text: str, label: str) -> str:
    """A keyed digest of a text (HMAC-SHA256, hex) under the first key; texts of one label alone can be compared."""
    return _fingerprints(text, label)[0]


def has_fingerprint(text: str, label: str, held: str) -> bool:
    """Whether a text has this fingerprint under one of the keys, so that a new key in front of the old one changes nothing."""
    return any(hmac.compare_digest(one, held) for one in _fingerprints(text, label))


def _fingerprints(text: str, label: str) -> list[str]:
    made = []
    for key in _raw():
        derived = hmac.digest(key, f"suixin.fingerprint\0{label}".encode(), "sha256")
        made.append(hmac.new(derived, text.encode(), "sha256").hexdigest())
    return made


def _keys() -> list[AESGCM]:
    try:
        return [AESGCM(key) for key in _raw()]
    except ValueError as error:
        raise UsageError(f"a key of second factors is no 32 bytes in base64 ({error}); {_MAKE}") from error


def _raw() -> list[bytes]:
    given = os.environ.get("SUIXIN_FACTOR_KEY") or home.kept("factor.key", new_key)
    try:
        return [base64.urlsafe_b64decode(part.strip()) for part in given.split(",")]
    except (ValueError, binascii.Error) as error:
        raise UsageError(f"a key of second factors is no 32 bytes in base64 ({error}); {_MAKE}") from error
