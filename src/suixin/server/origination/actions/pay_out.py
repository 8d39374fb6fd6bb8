"""Pay out at the desk what the policy may not pay out by itself."""

from datetime import datetime
from typing import Any

from suixin.errors import LendingError
from suixin.lending.documents import read_contract
from suixin.server import tenancy
from suixin.server.identity.access import Actor, Hands
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination.authority import hands_of
from suixin.server.origination.models import Application
from suixin.server.servicing.actions.disburse import disburse
from suixin.server.servicing.models import Loan

KEY = "drawn"
"""Of the opening drawdown, as `draw` has it, so that a loan is paid out once whoever pays it out."""


def pay_out(number: str, *, by: Actor, at: datetime) -> dict[str, Any]:
    """Pay out the opening sum of an accepted loan, once: a third person, who neither investigated nor approved its case.

    Raises:
        LendingError: no such loan, or as in `suixin.server.servicing.actions.disburse`.
        AccessError: the actor may not, or had the case in hand before.
    """
    with tenancy.within(by.organisation_id):
        loan = Loan.objects.filter(number=number).select_related("book", "facility").first()
        if loan is None:
            raise LendingError(f"there is no loan {number!r}", zh=f"没有贷款 {number}")
        amount = read_contract(loan.contract).terms.opening_fen
        return disburse(loan.book, number, amount, key=KEY, by=by, at=at, hands=_hands(loan))


def _hands(loan: Loan) -> Hands | None:
    """Whose hands its case went through; None of a loan that was offered without one."""
    if loan.facility is None:
        return None
    case = Application.objects.filter(book_id=loan.book_id, facility=loan.facility.number).first()
    return None if case is None else hands_of(case, merchant_of(case.merchant_id))
