"""PostgreSQL: columns go over as arrays, one statement a step whatever the number of transactions."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from suixin.server.ledger.store.draft import Draft, Stamp, lines_of


class Dialect:
    """The steps of a posting on PostgreSQL."""

    def write(self, drafts: list[Draft], stamp: Stamp, releases: dict[str, str]) -> dict[str, int]:
        """See `suixin.server.ledger.store.write`."""
        ids = self._add_transactions(drafts, stamp)
        new = [draft for draft in drafts if draft.made.key in ids]
        if new:
            lines = lines_of(new)
            names = [[account for account, _, _ in lines], [subject for _, subject, _ in lines]]
            self._add_lines([*names, [side for _, _, side in lines]], stamp)
            if releases:
                self._release(names, stamp, {key: releases[key] for key in ids if key in releases})
            self._add_entries(new, ids, stamp)
        return ids

    def known(self, book_id: int, keys: list[str]) -> dict[str, tuple[int, bytes]]:
        """See `suixin.server.ledger.store.known`."""
        rows = _rows(
            "SELECT key, id, digest FROM ledger_transaction WHERE book_id = %s AND key = ANY(%s::text[])",
            [book_id, keys],
        )
        return {key: (number, bytes(digest)) for key, number, digest in rows}

    def _add_transactions(self, drafts: list[Draft], stamp: Stamp) -> dict[str, int]:
        made = [draft.made for draft in drafts]
        columns: list[list[Any]] = [
            [one.key for one in made],
            [one.kind for one in made],
            [one.booked_on for one in made],
            [one.value_on for one in made],
            [one.reference for one in made],
            [one.reverses for one in made],
            [one.reason for one in made],
            [len(one.entries) for one in made],
            [draft.digest for draft in drafts],
        ]
        fixed = [stamp.organisation_id, stamp.book_id, stamp.by, stamp.at]
        return {key: number for number, key in _rows(_TRANSACTIONS, [*fixed, *columns])}

    def _add_lines(self, lines: list[list[Any]], stamp: Stamp) -> None:
        fixed = [stamp.organisation_id, stamp.book_id, stamp.currency]
        _do(_LINES, [*fixed, *lines, stamp.book_id, stamp.currency])

    def _release(self, names: list[list[str]], stamp: Stamp, releases: dict[str, str]) -> None:
        if releases:
            columns = [list(releases), list(releases.values())]
            _do(_LOCK, [*names, stamp.book_id, stamp.currency, stamp.book_id, columns[1]])
            _do(_RELEASE, [stamp.at, *columns, stamp.book_id])

    def _add_entries(self, drafts: list[Draft], ids: dict[str, int], stamp: Stamp) -> None:
        entries = [(ids[draft.made.key], entry) for draft in drafts for entry in draft.made.entries]
        columns: list[list[Any]] = [
            [number for number, _ in entries],
            [entry.account for _, entry in entries],
            [entry.subject for _, entry in entries],
            [entry.amount_minor for _, entry in entries],
        ]
        _do(_ENTRIES, [stamp.organisation_id, *columns, stamp.book_id, stamp.currency])


def _do(sql: str, values: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


# Ids go up in the order given; rows go in by key, so that two batches that share keys wait for each other in one order.
_TRANSACTIONS = """
INSERT INTO ledger_transaction (id, organisation_id, book_id, posted_by, posted_at, key, kind, booked_on, value_on,
    reference, reverses, reason, entry_count, digest)
SELECT n.id, %s, %s, %s, %s, n.key, n.kind, n.booked_on, n.value_on, n.reference, n.reverses, n.reason, n.lines, n.digest
FROM (
    SELECT nextval('ledger_transaction_id_seq') AS id, u.*
    FROM unnest(%s::text[], %s::text[], %s::date[], %s::date[], %s::text[], %s::text[], %s::text[], %s::smallint[],
        %s::bytea[]) AS u(key, kind, booked_on, value_on, reference, reverses, reason, lines, digest)
) n
ORDER BY n.key COLLATE "C"
ON CONFLICT (book_id, key) DO NOTHING
RETURNING id, key
"""

_LINES = """
INSERT INTO ledger_balance (organisation_id, book_id, currency, account, subject, side)
SELECT %s, %s, %s, n.account, n.subject, n.side
FROM unnest(%s::text[], %s::text[], %s::smallint[]) AS n(account, subject, side)
WHERE NOT EXISTS (
    SELECT 1 FROM ledger_balance b
    WHERE b.book_id = %s AND b.account = n.account AND b.subject = n.subject AND b.currency = %s)
ORDER BY n.account COLLATE "C", n.subject COLLATE "C"
ON CONFLICT (book_id, account, subject, currency) DO NOTHING
"""

_LOCK = """
SELECT 1 FROM ledger_balance
WHERE id IN (
    SELECT b.id FROM ledger_balance b JOIN unnest(%s::text[], %s::text[]) AS n(account, subject)
        ON b.book_id = %s AND b.account = n.account AND b.subject = n.subject AND b.currency = %s
    UNION SELECT h.balance_id FROM ledger_hold h WHERE h.book_id = %s AND h.key = ANY(%s::text[]))
ORDER BY id FOR NO KEY UPDATE
"""

_RELEASE = """
UPDATE ledger_hold h SET state = 'posted', ended_at = %s, transaction_key = n.transaction_key
FROM unnest(%s::text[], %s::text[]) AS n(transaction_key, key)
WHERE h.book_id = %s AND h.key = n.key
"""

_ENTRIES = """
INSERT INTO ledger_entry (organisation_id, transaction_id, balance_id, amount_minor)
SELECT %s, n.transaction_id, b.id, n.amount_minor
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[]) AS n(transaction_id, account, subject, amount_minor)
JOIN ledger_balance b
    ON b.book_id = %s AND b.account = n.account AND b.subject = n.subject AND b.currency = %s
"""
