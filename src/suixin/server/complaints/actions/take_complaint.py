"""Take a complaint on: from then on it has an owner."""

from datetime import datetime

from suixin.errors import ConflictError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.complaints.hands import hands_in
from suixin.server.complaints.models import Complaint
from suixin.server.complaints.queries import locked
from suixin.server.identity.access import Actor


def take_complaint(number: str, *, by: Actor, at: datetime) -> Complaint:
    """Take it on; one's own again changes nothing, another's is taken over with a line in the log.

    Raises:
        ConflictError: it is answered.
        AccessError: the actor may not, is a relative, or the complaint is about their own hands.
    """
    with tenancy.within(by.organisation_id):
        held = locked(number)
        by.require("service.complaint.take", held, hands_in(held))
        if not held.is_open:
            raise ConflictError(f"complaint {number} is answered", zh=f"投诉 {number} 已答复")
        if held.owner == by.name:
            return held
        before, held.owner = held.owner, by.name
        held.save()
        record(by, "service.complaint.take", held, before={"owner": before}, after={"owner": by.name}, at=at)
        return held
