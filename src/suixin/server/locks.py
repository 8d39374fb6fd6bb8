"""The one module that locks: rows in the order of their ids, so that no two transactions wait for each other.

On SQLite a writing transaction holds the whole database from its beginning (IMMEDIATE), and nothing is left to lock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection, models
from filelock import FileLock, Timeout

_BOOK = 7_301  # the class of our advisory locks; the book's id is their number
_END_OF_DAY = 7_302
M = TypeVar("M", bound=models.Model)


def rows(found: models.QuerySet[M]) -> list[M]:
    """The rows of a query, locked until the transaction ends."""
    ordered = found.order_by("pk")
    return list(ordered.select_for_update(no_key=True, of=("self",)) if _locks() else ordered)


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


@contextmanager
def alone(book_id: int) -> Iterator[bool]:
    """Whether this process is the one that ends a book's days meanwhile; whoever dies has let go of it.

    On PostgreSQL the lock belongs to the connection (a pooler must not share it out by transactions); on SQLite it is a
    file beside the database.
    """
    if not _locks():
        held = FileLock(f"{connection.settings_dict['NAME']}.end-of-day-{book_id}.lock", timeout=0)
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
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_END_OF_DAY, book_id])
        (got,) = cursor.fetchone()
    try:
        yield got
    finally:
        if got:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_END_OF_DAY, book_id])


def _locks() -> bool:
    return connection.vendor == "postgresql"
