"""What machines ask: ready or not, and figures, for those who may see them."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from house import AT, DAY, bank, book, moved, posted

from suixin.server import guards, tenancy
from suixin.server.audit.actions.seal import seal as seal_log
from suixin.server.outbox.actions.write import News
from suixin.server.telemetry import metrics


def get(path, **headers):
    return Client(SERVER_NAME="localhost").get(path, headers=headers)


def figures(text):
    """Name and labels -> value."""
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_ready_means_reached_migrated_and_guarded(database):
    """Traffic comes when all three hold; why not is told to nobody."""
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    assert (get("/readyz").status_code, get("/readyz").json()) == (200, {"ready": True})
    MigrationRecorder.Migration.objects.filter(app="outbox").delete()
    assert (get("/readyz").status_code, get("/readyz").json()) == (503, {"ready": False})
    assert get("/healthz").status_code == 200
    MigrationRecorder(connection).record_applied("outbox", "0001_initial")
    assert get("/readyz").status_code == 200
    drop(connection, "audit_record")
    assert guards.missing() == ["suixin_no_delete_audit_record"]
    assert get("/readyz").status_code == 503


def drop(connection, table):
    """Take the guard away that keeps a table's rows."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP TRIGGER suixin_no_delete_{table}")
        else:
            cursor.execute(f"DROP TRIGGER suixin_no_delete ON {table}")


@pytest.mark.parametrize(
    ("token", "headers", "address", "status"),
    [
        ("", {}, "127.0.0.1", 200),
        ("", {}, "::1", 200),
        ("", {}, "192.0.2.7", 404),
        ("", {"X-Forwarded-For": "192.0.2.7"}, "127.0.0.1", 404),
        ("", {"Forwarded": "for=192.0.2.7"}, "127.0.0.1", 404),
        ("", {"Authorization": "Bearer "}, "192.0.2.7", 404),
        ("a long token", {}, "127.0.0.1", 404),
        ("a long token", {"Authorization": "Bearer a short one"}, "127.0.0.1", 404),
        ("a long token", {"Authorization": "Bearer a long token"}, "192.0.2.7", 200),
    ],
)
def test_figures_are_for_this_machine_or_for_the_token(sqlite, monkeypatch, token, headers, address, status):
    """By a proxy on this machine a stranger comes from this machine, too."""
    monkeypatch.setenv("SUIXIN_METRICS_TOKEN", token)
    client = Client(SERVER_NAME="localhost", REMOTE_ADDR=address)
    assert client.get("/metrics", headers=headers).status_code == status


def test_requests_are_counted_by_view_and_never_by_address(sqlite):
    """A number of a case, a made-up method or a lost page adds no line of its own."""
    before = figures(get("/metrics").content.decode())
    client = Client(SERVER_NAME="localhost")
    for path in ("/sign-in", "/sign-in?next=/me/", "/nowhere/1", "/nowhere/2"):
        client.get(path)
    client.generic("BREW", "/sign-in")
    after = figures(get("/metrics").content.decode())
    grown = {
        name: value - before.get(name, 0) for name, value in after.items() if "suixin_requests_total" in name
    }
    assert {name: value for name, value in grown.items() if value} == {
        'suixin_requests_total{method="GET",status="200",view="metrics"}': 1,
        'suixin_requests_total{method="GET",status="200",view="sign-in"}': 2,
        'suixin_requests_total{method="GET",status="404",view="none"}': 2,
        'suixin_requests_total{method="other",status="405",view="sign-in"}': 1,
    }
    name = 'suixin_request_seconds_count{view="sign-in"}'
    assert after[name] - before.get(name, 0) == 3


def test_the_house_is_shown_as_it_stands(database):
    """Days that are overdue by book, messages that wait, records behind the last seal; of every bank."""
    held, program = book()
    bank("other")
    posted(held, program, moved("a", 7), news=[News("moved", "a", {}), News("moved", "b", {})])
    at = datetime(DAY.year, DAY.month, DAY.day, 4, tzinfo=UTC) + timedelta(days=3)
    found = figures(metrics.exposed(at).decode())
    house = {name: value for name, value in found.items() if 'organisation="' in name}
    age = (at - AT).total_seconds()
    records = house.pop('suixin_audit_unsealed{organisation="rural"}')
    assert records > 1
    assert house == {
        'suixin_book_lag_days{book="main",organisation="rural"}': 3,
        'suixin_book_breaks{book="main",organisation="rural"}': 0,
        'suixin_outbox_waiting{organisation="rural"}': 2,
        'suixin_outbox_waiting{organisation="other"}': 0,
        'suixin_outbox_oldest_seconds{organisation="rural"}': age,
        'suixin_outbox_oldest_seconds{organisation="other"}': 0,
        'suixin_audit_unsealed{organisation="other"}': 1,
        'suixin_audit_unsealed_oldest_seconds{organisation="rural"}': age,
        'suixin_audit_unsealed_oldest_seconds{organisation="other"}': age,
    }
    with tenancy.within(program.organisation_id):
        seal_log(program)
    found = figures(metrics.exposed(at).decode())
    assert found['suixin_audit_unsealed{organisation="rural"}'] == 0
    assert found['suixin_audit_unsealed_oldest_seconds{organisation="rural"}'] == 0


COUNTS = """
import sys
from suixin.server.start import start
start()
from suixin.server.telemetry import metrics
for _ in range(int(sys.argv[1])):
    metrics.answered("home", "GET", 200, 0.02)
if sys.argv[2]:
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    print(generate_latest(registry).decode())
"""


def test_whoever_is_asked_tells_the_sum_of_all_workers(tmp_path):
    """Two processes, one after the other: the second one's text has both."""
    env = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for count, shown in ((3, ""), (4, "yes")):
        command = [sys.executable, "-c", COUNTS, str(count), shown]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    found = figures(done.stdout)
    assert found['suixin_requests_total{method="GET",status="200",view="home"}'] == 7
    assert found['suixin_request_seconds_count{view="home"}'] == 7
