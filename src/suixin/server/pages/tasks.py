"""Long work on the page of what it is about: how far it is, told again and again to whoever waits, and how it ended."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from suixin.errors import SuixinError
from suixin.server.audit.registry import Words
from suixin.server.intake.actions.put_mended import LOOKS, PUTS, WRITES
from suixin.server.pages.door import Visit, now
from suixin.server.pages.refusals import refusal
from suixin.server.pages.templatetags.words import pair
from suixin.server.tasks.models import Task
from suixin.server.tasks.queries import latest

PHASES = {
    Task.Kind.MENDED_ROWS: {
        LOOKS: Words("再次检查各行", "looking at the rows once more"),
        PUTS: Words("写入数据湖", "putting them into the lake"),
        WRITES: Words("登记结果", "writing down what came of each"),
    }
}
"""Work that is no sum of rows: what is done, in its order."""
REFUSED = {
    Task.Kind.APPLICATIONS: Words("行不能提交", "refused"),
    Task.Kind.TAKING_BACK: Words("笔已有后续处理，不撤回", "were gone on with, and stay"),
    Task.Kind.MENDED_ROWS: Words("行不能入库", "refused"),
}
"""Of the rows gone through, those with which nothing was done."""
_TENTH = 10  # whoever hears the page is told each tenth, and not each step


def answer(
    visit: Visit,
    kind: Task.Kind,
    subject: int,
    template: str,
    context: Callable[[], dict[str, Any]],
    *,
    since: datetime,
) -> HttpResponse:
    """The page of a thing with its task on it; for htmx, which asks while one is open, the part that tells of it.

    Args:
        visit: the request.
        kind: of the task.
        subject: the thing.
        template: of the page.
        context: for the page, made where it is needed.
        since: when the thing came; what was done about it before is past.
    """
    task = latest(kind, subject)
    if task is None or (task.asked_at < since and not task.is_open):
        return render(visit, template, context())
    told = _told(task)
    if getattr(visit, "htmx", False):
        told["changed"] = visit.GET.get("step") != told["step"]
        return render(visit, "parts/task_part.html", told)
    return render(visit, template, context() | told)


def _told(task: Task) -> dict[str, Any]:
    percent = 100 * task.done // task.total if task.total else 0
    phases = PHASES.get(Task.Kind(task.kind), {})
    at = list(phases).index(task.phase) if task.phase in phases else -1
    return {
        "task": task,
        "percent": percent,
        "phases": [(one, place < at, place == at) for place, one in enumerate(phases.values())],
        "step": f"{task.state}-{task.phase or percent // _TENTH}",
        "said": _said(task, percent, phases.get(task.phase)),
        "refused": pair(*REFUSED[Task.Kind(task.kind)]),
        "quiet": task.is_quiet(now()),
    }


def _said(task: Task, percent: int, phase: Words | None) -> str:
    """Where it stands in one sentence, for whoever hears the page."""
    if task.state == Task.State.FAILED:
        why = refusal(SuixinError(task.why_en, zh=task.why_zh))
        return pair(f"没有完成：{why}", f"Not done: {why}")
    if task.state == Task.State.DONE:
        return pair("已完成", "Done")
    if task.state == Task.State.WAITING:
        return pair("等待后台开始", "Waiting for its turn")
    if phase is not None:
        return pair(f"正在进行：{phase.zh}", f"Under way: {phase.en}")
    tenth = percent // _TENTH * _TENTH
    return pair(f"正在进行，已完成 {tenth}%", f"Under way, {tenth} % done")
