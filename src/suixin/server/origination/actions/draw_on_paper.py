"""Draw face to face: the customer signs for a sum on paper, an officer sees it, and a witness who is another person."""

from dataclasses import replace
from datetime import datetime

from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination import authority, cases
from suixin.server.origination.actions.draw import draw
from suixin.server.origination.models import Application
from suixin.server.origination.signing import FaceToFace, seen_by

ACTION = "lending.loan.draw_on_paper"


def draw_on_paper(
    number: str,
    amount_minor: int,
    *,
    key: str,
    paper: str,
    witness: Actor,
    by: Actor,
    at: datetime,
    from_sales: bool = False,
) -> str:
    """Record what the customer signed for, once for the key; see `suixin.server.origination.actions.draw`.

    Args:
        number: the application's.
        amount_minor: how much.
        key: the page's own, so that a second tap draws nothing.
        paper: what the signed slip is filed under.
        witness: who saw the customer sign, and is not the officer.
        by: the officer.
        at: when.
        from_sales: whether a share of the shop's sales repays it.

    Returns:
        The loan's number.

    Raises:
        LendingError: nothing is signed, over the limit, the paper is not named, or the line is frozen or has run out.
        AccessError: the officer or the witness may not, or is a relative of the customer.
    """
    with tenancy.within(by.organisation_id):
        case = cases.locked(number, Application.State.SIGNED)
        hands = authority.hands_of(case, merchant_of(case.merchant_id))
        by.require(ACTION, case, hands)
        seen_by(witness, by, case, hands)
        signed = FaceToFace(by.name, witness.name, paper).sign(f"{number}/{key}")
        recording = replace(by, granted=by.granted | {"lending.loan.draw"})  # the customer's word, on paper
        loan = draw(number, amount_minor, key=key, by=recording, at=at, from_sales=from_sales)
        after = {"loan": loan, "amount_minor": amount_minor, "witness": witness.name}
        record(by, ACTION, case, after=after, reason=signed.evidence, at=at)
        return loan
