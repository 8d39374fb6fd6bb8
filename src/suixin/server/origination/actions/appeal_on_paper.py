"""Appeal face to face: the customer says on paper what is wrong, staff record it, and a witness who is another person."""

from dataclasses import replace
from datetime import datetime

from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination import authority, cases
from suixin.server.origination.actions.appeal import appeal
from suixin.server.origination.models import Application
from suixin.server.origination.signing import FaceToFace, seen_by

ACTION = "lending.case.appeal_on_paper"


def appeal_on_paper(
    number: str, reason: str, *, paper: str, witness: Actor, by: Actor, at: datetime
) -> Application:
    """Record the appeal that a customer signed; see `suixin.server.origination.actions.appeal`.

    Args:
        number: the application's.
        reason: what is wrong, in the customer's words.
        paper: what the signed appeal is filed under.
        witness: who saw the customer sign, and is not the one who records it.
        by: who records it.
        at: when.

    Raises:
        LendingError: no reason, it was not declined, it was appealed before, another application is open, or the paper is
            not named.
        AccessError: who records it or the witness may not, or is a relative of the customer.
    """
    with tenancy.within(by.organisation_id):
        case = cases.locked(number, Application.State.DECLINED)
        hands = authority.hands_of(case, merchant_of(case.merchant_id))
        by.require(ACTION, case, hands)
        seen_by(witness, by, case, hands)
        signed = FaceToFace(by.name, witness.name, paper).sign(f"{number}/appeal")
        recording = replace(by, granted=by.granted | {"lending.case.appeal"})  # the customer's word, on paper
        made = appeal(number, reason, by=recording, at=at)
        record(by, ACTION, made, after={"witness": witness.name}, reason=signed.evidence, at=at)
        return made
