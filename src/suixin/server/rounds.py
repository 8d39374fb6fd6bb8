"""A round again and again until told to stop: how every process that watches the houses keeps on."""

import time
from collections.abc import Callable

from django.db import DatabaseError, close_old_connections

from suixin.errors import SuixinError
from suixin.server.telemetry import logs

_LISTEN = 0.2
"""Seconds between two looks at whether to go on."""


def keep_on(
    do: Callable[[], object], *, every: float, again_after: float, waits: str, goes_on: Callable[[], bool]
) -> None:
    """Do a round at once and then again and again; what goes wrong is logged, and tried again after a pause.

    Args:
        do: the round.
        every: seconds from the end of a round to the next.
        again_after: the same after one that went wrong.
        waits: what the log says then.
        goes_on: whether to do another.
    """
    next_round = 0.0
    while goes_on():
        if time.monotonic() >= next_round:
            pause = every
            try:
                do()
            except (SuixinError, DatabaseError) as error:
                logs.note(waits, error=type(error).__name__, seconds=again_after)
                pause = again_after
            close_old_connections()
            next_round = time.monotonic() + pause
        time.sleep(_LISTEN)
