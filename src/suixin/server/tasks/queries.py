"""Questions about tasks of the current organisation."""

from suixin.server.tasks.models import Task


def latest(kind: str, subject: int) -> Task | None:
    """The last task on a thing, None if there never was one."""
    return Task.objects.filter(kind=kind, subject=subject).order_by("-id").first()


def next_open() -> Task | None:
    """The task that was asked for first of those that wait, or were cut off."""
    return Task.objects.filter(ended_at=None).order_by("id").first()


def open_subjects(kind: str) -> set[int]:
    """Of a kind, the things that a task waits for or works on."""
    return set(Task.objects.filter(kind=kind, ended_at=None).values_list("subject", flat=True))
