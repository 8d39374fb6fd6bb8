"""Programs that speak to the API in the tests: a client with some scopes, its tokens, and its calls."""

import warnings

import orjson
from django.test import Client
from house import AT

from suixin.server.identity.actions.add_client import NewClient, add_client
from suixin.server.identity.roles import Role
from suixin.server.identity.scopes import Scope

DECLARED = {"route": "own_mall", "authorisation": "contract 7", "purpose": "credit decisions"}


class Program:
    """A client of a lender's house; each call shows a token, and answers (status, document)."""

    def __init__(self, lender, *scopes, **more):
        scopes = scopes or tuple(Scope)
        declared = DECLARED if Scope.DATA_WRITE in scopes else {}
        first, second = (lender.as_(Role.ADMINISTRATOR, number) for number in (0, 1))
        new = NewClient("核心系统", scopes, **declared, **more)
        self.client, self.secret = add_client(new, by=first, second=second, at=AT)
        self.http = http()
        self.token = ""
        self.answer = None

    @property
    def name(self):
        return f"client:{self.client.pk}"

    def issued(self, scope=""):
        """The document of a new token."""
        sent = {"grant_type": "client_credentials", "client_id": self.client.client_id}
        sent |= {"client_secret": self.secret} | ({"scope": scope} if scope else {})
        return read(self.http.post("/api/v1/token", sent))[1]

    def headers(self):
        self.token = self.token or self.issued()["access_token"]
        return {"HTTP_AUTHORIZATION": f"Bearer {self.token}"}

    def get(self, path, **asked):
        return self.heard(self.http.get(f"/api/v1{path}", asked, **self.headers()))

    def post(self, path, body, key="k"):
        headers = self.headers() | ({"HTTP_IDEMPOTENCY_KEY": key} if key else {})
        sent = body if isinstance(body, bytes) else orjson.dumps(body)
        kind = "application/x-ndjson" if isinstance(body, bytes) else "application/json"
        return self.heard(self.http.post(f"/api/v1{path}", sent, content_type=kind, **headers))

    def heard(self, answer):
        self.answer = answer
        return read(answer)


def http():
    """Somebody who sends requests, and no cookies."""
    made = Client(HTTP_HOST="localhost")
    with warnings.catch_warnings():  # no static files were collected, and none are asked for
        warnings.filterwarnings("ignore", "No directory at")
        made.handler.load_middleware()
    return made


def read(answer):
    """(status, document)."""
    return answer.status_code, orjson.loads(answer.content)


def yuan(amount):
    return {"amount": amount, "currency": "CNY"}


OPEN = {("post", "/api/v1/token")}
"""(method, path) of what is open to all."""
METHODS = ("get", "post", "put", "patch", "delete")


def operations(held):
    """(method, path, operation) of every address of a document."""
    return [
        (method, path, found[method])
        for path, found in held["paths"].items()
        for method in METHODS
        if method in found
    ]


def scope_of(operation):
    """The scope by which an address opens; None for what is open to all."""
    (held,) = operation.get("security") or [{"client_credentials": [None]}]
    (scope,) = held["client_credentials"]
    return scope
