"""Every kind of task: whose permission it takes, on what it works, whether there is anything to do, and the action that does it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from suixin.errors import LendingError
from suixin.server.identity.access import Actor
from suixin.server.intake import lakes
from suixin.server.intake.actions.put_mended import put_mended, to_put
from suixin.server.intake.actions.read_mended import ACTION as MEND
from suixin.server.intake.models import MendedFile
from suixin.server.origination.actions.file_batch import file_batch, to_file
from suixin.server.origination.actions.read_batch import ACTION as IMPORT
from suixin.server.origination.actions.take_back_batch import ACTION as TAKE_BACK
from suixin.server.origination.actions.withdraw_batch import to_withdraw, withdraw_batch
from suixin.server.origination.models import ApplicationBatch
from suixin.server.tasks.models import Task
from suixin.server.tenancy import OrganisationModel


class Told(Protocol):
    """How work tells how far it is; what it tells is seen once the step that it belongs to is committed."""

    def rows(self, left: int, done: int) -> None:
        """So many rows are still to do, and so many are done and were not refused."""

    def phase(self, name: str) -> None:
        """What is done now, where rows are not done one by one."""


class Work(NamedTuple):
    """One kind.

    Attributes:
        action: whose permission it takes to ask for it; the action itself asks again.
        things: the model on whose rows it works.
        waits: whether there is anything to do; raises where nothing can be.
        do: the action.
    """

    action: str
    things: type[OrganisationModel]
    waits: Callable[[Any], bool]
    do: Callable[[int, Actor, datetime, Told], object]

    def thing(self, subject: int) -> Any:
        """What it works on.

        Raises:
            LendingError: it is not there.
        """
        found = self.things.objects.filter(pk=subject).first()
        if found is None:
            raise LendingError(
                f"there is no {self.things._meta.verbose_name} {subject}", zh="要处理的内容已经不在"
            )
        return found


def _file(subject: int, by: Actor, at: datetime, told: Told) -> object:
    return file_batch(subject, by=by, at=at, told=told.rows)


def _withdraw(subject: int, by: Actor, at: datetime, told: Told) -> object:
    return withdraw_batch(subject, by=by, at=at, told=told.rows)


def _put(subject: int, by: Actor, at: datetime, told: Told) -> object:
    with lakes.without_place(by.organisation_id):
        return put_mended(subject, by=by, at=at, told=told.phase)


WORK = {
    Task.Kind.APPLICATIONS: Work(IMPORT, ApplicationBatch, to_file, _file),
    Task.Kind.TAKING_BACK: Work(TAKE_BACK, ApplicationBatch, to_withdraw, _withdraw),
    Task.Kind.MENDED_ROWS: Work(MEND, MendedFile, to_put, _put),
}
