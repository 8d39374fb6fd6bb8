"""PostgreSQL: one call of `suixin_post` (`guards_postgresql.sql`), whatever the number of transactions."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection

from suixin.server.ledger.store.draft import Draft, Stamp, lines_of


class Dialect:
    """The steps of a posting on PostgreSQL."""

    def write(self, drafts: list[Draft], stamp: Stamp, releases: dict[str, str]) -> dict[str, int]:
        """See `suixin.server.ledger.store.write`."""
        with connection.cursor() as cursor:
            cursor.execute(POST, columns(drafts, stamp, releases))
            return {key: number for number, key in cursor.fetchall()}

    def known(self, book_id: int, keys: list[str]) -> dict[str, tuple[int, bytes]]:
        """See `suixin.server.ledger.store.known`."""
        with connection.cursor() as cursor:
            cursor.execute(_KNOWN, [book_id, texts(keys)])
            return {key: (number, bytes(digest)) for key, number, digest in cursor.fetchall()}


def columns(drafts: list[Draft], stamp: Stamp, releases: dict[str, str]) -> list[Any]:
    """The arguments of `POST`."""
    made = [draft.made for draft in drafts]
    entries = [(place, entry) for place, one in enumerate(made, start=1) for entry in one.entries]
    lines = lines_of(drafts)
    places = {line[:2]: place for place, line in enumerate(lines, start=1)}
    return [
        *(stamp.organisation_id, stamp.book_id, stamp.currency, stamp.by, stamp.at),
        texts(one.key for one in made),
        texts(one.kind for one in made),
        days(one.booked_on for one in made),
        days(one.value_on for one in made),
        texts(one.reference for one in made),
        texts(one.reverses for one in made),
        texts(one.reason for one in made),
        plain(len(one.entries) for one in made),
        digests(drafts),
        texts(account for account, _, _ in lines),
        texts(subject for _, subject, _ in lines),
        plain(side for _, _, side in lines),
        plain(place for place, _ in entries),
        plain(places[entry[:2]] for _, entry in entries),
        plain(entry.amount_minor for _, entry in entries),
        texts(releases),
        texts(releases.values()),
    ]


def texts(values: Iterable[str]) -> str:
    """PostgreSQL's literal of an array of texts; the driver takes five times as long, for it asks each its type."""
    held = list(values)
    joined = '","'.join(held)
    if "\\" in joined or joined.count('"') != 2 * (
        len(held) - 1
    ):  # none at all, or one with signs of its own
        quoted = [value.replace("\\", "\\\\").replace('"', '\\"') for value in held]
        return "{" + ",".join([f'"{value}"' for value in quoted]) + "}"
    return f'{{"{joined}"}}'


def digests(drafts: Iterable[Draft]) -> str:
    """The literal of an array of their digests."""
    return "{" + ",".join([f'"\\\\x{draft.digest.hex()}"' for draft in drafts]) + "}"


def plain(values: Iterable[int]) -> str:
    """The literal of an array of whole numbers."""
    return "{" + ",".join(map(str, values)) + "}"


def days(values: Iterable[date]) -> str:
    """The literal of an array of dates, of which there are few different ones."""
    held = list(values)
    written = {day: day.isoformat() for day in set(held)}
    return "{" + ",".join([written[day] for day in held]) + "}"


POST = """
SELECT new_id, new_key FROM suixin_post(%s::bigint, %s::bigint, %s::text, %s::text, %s::timestamptz,
    %s::text[], %s::text[], %s::date[], %s::date[], %s::text[], %s::text[], %s::text[], %s::smallint[], %s::bytea[],
    %s::text[], %s::text[], %s::smallint[], %s::integer[], %s::integer[], %s::bigint[],
    %s::text[], %s::text[])
"""

_KNOWN = "SELECT key, id, digest FROM ledger_transaction WHERE book_id = %s AND key = ANY(%s::text[])"
