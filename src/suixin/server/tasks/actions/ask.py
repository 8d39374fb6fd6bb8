"""Ask for long work: it is written down, and the job worker does it."""

from datetime import datetime

from django.db import IntegrityError, transaction

from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.tasks import queries
from suixin.server.tasks.kinds import WORK
from suixin.server.tasks.models import Task

ACTION = "service.task.ask"
"""What the log calls it; the permission is that for the work itself."""


def ask(kind: Task.Kind, subject: int, *, by: Actor, at: datetime) -> Task | None:
    """Ask for it once: while one waits or runs, that one is it. None if there is nothing left to do.

    Raises:
        LendingError: the thing is not there, or nothing of it can be done.
        AccessError: the actor may not.
    """
    work = WORK[kind]
    with tenancy.within(by.organisation_id):
        by.require(work.action)
        thing = work.thing(subject)
        held = queries.latest(kind, subject)
        if held is not None and held.is_open:
            return held
        if not work.waits(thing):
            return None
        made = Task(kind=kind, subject=subject, asked_by=by.name, asked_at=at)
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError:  # somebody pressed at the same moment
            return queries.latest(kind, subject)
        record(by, ACTION, thing, after={"task": made.pk}, reason=work.action, at=at)
        return made
