"""Ed25519 signatures (RFC 8032) of documents: a private key in a PEM file signs, and anyone verifies with the public one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from suixin.errors import UsageError


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """An unencrypted Ed25519 key in PEM, as `openssl genpkey -algorithm ed25519` makes it; UsageError if it is none."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{path}: no private key in PEM without password ({error}); {_MAKE}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{path}: the key is no Ed25519 key; {_MAKE}")
    return key


def read_public_key(path: Path) -> str:
    """The public half (hex) of a PEM file that holds a public or a private Ed25519 key; UsageError if it is none."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, UnsupportedAlgorithm):
        return read_private_key(path).public_key().public_bytes_raw().hex()
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(f"{path}: the key is no Ed25519 key; {_MAKE}")
    return key.public_bytes_raw().hex()


_MAKE = "make one with: openssl genpkey -algorithm ed25519 -out key.pem"


def signed(content: bytes, key: Ed25519PrivateKey) -> dict[str, str]:
    """The signature of some bytes, with the public key that verifies it, as a document."""
    return {
        "algorithm": "ed25519",
        "key": key.public_key().public_bytes_raw().hex(),
        "signature": key.sign(content).hex(),
    }


def verified(document: Mapping[str, Any], content: bytes) -> str | None:
    """The public key (hex) if the document is its signature of these bytes, else None."""
    try:
        if set(document) != {"algorithm", "key", "signature"} or document["algorithm"] != "ed25519":
            return None
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(document["key"]))
        signature = bytes.fromhex(document["signature"])
        if (key.public_bytes_raw().hex(), signature.hex()) != (document["key"], document["signature"]):
            return None  # another way to write the same bytes, which we never write
        key.verify(signature, content)
    except (InvalidSignature, ValueError, TypeError):
        return None
    return str(document["key"])
