"""A disaster's moratorium for every loan of the townships and crops that it struck, as one batch."""

from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from suixin.errors import AccessError
from suixin.ledger import relief
from suixin.ledger.transaction import Transaction
from suixin.lending.disaster import Disaster
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.idempotency.actions.once import once
from suixin.server.identity.access import Actor
from suixin.server.ledger.actions.post import post
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending, hands, keeping, telling
from suixin.server.servicing.struck import places, struck

_ACTION = "lending.loan.relieve"
_DISASTER = TypeAdapter(Disaster)


def declare_disaster(
    book: Book, disaster: Disaster, *, key: str, by: Actor, second: Actor, at: datetime
) -> dict[str, Any]:
    """Freeze days past due and move the dates of every loan that the disaster reaches, all or none, once for the key.

    Returns:
        Who of the townships is relieved, with the new last date, who is not, with the reason, and what was declared.

    Raises:
        AccessError: it does not bear the names of the two people who do it, or reaches a relative of one of them.
        LendingError: it begins after the business date, or a loan refuses it.
    """
    amending.judged(key)
    asked = _DISASTER.dump_python(disaster, mode="json")
    asked |= {name: sorted(asked[name]) for name in ("townships", "crops")}

    def do() -> dict[str, Any]:
        day = amending.open_day(book)
        rows = locks.rows(struck(book, disaster))
        barred = hands.of({row.borrower for row in rows})
        by.require(_ACTION, book, barred)
        by.require_second(_ACTION, second, barred)
        held = keeping.read_all(rows)
        done = relief.relieve(disaster, places(rows, held), day, key=key)
        by_number = {row.number: row for row in rows}
        booked: list[Transaction] = []
        for changed in done.changed:
            row = by_number[changed.loan.contract.loan]
            amending.add_events(row, held[row.number], changed.loan, day, by=by, at=at, reason=disaster.event)
            keeping.write(row, changed.loan).save(update_fields=keeping.KEPT)
            record(by, _ACTION, row, after={"event": disaster.event}, reason=disaster.source, at=at)
            booked += changed.booked
        ended = {one.before.loan_id: one.ends_on.isoformat() for one in done.batch.beneficiaries}
        news = [telling.relieved(book, by_number[number], key, day) for number in ended]
        post(book, booked, by=amending.poster(by), news=news, at=at)
        return {
            "relieved": ended,
            "excluded": {number: why.value for number, why in done.batch.excluded},
            "booked": len(booked),
            "declared": asked,
        }

    with tenancy.within(book.organisation_id):
        by.require(_ACTION, book)
        by.require_second(_ACTION, second)
        if (disaster.made_by, disaster.checked_by) != (by.name, second.name):
            raise AccessError(
                f"{disaster.event} is signed by others than the two people who declare it",
                zh=f"{disaster.event}：经办人和复核人须是本次操作的两个人",
            )
        result: dict[str, Any] = once(_ACTION, amending.scoped(book, key), asked, do, at=at)
        return result
