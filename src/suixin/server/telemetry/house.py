"""How the banks of a database stand: business dates, messages that wait, records that no seal covers."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from suixin.server import tenancy
from suixin.server.audit.models import Record, Seal
from suixin.server.identity.models import Organisation
from suixin.server.identity.roles import Kind
from suixin.server.ledger.models import Book
from suixin.server.outbox.models import Message
from suixin.server.servicing.models import DayEnd


class Standing(NamedTuple):
    """One bank.

    Attributes:
        organisation: its code.
        books: code, business date, and differences that the end of the last day found, of each.
        messages: how many wait to be sent.
        oldest_message: since when.
        unsealed: how many audit records stand behind the last sealed one.
        oldest_unsealed: since when.
    """

    organisation: str
    books: list[tuple[str, date, int]]
    messages: int
    oldest_message: datetime | None
    unsealed: int
    oldest_unsealed: datetime | None


def banks() -> list[Organisation]:
    """Every bank."""
    with tenancy.directory("suixin.operator", "on"):
        return list(Organisation.objects.filter(kind=Kind.BANK).order_by("code"))


def standings() -> Iterator[Standing]:
    """Every bank as it stands, by code."""
    for bank in banks():
        with tenancy.reading(bank.pk):
            yield _standing(bank.code)


def _broken(book: Book) -> int:
    last = DayEnd.objects.filter(book_id=book.pk, finished_at__isnull=False).order_by("-day").first()
    return int(last.counts.get("broken", 0)) if last else 0


def _standing(code: str) -> Standing:
    waiting = Message.objects.filter(sent_at=None).order_by("id")
    last = Seal.objects.order_by("-sequence").values_list("record_id", flat=True).first()
    unsealed = Record.objects.filter(id__gt=last or 0).order_by("id")
    return Standing(
        code,
        [(book.code, book.business_on, _broken(book)) for book in Book.objects.order_by("code")],
        waiting.count(),
        waiting.values_list("written_at", flat=True).first(),
        unsealed.count(),
        unsealed.values_list("at", flat=True).first(),
    )
