"""Give a loan a later maturity (展期): within what the rules allow for its term, and never backwards."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from suixin.ledger import relief
from suixin.ledger.loan import Loan as Held
from suixin.ledger.relief import Relieved
from suixin.lending.periods import Period
from suixin.lending.terms import Weight
from suixin.server.identity.access import Actor
from suixin.server.ledger.models import Book
from suixin.server.servicing.actions.relieve import replan

_ASKED = TypeAdapter(tuple[tuple[Period, ...], tuple[Weight, ...] | None, Decimal | None])


def extend(
    book: Book,
    number: str,
    periods: Sequence[Period],
    *,
    difficulty: bool,
    key: str,
    reason: str,
    by: Actor,
    second: Actor | None,
    at: datetime,
    weights: Sequence[Weight] | None = None,
    annual_rate: Decimal | None = None,
) -> dict[str, Any]:
    """Give a loan a later maturity from the business date on, once for the key, by two people who may relieve.

    What `relieve` would only mark as over the limit is refused here.

    Args:
        book: the lender's.
        number: the loan's.
        periods: from the business date on; those of a bullet from its start.
        difficulty: whether the debtor is in financial difficulty: then it is a restructuring.
        key: of the extension.
        reason: in words.
        by: who does it.
        second: another who agrees.
        at: when.
        weights: of a harvest loan, one for each of the periods.
        annual_rate: another one, or None.

    Returns:
        As `relieve`.

    Raises:
        AccessError: one person alone.
        LendingError: no reason, or the loan refuses the terms.
        UsageError: the maturity is not later, or longer than the rules allow.
    """
    ahead, parts = tuple(periods), None if weights is None else tuple(weights)
    extends = _ASKED.dump_python((ahead, parts, annual_rate), mode="json")

    def make(held: Held, day: date) -> Relieved:
        return relief.extend(
            held, day, ahead, key=key, difficulty=difficulty, weights=parts, annual_rate=annual_rate
        )

    asked = {"difficulty": difficulty, "extends": extends}
    return replan(book, number, make, asked=asked, key=key, reason=reason, by=by, second=second, at=at)
