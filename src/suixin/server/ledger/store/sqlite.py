"""SQLite: columns go over as JSON. The entries come first, and the transaction's own row closes them."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

import orjson
from django.db import connection

from suixin.server.ledger.store.draft import Draft, Stamp, lines_of


class Dialect:
    """The steps of a posting on SQLite, whose writers come one after another."""

    def write(self, drafts: list[Draft], stamp: Stamp, releases: dict[str, str]) -> dict[str, int]:
        """See `suixin.server.ledger.store.write`."""
        held = self.known(stamp.book_id, [draft.made.key for draft in drafts])
        new = [draft for draft in drafts if draft.made.key not in held]
        if not new:
            return {}
        ((last,),) = _rows("SELECT coalesce(max(id), 0) FROM ledger_transaction", [])
        ids = {draft.made.key: last + number for number, draft in enumerate(new, start=1)}
        lines = lines_of(new)
        _do(_LINES, [stamp.organisation_id, stamp.book_id, stamp.currency, _json(lines)])
        for key, hold in releases.items():
            if key in ids:
                _do(_RELEASE, [_instant(stamp), key, stamp.book_id, hold])
        entries = [
            (ids[draft.made.key], entry.account, entry.subject, entry.amount_minor)
            for draft in new
            for entry in draft.made.entries
        ]
        _do(_ENTRIES, [stamp.organisation_id, _json(entries), stamp.book_id, stamp.currency])
        with connection.cursor() as cursor:
            cursor.executemany(_TRANSACTIONS, [_row(draft, ids, stamp) for draft in new])
        return ids

    def known(self, book_id: int, keys: list[str]) -> dict[str, tuple[int, bytes]]:
        """See `suixin.server.ledger.store.known`."""
        rows = _rows(
            "SELECT t.key, t.id, t.digest FROM json_each(%s) j "
            "JOIN ledger_transaction t ON t.book_id = %s AND t.key = j.value",
            [_json(keys), book_id],
        )
        return {key: (number, bytes(digest)) for key, number, digest in rows}


def _row(draft: Draft, ids: dict[str, int], stamp: Stamp) -> tuple[Any, ...]:
    made = draft.made
    return (
        ids[made.key],
        stamp.organisation_id,
        stamp.book_id,
        stamp.by,
        _instant(stamp),
        made.key,
        made.kind,
        made.booked_on.isoformat(),
        made.value_on.isoformat(),
        made.reference,
        made.reverses,
        made.reason,
        len(made.entries),
        draft.digest,
    )


def _instant(stamp: Stamp) -> str:
    return stamp.at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", timespec="microseconds")


def _json(rows: Sequence[Any]) -> str:
    return orjson.dumps(rows).decode()


def _do(sql: str, values: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


_LINES = """
INSERT INTO ledger_balance (organisation_id, book_id, currency, account, subject, side)
SELECT o.organisation_id, o.book_id, o.currency, j.value ->> 0, j.value ->> 1, j.value ->> 2
FROM (SELECT %s AS organisation_id, %s AS book_id, %s AS currency) o, json_each(%s) j
WHERE NOT EXISTS (
    SELECT 1 FROM ledger_balance b WHERE b.book_id = o.book_id
        AND b.account = j.value ->> 0 AND b.subject = j.value ->> 1 AND b.currency = o.currency)
"""

_RELEASE = """
UPDATE ledger_hold SET state = 'posted', ended_at = %s, transaction_key = %s WHERE book_id = %s AND key = %s
"""

_ENTRIES = """
INSERT INTO ledger_entry (organisation_id, transaction_id, balance_id, amount_minor)
SELECT %s, j.value ->> 0, b.id, j.value ->> 3
FROM json_each(%s) j
JOIN ledger_balance b
    ON b.book_id = %s AND b.account = j.value ->> 1 AND b.subject = j.value ->> 2 AND b.currency = %s
"""

_TRANSACTIONS = """
INSERT INTO ledger_transaction (id, organisation_id, book_id, posted_by, posted_at, key, kind, booked_on, value_on,
    reference, reverses, reason, entry_count, digest)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
