"""A file of applications: uploaded, read without filing, its faults taken away, and filed once."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from suixin.reporting.sheet import Field
from suixin.server.identity.queries import names_of
from suixin.server.identity.roles import Role
from suixin.server.origination import sheet
from suixin.server.origination.actions.file_batch import file_batch
from suixin.server.origination.actions.read_batch import read_batch
from suixin.server.origination.models import ApplicationBatch
from suixin.server.origination.sheet import Fault
from suixin.server.pages import forms, sheets
from suixin.server.pages.door import Visit, act, for_roles, now
from suixin.server.pages.templatetags.words import lang, pair

_SHOWN = 200
_LATEST = 20


@require_http_methods(["GET", "POST"])
@for_roles(Role.CUSTOMER_MANAGER)
def start(visit: Visit) -> HttpResponse:
    """Upload a file, or look at an earlier one."""
    if visit.method == "POST":
        return _read(visit)
    latest = list(ApplicationBatch.objects.order_by("-id")[:_LATEST])
    names = names_of(one.read_by for one in latest)
    batches = [
        {"batch": one, "who": names.get(one.read_by, one.read_by), "many": len(one.rows)} for one in latest
    ]
    return render(visit, "bank/imports.html", {"batches": batches, "most": sheet.MOST_ROWS})


def _read(visit: Visit) -> HttpResponse:
    made: list[int] = []

    def do() -> None:
        name, content = forms.upload_of(visit.FILES, sheet.MOST_BYTES)
        made.append(read_batch(name, content, by=visit.actor, at=now()).pk)

    where = reverse("bank-imports")
    answer = act(visit, do, done=where, back=where)
    return redirect("bank-import", made[0]) if made else answer


def _batch(number: int) -> ApplicationBatch:
    found = ApplicationBatch.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


@require_GET
@for_roles(Role.CUSTOMER_MANAGER)
def show(visit: Visit, number: int) -> HttpResponse:
    """What would be filed, what is wrong, or what was filed."""
    batch = _batch(number)
    context = {
        "batch": batch,
        "rows": batch.rows[:_SHOWN],
        "faults": [Fault(**one) for one in batch.faults[:_SHOWN]],
        "total_minor": sum(one["amount_minor"] for one in batch.rows),
    }
    return render(visit, "bank/import.html", context)


@require_POST
@for_roles(Role.CUSTOMER_MANAGER)
def file_now(visit: Visit, number: int) -> HttpResponse:
    """File the good rows."""

    def do() -> None:
        file_batch(_batch(number).pk, by=visit.actor, at=now())

    where = reverse("bank-import", args=[number])
    return act(visit, do, done=where, back=where, said=pair("已提交", "Filed"))


@require_GET
@for_roles(Role.CUSTOMER_MANAGER)
def faults(visit: Visit, number: int) -> HttpResponse:
    """Every fault with its mend, as a workbook."""
    del visit
    found = [Fault(**one) for one in _batch(number).faults]
    return sheets.workbook(f"faults-{number}", _fields(), found)


def _fields() -> list[Field[Fault]]:
    def column(one: Fault) -> str:
        return sheet.COLUMNS[one.column][0] if lang() == "zh" else one.column

    return [
        Field(pair("行", "row"), "count", 8, lambda one: one.row),
        Field(pair("列", "column"), "text", 16, column),
        Field(pair("现在的值", "value"), "text", 24, lambda one: one.value),
        Field(pair("怎样改", "mend"), "text", 48, lambda one: pair(one.zh, one.en)),
    ]


@require_GET
@for_roles(Role.CUSTOMER_MANAGER)
def template(visit: Visit) -> HttpResponse:
    """An empty file with the headings, for a spreadsheet program."""
    del visit
    heads = ["商户编号", "申请金额（元）", "用途", "要求人工"]
    names = heads if lang() == "zh" else list(sheet.COLUMNS)
    answer = HttpResponse(f"\ufeff{','.join(names)}\r\n", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="applications-template.csv"'
    return answer
