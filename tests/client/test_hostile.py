"""A server that means ill: what it answers is an error of the client's, and nothing goes where it should not."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from suixin.client import ApiError, Bank, asking
from suixin.errors import AnswerError

TOKEN = b'{"access_token":"t","expires_in":600}'


class Foe:
    """`answers` are the bodies by the end of a path, with a status and headers where they matter; `asked` the paths."""

    def __init__(self):
        self.url, self.asked, self.answers = "", [], {"token": (200, TOKEN, {})}


@contextmanager
def serving():
    """A foe that answers on loopback."""
    foe = Foe()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            self.do_GET()

        def do_GET(self):
            foe.asked.append(self.path)
            name = self.path.partition("?")[0].rpartition("/")[2]
            status, body, headers = foe.answers[name]
            self.send_response(status)
            for key, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        foe.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield foe
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def foe():
    with serving() as made:
        yield made


@pytest.fixture
def bank(foe):
    foe.asked.clear()
    foe.answers = {"token": (200, TOKEN, {})}
    return Bank(foe.url, "c", "s", tries=1)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[" * 100_000, "answered no JSON"),
        (b"[]", "has no 'items'"),
        (b"{}", "has no 'items'"),
        (b'{"items":"abc","next":null}', "has no 'items'"),
        (b'{"items":[1],"next":null}', "is no Loan of this client"),
        (b'{"items":[],"next":"1"}', "does not go on behind '1'"),
        (b"x" * 2_001, "more than 2,000 bytes"),
    ],
)
def test_an_answer_of_another_shape_is_one_error_and_no_loop(foe, bank, monkeypatch, body, said):
    """Depth, missing parts, a list that never goes on, one that is too long to hold."""
    monkeypatch.setattr(asking, "_LARGEST", 2_000 if b"x" in body else 1_000_000)
    foe.answers["loans"] = (200, body, {})
    with pytest.raises(AnswerError, match=said):
        list(bank.loans())
    assert len(foe.asked) <= 3


@pytest.mark.parametrize("body", [b"[]", b'{"access_token":"t"}', b'{"access_token":1,"expires_in":"soon"}'])
def test_a_token_of_another_shape_is_an_error(foe, bank, body):
    """And nothing is asked with it."""
    foe.answers["token"] = (200, body, {})
    with pytest.raises(AnswerError, match="is no token"):
        bank.portfolio()
    assert foe.asked == ["/api/v1/token"]


@pytest.mark.parametrize("told", ["9" * 400, "9" * 5_000])
def test_a_wait_beyond_all_numbers_is_none(foe, bank, told):
    """It is as if the server had named no time."""
    foe.answers["portfolio"] = (503, b"[" * 100_000, {"Retry-After": told})
    with pytest.raises(ApiError) as refused:
        bank.portfolio()
    assert (refused.value.status, refused.value.code, refused.value.retry_after) == (503, "no_problem", None)


def test_what_is_for_this_machine_passes_no_proxy(foe, bank, monkeypatch):
    """A proxy of the environment would read the secret: over http nothing is encrypted."""
    with serving() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        foe.answers["portfolio"] = (403, b'{"code":"refused","detail":"no"}', {})
        with pytest.raises(ApiError, match="403 refused: no"):
            bank.portfolio()
        assert proxy.asked == []
    assert foe.asked == ["/api/v1/token", "/api/v1/portfolio"]
