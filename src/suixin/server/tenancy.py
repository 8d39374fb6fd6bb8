"""Whose rows: every query belongs to one organisation, and without one there is no query.

`within(organisation)` opens the database transaction in which that organisation's rows are seen. Models stand on
`OrganisationModel`, whose managers filter by it; on PostgreSQL row-level security holds the same line below Django,
so that a forgotten filter or raw SQL sees nothing of a stranger (`suixin.server.guards`).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, ClassVar, Self, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.models.base import ModelBase

from suixin.errors import TenancyError

_current: ContextVar[int | None] = ContextVar("organisation", default=None)
M = TypeVar("M", bound=models.Model)


def current() -> int:
    """The id of the organisation whose rows are seen now.

    Raises:
        TenancyError: nobody said which.
    """
    held = _current.get()
    if held is None:
        raise TenancyError("no organisation is chosen; do this inside `with tenancy.within(organisation_id)`")
    return held


@contextmanager
def within(organisation_id: int) -> Iterator[None]:
    """One database transaction in which this organisation's rows, and no others, are seen and written.

    Inside itself it joins the transaction that is open: an action may call another, and all of it commits or none.

    Raises:
        TenancyError: inside that of another organisation.
        RuntimeError: a database transaction is open already that nobody opened for this organisation.
    """
    held = _current.get()
    if held is not None and held != organisation_id:
        raise TenancyError(f"organisation {organisation_id} inside the transaction of organisation {held}")
    if held is not None:
        with transaction.atomic(savepoint=False):
            yield
        return
    with transaction.atomic(durable=True):
        _tell_database("suixin.organisation", str(organisation_id))
        token = _current.set(organisation_id)
        try:
            yield
        finally:
            _current.reset(token)


@contextmanager
def reading(organisation_id: int) -> Iterator[None]:
    """As `within`, for what reads alone: on SQLite it neither waits for whoever writes nor lets anybody wait.

    It sees the database as it was when it began. Whatever writes in it is refused by SQLite, always and not only when
    somebody else has written meanwhile. Inside `within` it is that.
    """
    with _read_only(), within(organisation_id):
        yield


@contextmanager
def _read_only() -> Iterator[None]:
    """A transaction of SQLite that begins here takes no lock to write, and writes nothing; one that is open goes on as it is."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    held: Any = connections[DEFAULT_DB_ALIAS]
    held.ensure_connection()
    mode, held.transaction_mode = held.transaction_mode, "DEFERRED"
    held.connection.execute("PRAGMA query_only = ON")
    try:
        yield
    finally:
        held.transaction_mode = mode
        if held.connection is not None:  # one that was closed meanwhile is opened anew, and writes
            held.connection.execute("PRAGMA query_only = OFF")


@contextmanager
def directory(setting: str, value: str, *, writes: bool = False) -> Iterator[None]:
    """A database transaction that sees one more thing than an organisation's rows; for `identity` only.

    Settings: `suixin.operator` ('on' lists the organisations themselves), `suixin.signing_in` (a username, before it
    is known whose it is), `suixin.user` (a user's id, the same). It reads alone, as `reading` does, unless it `writes`:
    an organisation is founded.
    """
    with nullcontext() if writes else _read_only(), transaction.atomic():
        _tell_database(setting, value)
        try:
            yield
        finally:
            if not connection.needs_rollback:
                _tell_database(setting, "")


def _tell_database(setting: str, value: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config(%s, %s, true)", [setting, value])


class OrganisationQuerySet(models.QuerySet[M]):
    """Rows of one organisation."""

    def bulk_create(self, objs: Iterable[M], *args: Any, **options: Any) -> list[M]:
        """As Django's, for rows of the current organisation."""
        rows = list(objs)
        for row in rows:
            _claim(row)
        return super().bulk_create(rows, *args, **options)

    def update(self, **values: Any) -> int:
        """As Django's; no row changes hands."""
        if {"organisation", "organisation_id"} & values.keys():
            raise TenancyError("a row never moves to another organisation")
        return super().update(**values)


class OrganisationManager(models.Manager[M]):
    """The only door to an organisation's rows; closed while no organisation is chosen."""

    def get_queryset(self) -> OrganisationQuerySet[M]:
        """The current organisation's rows."""
        return OrganisationQuerySet[M](self.model, using=self._db).filter(organisation_id=current())


class OrganisationModel(models.Model):
    """A row that belongs to an organisation.

    A class says `append_only = True` if its rows never change: the database then refuses UPDATE, DELETE and TRUNCATE;
    or `never_deleted = True` if they may change but not go.
    """

    organisation = models.ForeignKey(
        "identity.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    append_only: ClassVar[bool] = False
    never_deleted: ClassVar[bool] = False
    objects: ClassVar[OrganisationManager[Self]] = OrganisationManager()

    class Meta:
        """Django's own look-ups go through the same door."""

        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    def save(
        self,
        *,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """As Django's, for a row of the current organisation."""
        _claim(self)
        super().save(
            force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields
        )


def _claim(row: Any) -> None:
    if row.organisation_id is None:
        row.organisation_id = current()
    if row.organisation_id != current():
        raise TenancyError(
            f"a {type(row).__name__} of organisation {row.organisation_id} is not ours to write"
        )
