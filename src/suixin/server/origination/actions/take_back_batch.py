"""Take a file of applications back: from then on nothing more of it is filed."""

from datetime import datetime

from suixin.errors import UsageError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.origination import batches
from suixin.server.origination.models import REASON, ApplicationBatch

ACTION = "lending.case.take_back"


def take_back_batch(batch_id: int, reason: str, *, by: Actor, at: datetime) -> ApplicationBatch:
    """Say that the file was a mistake. From then on none of its rows is filed; the same bytes may be read anew, as another file.

    What was filed of it is withdrawn by `withdraw_batch`. A second time changes nothing.

    Raises:
        UsageError: no reason is given.
        LendingError: there is no such file.
        AccessError: the actor may not.
    """
    if not 0 < len(reason.strip()) <= REASON:
        raise UsageError(
            f"say why the file is taken back, in at most {REASON} characters",
            zh=f"请填写撤销原因，最多 {REASON} 字",
        )
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        batch = batches.locked(batch_id)  # who files it now has ended a step, and sees this before the next
        if batch.taken_back_at is not None:
            return batch
        batch.taken_back_by, batch.taken_back_at, batch.taken_back_why = by.name, at, reason.strip()
        batch.lines = None
        batch.save()
        record(by, ACTION, batch, after={"filed": len(batch.filed)}, reason=batch.taken_back_why, at=at)
        return batch
