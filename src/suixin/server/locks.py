"""The one module that locks: rows in the order of their ids, so that no two transactions wait for each other.

On SQLite a writing transaction holds the whole database from its beginning (IMMEDIATE), and nothing is left to lock.
"""

from typing import TypeVar

from django.db import connection, models

_BOOK = 7_301  # the class of our advisory locks; the book's id is their number
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


def _locks() -> bool:
    return connection.vendor == "postgresql"
