"""Settings from the environment: where the database is, and the key that nobody commits."""

import stat
import subprocess
import sys

import pytest
from django.db import connection

from suixin.errors import UsageError
from suixin.server import guards, storage
from suixin.server.settings import home
from suixin.server.settings.database import read_url


def test_a_url_is_read_whole():
    """User, password, host, port, name and options, with what was escaped."""
    found = read_url("postgresql://ann:p%40ss@db.example:5433/books?sslmode=require")
    assert {name: found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "books",
        "USER": "ann",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
    }
    assert found["OPTIONS"]["sslmode"] == "require"
    assert read_url("postgres:///books?host=/run/pg&user=ann")["HOST"] == "/run/pg"
    assert read_url("sqlite:////var/lib/suixin/db.sqlite3")["NAME"] == "/var/lib/suixin/db.sqlite3"


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "postgresql://u:secret@host", "books.sqlite3"])
def test_a_url_that_names_no_database_is_refused_without_its_password(url):
    """The message shows the mend and no secret."""
    with pytest.raises(UsageError, match="SUIXIN_DATABASE") as refused:
        read_url(url)
    assert "secret" not in str(refused.value)


def test_the_secret_key_is_made_once_for_its_owner_alone(tmp_path, monkeypatch):
    """Mode 0600, the same at every start, another in every installation."""
    monkeypatch.delenv("SUIXIN_SECRET_KEY", raising=False)
    keys = []
    for name in ("a", "b"):
        monkeypatch.setenv("SUIXIN_HOME", str(tmp_path / name))
        keys += [home.secret_key(), home.secret_key()]
        assert stat.S_IMODE((tmp_path / name / "secret.key").stat().st_mode) == 0o600
        assert [path.name for path in (tmp_path / name).iterdir()] == ["secret.key"]
    assert keys[0] == keys[1] != keys[2] == keys[3]
    assert len(keys[0]) >= 50


def test_sqlite_is_set_for_money(sqlite):
    """Write-ahead log, every commit on the disk, foreign keys."""
    with connection.cursor() as cursor:
        values = []
        for name in ("journal_mode", "synchronous", "foreign_keys"):
            cursor.execute(f"PRAGMA {name}")
            values.append(cursor.fetchone()[0])
    assert values == ["wal", 2, 1]
    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_migrating_again_changes_nothing(database):
    """And the models have no change that a migration lacks."""
    from django.core.management import call_command

    assert storage.migrate()["applied"] == []
    assert guards.missing() == []
    storage.require_ready()
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_command_line_starts_without_django():
    """What needs no server neither loads it nor asks for its packages."""
    code = "import sys; from suixin import cli; cli.command_tree(); print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
