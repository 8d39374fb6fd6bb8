"""Standard Webhooks: signatures as others compute them, and messages that are not to be believed."""

import hmac
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from suixin.client.webhooks import Event, new_secret, signature, verify
from suixin.errors import SignatureError, UsageError

# The example of the specification's own libraries: secret, id, second and body, with the signature they publish.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105
ID, SECOND, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
# Computed by: printf 'msg_1.1767600000.%s' "$BODY" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$KEY -binary | base64
KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
EVENT = (
    b'{"type":"loan.drawn","version":1,"id":"msg_1","timestamp":"2026-01-05T08:00:00.000+00:00",'
    b'"data":{"loan":"L1"}}'
)
AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
OURS = "whsec_" + b64encode(bytes.fromhex(KEY)).decode()


def headers(signed, second=1767600000, name="webhook"):
    return {f"{name}-id": "msg_1", f"{name}-timestamp": str(second), f"{name}-signature": signed}


def test_a_signature_is_what_the_specification_publishes():
    """The vector of the reference libraries; and our own body, by openssl and by hmac beside it."""
    assert signature(SECRET, ID, SECOND, BODY) == SIGNED
    by_hand = hmac.new(b64decode(SECRET[6:]), f"{ID}.{SECOND}.".encode() + BODY, sha256).digest()
    assert "v1," + b64encode(by_hand).decode() == SIGNED
    assert signature(OURS, "msg_1", 1767600000, EVENT) == "v1,5OttgFL1zFryxO+yg172BcF32Jb4g0EnODJgUaS5ZA8="


def test_a_message_is_taken_under_either_of_two_secrets():
    """While one is replaced both have signed; the names of headers come in any case."""
    told = Event("msg_1", "loan.drawn", 1, AT, {"loan": "L1"})
    signed = signature(OURS, "msg_1", 1767600000, EVENT)
    other = signature(new_secret(), "msg_1", 1767600000, EVENT)
    for one in (signed, f"{other} {signed}", f"v1a,xx {signed}"):
        assert verify(OURS, headers(one, name="Webhook"), EVENT, now=AT) == told


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"webhook-signature": "v1,AAAA"}, "no signature of the message fits"),
        ({"webhook-signature": "v1,ü"}, "no signature of the message fits"),
        ({"webhook-id": "msg_2"}, "no signature of the message fits"),
        ({"webhook-timestamp": "1767600301"}, "is of another time"),
        ({"webhook-timestamp": "1767599699"}, "is of another time"),
        ({"webhook-timestamp": "now"}, "lacks webhook-id"),
        ({"webhook-timestamp": "9" * 400}, "lacks webhook-id"),
        ({"webhook-id": "msg_\udc80"}, "no signature of the message fits"),
        ({"webhook-signature": "v1,\udc80"}, "no signature of the message fits"),
        ({"webhook-signature": None}, "lacks webhook-id"),
    ],
)
def test_a_message_that_is_not_ours_or_of_another_time_is_refused(change, said):
    """Another signature, id or time, none at all, a copy of five minutes and a second ago or to come."""
    held = headers(signature(OURS, "msg_1", 1767600000, EVENT)) | change
    sent = {name: value for name, value in held.items() if value is not None}
    with pytest.raises(SignatureError, match=said):
        verify(OURS, sent, EVENT, now=AT)


def test_the_tolerance_ends_at_its_second():
    """A message of exactly five minutes ago is taken; with less tolerance it is not."""
    signed = headers(signature(OURS, "msg_1", 1767600000, EVENT))
    assert verify(OURS, signed, EVENT, now=AT + timedelta(minutes=5)).type == "loan.drawn"
    with pytest.raises(SignatureError, match="is of another time"):
        verify(OURS, signed, EVENT, now=AT + timedelta(seconds=61), tolerance=timedelta(minutes=1))


def test_what_is_signed_and_no_event_is_refused():
    """JSON of another shape, and none."""
    for body in (b"{}", b"[]", b"\xff", b'{"type":"a","version":1,"timestamp":"x","data":{}}'):
        signed = headers(signature(OURS, "msg_1", 1767600000, body))
        with pytest.raises(SignatureError, match="is no event of this version"):
            verify(OURS, signed, body, now=AT)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_not base64", "whsec_密钥", "whsec_" + "A" * 20, "whsec_" + "A" * 96]
)
def test_a_secret_that_is_none_is_refused(secret):
    """Before anything is signed with too little."""
    with pytest.raises(UsageError, match="a webhook's secret"):
        signature(secret, "msg_1", 1, b"")
