"""Pay a loan out, within its borrower's limit."""

from datetime import date, datetime
from typing import Any

from suixin.errors import AccessError, LendingError
from suixin.lending.events import Drawn
from suixin.server import tenancy
from suixin.server.identity.access import Actor, Hands
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending, limits
from suixin.server.servicing.models import Loan

_DRAWABLE = {Loan.State.ACCEPTED, Loan.State.ACTIVE}


def disburse(
    book: Book,
    number: str,
    amount_minor: int,
    *,
    key: str,
    by: Actor,
    at: datetime,
    hands: Hands | None = None,
) -> dict[str, Any]:
    """Pay out on the book's business date, once for the key: the contract's opening sum, or more of it later.

    Two drawdowns of one facility wait for each other, so that together they never pass its limit.

    Raises:
        LendingError: not accepted, over the limit, frozen or expired, or what the contract does not allow.
        AccessError: the actor may not, or offered the loan, saw it signed, investigated or approved the case.
    """
    with tenancy.within(book.organisation_id):
        by.require("lending.loan.disburse", book, hands)
        facility = limits.of_loan(book, number)

        def check(row: Loan, day: date) -> None:
            if row.state not in _DRAWABLE:
                raise LendingError(
                    f"loan {number} is {row.state}; only an accepted or active one is paid out",
                    zh=f"借款 {number} 现在不能放款（未签约，或已放款）",
                )
            if by.is_person and by.name in {row.offered_by, row.accepted_by}:
                raise AccessError(
                    f"you offered loan {number} or saw it signed; another person pays it out",
                    zh="经手过这笔借款的人不能放款，请由另一人办理",
                )
            if facility is not None:
                limits.judge(facility, amount_minor, day)

        return amending.let_happen(
            book,
            number,
            lambda day: Drawn(key, day, amount_minor),
            key=key,
            asked={"amount": amount_minor},
            action="lending.loan.disburse",
            by=by,
            at=at,
            check=check,
        )
