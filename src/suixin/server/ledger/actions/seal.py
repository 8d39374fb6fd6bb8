"""Seal a book: give the transactions since their place in its chain."""

from datetime import datetime
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from django.db.models import Max
from django.utils import timezone

from suixin.errors import LedgerError
from suixin.ledger import chain
from suixin.scoring.signing import signed
from suixin.server import locks, tenancy
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries
from suixin.server.ledger.models import Book, Head, Seal, Transaction


class Sealed(NamedTuple):
    """How many transactions were sealed, and the head since."""

    transactions: int
    head: chain.Head


def seal(
    book: Book,
    *,
    by: Actor,
    key: Ed25519PrivateKey | None = None,
    at: datetime | None = None,
    batch: int = 5_000,
) -> Sealed:
    """Seal all that was posted until now, in the order of posting, a database transaction a batch.

    Posting goes on meanwhile: for the horizon alone it is waited until whoever is posting has committed, so that no
    number below it can appear later.

    Args:
        book: the lender's.
        by: the program.
        key: signs the head of each batch (Ed25519).
        at: now, unless told.
        batch: transactions a database transaction.

    Raises:
        LedgerError: a transaction differs from what was posted; it is not sealed, and neither is what follows.
        AccessError: only the program seals.
    """
    by.require("ledger.book.seal", book)
    with tenancy.within(book.organisation_id):
        locks.close_book(book.pk)
        horizon = Transaction.objects.filter(book_id=book.pk).aggregate(last=Max("id"))["last"] or 0
    count = 0
    while True:
        with tenancy.within(book.organisation_id):
            sealed, head = _batch(book, horizon, key, at or timezone.now(), batch)
        count += sealed
        if sealed < batch:
            return Sealed(count, head)


def _batch(
    book: Book, horizon: int, key: Ed25519PrivateKey | None, at: datetime, batch: int
) -> tuple[int, chain.Head]:
    locks.rows(Book.objects.filter(pk=book.pk))  # one sealer at a time
    last = Seal.objects.filter(book_id=book.pk).order_by("-sequence").first()
    head = chain.Head(last.sequence, bytes(last.link)) if last else chain.Head(0, chain.GENESIS)
    after = last.transaction_id if last else 0
    numbers = Transaction.objects.filter(book_id=book.pk, id__gt=after, id__lte=horizon).order_by("id")
    chunk = list(numbers.values_list("id", "digest")[:batch])
    if not chunk:
        return 0, head
    made = dict(queries.journal(book, after, chunk[-1][0]))
    digests = {number: chain.digest(one) for number, one in made.items()}
    for number, stored in chunk:
        if digests[number] != bytes(stored):
            raise LedgerError(f"transaction {made[number].key} differs from what was posted; verify the book")
    links = chain.sealed(head, [digests[number] for number, _ in chunk])
    with connection.cursor() as cursor:
        cursor.executemany(
            _INSERT,
            [
                (book.organisation_id, book.pk, one.sequence, number, one.digest, one.link)
                for (number, _), one in zip(chunk, links, strict=True)
            ],
        )
    head = chain.Head(links[-1].sequence, links[-1].link)
    signature = signed(chain.head_content(head_name(book), head), key) if key else None
    row = Head(book=book, sequence=head.sequence, link=head.link, signature=signature, sealed_at=at)
    row.save(force_insert=True)
    return len(chunk), head


def head_name(book: Book) -> str:
    """The book's name in a signed head."""
    return f"{book.organisation_id}/{book.code}"


_INSERT = """
INSERT INTO ledger_seal (organisation_id, book_id, sequence, transaction_id, digest, link)
VALUES (%s, %s, %s, %s, %s, %s)
"""
