"""Questions to a lake in SQL: DuckDB over the current snapshot, read-only and shut in."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from suixin.errors import UsageError
from suixin.lake import manifest as manifests
from suixin.lake.contract import STORED_TYPE, Kind, Table
from suixin.lake.manifest import DataFile, TableState
from suixin.lake.store import Lake, scan_each
from suixin.lake.tables import TABLES

PRIVATE = frozenset({"identities"})
"""Tables that cannot be asked: direct identifiers are no matter for statistics."""
_TYPES = {
    str(STORED_TYPE[kind]): name
    for kind, name in (
        (Kind.TEXT, "VARCHAR"),
        (Kind.COUNT, "BIGINT"),
        (Kind.NUMBER, "DOUBLE"),
        (Kind.FLAG, "BOOLEAN"),
        (Kind.DATE, "DATE"),
        (Kind.INSTANT, "TIMESTAMPTZ"),
    )
} | {"Int32": "INTEGER"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query found: column names, rows, and whether there are more rows than were asked for."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    more: bool


def query(lake: Lake, sql: str, *, limit: int | None = None) -> Answer:
    """Run one query over the current rows of a snapshot.

    Each table is a view of its current rows, and `<table>_versions` of all versions; `identities` and quarantine
    are not there. Instants come as text in the lake's civil zone.

    Args:
        lake: the snapshot.
        sql: one SELECT (or WITH, FROM, VALUES, DESCRIBE, SUMMARIZE).
        limit: how many rows to give; None for all.

    Raises:
        UsageError: the text is no query, or DuckDB refuses it; one line says why.
        LakeError: a data file is missing or damaged.
    """
    with duckdb.connect(":memory:") as connection:
        files = _views(connection, lake)
        _shut(connection, lake, files)
        try:
            statement = _one_query(sql)
            found = connection.execute(_readable(connection, statement))
            columns = _each_once(str(column[0]) for column in found.description or ())
            rows = found.fetchall() if limit is None else found.fetchmany(limit + 1)
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            if isinstance(error, duckdb.IOException):
                raise manifests.damaged(lake.root, f"a data file cannot be read: {_line(error)}") from error
            raise UsageError(_line(error)) from error
        except duckdb.Error as error:
            raise UsageError(_line(error)) from error
    cut = rows if limit is None else rows[:limit]
    return Answer(columns, cut, more=len(cut) < len(rows))


def _one_query(sql: str) -> str:
    statements = duckdb.extract_statements(sql)
    if len(statements) != 1:
        raise UsageError(f"the text holds {len(statements)} statements; give one query")
    # EXPLAIN ANALYZE runs what it explains, and what it explains may write.
    if statements[0].type is not duckdb.StatementType.SELECT:
        kind = statements[0].type.name
        raise UsageError(f"{kind} is no query; the lake is read-only: give a SELECT")
    text = str(statements[0].query)
    raw = text.encode()  # tokens are told by their bytes
    ends = [
        at for at, kind in duckdb.tokenize(text) if kind is duckdb.token_type.operator and raw[at] == b";"[0]
    ]
    return raw[: ends[0]].decode() if ends else text  # what may follow the semicolon is a comment


def _readable(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The query with instants as text: DuckDB hands them out as objects only where pytz is installed."""
    kinds = [(row[0], row[1]) for row in connection.execute(f"DESCRIBE {sql}").fetchall()]
    if not any(kind == "TIMESTAMP WITH TIME ZONE" for _, kind in kinds):
        return sql
    shown = ", ".join(
        f"CAST(#{n} AS VARCHAR) AS {_name(name)}" if kind == "TIMESTAMP WITH TIME ZONE" else f"#{n}"
        for n, (name, kind) in enumerate(kinds, 1)
    )
    return f"SELECT {shown} FROM ({sql}\n)"  # noqa: S608 - the user's own query, shut in


def _each_once(names: Iterable[str]) -> list[str]:
    """Column names of which none is given twice: a second `n` is `n_2`, so that no record loses a value."""
    found: list[str] = []
    for name in names:
        tries = (f"{name}_{count}" for count in itertools.count(2))
        found.append(next(one for one in itertools.chain([name], tries) if one not in found))
    return found


def _shut(connection: duckdb.DuckDBPyConnection, lake: Lake, files: list[str]) -> None:
    """Nothing but these files can be read, nothing written, nothing fetched; and nobody opens it again."""
    connection.execute(f"SET TimeZone = {_text(lake.manifest.zone)}")
    connection.execute(f"SET allowed_paths = [{', '.join(map(_text, files))}]")
    for setting in (
        "python_enable_replacements = false",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "temp_directory = ''",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")


def _views(connection: duckdb.DuckDBPyConnection, lake: Lake) -> list[str]:
    """Make a view of each table, two of each that is held; the files that they read."""
    used: list[str] = []
    for name, contract in TABLES.items():
        if name in PRIVATE:
            continue
        state = lake.manifest.tables.get(name, TableState())
        held = [(bucket, file) for bucket in sorted(state.buckets) for file in state.buckets[bucket]]
        list(scan_each(lake.root, [file for _, file in held], contract.stored))  # there, and of their length
        whole = [file for bucket, file in held if bucket not in state.superseded]
        replaced = [file for bucket, file in held if bucket in state.superseded]
        paths = [str((lake.root / file.path).resolve()) for _, file in held]
        try:
            connection.execute(f"CREATE VIEW {name} AS {_current(lake, contract, whole, replaced)}")
            every = _union(contract, [_files(lake, contract, [file for _, file in held])] if held else [])
            connection.execute(f"CREATE VIEW {name}_versions AS {every}")
        except duckdb.Error as error:
            raise manifests.damaged(lake.root, f"{name} cannot be read: {_line(error)}") from error
        used += paths
    return used


def _current(lake: Lake, contract: Table, whole: list[DataFile], replaced: list[DataFile]) -> str:
    parts = [_files(lake, contract, whole)] if whole else []
    if replaced:
        # Among versions known at the same time the one that stands last in the last file counts.
        order = " ".join(f"WHEN {_text(_path(lake, file))} THEN {n}" for n, file in enumerate(replaced))
        source = _files(lake, contract, replaced, "filename, file_row_number")
        key = ", ".join(contract.key)
        parts.append(
            f"SELECT {', '.join(contract.stored)} FROM ({source}) QUALIFY row_number() OVER (PARTITION BY {key} "  # noqa: S608 - names of the contract
            f"ORDER BY known_at DESC, CASE filename {order} END DESC, file_row_number DESC) = 1"
        )
    return _union(contract, parts)


def _union(contract: Table, parts: list[str]) -> str:
    return " UNION ALL BY NAME ".join([_nothing(contract), *parts])


def _nothing(contract: Table) -> str:
    columns = ", ".join(f"NULL::{_TYPES[str(kind)]} AS {name}" for name, kind in contract.stored.items())
    return f"SELECT {columns} WHERE false"


def _files(lake: Lake, contract: Table, files: list[DataFile], more: str = "") -> str:
    """The rows of data files; what an older file lacks is null."""
    paths = ", ".join(_text(_path(lake, file)) for file in files)
    place = ", filename = true, file_row_number = true" if more else ""
    rows = f"SELECT * FROM read_parquet([{paths}], union_by_name = true, hive_partitioning = false{place})"  # noqa: S608
    if not more:
        return rows
    empty = _nothing(contract).replace(
        " WHERE", ", NULL::VARCHAR AS filename, NULL::BIGINT AS file_row_number WHERE"
    )
    return f"{empty} UNION ALL BY NAME {rows}"


def _path(lake: Lake, file: DataFile) -> str:
    return str((lake.root / file.path).resolve())


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _line(error: Exception) -> str:
    said = str(error).strip().splitlines()
    return said[0] if said else type(error).__name__


def as_records(answer: Answer) -> Iterator[dict[str, Any]]:
    """The rows as mappings, column to value."""
    for row in answer.rows:
        yield dict(zip(answer.columns, row, strict=True))
