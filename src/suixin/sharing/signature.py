"""Signed consents: compact JWS (RFC 7515) with ES256 (RFC 7518, 3.4), and nothing else.

The one algorithm that is accepted is written here; what a token says about itself chooses nothing. A token has to name a
key that is known and the recipient that reads it, and to be written in the one canonical way.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from suixin.errors import ConsentError, UsageError

ALGORITHM = "ES256"
TYPE = "consent+jws"
_SIZE = 32  # bytes of r and of s


def sign(document: Mapping[str, Any], key: EllipticCurvePrivateKey, *, aud: str) -> str:
    """Return a document as compact JWS, for one reader.

    Raises:
        UsageError: a key of another curve than P-256.
    """
    header = {"alg": ALGORITHM, "kid": key_id(key.public_key()), "typ": TYPE}
    payload = {"aud": aud, "document": dict(document)}
    text = f"{_encode(_json(header))}.{_encode(_json(payload))}"
    r, s = decode_dss_signature(key.sign(text.encode(), ECDSA(SHA256())))
    return f"{text}.{_encode(r.to_bytes(_SIZE, 'big') + s.to_bytes(_SIZE, 'big'))}"


def verify(token: str, keys: Mapping[str, EllipticCurvePublicKey], *, aud: str) -> dict[str, Any]:
    """Return the document of a token that one of our keys signed for this reader.

    Args:
        token: compact JWS.
        keys: the public keys that may sign, by `key_id`.
        aud: who reads.

    Raises:
        ConsentError: it is damaged, forged, of another algorithm, of an unknown key, or for somebody else.
    """
    parts = token.split(".")
    if len(parts) != 3:
        raise _refused(f"{len(parts)} parts instead of 3")
    header, payload, signature = (_decode(part) for part in parts)
    key = _key(_object(header), keys)
    if len(signature) != 2 * _SIZE:
        raise _refused(f"a signature of {len(signature)} bytes")
    r, s = (int.from_bytes(signature[at : at + _SIZE], "big") for at in (0, _SIZE))
    try:
        key.verify(encode_dss_signature(r, s), f"{parts[0]}.{parts[1]}".encode(), ECDSA(SHA256()))
    except InvalidSignature as error:
        raise _refused("the signature is not that of its content") from error
    return _document(_object(payload), aud)


def key_id(key: EllipticCurvePublicKey) -> str:
    """Return the thumbprint of a P-256 key (RFC 7638); UsageError for another curve."""
    if not isinstance(key.curve, SECP256R1):
        raise UsageError(f"a key on {key.curve.name}; {ALGORITHM} signs with one on secp256r1")
    point = key.public_numbers()
    x, y = (_encode(part.to_bytes(_SIZE, "big")) for part in (point.x, point.y))
    return _encode(sha256(_json({"crv": "P-256", "kty": "EC", "x": x, "y": y})).digest())


def _key(header: dict[str, Any], keys: Mapping[str, EllipticCurvePublicKey]) -> EllipticCurvePublicKey:
    if header.get("alg") != ALGORITHM:
        raise _refused(f"algorithm {header.get('alg')!r}; {ALGORITHM} alone is accepted")
    if header.keys() != {"alg", "kid", "typ"} or header["typ"] != TYPE:
        raise _refused(f"header {sorted(header)}; it has alg, kid and typ {TYPE!r}")
    kid = header["kid"]
    if not isinstance(kid, str) or kid not in keys:
        raise _refused(f"key {kid!r} is not known")
    return keys[kid]


def _document(payload: dict[str, Any], aud: str) -> dict[str, Any]:
    if payload.get("aud") != aud:
        raise _refused(f"it is for {payload.get('aud')!r}, not for {aud!r}")
    document = payload.get("document")
    if not isinstance(document, dict):
        raise _refused("it carries no document")
    return document


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _refused("a part is no JSON") from error
    if not isinstance(found, dict):
        raise _refused("a part is no JSON object")
    return found


def _decode(text: str) -> bytes:
    """Base64url without padding; only the canonical writing, whose unused last bits are 0."""
    try:
        found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise _refused("a part is no base64url") from error
    if _encode(found) != text:
        raise _refused("a part is not canonical base64url")
    return found


def _encode(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _json(value: Mapping[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _refused(why: str) -> ConsentError:
    return ConsentError(f"the signed consent is refused: {why}", "signature")
