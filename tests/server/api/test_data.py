"""Rows pushed into the lake: counted, checked, by the client's own route, once for a key, and nobody's secrets told."""

import copy
import shutil
import time

import orjson
import pytest
from filelock import FileLock
from house import in_threads
from journeys import APPROVED, Desk, county
from programs import DECLARED, Program, http

from suixin.lake.store import Lake
from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity.scopes import Scope
from suixin.server.origination.actions import push_table
from suixin.server.origination.models import Desk as DeskRow

ORDER = {"order_id": "api-1", "merchant_id": APPROVED, "ordered_at": "2025-12-30T10:00:00+08:00"}
ORDER |= {"amount": "128.50", "buyer_id": "b1"}
LATER = ORDER | {"order_id": "api-2", "amount": "64.00"}


@pytest.fixture
def program(sqlite, tmp_path):
    """A program that pushes into the lake of a desk, which is the test's own."""
    desk = Desk()
    shutil.copytree(county(), tmp_path / "lake")
    with tenancy.within(desk.organisation.pk):
        DeskRow.objects.update(lake=str(tmp_path / "lake"))
    made = Program(desk, Scope.DATA_WRITE)
    made.desk, made.lake = desk, tmp_path / "lake"
    return made


def lines(*rows):
    return b"".join(row if isinstance(row, bytes) else orjson.dumps(row) + b"\n" for row in rows)


def counts(found):
    return tuple(found[name] for name in ("read", "accepted", "already_there", "quarantined"))


def test_good_rows_are_in_the_lake_and_bad_ones_are_told(program):
    """Every row is one of three; a bad one is told with its line, rule and masked text, and never stops the others."""
    before = Lake.open(program.lake)
    bad = ORDER | {"order_id": "api-3", "amount": "-1", "buyer_id": "13812345678"}
    stranger = ORDER | {"order_id": "api-4", "merchant_id": "nobody"}
    sent = lines(ORDER, bad, b"{\n", stranger, LATER | {"colour": "red"})
    status, found = program.post("/data/orders", sent, key="k1")
    assert (status, found["table"], counts(found)) == (200, "orders", (5, 2, 0, 3))
    assert found["ignored_columns"] == ["colour"]
    aside = [(one["row"], one["column"], one["rule"]) for one in found["rows"]]
    assert sorted(aside) == [
        (2, "amount", "negative_amount"),
        (3, "", "wrong_type"),
        (4, "merchant_id", "unknown_merchant"),
    ]
    told = program.answer.content.decode()
    assert "13812345678" not in told
    assert str(program.lake) not in told
    after = Lake.open(program.lake)
    assert found["snapshot"] == after.snapshot
    assert after.facts("orders") == before.facts("orders") + 2
    last = after.manifest.ingests[-1]
    assert {name: getattr(last, name) for name in DECLARED} == DECLARED
    assert (last.adapter, last.source) == ("api", "核心系统")
    with tenancy.within(program.desk.organisation.pk):
        log = Record.objects.filter(action="data.table.push").values_list("actor", "object_kind")
        assert list(log) == [(program.name, "origination.desk")]
        assert Record.objects.filter(action="data.table.begin").count() == 1


def test_the_same_key_is_answered_again_and_other_rows_under_it_are_refused(program, monkeypatch):
    """Also when the answer was lost on the way; the same rows under another key are already there."""
    sent = lines(ORDER, LATER)
    status, first = program.post("/data/orders", sent, key="k1")
    assert (status, counts(first)) == (200, (2, 2, 0, 0))
    assert program.post("/data/orders", sent, key="k1") == (200, first)
    assert program.post("/data/orders", lines(ORDER), key="k1")[0] == 409
    assert program.post("/data/merchants", sent, key="k1")[0] == 409
    status, again = program.post("/data/orders", sent, key="k2")
    assert (status, counts(again), again["snapshot"]) == (200, (2, 0, 2, 0), first["snapshot"])
    third = ORDER | {"order_id": "api-5"}
    with monkeypatch.context() as dies:  # after the lake's commit and before the database's

        def die(*_, **__):
            raise SystemExit

        dies.setattr(push_table, "once", die)
        with pytest.raises(SystemExit):
            program.post("/data/orders", lines(third), key="k3")
    status, found = program.post("/data/orders", lines(third), key="k3")
    assert (status, counts(found)) == (200, (1, 0, 1, 0))
    assert program.post("/data/orders", lines(third), key="k3") == (200, found)


def test_of_two_pushes_at_once_under_one_key_one_reaches_the_lake(database, tmp_path, monkeypatch):
    """Other rows under the same key are refused before they are in the lake; what is there stands in the log."""
    lake = tmp_path / "lake"
    shutil.copytree(county(), lake)
    desk = Desk()
    with tenancy.within(desk.organisation.pk):
        DeskRow.objects.update(lake=str(lake))
    program, before = Program(desk, Scope.DATA_WRITE), Lake.open(lake).facts("orders")
    programs = [copy.copy(program) for _ in range(2)]
    headers, taken = program.headers(), push_table.ingest

    def slow(*given, **more):
        time.sleep(0.3)  # until the other one has come in, too
        return taken(*given, **more)

    monkeypatch.setattr(push_table, "ingest", slow)
    sent = [lines(ORDER), lines(LATER)]
    for one in programs:
        one.token, one.http = headers["HTTP_AUTHORIZATION"].partition(" ")[2], http()
    found = in_threads(2, lambda at: programs[at].post("/data/orders", sent[at], key="k1")[0])
    assert sorted(found) == [200, 409]
    assert Lake.open(lake).facts("orders") == before + 1
    with tenancy.within(desk.organisation.pk):
        log = Record.objects.filter(action__startswith="data.table.").order_by("pk")
        assert list(log.values_list("action", flat=True)) == ["data.table.begin", "data.table.push"]


def test_what_is_no_table_too_large_or_not_ones_own_is_refused(program):
    """Nothing of it reaches the lake; no address of the server's disk is told."""
    before = Lake.open(program.lake).facts("orders")
    refused = [
        ("/data/nothing", lines(ORDER), (422, "invalid")),
        ("/data/orders", b"x" * (5 * 1024 * 1024 + 1), (413, "too_large")),
    ]
    for path, sent, said in refused:
        status, problem = program.post(path, sent)
        assert (status, problem["code"]) == said
    reader = Program(program.desk, Scope.LOANS_READ)
    assert reader.post("/data/orders", lines(ORDER))[0] == 403
    for number, sent in enumerate((b"", b"\n", b"\xff\xfe", b"[1]\n", b"1\n", b'{"a": {"b": 1}}\n', b"\x00")):
        status, found = program.post("/data/orders", sent, key=f"odd-{number}")
        assert status in {200, 422}, sent
        assert status == 422 or found["accepted"] == 0
        assert str(program.lake.parent) not in str(found)
        assert "/tmp" not in str(found)  # noqa: S108  a path that must not be told
    assert Lake.open(program.lake).facts("orders") == before


def test_a_lake_that_somebody_else_writes_is_asked_again_later(program, monkeypatch):
    """503 with Retry-After; the key is still free."""
    monkeypatch.setattr(push_table, "_WAIT_SECONDS", 0.05)
    with FileLock(program.lake / "lock"):
        status, problem = program.post("/data/orders", lines(ORDER), key="k1")
    assert (status, problem["code"], program.answer.headers["Retry-After"]) == (503, "lake_is_busy", "30")
    assert str(program.lake) not in problem["detail"]
    assert program.post("/data/orders", lines(ORDER), key="k1")[0] == 200
