"""The job worker: what people asked for is done house by house, by whatever process watches."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError
from django.utils import timezone

from suixin.errors import SuixinError
from suixin.server import tenancy
from suixin.server.identity import access
from suixin.server.identity.models import Organisation
from suixin.server.rounds import keep_on
from suixin.server.tasks.actions.carry_out import carry_out_next
from suixin.server.tasks.models import Task
from suixin.server.telemetry import logs

LOOK_EVERY = 1.0
"""Seconds between two looks; somebody waits in front of the page."""
_TRY_AGAIN_AFTER = 10.0
_logger = logging.getLogger("suixin.tasks")


def carry_out_what_waits(
    clock: Callable[[], datetime] = timezone.now, goes_on: Callable[[], bool] = lambda: True
) -> list[Task]:
    """Carry out every task of every house that no other worker is at; how each ended.

    The houses take turns, a task each. A house where the database fails is left for the next time, and the others go on.

    Raises:
        DatabaseError: the last thing that went wrong, once every house had its turn.
    """
    with tenancy.directory("suixin.operator", "on"):
        waiting = list(Organisation.objects.order_by("code"))
    ended: list[Task] = []
    wrong: Exception | None = None
    while waiting and goes_on():
        house = waiting.pop(0)
        try:
            task = carry_out_next(by=access.system(house.pk, "tasks"), clock=clock)
        except (SuixinError, DatabaseError) as error:
            wrong = error
            _logger.exception("tasks failed", extra={"fields": {"house": house.code}})
            continue
        if task is not None:
            ended.append(task)
            waiting.append(house)
    if wrong is not None:
        raise wrong
    return ended


def watch(*, goes_on: Callable[[], bool]) -> None:
    """Look every second whether something is to be done, and do it, until told to stop."""

    def look() -> None:
        for task in carry_out_what_waits(goes_on=goes_on):
            logs.note("task", task=task.pk, kind=task.kind, state=task.state)

    keep_on(look, every=LOOK_EVERY, again_after=_TRY_AGAIN_AFTER, waits="tasks wait", goes_on=goes_on)
