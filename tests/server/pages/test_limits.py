"""What a request may bring: a body of so many bytes, and text that every database takes."""

import pytest
from django.http import QueryDict
from programs import http, read
from screens import Screens

from suixin.errors import UsageError
from suixin.server.identity.roles import Role
from suixin.server.pages import forms

pytestmark = pytest.mark.filterwarnings("ignore:No directory at")
TOO_LONG = str(5 * 1024 * 1024 + 1)
WISH = {"kind": "other", "channel": "counter", "merchant": "4"}


def test_the_sign_nul_is_refused_wherever_a_request_has_text(database):
    """PostgreSQL keeps it in no text: before anybody has signed in, in questions, addresses, forms and cookies."""
    client = Screens().client(Role.CUSTOMER_MANAGER)
    stranger, cookie = http(), http()
    cookie.cookies["sessionid"] = "abcdefgh\0"
    asked = [
        stranger.post("/sign-in", {"username": "a\0", "password": "x"}),
        cookie.get("/"),
        client.get("/bank/?text=%00"),
        client.get("/bank/?%00=x"),
        client.get("/bank/applications/%00"),
        client.post("/bank/complaints/file", WISH | {"words": "a\0b"}),
    ]
    assert [one.status_code for one in asked] == [400] * 6
    early = {1, 4}  # a cookie and an address are looked at before anything is known of the reader
    for number, one in enumerate(asked):
        assert (one.content == b"unreadable", "这个请求无法理解" in one.content.decode()) == (
            number in early,
            number not in early,
        )
    for answer in (
        stranger.get("/api/v1/loans/%00"),
        stranger.get("/api/v1/loans?borrower=%00"),
        stranger.post("/api/v1/token", "client_id=1-%00", content_type="application/x-www-form-urlencoded"),
    ):
        status, problem = read(answer)
        assert (status, problem["code"]) == (400, "unreadable")
        assert answer.headers["Content-Type"] == "application/problem+json"
    with pytest.raises(UsageError, match="the sign NUL"):
        forms.words_of(QueryDict("reason=a%00"), "reason")


@pytest.mark.parametrize("length", [TOO_LONG, "²", "9" * 5_000, "-1"])
def test_a_body_that_is_too_large_is_told_in_the_shape_of_its_address(lasting, length):
    """A problem below /api/, words elsewhere; a length that is no figure is none."""
    client = http()
    sent = {"content_type": "application/json", "CONTENT_LENGTH": length}
    answer = client.generic("POST", "/api/v1/token", b"", **sent)
    status, problem = read(answer)
    assert (status, problem["code"]) == (413, "too_large")
    assert answer.headers["Content-Type"] == "application/problem+json"
    answer = client.generic("POST", "/sign-in", b"", **sent)
    assert (answer.status_code, answer.content) == (413, b"too large")
