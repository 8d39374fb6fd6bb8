"""A signed consent that was touched anywhere, or is not for us, is refused."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consents import in_state
from suixin.errors import ConsentError, UsageError
from suixin.sharing.artefact import State, document
from suixin.sharing.signature import key_id, sign, verify

KEY, OTHER = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
KEYS = {key_id(KEY.public_key()): KEY.public_key()}
TOKEN = sign({"a": 1}, KEY, aud="7")


def text(value):
    content = value if isinstance(value, bytes) else orjson.dumps(value)
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def refused(token, words, keys=KEYS, aud="7"):
    with pytest.raises(ConsentError, match=words) as error:
        verify(token, keys, aud=aud)
    assert error.value.why == "signature"


def test_what_was_signed_is_read_back():
    """The whole artefact, and its token's shape."""
    made = document(in_state(State.ACTIVE))
    token = sign(made, KEY, aud="7")
    assert verify(token, KEYS, aud="7") == made
    assert [len(part) for part in token.split(".")][::2] == [len(TOKEN.split(".")[0]), 86]


def test_every_single_bit_counts():
    """Requirement 7: each bit of each character, the unused ones at the end of a part too."""
    content, flips = TOKEN.encode(), 0
    for place in range(len(content)):
        for bit in range(8):
            forged = bytearray(content)
            forged[place] ^= 1 << bit
            with pytest.raises(ConsentError):
                verify(forged.decode("latin-1"), KEYS, aud="7")
            flips += 1
    assert flips == 8 * len(TOKEN) > 1_500


def test_no_algorithm_and_others_are_refused():
    """alg:none without and with the old signature; HS256 with our public key as its secret; ES384."""
    kid, (_, payload, signature) = next(iter(KEYS)), TOKEN.split(".")
    for name, end in (
        ("none", ""),
        ("none", signature),
        ("NONE", signature),
        ("ES384", signature),
        ("es256", signature),
    ):
        refused(
            f"{text({'alg': name, 'kid': kid, 'typ': 'consent+jws'})}.{payload}.{end}",
            "ES256 alone is accepted",
        )
    head = text({"alg": "HS256", "kid": kid, "typ": "consent+jws"})
    secret = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    forged = hmac.new(secret, f"{head}.{payload}".encode(), sha256).digest()
    refused(f"{head}.{payload}.{text(forged)}", "'HS256'; ES256 alone is accepted")
    refused(f"{text({'kid': kid})}.{payload}.{signature}", "algorithm None")


def test_a_key_that_is_not_ours_and_a_reader_that_is_not_meant():
    """Unknown kid, a known kid over a stranger's signature, the wrong audience, no audience's document."""
    refused(sign({"a": 1}, OTHER, aud="7"), "is not known")
    strange = {next(iter(KEYS)): OTHER.public_key()}
    refused(TOKEN, "not that of its content", keys=strange)
    refused(TOKEN, "is not known", keys={})
    refused(TOKEN, "it is for '7', not for '8'", aud="8")
    refused(sign({"a": 1}, KEY, aud=""), "it is for ''")


def test_a_header_that_asks_for_more():
    """A key, a critical extension or another type is not listened to; nor is a kid that is no text."""
    _, payload, signature = TOKEN.split(".")
    own = {"alg": "ES256", "kid": next(iter(KEYS)), "typ": "consent+jws"}
    for more in ({"jwk": {}}, {"crit": ["b64"], "b64": False}, {"typ": "JWT"}):
        refused(f"{text(own | more)}.{payload}.{signature}", "it has alg, kid and typ")
    refused(f"{text(own | {'kid': ['x']})}.{payload}.{signature}", "is not known")


def test_broken_tokens():
    """Parts that are missing, padded, empty, no JSON, or a signature of another length."""
    head, payload, signature = TOKEN.split(".")
    refused("", "1 parts instead of 3")
    refused(f"{TOKEN}.x", "4 parts")
    refused(f"{head}.{payload}.{signature}==", "canonical|no base64url")
    refused(f"{head}.{payload}.", "a signature of 0 bytes")
    refused(f"{head}.{payload}.{text(bytes(64))}", "not that of its content")
    refused(f"{text(b'{')}.{payload}.{signature}", "no JSON")
    refused(f"{text([1])}.{payload}.{signature}", "no JSON object")
    refused(f"{head}.x.{signature}", "no base64url")


def test_a_key_on_another_curve_is_refused():
    """ES256 is P-256 and nothing else."""
    with pytest.raises(UsageError, match="a key on secp384r1"):
        sign({}, generate_private_key(SECP384R1()), aud="7")
