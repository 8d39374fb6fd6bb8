"""Pay a drawn loan out by hand: a third person does, who neither looked into the case nor decided it."""

from datetime import datetime
from typing import Any

from suixin.errors import LendingError
from suixin.lending.documents import read_contract
from suixin.server import tenancy
from suixin.server.identity.access import Actor, Hands
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination import authority
from suixin.server.origination.desk import desk
from suixin.server.origination.models import Application
from suixin.server.servicing.actions.disburse import disburse
from suixin.server.servicing.models import Loan


def pay_out(number: str, *, by: Actor, at: datetime) -> dict[str, Any]:
    """Pay out all that the loan's contract opens with; a second time pays nothing.

    Raises:
        LendingError: there is no such loan, it is not accepted, or over the limit.
        AccessError: the actor may not, is a relative, or had the case in another hand.
    """
    with tenancy.within(by.organisation_id):
        book = desk().book
        row = Loan.objects.filter(book_id=book.pk, number=number).select_related("facility").first()
        if row is None:
            raise LendingError(f"there is no loan {number!r}")
        amount = read_contract(row.contract).terms.principal_fen
        return disburse(book, number, amount, key="drawn", by=by, at=at, hands=_hands(row))


def _hands(row: Loan) -> Hands | None:
    """Whose hands the case went through from which the loan was drawn; None for a loan that came from no case."""
    held = row.facility.number if row.facility else ""
    case = Application.objects.filter(facility=held).first() if held else None
    return authority.hands_of(case, merchant_of(case.merchant_id)) if case else None
