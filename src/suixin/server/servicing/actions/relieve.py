"""Give a loan other terms: a lower rate, a grace, a restructuring; a later maturity alone is an extension."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter

from suixin.errors import LendingError
from suixin.ledger import relief
from suixin.ledger.loan import Loan as Held
from suixin.ledger.relief import Relieved
from suixin.lending.relief import Change
from suixin.server import tenancy
from suixin.server.idempotency.actions.once import once
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.outbox.actions.write import News
from suixin.server.servicing import amending, hands, keeping, telling

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
        AccessError: one person alone, or a relative of the borrower.
        LendingError: no reason, or the loan refuses the terms.
        UsageError: terms that are none.
    """
    asked = {"difficulty": difficulty, "wanted": _CHANGE.dump_python(wanted, mode="json")}

    def make(held: Held, day: date) -> Relieved:
        return relief.change(held, day, wanted, key=key, difficulty=difficulty)

    return replan(book, number, make, asked=asked, key=key, reason=reason, by=by, second=second, at=at)


def replan(
    book: Book,
    number: str,
    make: Callable[[Held, date], Relieved],
    *,
    asked: Mapping[str, Any],
    key: str,
    reason: str,
    by: Actor,
    second: Actor | None,
    at: datetime,
) -> dict[str, Any]:
    """Put other terms that somebody makes of a loan and the open day in force; see `relieve`.

    Args:
        book: the lender's.
        number: the loan's.
        make: the relief.
        asked: what was asked for, as JSON: with the same key it must be the same.
        key: of the relief.
        reason: in words.
        by: who does it.
        second: another who agrees.
        at: when.
    """
    if not reason:
        raise LendingError(
            f"loan {number} is relieved without a reason; give one", zh="请写明变更还款条件的原因"
        )
    amending.judged(key)

    def do() -> dict[str, Any]:
        day = amending.open_day(book)
        (row,) = amending.locked(book, number)
        held = keeping.read(row, with_events=True)
        done = make(held, day)
        told = f"{reason} ({second.name})" if second else reason
        after, booked = done.changed.loan, done.changed.booked
        amending.add_events(row, held, after, day, by=by, at=at, reason=told)

        def news() -> list[News]:
            return [telling.relieved(book, row, key, day)]

        amending.finish(book, row, after, booked, news, day=day, action=ACTION, by=by, at=at, reason=told)
        return amending.told(done.changed) | {
            "concessions": [one.value for one in done.relief.concessions],
            "restructured": done.relief.restructured,
            "over_limit": done.relief.over_limit,
        }

    with tenancy.within(book.organisation_id):
        barred = hands.of_loan(book, number)
        by.require(ACTION, book, barred)
        by.require_second(ACTION, second, barred)
        body = {"loan": number, **asked}
        result: dict[str, Any] = once(ACTION, amending.scoped(book, number, key), body, do, at=at)
        return result
