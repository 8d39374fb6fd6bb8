"""The rules that the database itself holds: rows that never change, rows of one organisation, the ledger's sums.

They are no part of the migrations, since SQLite drops a table's triggers whenever Django rebuilds it. `install` puts
all of them in place, again and again; `missing` says which of them somebody has taken away.
"""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import pairwise

from django.apps import apps
from django.db import connection, transaction

from suixin.server.tenancy import OrganisationModel

_SEEN = "(SELECT nullif(current_setting('suixin.organisation', true), '')::bigint)"
_WIDER = {
    "identity_organisation": "id = {seen} OR current_setting('suixin.operator', true) = 'on'",
    "identity_user": (
        "organisation_id = {seen} OR username = nullif(current_setting('suixin.signing_in', true), '')"
        " OR id = nullif(current_setting('suixin.user', true), '')::bigint"
    ),
}
"""Tables that are asked before the organisation is known; a policy for reading, while writing keeps to the narrow one."""


def install() -> None:
    """Put every guard in place, in one transaction."""
    sql = "\n".join([*_statements(), files("suixin.server.ledger").joinpath(_file()).read_text("utf-8")])
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    else:
        connection.ensure_connection()
        connection.connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\nCOMMIT;")


def missing() -> list[str]:
    """The guards that are not there, by name; on PostgreSQL also those that are switched off."""
    return sorted(set(expected()) - set(_present()))


def bypassed() -> bool:
    """Whether the role that the server signs in with reads past row-level security (PostgreSQL only)."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


def _file() -> str:
    return f"guards_{connection.vendor}.sql"


def tenant_models() -> list[type[OrganisationModel]]:
    """Every model whose rows belong to an organisation."""
    return [model for model in apps.get_models() if issubclass(model, OrganisationModel)]


def _refusals() -> Iterator[tuple[str, str]]:
    """(table, verb) of what is refused."""
    for model in tenant_models():
        verbs = ("UPDATE", "DELETE") if model.append_only else ("DELETE",) if model.never_deleted else ()
        for verb in verbs:
            yield model._meta.db_table, verb


def _statements() -> Iterator[str]:
    if connection.vendor == "postgresql":
        yield _REFUSE
        for table, verb in _refusals():
            yield _TRIGGER.format(name=f"suixin_no_{verb.lower()}", table=table, verb=verb)
            if verb == "DELETE":
                yield _TRIGGER.format(name="suixin_no_truncate", table=table, verb="TRUNCATE")
        for table, seen, written in _policies():
            yield _POLICY.format(table=table, seen=seen, written=written)
    else:
        for table, verb in _refusals():
            name = f"suixin_no_{verb.lower()}_{table}"
            yield (
                f"DROP TRIGGER IF EXISTS {name};\nCREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN "
                f"SELECT RAISE(ABORT, 'suixin rows: {verb} of {table} is refused, its rows stay as they are'); END;"
            )


def _policies() -> Iterator[tuple[str, str, str]]:
    """(table, who may see a row, who may write it) as SQL; an organisation itself is founded by the operator."""
    organisations = _WIDER["identity_organisation"].format(seen=_SEEN)
    yield "identity_organisation", organisations, organisations
    for model in tenant_models():
        table, narrow = model._meta.db_table, f"organisation_id = {_SEEN}"
        yield table, _WIDER.get(table, narrow).format(seen=_SEEN), narrow


_REFUSE = """
CREATE OR REPLACE FUNCTION suixin_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'suixin rows: % of % is refused, its rows stay as they are', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
# For each statement, not row: an UPDATE that finds no row is refused as well, and row-level security hides none from it.
_TRIGGER = """
CREATE OR REPLACE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION suixin_refuse();
"""
_POLICY = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS suixin_see ON {table};
DROP POLICY IF EXISTS suixin_add ON {table};
DROP POLICY IF EXISTS suixin_change ON {table};
DROP POLICY IF EXISTS suixin_remove ON {table};
CREATE POLICY suixin_see ON {table} FOR SELECT USING ({seen});
CREATE POLICY suixin_add ON {table} FOR INSERT WITH CHECK ({written});
CREATE POLICY suixin_change ON {table} FOR UPDATE USING ({written}) WITH CHECK ({written});
CREATE POLICY suixin_remove ON {table} FOR DELETE USING ({written});
"""


def expected() -> Iterator[str]:
    """The names of all guards."""
    sql = files("suixin.server.ledger").joinpath(_file()).read_text("utf-8").split()
    for word, following in pairwise(sql):
        if word == "TRIGGER" and following.startswith("suixin_"):
            yield following
    postgresql = connection.vendor == "postgresql"
    for table, verb in _refusals():
        yield f"suixin_no_{verb.lower()}_{table}"
        if postgresql and verb == "DELETE":
            yield f"suixin_no_truncate_{table}"
    if postgresql:
        for table, _, _ in _policies():
            yield from (
                f"{policy}_{table}"
                for policy in ("suixin_see", "suixin_add", "suixin_change", "suixin_remove")
            )


def _present() -> Iterable[str]:
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT[connection.vendor])
        return [name for (name,) in cursor.fetchall()]


_PRESENT = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    # A refusal has one name on all tables, so its table is added; the others are named once.
    "postgresql": """
        SELECT CASE WHEN t.tgname LIKE 'suixin_no_%%' THEN t.tgname || '_' || c.relname ELSE t.tgname END
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE t.tgname LIKE 'suixin_%%' AND t.tgenabled = 'O'
        UNION ALL
        SELECT p.policyname || '_' || p.tablename FROM pg_policies p
        JOIN pg_class c ON c.relname = p.tablename AND c.relrowsecurity AND c.relforcerowsecurity
    """.replace("%%", "%"),
}
