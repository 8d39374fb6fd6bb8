"""A disaster's moratorium for every loan of the townships and crops that it struck, as one batch."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from pydantic import TypeAdapter

from suixin.errors import AccessError
from suixin.ledger import relief
from suixin.ledger.relief import Place
from suixin.ledger.transaction import Transaction
from suixin.lending.disaster import Disaster
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.idempotency.actions.once import once
from suixin.server.identity.access import Actor
from suixin.server.ledger.actions.post import post
from suixin.server.ledger.models import Book
from suixin.server.outbox.actions.write import News
from suixin.server.servicing import amending, keeping
from suixin.server.servicing.models import Loan

_ACTION = "lending.loan.relieve"
_TOWNSHIP = 9  # digits of a village's code that name its township (GB/T 10114)
_DISASTER = TypeAdapter(Disaster)


def declare_disaster(
    book: Book, disaster: Disaster, *, key: str, by: Actor, second: Actor, at: datetime
) -> dict[str, Any]:
    """Freeze days past due and move the dates of every loan that the disaster reaches, all or none, once for the key.

    Returns:
        Who of the townships is relieved, with the new last date, and who is not, with the reason.

    Raises:
        AccessError: it does not bear the names of the two people who do it.
        LendingError: it begins after the business date, or a loan refuses it.
    """
    amending.judged(key)

    def do() -> dict[str, Any]:
        day = amending.open_day(book)
        rows = locks.rows(_struck(book, disaster))
        held = {row.number: keeping.read(row, with_events=True) for row in rows}
        places = [Place(held[row.number], row.profile.village[:_TOWNSHIP], row.profile.crop) for row in rows]
        done = relief.relieve(disaster, places, day, key=key)
        by_number = {row.number: row for row in rows}
        booked: list[Transaction] = []
        for changed in done.changed:
            row = by_number[changed.loan.contract.loan]
            amending.add_events(row, held[row.number], changed.loan, day, by=by, at=at, reason=disaster.event)
            keeping.write(row, changed.loan).save(update_fields=keeping.KEPT)
            record(by, _ACTION, row, after={"event": disaster.event}, reason=disaster.source, at=at)
            booked += changed.booked
        ended = {one.before.loan_id: one.ends_on.isoformat() for one in done.batch.beneficiaries}
        news = [
            News("loan.relieve", f"{key}/{number}", {"loan": number, "ends_on": on})
            for number, on in ended.items()
        ]
        post(book, booked, by=amending.poster(by), news=news, at=at)
        return {
            "relieved": ended,
            "excluded": {number: why.value for number, why in done.batch.excluded},
            "booked": len(booked),
        }

    with tenancy.within(book.organisation_id):
        by.require(_ACTION, book)
        by.require_second(_ACTION, second)
        if (disaster.made_by, disaster.checked_by) != (by.name, second.name):
            raise AccessError(f"{disaster.event} is signed by others than {by.name} and {second.name}")
        asked = _DISASTER.dump_python(disaster, mode="json")
        asked |= {name: sorted(asked[name]) for name in ("townships", "crops")}
        result: dict[str, Any] = once(_ACTION, amending.scoped(book, key), asked, do, at=at)
        return result


def _struck(book: Book, disaster: Disaster) -> QuerySet[Loan]:
    """The live loans of its townships; no other is touched."""
    here = Q()
    for township in sorted(disaster.townships):
        here |= Q(profile__village__startswith=township)
    return Loan.objects.filter(here, book_id=book.pk, is_live=True).select_related("profile")
