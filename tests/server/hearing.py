"""A system of the bank that hears webhooks: a real server on loopback, which keeps what comes and answers as it is told."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

from house import AT

from suixin.server import tenancy
from suixin.server.identity.roles import Role
from suixin.server.outbox.actions.write import write
from suixin.server.webhooks.actions.add_endpoint import NewEndpoint, add_endpoint
from suixin.server.webhooks.models import Delivery
from suixin.server.webhooks.topics import news

LOOPBACK = "127.0.0.0/8"


class Hearer:
    """`heard` are (path, headers, body); `answers` the (status, body, headers) to give, the last one for ever."""

    def __init__(self):
        self.heard, self.answers, self.url = [], [(200, b"ok", {})], ""

    def next(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def hearing():
    """A hearer that answers."""
    made = Hearer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.heard.append((self.path, dict(self.headers), body))
            status, said, headers = made.next()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(said)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_port}/hooks"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


class Clock:
    """A clock that stands until it is set on."""

    def __init__(self, at=AT):
        self.at = at

    def __call__(self):
        return self.at


def added(lender, url, topics=("loan.drawn",), **more):
    """An endpoint of the house, its secret beside it."""
    first, second = (lender.as_(Role.ADMINISTRATOR, number) for number in (0, 1))
    new = NewEndpoint("core banking", url, topics)
    made, secret = add_endpoint(new, by=first, second=second, at=more.get("at", AT))
    return SimpleNamespace(row=made, code=made.code, secret=secret)


def happens(lender, number="L1", key="k", at=AT):
    """An event, as an action writes it."""
    told = {"loan": number, "merchant_id": "P1", "key": key, "on": "2026-01-05"}
    with tenancy.within(lender.organisation.pk):
        write([news("relief.granted", f"{number}/{key}", **told)], at=at)


def deliveries(lender):
    with tenancy.within(lender.organisation.pk):
        return list(Delivery.objects.select_related("endpoint").order_by("pk"))
