"""The keys that sign consents: SUIXIN_CONSENT_KEY in PEM, else `consent.key` in the data folder, made on first use.

Several keys may stand one after the other: the first signs, all verify. So a new key is put in front of the old one.
"""

import os
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from suixin.errors import UsageError
from suixin.server.settings import home
from suixin.sharing.signature import key_id

_END = "-----END PRIVATE KEY-----"
_MAKE = "make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"


def signing_key() -> EllipticCurvePrivateKey:
    """The key that signs; UsageError if what is given is none."""
    return _read(_pem())[0]


def public_keys() -> dict[str, EllipticCurvePublicKey]:
    """The keys that verify, by their ids."""
    return {key_id(key.public_key()): key.public_key() for key in _read(_pem())}


def new_key() -> str:
    """A new key in PEM, without password."""
    made = generate_private_key(SECP256R1())
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _pem() -> str:
    return os.environ.get("SUIXIN_CONSENT_KEY") or home.kept("consent.key", new_key)


@lru_cache(maxsize=4)
def _read(pem: str) -> tuple[EllipticCurvePrivateKey, ...]:
    parts = [part + _END for part in pem.split(_END)[:-1]]
    if not parts:
        raise UsageError(f"the key of consents is no private key in PEM (PKCS 8); {_MAKE}")
    return tuple(_key(part) for part in parts)


def _key(pem: str) -> EllipticCurvePrivateKey:
    try:
        made = load_pem_private_key(pem.strip().encode(), password=None)
    except ValueError as error:
        raise UsageError(f"the key of consents cannot be read ({error}); {_MAKE}") from error
    if not isinstance(made, EllipticCurvePrivateKey):
        raise UsageError(f"the key of consents is no EC key; {_MAKE}")
    key_id(made.public_key())
    return made
