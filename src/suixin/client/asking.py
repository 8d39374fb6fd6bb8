"""Requests to a server: with a token that is fetched anew when it is over, tried again where that is safe, never redirected."""

import json
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from suixin.client.problems import ApiError, problem_of
from suixin.errors import AnswerError, UsageError

_AGAIN = frozenset({429, 500, 502, 503, 504})
_EARLY = 30  # seconds before a token ends that another one is fetched
_LONGEST_WAIT = 120.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LARGEST = 64 * 1024 * 1024  # bytes of an answer; a page of 200 rows has some 100,000


class _NoRedirects(HTTPRedirectHandler):
    """A token goes to the server that it is for and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(slots=True)
class Door:
    """One client of one server.

    Attributes:
        server: its address, such as `https://bank.example.com`; http for this machine alone.
        client_id, client_secret: as `suixin client add` printed them.
        scopes: to ask for; all that the client holds if empty.
        timeout_seconds: of one request.
        tries: of one request, with waits between.
        sleep: waits; the clock's unless told.
    """

    server: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...] = ()
    timeout_seconds: float = 30.0
    tries: int = 4
    sleep: Callable[[float], None] = time.sleep
    _token: str = field(default="", repr=False)
    _over_at: float = 0.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.server)
        plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not parts.hostname or not (parts.scheme == "https" or plain):
            raise UsageError(
                f"{self.server!r} is no server to ask; give https://host, or http on this machine"
            )
        self.server = self.server.rstrip("/")

    def get(self, path: str, **asked: object) -> Any:
        """The document at an address."""
        question = urlencode({name: str(value) for name, value in asked.items() if value is not None})
        return self._asked("GET", f"{path}?{question}" if question else path, None, {})

    def post(self, path: str, body: bytes, *, key: str, kind: str = "application/json") -> Any:
        """What a write answers; the key lets it be sent again without being done again."""
        return self._asked("POST", path, body, {"Idempotency-Key": key, "Content-Type": kind})

    def _asked(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        renewed = False
        for tried in range(1, self.tries + 1):
            try:
                held = {**headers, "Authorization": f"Bearer {self._bearer()}"}
                return self._once(method, f"{self.server}/api/v1{path}", body, held)
            except ApiError as error:
                if error.status == 401 and not renewed and tried < self.tries:
                    renewed, self._token = True, ""  # it was over sooner than told, or revoked
                    continue
                if error.status not in _AGAIN or tried == self.tries:
                    raise
                self.sleep(_wait(tried, error.retry_after))
            except (URLError, HTTPException, OSError) as error:
                if tried == self.tries:
                    raise AnswerError(f"{self.server} did not answer: {error}") from error
                self.sleep(_wait(tried, None))
        raise AnswerError(f"{self.server} did not answer")  # no tries were asked for

    def _bearer(self) -> str:
        if not self._token or time.monotonic() >= self._over_at:
            pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
            headers = {
                "Authorization": f"Basic {b64encode(pair.encode()).decode()}",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            wanted = {"grant_type": "client_credentials"}
            wanted |= {"scope": " ".join(self.scopes)} if self.scopes else {}
            told = self._once("POST", f"{self.server}/api/v1/token", urlencode(wanted).encode(), headers)
            self._token, seconds = _granted(told)
            self._over_at = time.monotonic() + max(seconds - _EARLY, 1)
        return self._token

    def _once(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        asked = Request(url, body, dict(headers), method=method)  # noqa: S310  judged when the client was made
        try:
            with self._opener().open(asked, timeout=self.timeout_seconds) as answer:
                return json.loads(_whole(answer))
        except HTTPError as error:
            with error:
                raise problem_of(error.code, dict(error.headers), _whole(error)) from None
        except (ValueError, RecursionError) as error:
            raise AnswerError(f"{url} answered no JSON") from error

    def _opener(self) -> OpenerDirector:
        """Proxies of the environment are for https, which they cannot read; what is for this machine stays on it."""
        no_proxy = [] if self.server.startswith("https:") else [ProxyHandler({})]
        return build_opener(_NoRedirects(), *no_proxy)


def _whole(answer: IO[bytes]) -> bytes:
    held = answer.read(_LARGEST + 1)
    if len(held) > _LARGEST:
        raise AnswerError(f"the answer has more than {_LARGEST:,} bytes")
    return held


def _granted(told: Any) -> tuple[str, int]:
    """A token and the seconds that it holds."""
    match told:
        case {"access_token": str(token), "expires_in": int(seconds)}:
            return token, seconds
    raise AnswerError("the server's answer is no token")


def _wait(tried: int, told: int | None) -> float:
    """Seconds until the next try: what the server says, else 1, 2, 4 ..."""
    return min(float(told) if told is not None else 2.0 ** (tried - 1), _LONGEST_WAIT)
