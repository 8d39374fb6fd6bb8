"""Carry a task out: as the person who asked for it, with what they may do now, and each step told as it is done."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError
from django.db.models import F

from suixin.errors import AccessError, SuixinError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.identity.queries import person_of
from suixin.server.tasks import queries
from suixin.server.tasks.kinds import WORK
from suixin.server.tasks.models import WHY, Task

ACTION = "service.task.carry_out"
MOST_TRIES = 3
_STOPPED = SuixinError(
    f"the work stopped {MOST_TRIES} times without a word; whoever runs the server looks at its log",
    zh=f"程序 {MOST_TRIES} 次中途停止；请系统管理员查看服务器日志",
)
_BROKEN = SuixinError(
    "the program failed; whoever runs the server finds why in its log",
    zh="程序出错；请系统管理员查看服务器日志",
)
_logger = logging.getLogger("suixin.tasks")


class _Told:
    """What the work tells, written beside the step that it tells of, and in its transaction where one is open."""

    def __init__(self, task: Task, clock: Callable[[], datetime]) -> None:
        self._task, self._clock = task, clock

    def rows(self, left: int, done: int) -> None:
        total = self._task.total = left + done if self._task.total is None else self._task.total
        gone = total - left
        # A task that does a row is none that stops at the same place again and again.
        tries = {"tries": 1} if gone > self._task.done else {}
        self._write(total=total, done=gone, refused=gone - done, **tries)

    def phase(self, name: str) -> None:
        self._write(phase=name)

    def _write(self, **values: object) -> None:
        with tenancy.within(self._task.organisation_id):
            Task.objects.filter(pk=self._task.pk).update(**values, told_at=self._clock())


def carry_out_next(*, by: Actor, clock: Callable[[], datetime]) -> Task | None:
    """Carry out the house's next task; None if none waits, or another worker is at this house's.

    One worker at a time does a house's tasks, by a lock that dies with it: what was cut off is open, and is begun again here.

    Raises:
        AccessError: the actor is not the program.
        DatabaseError: the database could not be asked; the task stays open.
    """
    by.require(ACTION)
    with tenancy.reading(
        by.organisation_id
    ):  # most of the times one looks there is nothing, and nobody shall wait for that
        if queries.next_open() is None:
            return None
    with locks.working(by.organisation_id) as alone:
        if not alone:
            return None
        with tenancy.within(by.organisation_id):
            task = queries.next_open()
            if task is None:
                return None
            tries, at = task.tries, clock()
            Task.objects.filter(pk=task.pk).update(
                begun_at=task.begun_at or at, told_at=at, tries=F("tries") + 1
            )
        why = _STOPPED if tries >= MOST_TRIES else _done(task, clock)
        with tenancy.within(by.organisation_id):
            return _ended(task, why, by, clock())


def _done(task: Task, clock: Callable[[], datetime]) -> SuixinError | None:
    """Do it; None if it is done, else why not."""
    try:
        with tenancy.within(task.organisation_id):
            person = person_of(task.asked_by)
        if person is None:
            return AccessError("who asked for it is nobody of this house any more", zh="提交人已不在本机构")
        WORK[Task.Kind(task.kind)].do(task.subject, person, clock(), _Told(task, clock))
    except SuixinError as error:
        return error
    except DatabaseError:
        raise
    except Exception:
        fields = {"task": task.pk, "kind": task.kind, "subject": task.subject}
        _logger.exception("a task failed", extra={"fields": fields})
        return _BROKEN
    return None


def _ended(task: Task, why: SuixinError | None, by: Actor, at: datetime) -> Task:
    task = Task.objects.get(pk=task.pk)
    task.ended_at = task.told_at = at
    if why is not None:
        task.why_zh, task.why_en = why.zh[:WHY], (str(why) or type(why).__name__)[:WHY]
    task.save()
    after = {"state": task.state, "total": task.total, "done": task.done, "refused": task.refused}
    record(by, ACTION, task, after=after, reason=task.why_en, at=at)
    return task
