"""How transactions reach the tables: set-based SQL, one module a database.

Writers never wait in a circle: lines of the books that are new come first, in the order of their names, then keys in
theirs, then the locks of the balances in the order of their ids (`guards_postgresql.sql`, `suixin_post`).
"""

from django.db import connection

from suixin.server.ledger.store import postgresql, sqlite
from suixin.server.ledger.store.draft import Draft, Stamp

__all__ = ["Draft", "Stamp", "known", "write"]


def write(drafts: list[Draft], stamp: Stamp, releases: dict[str, str]) -> dict[str, int]:
    """Write the drafts whose keys are new, with their entries; return their ids by key.

    Args:
        drafts: no key twice.
        stamp: book, who and when.
        releases: hold's key by the key of the transaction that posts it.
    """
    return _dialect().write(drafts, stamp, releases)


def known(book_id: int, keys: list[str]) -> dict[str, tuple[int, bytes]]:
    """(id, digest) of the transactions that a book holds under these keys."""
    return _dialect().known(book_id, keys)


def _dialect() -> postgresql.Dialect | sqlite.Dialect:
    return postgresql.Dialect() if connection.vendor == "postgresql" else sqlite.Dialect()
