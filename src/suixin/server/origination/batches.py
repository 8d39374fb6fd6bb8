"""Files of applications as a list: what of each could be filed, and what was."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Func, IntegerField, QuerySet, Value, When

from suixin.errors import LendingError
from suixin.server import locks
from suixin.server.days import between
from suixin.server.origination.models import ApplicationBatch


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


def locked(batch_id: int) -> ApplicationBatch:
    """A file, locked until the transaction ends.

    Raises:
        LendingError: there is none of this number.
    """
    held = locks.rows(ApplicationBatch.objects.filter(pk=batch_id))
    if not held:
        raise LendingError(f"there is no file {batch_id}", zh=f"没有编号为 {batch_id} 的文件")
    return held[0]


def found(wanted: Wanted) -> QuerySet[ApplicationBatch]:
    """The files that are wanted, the latest first, without their rows.

    Each has `good` and `bad`, how many rows and faults it holds, and `state`, one of `STATES`.
    """
    rows = ApplicationBatch.objects.filter(between("read_at", wanted.from_on, wanted.to_on))
    if wanted.text:
        rows = rows.filter(name__icontains=wanted.text)
    counted = rows.annotate(good=_Many("rows"), bad=_Many("faults")).annotate(state=_STATE)
    if wanted.state:
        counted = counted.filter(state=wanted.state)
    return counted.defer("rows", "faults", "filed", "lines", "heads").order_by("-id")


_STATE = Case(
    When(taken_back_at__isnull=False, then=Value("taken_back")),
    When(filed_at__isnull=False, then=Value("filed")),
    When(lines__isnull=False, then=Value("columns")),
    When(good__gt=0, then=Value("waiting")),
    default=Value("nothing"),
)
STATES = ("columns", "waiting", "filed", "nothing", "taken_back")
"""Its columns are to be chosen; it can be filed; it is filed; it has no row that could be; it was taken back."""
