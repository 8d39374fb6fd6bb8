"""A mended file: uploaded, looked at without putting anything in, its faults taken away, and put in once."""

from pathlib import Path
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from suixin.errors import LakeError
from suixin.lake import mending
from suixin.reporting.sheet import Field
from suixin.server.identity.roles import Role
from suixin.server.intake.actions.read_mended import read_mended
from suixin.server.intake.mended import Fault, with_values
from suixin.server.intake.models import MendedFile
from suixin.server.intake.rules import told
from suixin.server.origination import sheet
from suixin.server.pages import forms, sheets, tasks
from suixin.server.pages.bank import house
from suixin.server.pages.door import Visit, for_roles, now
from suixin.server.pages.platform.deliveries import READERS
from suixin.server.pages.platform.reading import act_on_lake
from suixin.server.pages.templatetags.words import pair
from suixin.server.tasks.actions.ask import ask
from suixin.server.tasks.models import Task

_SHOWN = 200


@require_POST
@for_roles(Role.OPERATOR)
def read_now(visit: Visit, number: int, table: str) -> HttpResponse:
    """Upload a file and look at it."""
    made: list[int] = []

    def do() -> None:
        name, content = forms.upload_of(visit.FILES, sheet.MOST_BYTES)
        made.append(read_mended(number, table, name, content, by=visit.actor, at=now()).pk)

    back = reverse("platform-rows", args=[number, table])
    answer = act_on_lake(visit, do, done=back, back=back)
    return redirect("platform-mended", made[0]) if made else answer


@require_GET
@for_roles(*READERS)
def show(visit: Visit, number: int) -> HttpResponse:
    """What would come in, what is wrong, how far the put is, or what came in."""
    file = _file(number)

    def context() -> dict[str, Any]:
        faults = _faults(file)
        people = house.called({file.read_by, file.done_by or file.read_by})
        return {
            "file": file,
            "faults": [(one, told(one.rule)) for one in faults[:_SHOWN]],
            "more": max(0, len(faults) - _SHOWN),
            "who": people[file.done_by or file.read_by],
            "may_put": visit.actor.may("data.quarantine.mend")
            and not file.done_at
            and (file.is_begun or (file.good > 0 and not file.let_go_at)),
        }

    return tasks.answer(
        visit, Task.Kind.MENDED_ROWS, number, "platform/mended.html", context, since=file.read_at
    )


def _file(number: int) -> MendedFile:
    found = MendedFile.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _faults(file: MendedFile) -> list[Fault]:
    """Every fault; with its value, masked, while the rows lie in the lake to be put in."""
    faults = [Fault(**one) for one in file.faults]
    try:
        content = mending.read(Path(file.desk.lake), file.digest)
        return with_values(file.table, faults, content)
    except LakeError:
        return faults


@require_POST
@for_roles(Role.OPERATOR)
def put_now(visit: Visit, number: int) -> HttpResponse:
    """Have the good rows put in; the page that comes back tells how far it is."""
    where = reverse("platform-mended", args=[number])

    def do() -> None:
        ask(Task.Kind.MENDED_ROWS, number, by=visit.actor, at=now())

    return act_on_lake(visit, do, done=where, back=where)


@require_GET
@for_roles(*READERS)
def faults_xlsx(visit: Visit, number: int) -> HttpResponse:
    """Every fault with its mend, as a workbook."""
    del visit
    columns: list[Field[Fault]] = [
        Field(pair("文件行", "line"), "count", 8, lambda one: one.line),
        Field(pair("原行号", "row"), "text", 10, lambda one: one.row),
        Field(pair("列", "column"), "text", 18, lambda one: one.column),
        Field(pair("现在的值", "value"), "text", 24, lambda one: one.value),
        Field(pair("原因", "reason"), "text", 40, lambda one: pair(told(one.rule).zh, told(one.rule).en)),
        Field(
            pair("怎样改", "mend"),
            "text",
            48,
            lambda one: pair(told(one.rule).mend_zh, told(one.rule).mend_en),
        ),
    ]
    return sheets.workbook(f"faults-{number}", columns, _faults(_file(number)))
