"""The one module that locks: rows in the order of their ids, so that no two transactions wait for each other.

On SQLite a writing transaction holds the whole database from its beginning (IMMEDIATE), and nothing is left to lock.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from django.db import connection, models
from filelock import FileLock, Timeout

_BOOK = 7_301  # the class of our advisory locks; the book's id is their number
_END_OF_DAY = 7_302
_PUSH = 7_303
_TASKS = 7_304
_CORRECT = 7_305
_LOOK_AGAIN = 0.1  # seconds
_GIVEN_WAY = 0.1  # seconds; who waits for an SQLite database looks again after a tenth of one at the latest
M = TypeVar("M", bound=models.Model)


def rows(found: models.QuerySet[M]) -> list[M]:
    """The rows of a query, locked until the transaction ends."""
    ordered = found.order_by("pk")
    return list(ordered.select_for_update(no_key=True, of=("self",)) if _locks() else ordered)


def first_free(found: models.QuerySet[M]) -> M | None:
    """The first row of a query in its own order that nobody else has locked, locked until the transaction ends."""
    if _locks():
        found = found.select_for_update(no_key=True, of=("self",), skip_locked=True)
    return found.first()


def post_to_book(book_id: int) -> None:
    """Until the transaction ends, the book's day and its horizon of sealing stand still; others may post as well."""
    if _locks():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [_BOOK, book_id])


def close_book(book_id: int) -> None:
    """Until the transaction ends, nobody posts to the book, and whoever was posting has committed or is gone."""
    if _locks():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_BOOK, book_id])


def alone(book_id: int) -> AbstractContextManager[bool]:
    """Whether this process is the one that ends a book's days meanwhile; whoever dies has let go of it."""
    return _held("end-of-day", _END_OF_DAY, book_id, 0.0)


def pushing(desk_id: int, wait_seconds: float) -> AbstractContextManager[bool]:
    """Whether this call, at the latest after so long, is the one that pushes into a desk's lake meanwhile."""
    return _held("push", _PUSH, desk_id, wait_seconds)


def correcting(desk_id: int, wait_seconds: float) -> AbstractContextManager[bool]:
    """Whether this call, at the latest after so long, is the one that corrects what stands in a desk's lake meanwhile."""
    return _held("correct", _CORRECT, desk_id, wait_seconds)


def working(organisation_id: int) -> AbstractContextManager[bool]:
    """Whether this process is the one that does a house's tasks meanwhile; whoever dies has let go of it."""
    return _held("tasks", _TASKS, organisation_id, 0.0)


def give_way() -> None:
    """Between two of many transactions: let those in who wait for the database, which SQLite does by no order of its own."""
    if not _locks():
        time.sleep(_GIVEN_WAY)


@contextmanager
def _held(name: str, kind: int, number: int, wait_seconds: float) -> Iterator[bool]:
    """A lock that outlives transactions, and whether it was got.

    On PostgreSQL it belongs to the connection (a pooler must not share it out by transactions); on SQLite it is a file
    beside the database.
    """
    if not _locks():
        held = FileLock(f"{connection.settings_dict['NAME']}.{name}-{number}.lock", timeout=wait_seconds)
        try:
            held.acquire()
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            held.release()
        return
    until = time.monotonic() + wait_seconds
    while not (got := _said("SELECT pg_try_advisory_lock(%s, %s)", kind, number)):
        if time.monotonic() >= until:
            break
        time.sleep(_LOOK_AGAIN)
    try:
        yield got
    finally:
        if got:
            _said("SELECT pg_advisory_unlock(%s, %s)", kind, number)


def _said(question: str, kind: int, number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, [kind, number])
        (answer,) = cursor.fetchone()
    return bool(answer)


def _locks() -> bool:
    return connection.vendor == "postgresql"
