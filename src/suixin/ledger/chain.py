"""The hash chain over a book's transactions: each link names its place, its content and the link before it.

link = SHA-256(previous link ‖ sequence as 8 bytes, big end first ‖ SHA-256(content)); the first link follows 32 zero
bytes. A signed head is (book, sequence, link): it shows that the tail was not cut off, which a chain alone cannot.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

import orjson

from suixin.ledger.transaction import Transaction

GENESIS = bytes(32)


class Fault(StrEnum):
    """What is wrong with a chain."""

    EDITED = "edited"  # the content is not what was sealed
    MISSING = "missing"  # a number of the sequence is not there
    REORDERED = "reordered"  # its content is that of another number
    INSERTED = "inserted"  # a number twice, or a transaction that no link names
    CUT = "cut"  # a signed head stands above the last link
    RELINKED = "relinked"  # the link does not follow from its content and the link before


class Link(NamedTuple):
    """One sealed transaction: its number from 1 on, the hash of its content, and its link."""

    sequence: int
    digest: bytes
    link: bytes


class Head(NamedTuple):
    """The last link at some time, as it was signed."""

    sequence: int
    link: bytes


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where a chain does not hold."""

    sequence: int
    fault: Fault


def content(made: Transaction) -> bytes:
    """Return a transaction's canonical bytes: JSON with keys in a fixed order, dates in ISO 8601, sums in minor units."""
    return orjson.dumps(
        {
            "key": made.key,
            "kind": made.kind,
            "booked_on": made.booked_on,
            "value_on": made.value_on,
            "entries": [list(entry) for entry in made.entries],
            "reference": made.reference,
            "reverses": made.reverses,
            "reason": made.reason,
        }
    )


def digest(made: Transaction) -> bytes:
    """Return the SHA-256 of a transaction's content, 32 bytes."""
    return sha256(content(made)).digest()


def link(previous: bytes, sequence: int, content_digest: bytes) -> bytes:
    """Return the link of a transaction, 32 bytes, from the one before it."""
    return sha256(previous + sequence.to_bytes(8, "big") + content_digest).digest()


def sealed(after: Head, digests: Iterable[bytes]) -> list[Link]:
    """Return the links that continue a chain; `Head(0, GENESIS)` begins one."""
    made: list[Link] = []
    sequence, before = after
    for number, content_digest in enumerate(digests, start=sequence + 1):
        before = link(before, number, content_digest)
        made.append(Link(number, content_digest, before))
    return made


def head_content(book: str, head: Head) -> bytes:
    """Return the bytes that are signed for a head."""
    return orjson.dumps({"book": book, "sequence": head.sequence, "link": head.link.hex()})


def first_break(
    links: Sequence[Link], found: Sequence[tuple[int, bytes]], heads: Sequence[Head] = ()
) -> Break | None:
    """Return where a chain first breaks, or None if it holds.

    Args:
        links: as sealed, in the order in which they are stored.
        found: (sequence, digest of the content as it is now) of the sealed transactions, as stored.
        heads: signed ones, verified.
    """
    by_digest = {one.digest: one.sequence for one in links}
    now: dict[int, bytes] = {}
    breaks: list[Break] = []
    for sequence, content_digest in found:
        if sequence in now:
            breaks.append(Break(sequence, Fault.INSERTED))
        now.setdefault(sequence, content_digest)
    before, expected = GENESIS, 1
    for one in links:
        if one.sequence != expected:
            fault = Fault.INSERTED if one.sequence < expected else Fault.MISSING
            breaks.append(Break(min(expected, one.sequence), fault))
            break
        if one.link != link(before, one.sequence, one.digest):
            breaks.append(Break(one.sequence, Fault.RELINKED))
        if one.sequence not in now:
            breaks.append(Break(one.sequence, Fault.MISSING))
        elif now[one.sequence] != one.digest:
            moved = by_digest.get(now[one.sequence], one.sequence) != one.sequence
            breaks.append(Break(one.sequence, Fault.REORDERED if moved else Fault.EDITED))
        before, expected = one.link, expected + 1
    breaks += [Break(sequence, Fault.INSERTED) for sequence in now if sequence >= expected]
    breaks += _against(heads, {one.sequence: one.link for one in links})
    return min(breaks, key=lambda found: found.sequence, default=None)


def _against(heads: Sequence[Head], links: dict[int, bytes]) -> list[Break]:
    """Signed heads that the chain does not reach, or contradicts."""
    made = []
    for head in heads:
        if head.sequence and head.sequence not in links:
            made.append(Break(min(head.sequence, max(links, default=0) + 1), Fault.CUT))
        elif head.sequence and links[head.sequence] != head.link:
            made.append(Break(head.sequence, Fault.RELINKED))
    return made
