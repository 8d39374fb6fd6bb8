"""PostgreSQL: every table as COPY text, organisation by organisation, in one REPEATABLE READ transaction."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from zipfile import ZipFile

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.graph import MigrationGraph
from psycopg import sql

from suixin.errors import BackupError, ServerError
from suixin.server import guards
from suixin.server.backup.archive import CHUNK, Draft, Manifest, Member
from suixin.server.backup.books import BOOKS, MIGRATIONS, Taken, kept

_HOUSES = "identity_organisation"
_OWN = {"django_migrations"}  # written by migrating
Progress = Callable[[str, int, int], None]


class Table(NamedTuple):
    """A table: its columns, its primary key, and the column that says whose a row is ('' if nobody's)."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    owner: str


class Dialect:
    """How the rows become members of the archive, and come back."""

    def dump(self, draft: Draft, progress: Progress) -> Taken:
        """Add every table as of one moment; writers go on meanwhile."""
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL datestyle TO 'ISO'")
            tables = list(_tables(cursor))
            _look_through_every_wall(tables)
            _tell(cursor, "suixin.operator", "on")
            houses = _rows(cursor, f"SELECT id FROM {_HOUSES} ORDER BY id")  # noqa: S608  a constant
            for number, table in enumerate(tables):
                progress(table.name, number, len(tables))
                chunks = _copied(cursor, table, [pk for (pk,) in houses])
                draft.add(f"{table.name}.copy", chunks, table.name, table.columns)
            books = []
            for (pk,) in houses:
                _tell(cursor, "suixin.organisation", str(pk))
                books += _rows(cursor, f"SELECT * FROM ({BOOKS}) found")  # noqa: S608  a constant
            return Taken(_rows(cursor, MIGRATIONS), kept(books))

    def load(self, held: ZipFile, manifest: Manifest, progress: Progress) -> None:
        """Make the tables as the backup's version had them and fill them, all or nothing; the guards come after."""
        total, done = sum(member.size for member in manifest.members), 0
        with transaction.atomic(durable=True):
            executor = MigrationExecutor(connection)
            executor.migrate(_last(executor.loader.graph, manifest.migrations))
            with connection.cursor() as cursor:
                here = {table.name: set(table.columns) for table in _tables(cursor)}
                for member in manifest.members:
                    if set(member.columns) != here.pop(member.table, set()):
                        raise BackupError(
                            f"table {member.table} of the backup has other columns than its version"
                        )
                    progress(member.table, done, total)
                    _filled(cursor, held, member)
                    done += member.size
                if here:
                    raise BackupError(f"the backup lacks {', '.join(sorted(here))}")
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                for statement in _sequences():
                    cursor.execute(statement)


def _last(graph: MigrationGraph, held: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of each app the last: an earlier one that was passed on the way to another app's would be gone back to."""
    done = {(app, name) for app, name in held}
    return [
        one
        for one in sorted(done)
        if not any(child.key in done and child.key[0] == one[0] for child in graph.node_map[one].children)
    ]


def _tables(cursor: Any) -> Iterator[Table]:
    look = connection.introspection
    for name in sorted(set(look.table_names(cursor)) - _OWN):
        columns = tuple(column.name for column in look.get_table_description(cursor, name))
        owner = "id" if name == _HOUSES else "organisation_id" if "organisation_id" in columns else ""
        yield Table(name, columns, tuple(look.get_primary_key_columns(cursor, name) or columns), owner)


def _look_through_every_wall(tables: list[Table]) -> None:
    """A table whose rows are hidden from everybody would be empty in the backup."""
    names = {f"suixin_see_{table.name}" for table in tables}
    if hidden := sorted(names & set(guards.missing())):
        raise ServerError(f"the database lacks the guards {', '.join(hidden)}; run: suixin db migrate")


def _copied(cursor: Any, table: Table, houses: list[int]) -> Iterator[bytes]:
    """The rows in the order of their houses, then of their keys."""
    for pk in houses if table.owner else [None]:
        _tell(cursor, "suixin.organisation", str(pk or ""))
        whose = (
            sql.SQL("WHERE {} = {}").format(sql.Identifier(table.owner), sql.Literal(pk))
            if pk
            else sql.SQL("")
        )
        statement = sql.SQL("COPY (SELECT {} FROM {} {} ORDER BY {}) TO STDOUT").format(
            _names(table.columns), sql.Identifier(table.name), whose, _names(table.key)
        )
        with cursor.copy(statement) as copy:
            yield from map(bytes, copy)


def _filled(cursor: Any, held: ZipFile, member: Member) -> None:
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(member.table), _names(member.columns))
    with held.open(member.name) as file, cursor.copy(into) as copy:
        while chunk := file.read(CHUNK):
            copy.write(chunk)


def _names(columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _sequences() -> list[str]:
    """Statements that let every number go on behind the last one that is there."""
    models = connection.introspection.installed_models(connection.introspection.table_names())
    return connection.ops.sequence_reset_sql(no_style(), list(models))


def _tell(cursor: Any, setting: str, value: str) -> None:
    cursor.execute("SELECT set_config(%s, %s, true)", [setting, value])


def _rows(cursor: Any, statement: str) -> list[tuple[Any, ...]]:
    cursor.execute(statement)
    return list(cursor.fetchall())
