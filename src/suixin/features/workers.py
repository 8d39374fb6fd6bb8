"""Worker processes of one Polars thread each.

A fork after Polars has started its threads may hang, so workers are forked from a server process that has only
imported. That server takes half a second to import: whoever knows early that workers will be needed calls `warm_up`,
and it starts beside his own imports. Nothing here imports Polars.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from typing import Any

from suixin.errors import LakeError

THREADS = "POLARS_MAX_THREADS"

Run = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]


def warm_up() -> None:
    """Start the server that workers are forked from; it gets ready by itself, and ends with this process."""
    _context()


@contextmanager
def workers(processes: int | None, most: int) -> Iterator[Run]:
    """A `map` over worker processes; over this process itself for 0.

    Args:
        processes: how many; None for one a core.
        most: as many as can have work.

    Raises:
        LakeError: a worker was killed.
    """
    count = min(most, processes if processes is not None else os.cpu_count() or 1)
    if count == 0:
        yield map
        return
    try:
        with ProcessPoolExecutor(count, mp_context=_context()) as pool:
            yield pool.map
    except BrokenProcessPool as error:
        raise LakeError(
            "a worker process was killed, most likely for want of memory; try --processes 1"
        ) from error


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["suixin.features.build"])
    before = os.environ.get(THREADS)
    os.environ[THREADS] = "1"  # read when the server imports Polars
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ[THREADS]
        else:
            os.environ[THREADS] = before
    return context
