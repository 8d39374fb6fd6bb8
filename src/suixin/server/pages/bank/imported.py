"""What became of a file of answers or reports: said, listed on the page that comes back, or as a workbook of its faults."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from suixin.errors import SuixinError
from suixin.reporting.sheet import Field
from suixin.server import tenancy
from suixin.server.origination.sheet import Fault
from suixin.server.pages import sheets
from suixin.server.pages.door import Visit
from suixin.server.pages.refusals import refusal
from suixin.server.pages.templatetags.words import pair
from suixin.server.verification.imported import Imported

_SHOWN = 200
_TAKE, _READ, _FAULTS = "import", "try", "faults"


@dataclass(frozen=True, slots=True)
class Kind:
    """A file that a page takes in.

    Attributes:
        page: the name of the list that it belongs to.
        columns: of the file -> their headings, zh and en.
        took: what is said of so many that were kept, that were there already, and faults.
        would: the same of a file that was only read.
    """

    page: str
    columns: Mapping[str, tuple[str, ...]]
    took: Callable[[int, int, int], str]
    would: Callable[[int, int, int], str]


def answer(
    visit: Visit,
    kind: Kind,
    act: Callable[[bool], Imported],
    shown: Callable[[dict[str, object]], HttpResponse],
) -> HttpResponse:
    """Take a file in, only read it, or take the faults away, as the button says; nothing of it is kept to be shown.

    A form that names no button is only read.

    Args:
        visit: the request.
        kind: of file.
        act: does it; told whether it is a dry run.
        shown: the list's page with what it is told of the file.
    """
    button = visit.POST.get("do", _READ)
    try:
        made = act(button != _TAKE)
    except SuixinError as error:
        messages.error(visit, refusal(error))
        return redirect(kind.page)
    if button == _FAULTS and made.faults:
        return faults_workbook(f"{kind.page.removeprefix('bank-')}-faults", kind.columns, made.faults)
    counts = made.kept, made.there, len(made.faults)
    if button == _TAKE:
        messages.success(visit, kind.took(*counts))
        if not made.faults:
            return redirect(kind.page)
    else:
        messages.info(visit, kind.would(*counts))
    with tenancy.within(visit.actor.organisation_id):
        return shown(_context(kind, made, tried=button != _TAKE))


def _context(kind: Kind, made: Imported, *, tried: bool) -> dict[str, object]:
    return {
        "made": made,
        "tried": tried,
        "faults": [(one, _column(kind.columns, one)) for one in made.faults[:_SHOWN]],
        "back": kind.page,
        "cut": len(made.faults) > _SHOWN,
    }


def _column(columns: Mapping[str, tuple[str, ...]], one: Fault) -> str:
    """The column as the reader's own file may call it."""
    return pair(*columns[one.column][:2])


def faults_workbook(
    name: str, columns: Mapping[str, tuple[str, ...]], found: Sequence[Fault]
) -> HttpResponse:
    """The faults of a file, a row each, with where it stands and how it is mended.

    Args:
        name: of the workbook.
        columns: of the file -> what the reader calls them, zh and en first.
        found: the faults.
    """
    fields: list[Field[Fault]] = [
        Field(pair("行", "row"), "count", 8, lambda one: one.row),
        Field(pair("列", "column"), "text", 16, lambda one: _column(columns, one)),
        Field(pair("现在的值", "value"), "text", 24, lambda one: one.value),
        Field(pair("怎样改", "mend"), "text", 48, lambda one: pair(one.zh, one.en)),
    ]
    return sheets.workbook(name, fields, found)
