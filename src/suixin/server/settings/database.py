"""The database's URL, read into what Django wants."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from suixin.errors import UsageError
from suixin.server.settings import home

_SQLITE_START = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
_EXAMPLES = "give sqlite:////folder/suixin.sqlite3 or postgresql://user:password@host:5432/suixin"


def configured() -> dict[str, Any]:
    """Django's entry for SUIXIN_DATABASE, else for `suixin.sqlite3` in the data folder."""
    url = os.environ.get("SUIXIN_DATABASE")
    return read_url(url) if url else _sqlite(home.folder() / "suixin.sqlite3")


def read_url(url: str) -> dict[str, Any]:
    """Django's entry for a URL: `sqlite:///path` (four slashes: absolute) or `postgresql://…?host=/socket/folder`.

    SQLite: write-ahead log, every commit on the disk (synchronous FULL), a writer's transaction takes the write lock
    at its beginning (IMMEDIATE), so that it waits instead of failing half-way; what only reads takes none
    (`tenancy.reading`).

    Raises:
        UsageError: another scheme, or no name of a database. The message never shows a password.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite" and not parts.netloc and parts.path.strip("/"):
        return _sqlite(Path(unquote(parts.path.removeprefix("/"))))
    if parts.scheme in {"postgres", "postgresql"} and parts.path.strip("/"):
        options: dict[str, Any] = dict(parse_qsl(parts.query))
        # Statements that come again are prepared: with row-level security, planning takes longer than doing.
        options |= {"server_side_binding": True, "prepare_threshold": 5}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.strip("/")),
            "USER": options.pop("user", unquote(parts.username or "")),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": options.pop("host", unquote(parts.hostname or "")),
            "PORT": options.pop("port", str(parts.port or "")),
            "CONN_MAX_AGE": 600,
            "OPTIONS": options,
        }
    raise UsageError(f"SUIXIN_DATABASE has the scheme {parts.scheme!r} or names no database; {_EXAMPLES}")


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path.absolute()),
        "CONN_MAX_AGE": 600,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": _SQLITE_START},
    }
