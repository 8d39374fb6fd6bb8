"""One request to an endpoint: to the address that was judged, no redirect followed, no proxy asked, over in seconds."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import NamedTuple

from suixin.identifiers import mask_row
from suixin.server.webhooks.addresses import Place, place_of, resolved
from suixin.server.webhooks.faults import why

CLIPPED = 500
"""So many signs of an answer are kept."""
_CONNECT_SECONDS, _WHOLE_SECONDS = 5.0, 15.0
_LONGEST_WAIT = 86_400


class Answer(NamedTuple):
    """What came of a request: the status, None if there was no answer; what was said; how long it took; when to ask again."""

    status: int | None
    said: str
    milliseconds: int
    retry_after: int = 0

    @property
    def taken(self) -> bool:
        """Whether the endpoint has taken it."""
        return self.status is not None and 200 <= self.status < 300


class _Pinned(HTTPConnection):
    """A connection to the one address that was judged, whatever the name says the next moment."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.host, place.port, timeout=_CONNECT_SECONDS)
        self._place = place
        self.default_port = 443 if place.secure else 80  # the one that the header Host leaves out

    def connect(self) -> None:
        family, where = resolved(self._place)
        held = socket.socket(family, socket.SOCK_STREAM)
        try:
            held.settimeout(_CONNECT_SECONDS)
            held.connect(where)
            self.sock = _secured(held, self._place)
            self.sock.settimeout(_WHOLE_SECONDS)
        except BaseException:
            held.close()
            raise


def _secured(held: socket.socket, place: Place) -> socket.socket:
    if not place.secure:
        return held
    return ssl.create_default_context().wrap_socket(held, server_hostname=place.host)


def sent(url: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Send a body by POST; whatever goes wrong is an answer, too."""
    began = time.monotonic()
    try:
        place = place_of(url)
        status, said, wait = _asked(place, headers, body)
    except Exception as error:  # noqa: BLE001  what a stranger's server does is no fault of ours
        return Answer(None, why(error), _since(began))
    return Answer(status, clipped(said), _since(began), wait)


def _asked(place: Place, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes, int]:
    connection = _Pinned(place)
    try:
        connection.connect()
        with _over_in(_WHOLE_SECONDS, connection.sock):
            connection.request("POST", place.target, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, _read(answer), _wait_of(answer)
    finally:
        connection.close()


@contextmanager
def _over_in(seconds: float, held: socket.socket) -> Iterator[None]:
    """End the connection when its time is over: who sends a byte now and then would keep us for ever."""
    clock = threading.Timer(seconds, _shut, (held,))
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()


def _shut(held: socket.socket) -> None:
    with suppress(OSError):  # it has ended by itself
        held.shutdown(socket.SHUT_RDWR)


def _read(answer: HTTPResponse) -> bytes:
    try:
        return answer.read(4 * CLIPPED)
    except (OSError, ValueError, HTTPException):
        return b""  # it has said whether it took it


def _wait_of(answer: HTTPResponse) -> int:
    told = answer.headers.get("Retry-After", "")
    return min(int(told), _LONGEST_WAIT) if told.isascii() and told.isdigit() and len(told) < 10 else 0


def clipped(said: bytes) -> str:
    """What was answered as text of one line, what looks like a person's number masked."""
    text = " ".join(
        "".join(sign if sign.isprintable() else " " for sign in said.decode(errors="replace")).split()
    )
    return str(mask_row({"said": text})["said"])[:CLIPPED]


def _since(began: float) -> int:
    return round(1_000 * (time.monotonic() - began))
