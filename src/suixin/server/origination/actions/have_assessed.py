"""Have an application assessed: staff ask for it, and the policy decides."""

from datetime import datetime

from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import access
from suixin.server.identity.access import Actor
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination import authority, cases
from suixin.server.origination.actions.assess import assess
from suixin.server.origination.models import DecisionRecord


def have_assessed(number: str, *, by: Actor, at: datetime, reason: str = "") -> DecisionRecord:
    """Let the policy decide on what is known today; who asked for it is written down, and decides nothing by that.

    Raises:
        LendingError: it is decided already, or ended.
        ConsentError: the merchant has not consented, or no longer does.
        AccessError: the actor may not, or is a relative.
    """
    with tenancy.within(by.organisation_id):
        case = cases.locked(number)
        hands = authority.hands_of(case, merchant_of(case.merchant_id))
        by.require("lending.case.have_assessed", case, hands)
        record(by, "lending.case.have_assessed", case, reason=reason, at=at)
        return assess(number, by=access.policy(by.organisation_id), at=at)
