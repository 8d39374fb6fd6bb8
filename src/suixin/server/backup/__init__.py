"""The whole database as one file, and back: taken while others post, put into an empty database only, then verified.

Not `pg_dump`: the server's role is held by row-level security as everybody is, and `pg_dump` would have to be let past
it. Here one transaction sees one state of the database, organisation by organisation.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader

import suixin
from suixin.errors import BackupError, ServerError
from suixin.server import storage, tenancy
from suixin.server.backup import archive, postgresql, sqlite
from suixin.server.backup.archive import FORMAT, Manifest
from suixin.server.identity.models import Organisation
from suixin.server.ledger.models import Book
from suixin.server.ledger.verify import verify

Progress = Callable[[str, int, int], None]
"""Told what is being done, how far it is, and of how much."""


def backup(out: Path, *, at: datetime, progress: Progress) -> dict[str, Any]:
    """Write the database to a file, as it is at one moment; what was committed before the call is in it.

    Args:
        out: is replaced once the new file is whole.
        at: when.
        progress: told how far it has come.

    Returns:
        The manifest, with the file's size and SHA-256.

    Raises:
        BackupError: the file cannot be written, or the database is damaged.
        ServerError: the database cannot be reached, or was never migrated.
    """
    storage.require_walls()
    if "django_migrations" not in connection.introspection.table_names():
        raise ServerError("the database is empty, there is nothing to back up; run: suixin db migrate")
    with archive.written(out) as draft:
        taken = _dialect().dump(draft, progress)
        draft.describe(
            Manifest(
                format=FORMAT,
                suixin=suixin.__version__,
                database=connection.vendor,
                taken_at=at.isoformat(),
                migrations=taken.migrations,
                members=draft.members,
                books=taken.books,
            )
        )
    return draft.told


def restore(path: Path, *, progress: Progress) -> dict[str, Any]:
    """Put a backup into an empty database, bring it to this version, put the guards in place and verify every book.

    Returns:
        The manifest's place and time, and of every book what was found.

    Raises:
        BackupError: the file is not whole, of another kind of database, or of a newer version.
        ServerError: the database cannot be reached, or is not empty.
    """
    with archive.opened(path, progress) as (held, manifest):
        _judge(path, manifest)
        storage.require_walls()
        if tables := connection.introspection.table_names():
            raise ServerError(f"the database is not empty ({len(tables)} tables); restore into a new one")
        _dialect().load(held, manifest, progress)
    done = storage.migrate()
    return {
        "database": manifest.database,
        "taken_at": manifest.taken_at,
        "suixin": manifest.suixin,
        "applied": done["applied"],
        "books": _verified(manifest, progress),
    }


def _dialect() -> postgresql.Dialect | sqlite.Dialect:
    return postgresql.Dialect() if connection.vendor == "postgresql" else sqlite.Dialect()


def _judge(path: Path, manifest: Manifest) -> None:
    """Whether this program and this database can hold what the file brings."""
    if manifest.database != connection.vendor:
        raise BackupError(
            f"{path} is a backup of {manifest.database}, the database is {connection.vendor}; "
            "name another one by SUIXIN_DATABASE"
        )
    known = MigrationLoader(None).disk_migrations or {}
    newer = [f"{app}.{name}" for app, name in manifest.migrations if (app, name) not in known]
    if newer:
        raise BackupError(
            f"{path} was written by suixin {manifest.suixin} and needs {', '.join(newer)}; "
            f"this is {suixin.__version__}: install that version"
        )


def _verified(manifest: Manifest, progress: Progress) -> list[dict[str, Any]]:
    """Every book of the backup: what it holds, what is wrong with it, and whether it is as the backup said."""
    told: list[dict[str, Any]] = []
    with tenancy.directory("suixin.operator", "on"):
        houses = dict(Organisation.objects.values_list("code", "pk"))
    for number, named in enumerate(manifest.books):
        progress(f"verify {named.organisation}/{named.book}", number, len(manifest.books))
        with tenancy.within(houses[named.organisation]):
            report = verify(Book.objects.get(code=named.book), kept=named.heads())
        findings = [f"{one.what}: {one.words}" for one in report.findings]
        if report.transactions != named.transactions:
            findings.append(f"missing: {named.transactions} transactions were backed up")
        told.append(
            {
                "organisation": named.organisation,
                "book": named.book,
                "transactions": report.transactions,
                "sealed": report.sealed,
                "findings": findings,
            }
        )
    return told
