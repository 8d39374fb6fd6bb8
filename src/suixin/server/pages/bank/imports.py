"""A file of applications: uploaded, its columns chosen, read without filing, its faults taken away, filed once, and taken back."""

from itertools import islice
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from xlsxwriter.utility import xl_col_to_name

from suixin.reporting.sheet import Field
from suixin.server.identity.roles import Role
from suixin.server.origination import batches, sheet
from suixin.server.origination.actions.choose_columns import choose_columns
from suixin.server.origination.actions.read_batch import read_batch
from suixin.server.origination.actions.take_back_batch import take_back_batch
from suixin.server.origination.actions.withdraw_batch import untouched
from suixin.server.origination.batches import Wanted
from suixin.server.origination.models import LINES_KEPT, REASON, Application, ApplicationBatch
from suixin.server.origination.sheet import Fault
from suixin.server.pages import asking, forms, sheets, tasks
from suixin.server.pages.bank import house, imported
from suixin.server.pages.casewords import STATES as CASES
from suixin.server.pages.casewords import Said
from suixin.server.pages.door import Visit, act, for_roles, now
from suixin.server.pages.templatetags.words import ZONE, lang, pair, worded
from suixin.server.tasks.actions.ask import ask
from suixin.server.tasks.models import Task
from suixin.server.tasks.queries import open_subjects

_SHOWN = 200
SIZE = 25
STATES = {
    "columns": Said("待选列", "columns to choose", "warn"),
    "waiting": Said("未提交", "not filed", "warn"),
    "filed": Said("已提交", "filed", "good"),
    "nothing": Said("无可提交", "nothing to file", "calm"),
    "taken_back": Said("已撤销", "taken back", ""),
}
FILING = Said("正在提交", "being filed", "calm")
_SAMPLES = 3


@require_http_methods(["GET", "POST"])
@for_roles(Role.CUSTOMER_MANAGER)
def start(visit: Visit) -> HttpResponse:
    """Upload a file, or look at an earlier one."""
    if visit.method == "POST":
        return _read(visit)
    wanted = _wanted(visit)
    page = asking.page(batches.found(wanted), visit.GET, SIZE)
    people = house.called(one.read_by for one in page)
    filing = open_subjects(Task.Kind.APPLICATIONS)
    context = {
        "wanted": wanted,
        "narrowed": wanted != Wanted(),
        "page": page,
        "rows": [
            (one, FILING if one.pk in filing else STATES[one.state], people[one.read_by]) for one in page
        ],
        "states": STATES.items(),
        "most": sheet.MOST_ROWS,
    }
    return render(visit, "bank/imports.html", context)


def _wanted(visit: Visit) -> Wanted:
    return Wanted(
        text=asking.words(visit.GET, "text"),
        state=asking.one_of(visit.GET, "state", STATES),
        from_on=asking.day(visit.GET, "from_on"),
        to_on=asking.day(visit.GET, "to_on"),
    )


@require_GET
@for_roles(Role.CUSTOMER_MANAGER)
def workbook(visit: Visit) -> HttpResponse:
    """The files that are asked for, as a workbook."""
    rows = list(batches.found(_wanted(visit))[: sheets.MOST_ROWS])
    people = house.called([one.read_by for one in rows] + [one.filed_by for one in rows if one.filed_by])
    fields: list[Field[Any]] = [
        Field(pair("文件", "file"), "text", 30, lambda one: one.name),
        Field(pair("读取日", "read on"), "date", 12, lambda one: one.read_at.astimezone(ZONE).date()),
        Field(pair("读取人", "read by"), "text", 16, lambda one: people[one.read_by]),
        Field(pair("可提交", "good rows"), "count", 10, lambda one: one.good),
        Field(pair("错误", "faults"), "count", 10, lambda one: one.bad),
        Field(pair("状态", "state"), "text", 12, lambda one: worded(STATES[one.state])),
        Field(
            pair("提交日", "filed on"),
            "date",
            12,
            lambda one: one.filed_at.astimezone(ZONE).date() if one.filed_at else None,
        ),
        Field(pair("提交人", "filed by"), "text", 16, lambda one: people.get(one.filed_by, "")),
    ]
    return sheets.workbook("imports", fields, rows)


def _read(visit: Visit) -> HttpResponse:
    made: list[int] = []

    def do() -> None:
        name, content = forms.upload_of(visit.FILES, sheet.MOST_BYTES)
        choose = forms.ticked(visit.POST, "choose")
        made.append(read_batch(name, content, by=visit.actor, at=now(), choose=choose).pk)

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
    """Its columns to choose, what would be filed, what is wrong, how far the work is, what was filed, or what was taken back."""
    batch = _batch(number)
    if batch.lines is not None:
        return render(visit, "bank/import_columns.html", _columns(batch))

    def context() -> dict[str, Any]:
        people = house.called(one for one in (batch.read_by, batch.taken_back_by) if one)
        return {
            "batch": batch,
            "columns": [(pair(*sheet.WORDS[one]), batch.heads[at]) for one, at in batch.columns.items()],
            "rows": _rows(batch),
            "faults": [(Fault(**one), pair(*sheet.WORDS[one["column"]])) for one in batch.faults[:_SHOWN]],
            "total_minor": sum(one["amount_minor"] for one in batch.rows),
            "untouched": untouched(batch),
            "who": people.get(batch.taken_back_by, ""),
            "longest": REASON,
        }

    kind, since = Task.Kind.APPLICATIONS, batch.read_at
    if batch.taken_back_at is not None:
        kind, since = Task.Kind.TAKING_BACK, batch.taken_back_at
    return tasks.answer(visit, kind, number, "bank/import.html", context, since=since)


def _rows(batch: ApplicationBatch) -> list[tuple[dict[str, Any], str, Said | None]]:
    """The first rows, each with the number of its application and how that stands, '' and None while it has none."""
    numbers = batch.filed[:_SHOWN]
    states = dict(Application.objects.filter(number__in=numbers).values_list("number", "state"))
    filed = [(number, CASES[states[number]]) for number in numbers]
    unfiled: list[tuple[str, None]] = [("", None)] * batch.left
    return [(row, *one) for row, one in zip(batch.rows, [*filed, *unfiled], strict=False)][:_SHOWN]


def _columns(batch: ApplicationBatch) -> dict[str, Any]:
    """The columns of a file with their letters and what stands below, and those that are needed with what was guessed."""
    places = [place for place, head in enumerate(batch.heads) if head]
    return {
        "batch": batch,
        "heads": [
            (place, xl_col_to_name(place), batch.heads[place], _samples(batch, place)) for place in places
        ],
        "wanted": [
            (column, pair(*sheet.WORDS[column]), column in sheet.NEEDED, batch.columns.get(column))
            for column in sheet.COLUMNS
        ],
        "until": batch.read_at + LINES_KEPT,
    }


def _samples(batch: ApplicationBatch, place: int) -> list[str]:
    cells = (cells[place] for _, cells in batch.lines or () if place < len(cells) and cells[place])
    return [sheet.shown(cell) for cell in islice(dict.fromkeys(cells), _SAMPLES)]


@require_POST
@for_roles(Role.CUSTOMER_MANAGER)
def columns_now(visit: Visit, number: int) -> HttpResponse:
    """Say which column is which; the page that comes back is the dry run."""

    def do() -> None:
        sent = {column: visit.POST.get(column, "") for column in sheet.COLUMNS}
        columns = {column: forms.count_of(visit.POST, column) for column, place in sent.items() if place}
        choose_columns(_batch(number).pk, columns, by=visit.actor, at=now())

    where = reverse("bank-import", args=[number])
    return act(visit, do, done=where, back=where)


@require_POST
@for_roles(Role.CUSTOMER_MANAGER)
def file_now(visit: Visit, number: int) -> HttpResponse:
    """Have the good rows filed; the page that comes back tells how far it is."""

    def do() -> None:
        ask(Task.Kind.APPLICATIONS, _batch(number).pk, by=visit.actor, at=now())

    where = reverse("bank-import", args=[number])
    return act(visit, do, done=where, back=where)


@require_POST
@for_roles(Role.CUSTOMER_MANAGER)
def take_back_now(visit: Visit, number: int) -> HttpResponse:
    """Take the file back, and have what nobody has worked on withdrawn."""

    def do() -> None:
        at = now()
        reason = forms.words_of(visit.POST, "reason", REASON)
        batch = take_back_batch(_batch(number).pk, reason, by=visit.actor, at=at)
        ask(Task.Kind.TAKING_BACK, batch.pk, by=visit.actor, at=at)

    where = reverse("bank-import", args=[number])
    return act(visit, do, done=where, back=where)


@require_GET
@for_roles(Role.CUSTOMER_MANAGER)
def faults(visit: Visit, number: int) -> HttpResponse:
    """Every fault with its mend, as a workbook."""
    del visit
    found = [Fault(**one) for one in _batch(number).faults]
    return imported.faults_workbook(f"faults-{number}", sheet.WORDS, found)


@require_GET
@for_roles(Role.CUSTOMER_MANAGER)
def template(visit: Visit) -> HttpResponse:
    """An empty file with the headings, for a spreadsheet program."""
    del visit
    heads = ["商户编号", "申请金额（元）", "用途", "要求人工"]
    names = heads if lang() == "zh" else ["merchant", "amount (yuan)", "purpose", "by people"]
    answer = HttpResponse(f"\ufeff{','.join(names)}\r\n", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="applications-template.csv"'
    return answer
