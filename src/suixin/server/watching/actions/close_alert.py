"""Close an alert by hand, with what was found out and agreed."""

from datetime import datetime

from suixin.errors import ConflictError, LendingError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.ledger import queries
from suixin.server.watching import hands
from suixin.server.watching.models import REASON, Alert

ACTION = "lending.alert.close"


def close_alert(number: int, *, reason: str, by: Actor, at: datetime) -> Alert:
    """Close an open or taken alert; closed again by the same person for the same reason it stays as it is.

    While its condition lasts no other alert opens in its place, unless the loan becomes graver.

    Raises:
        LendingError: there is no such alert, or no reason or one that is too long.
        ConflictError: it is closed already, by another person, the program, or for another reason.
        AccessError: the actor may not, or is a relative of the borrower.
    """
    said = reason.strip()
    if not said or len(said) > REASON:
        raise LendingError(
            f"the reason has {len(said)} characters; say in 1 to {REASON} what was found out",
            zh=f"处理结果有 {len(said)} 个字，请写 1 至 {REASON} 个",
        )
    with tenancy.within(by.organisation_id):
        row = hands.locked(number)
        by.require(ACTION, row, hands.of(row))
        if row.state == Alert.State.CLOSED:
            if (row.closed_by, row.reason) == (by.name, said):
                return row
            raise ConflictError(
                f"this alert was closed on {row.closed_on} already", zh=f"这条预警已于 {row.closed_on} 关闭"
            )
        before, day = {"state": row.state}, queries.day_of(row.book).business_on
        row.state, row.closed_on, row.closed_by, row.reason = Alert.State.CLOSED, day, by.name, said
        row.save(update_fields=["state", "closed_on", "closed_by", "reason"])
        record(by, ACTION, row, before=before, after={"state": row.state}, reason=said, at=at)
        return row
