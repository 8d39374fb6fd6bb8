"""Give a loan other terms: an extension, a lower rate, a grace, a restructuring."""

from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from suixin.errors import LendingError
from suixin.ledger import relief
from suixin.lending.relief import Change
from suixin.server import tenancy
from suixin.server.idempotency.actions.once import once
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending, keeping

ACTION = "lending.loan.relieve"
_CHANGE = TypeAdapter(Change)


def relieve(
    book: Book,
    number: str,
    wanted: Change,
    *,
    difficulty: bool,
    key: str,
    reason: str,
    by: Actor,
    second: Actor | None,
    at: datetime,
) -> dict[str, Any]:
    """Change a loan's terms from the business date on, once for the key, by two people.

    In difficulty and with a concession it is a restructuring: watched, and at least special-mention.

    Raises:
        AccessError: one person alone.
        LendingError: no reason, or the loan refuses the terms.
        UsageError: terms that are none.
    """
    if not reason:
        raise LendingError(f"loan {number} is relieved without a reason; give one")

    amending.judged(key)

    def do() -> dict[str, Any]:
        day = amending.open_day(book)
        (row,) = amending.locked(book, number)
        held = keeping.read(row, with_events=True)
        done = relief.change(held, day, wanted, key=key, difficulty=difficulty)
        told = f"{reason} ({second.name})" if second else reason
        after, booked = done.changed.loan, done.changed.booked
        amending.add_events(row, held, after, day, by=by, at=at, reason=told)
        amending.finish(book, row, after, booked, action=ACTION, by=by, at=at, reason=told)
        return amending.told(done.changed) | {
            "concessions": [one.value for one in done.relief.concessions],
            "restructured": done.relief.restructured,
            "over_limit": done.relief.over_limit,
        }

    with tenancy.within(book.organisation_id):
        by.require(ACTION, book)
        by.require_second(ACTION, second)
        asked = {"loan": number, "difficulty": difficulty, "wanted": _CHANGE.dump_python(wanted, mode="json")}
        result: dict[str, Any] = once(ACTION, amending.scoped(book, number, key), asked, do, at=at)
        return result
