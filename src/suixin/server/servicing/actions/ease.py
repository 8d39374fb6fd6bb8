"""Relieve a loan as a form asks for it: a rate, months more, dates of interest only, arrears taken in."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from suixin.server import tenancy
from suixin.server.idempotency.actions.once import once
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending, hands
from suixin.server.servicing.actions.relieve import ACTION, relieve
from suixin.server.servicing.easing import Ease, change_of
from suixin.server.servicing.queries import loan_of


def ease(
    book: Book,
    number: str,
    wanted: Ease,
    *,
    difficulty: bool,
    key: str,
    reason: str,
    by: Actor,
    second: Actor | None,
    at: datetime,
) -> dict[str, Any]:
    """Relieve as of the business date, once for the key: asked again, it returns what it did, whatever the loan is now.

    Raises:
        AccessError, LendingError, UsageError: as in `relieve` and `suixin.server.servicing.easing.change_of`.
    """
    amending.judged(key)

    def do() -> dict[str, Any]:
        (row,) = amending.locked(book, number)
        change = change_of(row, wanted, queries.day_of(book).business_on)
        return relieve(
            book, number, change, difficulty=difficulty, key=key, reason=reason, by=by, second=second, at=at
        )

    with tenancy.within(book.organisation_id):
        barred = hands.of_loan(book, number)
        by.require(ACTION, loan_of(book, number), barred)
        by.require_second(ACTION, second, barred)
        asked = {name: str(value) for name, value in asdict(wanted).items()} | {"difficulty": difficulty}
        scope = amending.scoped(book, number, "eased", key)
        result: dict[str, Any] = once(ACTION, scope, asked, do, at=at)
        return result
