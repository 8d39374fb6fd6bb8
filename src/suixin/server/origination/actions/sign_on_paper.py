"""Sign the agreement face to face: the customer signs paper, an officer sees it, and a witness who is another person."""

from datetime import datetime

from suixin.server import tenancy
from suixin.server.identity.access import Actor
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination import authority, cases
from suixin.server.origination.actions.sign import sign
from suixin.server.origination.models import Application
from suixin.server.origination.signing import FaceToFace, seen_by


def sign_on_paper(
    number: str, *, shown: str, paper: str, witness: Actor, by: Actor, at: datetime
) -> Application:
    """Record what the customer signed on paper; nobody confirms in the customer's place.

    Args:
        number: the application's.
        shown: SHA-256 (hex) of the text that was read aloud and signed.
        paper: what the paper is filed under.
        witness: who saw the customer sign, and is not the officer.
        by: the officer.
        at: when.

    Raises:
        ConflictError: the text is another by now; it must be read again.
        LendingError: there is nothing to sign, or the paper is not named.
        AccessError: the officer or the witness may not, or is a relative of the customer.
    """
    with tenancy.within(by.organisation_id):
        case = cases.locked(number)
        hands = authority.hands_of(case, merchant_of(case.merchant_id))
        by.require("lending.loan.accept", case, hands)
        seen_by(witness, by, case, hands)
        return sign(number, FaceToFace(by.name, witness.name, paper), shown=shown, by=by, at=at)
