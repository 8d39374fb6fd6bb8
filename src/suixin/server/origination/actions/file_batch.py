"""File the applications of a file that was read before: all good rows, once."""

from dataclasses import asdict
from datetime import datetime

from suixin.errors import LendingError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.merchants.models import Merchant
from suixin.server.origination.actions.file_application import file_application
from suixin.server.origination.actions.read_batch import ACTION, judged
from suixin.server.origination.models import Application, ApplicationBatch
from suixin.server.origination.sheet import Fault, Wish


def file_batch(batch_id: int, *, by: Actor, at: datetime) -> ApplicationBatch:
    """File every row that can be filed now; rows that no longer can join the faults. A second time changes nothing.

    Raises:
        LendingError: there is no such file, or no row of it can be filed.
        AccessError: the actor may not.
    """
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        found = locks.rows(ApplicationBatch.objects.filter(pk=batch_id))
        if not found:
            raise LendingError(f"there is no file {batch_id}")
        (batch,) = found
        if batch.filed_at is not None:
            return batch
        wishes, faults = judged(
            [Wish(**row) for row in batch.rows], [Fault(**fault) for fault in batch.faults]
        )
        if not wishes:
            raise LendingError(
                f"no row of {batch.name} can be filed; mend the faults and read it again",
                zh=f"{batch.name} 没有可以提交的行；请改正后重新上传",
            )
        batch.filed = [_file(wish, by, at) for wish in wishes]
        batch.rows, batch.faults = [asdict(one) for one in wishes], [asdict(one) for one in faults]
        batch.filed_by, batch.filed_at = by.name, at
        batch.save()
        after = {
            "digest": batch.digest,
            "rows": len(wishes),
            "faults": len(faults),
            "filed": len(batch.filed),
        }
        record(by, ACTION, batch, after=after, at=at)
        return batch


def _file(wish: Wish, by: Actor, at: datetime) -> str:
    merchant = Merchant.objects.get(merchant_id=wish.merchant_id)
    made = file_application(
        merchant,
        wish.amount_minor,
        wish.purpose,
        by=by,
        at=at,
        channel=Application.Channel.BULK,
        by_people=wish.by_people,
    )
    return made.number
