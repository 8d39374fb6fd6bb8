"""Take an alert: somebody works on it from here on."""

from datetime import datetime

from suixin.errors import ConflictError, LendingError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.watching import hands
from suixin.server.watching.models import Alert

ACTION = "lending.alert.take"


def take_alert(number: int, *, by: Actor, at: datetime) -> Alert:
    """Take an open alert; who has taken it already changes nothing by saying so again.

    Raises:
        LendingError: there is no such alert, or it is closed.
        ConflictError: a colleague has it.
        AccessError: the actor may not, or is a relative of the borrower.
    """
    with tenancy.within(by.organisation_id):
        row = hands.locked(number)
        by.require(ACTION, row, hands.of(row))
        if row.state == Alert.State.TAKEN and row.taken_by == by.name:
            return row
        if row.state == Alert.State.TAKEN:
            raise ConflictError(
                "a colleague has taken this alert already; ask them to close it",
                zh="同事已受理这条预警，请由其关闭",
            )
        if row.state == Alert.State.CLOSED:
            raise LendingError("this alert is closed; there is nothing left to take", zh="这条预警已关闭")
        row.state, row.taken_by, row.taken_at = Alert.State.TAKEN, by.name, at
        row.save(update_fields=["state", "taken_by", "taken_at"])
        record(by, ACTION, row, before={"state": "open"}, after={"state": row.state}, at=at)
        return row
