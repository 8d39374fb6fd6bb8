"""What the command line asks of tasks, as plain data. Importing this module starts Django."""

from collections.abc import Callable
from typing import Any

from suixin.server.start import start

start()

from suixin.server import storage  # noqa: E402  models are there once Django is
from suixin.server.tasks import working  # noqa: E402


def run() -> list[dict[str, Any]]:
    """Do what waits in every house, once; how each task ended."""
    storage.require_ready()
    return [
        {
            "task": one.pk,
            "kind": one.kind,
            "subject": one.subject,
            "state": str(one.state),
            "done": one.done,
            "refused": one.refused,
            "why": one.why_en,
        }
        for one in working.carry_out_what_waits()
    ]


def watch(goes_on: Callable[[], bool]) -> None:
    """Do what waits until told to stop; see `working.watch`."""
    storage.require_ready()
    working.watch(goes_on=goes_on)
