"""The database as a whole: migrated, guarded, and opened by a role that its walls hold."""

from typing import Any

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from suixin.errors import ServerError
from suixin.server import guards


def migrate() -> dict[str, Any]:
    """Bring the database to this version and put its guards in place; doing it again changes nothing.

    Raises:
        ServerError: the database cannot be reached, or its role reads past row-level security.
    """
    require_walls()
    applied = [f"{step.app_label}.{step.name}" for step, _ in _plan()]
    call_command("migrate", verbosity=0, interactive=False)
    guards.install()
    return {"database": connection.vendor, "applied": applied, "guards": len(set(guards.expected()))}


def require_walls() -> None:
    """Refuse a database that cannot be reached, or whose role its walls do not hold.

    Raises:
        ServerError: it says which, and the mend.
    """
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise ServerError(f"the database cannot be reached: {error}") from error
    if guards.bypassed():
        raise ServerError(
            "the database's role is a superuser or bypasses row-level security; make one that does not: "
            "CREATE ROLE suixin LOGIN NOSUPERUSER NOBYPASSRLS, and give it the database"
        )


def require_ready() -> None:
    """Refuse to go on with a database that is not migrated or not guarded.

    Raises:
        ServerError: with what is missing; the mend is `suixin db migrate`.
    """
    try:
        pending = [f"{step.app_label}.{step.name}" for step, _ in _plan()]
    except OperationalError as error:
        raise ServerError(f"the database cannot be reached: {error}") from error
    if pending:
        raise ServerError(f"the database lacks {', '.join(pending)}; run: suixin db migrate")
    if gone := guards.missing():
        raise ServerError(f"the database lacks the guards {', '.join(gone)}; run: suixin db migrate")


def _plan() -> list[Any]:
    executor = MigrationExecutor(connection)
    return list(executor.migration_plan(executor.loader.graph.leaf_nodes()))
