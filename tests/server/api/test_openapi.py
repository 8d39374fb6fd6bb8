"""The OpenAPI document: what is promised to programs changes only when somebody means it, and every address has a rule."""

import os
from pathlib import Path

import orjson
from programs import OPEN, http, operations, read, scope_of

from suixin.server.api.document import document
from suixin.server.api.urls import api
from suixin.server.identity.scopes import WORDS, Scope

SNAPSHOT = Path(__file__).with_name("openapi.json")


def test_the_document_is_as_it_was(sqlite):
    """A change is seen in the review; if it is meant: SUIXIN_REFRESH=1 ./dev test tests/server/api/test_openapi.py"""
    found = document(api)
    if os.environ.get("SUIXIN_REFRESH") == "1":
        SNAPSHOT.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")
    held = orjson.loads(SNAPSHOT.read_bytes())
    refresh = "the API changed; if it is meant: SUIXIN_REFRESH=1 ./dev test tests/server/api/test_openapi.py"
    assert found == held, refresh
    assert read(http().get("/api/v1/openapi.json")) == (200, held)
    assert held["openapi"] == "3.1.0"


def test_every_address_opens_by_one_scope_and_every_write_has_a_key(sqlite):
    """A new address without a rule fails here; so does a scope that opens nothing."""
    held = document(api)
    found = {(method, path): scope_of(one) for method, path, one in operations(held)}
    assert {address for address, scope in found.items() if scope is None} == OPEN
    assert set(found.values()) - {None} == {str(scope) for scope in Scope}
    for method, path, one in operations(held):
        named = {part["name"] for part in one["parameters"]}
        assert ("Idempotency-Key" in named) == (method != "get" and (method, path) not in OPEN), path
        assert str(found[method, path] or ":write").endswith(":read" if method == "get" else ":write"), path
    flow = held["components"]["securitySchemes"]["client_credentials"]["flows"]["clientCredentials"]
    assert flow["scopes"] == {str(scope): said for scope, said in WORDS.items()}


def test_every_operation_has_a_name_words_and_its_refusals(sqlite):
    """A typed client is made from these."""
    held = document(api)
    every = operations(held)
    assert len({one["operationId"] for _, _, one in every}) == len(every)
    for method, path, one in every:
        assert one["summary"], path
        assert one["description"], path
        refusals = {"400", "401", "403", "404", "422", "429", "503"}
        refusals |= {"409", "413"} if method == "post" and (method, path) not in OPEN else set()
        assert {status for status in one["responses"] if status >= "400"} == refusals, path
    kinds = {tuple(one["content"]) for one in held["components"]["responses"].values()}
    assert kinds == {("application/problem+json",)}
