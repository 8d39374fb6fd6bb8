"""Files of applications as a list: what of each could be filed, and what was."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Func, IntegerField, QuerySet

from suixin.server.days import between
from suixin.server.origination.models import ApplicationBatch

STATES = ("filed", "waiting", "nothing")


class _Many(Func):
    """How many things a JSON list holds, counted by the database: the rows of a file are not read to be counted."""

    function = "JSON_ARRAY_LENGTH"
    output_field = IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """PostgreSQL has another name for it."""
        return self.as_sql(compiler, connection, function="JSONB_ARRAY_LENGTH", **more)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the files; what is '' or None is not asked.

    Attributes:
        text: in the file's name.
        state: of `STATES`.
        from_on, to_on: the day on which it was read, both included.
    """

    text: str = ""
    state: str = ""
    from_on: date | None = None
    to_on: date | None = None


def state(one: Any) -> str:
    """Which of `STATES` a file of `found` is in; one without a good row has nothing that could be filed."""
    if one.filed_at is not None:
        return "filed"
    return "waiting" if one.good else "nothing"


def found(wanted: Wanted) -> QuerySet[ApplicationBatch]:
    """The files that are wanted, the latest first, without their rows; `good` and `bad` are how many rows and faults."""
    rows = ApplicationBatch.objects.filter(between("read_at", wanted.from_on, wanted.to_on))
    if wanted.text:
        rows = rows.filter(name__icontains=wanted.text)
    counted = rows.annotate(good=_Many("rows"), bad=_Many("faults"))
    if wanted.state:
        counted = counted.filter(filed_at__isnull=wanted.state != "filed")
    if wanted.state in {"waiting", "nothing"}:
        counted = counted.filter(good__gt=0) if wanted.state == "waiting" else counted.filter(good=0)
    return counted.defer("rows", "faults", "filed").order_by("-id")
