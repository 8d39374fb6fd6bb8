"""Send a delivery again."""

from datetime import datetime

from suixin.errors import ConflictError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.webhooks.models import Delivery
from suixin.server.webhooks.queries import locked_delivery

ACTION = "webhooks.delivery.send_again"


def send_again(number: int, *, by: Actor, reason: str, at: datetime) -> Delivery:
    """Let a delivery that was taken or given up wait anew, under its own id: who has seen the id does nothing twice.

    One that waits already goes at once, with its tries counted on; asking again changes nothing more.

    Raises:
        AccessError: not an administrator.
        ConflictError: its endpoint is off.
        UsageError: there is no such delivery.
    """
    by.require(ACTION)
    with tenancy.within(by.organisation_id):
        row = locked_delivery(number)
        if row.endpoint.off_at is not None:
            raise ConflictError(
                f"endpoint {row.endpoint.code} is off; switch it on first", zh="接收地址已停用，请先启用"
            )
        if row.state == Delivery.State.WAITING and row.next_at <= at:
            return row
        before = {"state": row.state, "tries": row.tries}
        if row.state != Delivery.State.WAITING:
            row.state, row.tries, row.settled_at = Delivery.State.WAITING, 0, None
        row.next_at = at
        row.save(update_fields=["state", "tries", "settled_at", "next_at"])
        record(by, ACTION, row, before=before, after={"state": row.state}, reason=reason, at=at)
        return row
