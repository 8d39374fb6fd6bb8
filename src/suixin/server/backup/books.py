"""What a backup says of the database beside its rows: which migrations it has, and where each book stands."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from suixin.ledger import chain
from suixin.server.backup.archive import KeptBook

MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY app, name"
BOOKS = """
SELECT o.code, b.code, b.business_on, (SELECT count(*) FROM ledger_transaction t WHERE t.book_id = b.id),
    s.sequence, s.link
FROM ledger_book b JOIN identity_organisation o ON o.id = b.organisation_id
LEFT JOIN ledger_seal s ON s.book_id = b.id
    AND s.sequence = (SELECT max(sequence) FROM ledger_seal last WHERE last.book_id = b.id)
ORDER BY b.id
"""


class Taken(NamedTuple):
    """The migrations and the books of what was backed up."""

    migrations: list[tuple[str, str]]
    books: list[KeptBook]


def kept(rows: Iterable[tuple[Any, ...]]) -> list[KeptBook]:
    """The rows of `BOOKS`."""
    return [
        KeptBook(house, book, str(day), count, sequence or 0, bytes(link or chain.GENESIS).hex())
        for house, book, day, count, sequence, link in rows
    ]
