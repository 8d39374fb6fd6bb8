"""Pay a loan out, within its borrower's limit."""

from datetime import date, datetime
from typing import Any

from suixin.errors import LendingError
from suixin.lending.events import Drawn
from suixin.server import locks, tenancy
from suixin.server.identity.access import Actor, Hands
from suixin.server.ledger.models import Book
from suixin.server.servicing import amending
from suixin.server.servicing.models import Facility, Loan

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
        AccessError: the actor may not, or investigated or approved the case.
    """
    with tenancy.within(book.organisation_id):
        by.require("lending.loan.disburse", book, hands)
        facility = _locked(book, number)

        def check(row: Loan, day: date) -> None:
            if row.state not in _DRAWABLE:
                raise LendingError(
                    f"loan {number} is {row.state}; only an accepted or active one is paid out"
                )
            if facility is not None:
                _judge(facility, amount_minor, day)

        event = Drawn(key, amending.open_day(book), amount_minor)
        return amending.let_happen(
            book, number, event, action="lending.loan.disburse", by=by, at=at, check=check
        )


def _locked(book: Book, number: str) -> Facility | None:
    """The facility of a loan, locked before the loan is."""
    pk = Loan.objects.filter(book_id=book.pk, number=number).values_list("facility_id", flat=True).first()
    return locks.rows(Facility.objects.filter(pk=pk))[0] if pk else None


def _judge(facility: Facility, amount_minor: int, day: date) -> None:
    if facility.frozen:
        raise LendingError(f"facility {facility.number} is frozen; nothing is drawn until it is released")
    if not facility.opened_on <= day < facility.expires_on:
        raise LendingError(
            f"facility {facility.number} runs from {facility.opened_on} to before {facility.expires_on}, not {day}"
        )
    used = sum(Loan.objects.filter(facility_id=facility.pk).values_list("principal_minor", flat=True))
    if used + amount_minor > facility.limit_minor:
        raise LendingError(
            f"drawdown of {amount_minor} passes the limit of facility {facility.number}: {used} of "
            f"{facility.limit_minor} are drawn, {facility.limit_minor - used} are left"
        )
