"""The table of tasks. It holds how far a piece of work is, and nothing of what the work is about."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models

from suixin.server import tenancy

ACTOR = 80
WHY = 500
QUIET = timedelta(seconds=60)
"""Whoever has heard nothing for so long is told whom to ask. A row takes milliseconds; a phase reads at most 1,000 rows."""


class Task(tenancy.OrganisationModel):
    """A piece of work that somebody asked for: who, on what, how far it is, and how it ended.

    What came of it stands with the thing itself, which knows by itself what of it is done; so a task that was cut off is
    begun again and does each row once (docs/decisions/0027).
    """

    never_deleted: ClassVar[bool] = True

    class Kind(models.TextChoices):
        """What is done, and on what `subject` is the id of."""

        APPLICATIONS = "applications", "提交批量申请"  # a batch of applications
        TAKING_BACK = "taking_back", "撤销批量申请"  # a batch of applications
        MENDED_ROWS = "mended_rows", "提交修正的隔离行"  # a mended file

    class State(models.TextChoices):
        """How it stands."""

        WAITING = "waiting", "等待中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    subject = models.BigIntegerField()
    asked_by = models.CharField(max_length=ACTOR)
    asked_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # the last sign of life
    tries = models.IntegerField(default=0)  # begun so often without one row done since
    phase = models.CharField(max_length=20, blank=True)  # of work that is no sum of rows
    total = models.IntegerField(null=True)  # rows there were to do, once that is known
    done = models.IntegerField(default=0)  # of these, rows gone through, refused or not
    refused = models.IntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    why_zh = models.CharField(max_length=WHY, blank=True)
    why_en = models.CharField(max_length=WHY, blank=True)  # why it failed; '' if it did not

    class Meta(tenancy.OrganisationModel.Meta):
        """Two presses are one task."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "subject"],
                condition=models.Q(ended_at=None),
                name="task_open_once",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["organisation", "kind", "subject"], name="task_of_subject")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    @property
    def state(self) -> State:
        """How it stands."""
        if self.ended_at is not None:
            return self.State.FAILED if self.why_en else self.State.DONE
        return self.State.WAITING if self.begun_at is None else self.State.RUNNING

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.ended_at is None

    def is_quiet(self, at: datetime) -> bool:
        """Whether nothing was heard of it for so long that somebody should look at the worker."""
        return self.is_open and at - (self.told_at or self.asked_at) > QUIET
