"""Let go of mended files that nobody put in while their rows were kept."""

from datetime import datetime, timedelta
from pathlib import Path

from suixin.lake import mending
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.intake.models import KEPT_DAYS, MendedFile
from suixin.server.origination.models import Desk

ACTION = "data.quarantine.let_go"


def let_go_mended(*, by: Actor, at: datetime) -> int:
    """Take the rows of every file that was read `KEPT_DAYS` ago, and not begun, out of the lake's folder; how many files.

    Their rows stay set aside, and open; the same file may be uploaded again. What was begun is never let go of: only its own
    put knows whether its rows are in the lake.

    Raises:
        AccessError: the actor may not.
    """
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        locks.rows(Desk.objects.all())  # who begins at once is seen, or sees this
        over = list(
            MendedFile.objects.filter(
                read_at__lte=at - timedelta(days=KEPT_DAYS), done_at=None, begun_at=None, let_go_at=None
            ).select_related("desk")
        )
        for file in over:
            mending.drop(Path(file.desk.lake), file.digest)  # should this not commit, it is dropped again
            file.let_go_at = at
            file.save()
            record(
                by,
                ACTION,
                file,
                after={"digest": file.digest},
                reason=f"not put in for {KEPT_DAYS} days",
                at=at,
            )
    return len(over)
