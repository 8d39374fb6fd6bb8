"""Whom a disaster struck: what a moratorium would do, before it is declared, and what those that were declared did."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from suixin.ledger import relief
from suixin.ledger.loan import Loan as Held
from suixin.ledger.relief import Place
from suixin.lending.disaster import Disaster
from suixin.server.idempotency.models import DoneWrite
from suixin.server.ledger import queries
from suixin.server.ledger.models import Book
from suixin.server.servicing import keeping
from suixin.server.servicing.lists import TOWNSHIP, in_township
from suixin.server.servicing.models import Loan

_SHOWN = 100


class Relieved(NamedTuple):
    """A loan that is relieved, and its new last date."""

    loan: Loan
    ends_on: date


class LeftOut(NamedTuple):
    """A loan of the townships that is not relieved, and the code of the reason."""

    loan: Loan
    why: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What a moratorium does, or did."""

    relieved: tuple[Relieved, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def principal_minor(self) -> int:
        """Principal of those that are relieved, as it stands now."""
        return sum(one.loan.principal_minor for one in self.relieved)


@dataclass(frozen=True, slots=True)
class Declared:
    """A moratorium that was declared: its key, what was signed, as JSON, and how many loans it relieved and left out."""

    key: str
    signed: Mapping[str, Any]
    relieved: Mapping[str, str]
    excluded: Mapping[str, str]

    @property
    def days(self) -> tuple[date, date]:
        """Its first and its last day."""
        return date.fromisoformat(self.signed["first_on"]), date.fromisoformat(self.signed["last_on"])


def struck(book: Book, disaster: Disaster) -> QuerySet[Loan]:
    """The live loans of its townships; no other is touched."""
    here = Q()
    for township in sorted(disaster.townships):
        here |= in_township(township)
    return Loan.objects.filter(here, book_id=book.pk, is_live=True).select_related("profile")


def places(rows: Sequence[Loan], held: Mapping[str, Held]) -> list[Place]:
    """The loans, and where and on what their borrowers farm or trade."""
    return [Place(held[row.number], row.profile.village[:TOWNSHIP], row.profile.crop) for row in rows]


def tried(book: Book, disaster: Disaster) -> Batch:
    """What a moratorium would do if it were declared now; nothing is written.

    Raises:
        UsageError, LendingError: as in `suixin.ledger.relief.relieve`.
    """
    rows = list(struck(book, disaster).order_by("pk"))
    held = keeping.read_all(rows)
    day = queries.day_of(book).business_on
    batch = relief.relieve(disaster, places(rows, held), day, key="tried").batch
    by_number = {row.number: row for row in rows}
    return Batch(
        tuple(Relieved(by_number[one.before.loan_id], one.ends_on) for one in batch.beneficiaries),
        tuple(LeftOut(by_number[number], why.value) for number, why in batch.excluded),
    )


def declared(book: Book) -> list[Declared]:
    """The latest that were declared, the last one first."""
    return [_declared(book, row) for row in _done(book).order_by("-id")[:_SHOWN]]


def declaration(book: Book, key: str) -> Declared | None:
    """One of them, by its key."""
    row = _done(book).filter(key=f"{book.pk}/{key}").first()
    return None if row is None else _declared(book, row)


def batch_of(book: Book, held: Declared) -> Batch:
    """The loans of one of them."""
    numbers = [*held.relieved, *held.excluded]
    rows = _by_number(book, numbers)
    return Batch(
        tuple(
            Relieved(rows[number], date.fromisoformat(on))
            for number, on in held.relieved.items()
            if number in rows
        ),
        tuple(LeftOut(rows[number], why) for number, why in held.excluded.items() if number in rows),
    )


def _by_number(book: Book, numbers: Iterable[str]) -> dict[str, Loan]:
    found = Loan.objects.filter(book_id=book.pk, number__in=list(numbers)).select_related("profile")
    return {row.number: row for row in found.defer("contract", "account", "begins")}


def _done(book: Book) -> QuerySet[DoneWrite]:
    its = DoneWrite.objects.filter(action="lending.loan.relieve", key__startswith=f"{book.pk}/")
    return its.filter(result__declared__isnull=False)


def _declared(book: Book, row: DoneWrite) -> Declared:
    result = row.result
    key = row.key.removeprefix(f"{book.pk}/")
    return Declared(key, result["declared"], result["relieved"], result["excluded"])
