"""Databases for the server's tests: whoever asks for one is run on SQLite, and by `./dev test --full` on PostgreSQL too."""

import importlib.util
import io
import os
import shutil
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parent))
CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
os.environ.setdefault("SUIXIN_SECRET_KEY", "for tests alone")
os.environ.setdefault("SUIXIN_MFA", "optional")
os.environ.setdefault("SUIXIN_FACTOR_KEY", "QSBrZXkgb2YgMzIgYnl0ZXMsIGZvciB0ZXN0cyBvbmw=")
HAS_DJANGO = importlib.util.find_spec("django") is not None
if HAS_DJANGO:
    os.environ["SUIXIN_DATABASE"] = "sqlite:////nowhere/unless/a/test/asks.sqlite3"
    from suixin.server.sharing import keys
    from suixin.server.start import start

    os.environ.setdefault("SUIXIN_CONSENT_KEY", keys.new_key())
    start()
    from django.contrib.auth.hashers import Argon2PasswordHasher as Argon2

    # Passwords of tests guard nothing: the same algorithm with its least work, as Django advises.
    Argon2.time_cost, Argon2.memory_cost, Argon2.parallelism = 1, 8, 1
else:
    collect_ignore_glob = ["test_*.py", "*/test_*.py"]


@pytest.fixture(autouse=True)
def _in_the_houses_language():
    """What a request of the test before last spoke is forgotten: words are Chinese until one says otherwise."""
    yield
    if HAS_DJANGO:
        from django.utils import translation

        translation.deactivate()


def missing(what):
    if CI:
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


def use(url):
    """Let Django's default connection be this database's."""
    from django.db import connections

    from suixin.server.settings.database import read_url

    connections["default"].close()
    del connections["default"]
    connections.settings["default"] = connections.configure_settings({"default": read_url(url)})["default"]


@pytest.fixture(scope="session")
def cluster(request):
    """The socket's folder of this run's PostgreSQL."""
    import cluster as clusters

    if clusters.programs() is None:
        missing(
            "no PostgreSQL: neither initdb on the path nor /usr/lib/postgresql/*/bin; apt-get install postgresql"
        )
    worker = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    return clusters.started(worker or f"{os.getpid()}", os.getppid() if worker else os.getpid())


@pytest.fixture(scope="session")
def templates():
    """One migrated database a vendor, made when first asked for, copied for each test; in memory where there is a way."""
    import cluster

    with tempfile.TemporaryDirectory(prefix="suixin-databases-", dir=cluster.quick()) as folder:
        yield SimpleNamespace(folder=Path(folder), made={}, count=0)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def database(request, templates):
    """A migrated, empty database of its own; its URL, vendor, and a way to reach past its walls."""
    yield from (_sqlite if request.param == "sqlite" else _postgresql)(request, templates)


@pytest.fixture
def sqlite(request, templates):
    yield from _sqlite(request, templates)


@pytest.fixture
def postgresql(request, templates):
    yield from _postgresql(request, templates)


@pytest.fixture(scope="module")
def lasting(request, templates):
    """An SQLite database for all tests of a file."""
    yield from _sqlite(request, templates)


def _sqlite(request, templates):
    from django.db import connection

    from suixin.server import storage

    if "sqlite" not in templates.made:
        path = templates.folder / "template.sqlite3"
        use(f"sqlite:///{path}")
        storage.migrate()
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        templates.made["sqlite"] = path
    templates.count += 1
    path = templates.folder / f"{templates.count}.sqlite3"
    shutil.copy(templates.made["sqlite"], path)
    use(f"sqlite:///{path}")
    yield SimpleNamespace(url=f"sqlite:///{path}", vendor="sqlite", behind=lambda: _behind_sqlite(path))
    connection.close()


def _behind_sqlite(path):
    import sqlite3

    return sqlite3.connect(path, isolation_level=None, timeout=30)


def _postgresql(request, templates):
    import psycopg
    from cluster import OWNER, ROLE
    from django.db import connection

    from suixin.server import storage

    folder = request.getfixturevalue("cluster")
    name = f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{templates.count}"
    with psycopg.connect(f"host={folder} user={ROLE} dbname=postgres", autocommit=True) as door:
        if "postgresql" not in templates.made:
            template = f"template_{name}"
            door.execute(f"CREATE DATABASE {template} TEMPLATE template0")
            use(f"postgresql:///{template}?host={folder}&user={ROLE}")
            storage.migrate()
            connection.close()
            templates.made["postgresql"] = template
        templates.count += 1
        door.execute(f"CREATE DATABASE {name} TEMPLATE {templates.made['postgresql']}")
    url = f"postgresql:///{name}?host={folder}&user={ROLE}"
    use(url)

    def behind():
        return psycopg.connect(f"host={folder} user={OWNER} dbname={name}", autocommit=True)

    yield SimpleNamespace(url=url, vendor="postgresql", behind=behind)
    connection.close()


@pytest.fixture
def scratch():
    """A short path for what another user must reach."""
    with tempfile.TemporaryDirectory(prefix="suixin-") as folder:
        yield Path(folder)


@pytest.fixture
def suixin(database, tmp_path, monkeypatch, capsys):
    """The program on the test's database, in this process; `typed` are the lines of its input."""
    from suixin.cli import main

    monkeypatch.chdir(tmp_path)

    def run(*words, typed=()):
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
        monkeypatch.setattr(sys, "argv", ["suixin", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            main()
        shown = capsys.readouterr()
        return SimpleNamespace(returncode=stop.value.code, stdout=shown.out, stderr=shown.err)

    return run
