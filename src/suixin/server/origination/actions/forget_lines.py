"""Forget the cells of imported files whose columns nobody has chosen in time."""

from datetime import datetime

from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.origination.models import LINES_KEPT, ApplicationBatch

ACTION = "lending.case.forget"


def forget_lines(*, by: Actor, at: datetime) -> int:
    """Drop the cells of every file that was read `LINES_KEPT` ago and has no columns yet; how many files.

    Raises:
        AccessError: the actor may not.
    """
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        over = locks.rows(ApplicationBatch.objects.filter(lines__isnull=False, read_at__lte=at - LINES_KEPT))
        for batch in over:
            batch.lines = None
            batch.save()
            record(by, ACTION, batch, after={"digest": batch.digest}, at=at)
    return len(over)
