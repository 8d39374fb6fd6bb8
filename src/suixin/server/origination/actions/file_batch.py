"""File the applications of a file that was read before: all good rows, once, some at a time."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from suixin.errors import LendingError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.merchants.models import Merchant
from suixin.server.origination import batches
from suixin.server.origination.actions.file_application import file_application
from suixin.server.origination.actions.read_batch import ACTION, judged
from suixin.server.origination.models import Application, ApplicationBatch, Desk
from suixin.server.origination.sheet import Fault, Wish

STEP = 25
"""Rows a transaction: nobody else waits longer for the database than these take, and no more are lost where one dies."""


def file_batch(
    batch_id: int, *, by: Actor, at: datetime, told: Callable[[int, int], None] = lambda *_: None
) -> ApplicationBatch:
    """File every row that can be filed now; rows that no longer can join the faults. A second time changes nothing.

    Each step stands by itself, and the file knows its rows that are filed: what was cut off goes on behind them.

    Args:
        batch_id: the file.
        by: who files.
        at: when.
        told: how many rows are left and how many are filed, before each step and, in its own transaction, after it.

    Raises:
        LendingError: there is no such file, no row of it can be filed, or it was taken back.
        AccessError: the actor may not.
    """
    goes_on = True
    while goes_on:
        with tenancy.within(by.organisation_id):
            by.require(ACTION)
            batch = batches.locked(batch_id)
            to_file(batch)
            told(batch.left, len(batch.filed))
            if goes_on := batch.left > 0:
                _step(batch, by, at)
                told(batch.left, len(batch.filed))
        if goes_on and batch.left:
            locks.give_way()
    with tenancy.within(by.organisation_id):
        return _ended(batches.locked(batch_id), by, at)


def to_file(batch: ApplicationBatch) -> bool:
    """Whether a file has anything left to file.

    Raises:
        LendingError: no row of it can be, nor was any; or it was taken back, or its columns are not known.
    """
    if batch.taken_back_at is not None:
        raise LendingError(
            f"{batch.name} was taken back; upload it again to file it",
            zh=f"{batch.name} 已撤销；如需提交，请重新上传",
        )
    if batch.lines is not None:
        raise LendingError(f"choose the columns of {batch.name} first", zh=f"请先为 {batch.name} 选列")
    if not batch.rows and batch.filed_at is None:
        raise LendingError(
            f"no row of {batch.name} can be filed; mend the faults and read it again",
            zh=f"{batch.name} 没有可以提交的行；请改正后重新上传",
        )
    return batch.filed_at is None


def _step(batch: ApplicationBatch, by: Actor, at: datetime) -> None:
    """File the next rows, those that can be; the others become faults."""
    locks.rows(Desk.objects.all())  # who files at once waits, and cannot make a row bad that was just judged
    done = len(batch.filed)
    behind = batch.rows[done + STEP :]
    wishes, faults = judged(
        [Wish(**row) for row in batch.rows[done : done + STEP]], [Fault(**fault) for fault in batch.faults]
    )
    batch.filed = batch.filed + [_file(wish, by, at) for wish in wishes]
    batch.rows = [*batch.rows[:done], *(asdict(one) for one in wishes), *behind]
    batch.faults = [asdict(one) for one in faults]
    batch.save()


def _ended(batch: ApplicationBatch, by: Actor, at: datetime) -> ApplicationBatch:
    if not to_file(batch):
        return batch
    batch.filed_by, batch.filed_at = by.name, at
    batch.save()
    after = {
        "digest": batch.digest,
        "rows": len(batch.rows),
        "faults": len(batch.faults),
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
