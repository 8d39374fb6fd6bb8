"""Withdraw the applications of a file that was taken back: those that nobody has worked on, some at a time."""

from collections.abc import Callable
from datetime import datetime

from suixin.errors import LendingError
from suixin.server import locks, tenancy
from suixin.server.identity.access import Actor
from suixin.server.origination import batches, cases
from suixin.server.origination.actions.take_back_batch import ACTION
from suixin.server.origination.actions.withdraw_application import withdraw_application
from suixin.server.origination.models import Application, ApplicationBatch

STEP = 25
"""Applications a transaction."""


def to_withdraw(batch: ApplicationBatch) -> bool:
    """Whether an application of the file can still be withdrawn with it.

    Raises:
        LendingError: the file was not taken back.
    """
    if batch.taken_back_at is None:
        raise LendingError(f"{batch.name} was not taken back", zh=f"{batch.name} 没有撤销")
    return untouched(batch) > 0


def untouched(batch: ApplicationBatch) -> int:
    """How many applications of a file nobody has done anything with since they were filed."""
    return Application.objects.filter(number__in=batch.filed, state=Application.State.FILED).count()


def withdraw_batch(
    batch_id: int, *, by: Actor, at: datetime, told: Callable[[int, int], None] = lambda *_: None
) -> ApplicationBatch:
    """Withdraw the applications of a file that was taken back, some at a time; those that people or the policy went on with stay.

    Args:
        batch_id: the file.
        by: who took it back.
        at: when.
        told: how many are left to look at and how many are withdrawn, after each step in its own transaction.

    Raises:
        LendingError: there is no such file, or it was not taken back.
        AccessError: the actor may not.
    """
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        batch = batches.locked(batch_id)
        to_withdraw(batch)
    withdrawn, numbers, why = 0, list(batch.filed), batch.taken_back_why
    told(len(numbers), 0)
    for start in range(0, len(numbers), STEP):
        with tenancy.within(by.organisation_id):
            withdrawn += sum(_is_withdrawn(number, why, by, at) for number in numbers[start : start + STEP])
            told(max(len(numbers) - start - STEP, 0), withdrawn)
        locks.give_way()
    return batch


def _is_withdrawn(number: str, why: str, by: Actor, at: datetime) -> bool:
    """Withdraw it where it is as it was filed; whether it is withdrawn."""
    case = cases.locked(number)
    if case.state == Application.State.FILED and by.may("lending.case.withdraw", case):
        case = withdraw_application(number, by=by, at=at, reason=why)
    return case.state == Application.State.WITHDRAWN
