"""A child that is kept running: started again when it ends, ended when the house closes."""

import logging
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

_logger = logging.getLogger("suixin.supervising")
_GRACE = 20  # seconds that a child has to put its work down; all of it can be taken up again


@contextmanager
def kept_running(
    command: Sequence[str], *, pause: float = 30, wanted: Callable[[], bool] = lambda: True
) -> Iterator[None]:
    """Run a command beside what happens inside, and again after a pause whenever it ends.

    Args:
        command: the program and its arguments.
        pause: seconds before it is started again.
        wanted: whether there is something for it to do, asked at once and then after each pause until it says so.
    """
    over = threading.Event()
    watcher = threading.Thread(target=_keep, args=(command, pause, over, wanted, wanted()), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _keep(
    command: Sequence[str],
    pause: float,
    over: threading.Event,
    wanted: Callable[[], bool],
    at_once: bool,
) -> None:
    # What is asked at once was asked before this thread began: workers are forked then, and take no thread's lock along.
    while not at_once and not over.wait(pause):
        at_once = wanted()
    while not over.is_set():
        child = subprocess.Popen(command)  # noqa: S603  our own program
        while child.poll() is None and not over.wait(0.2):
            pass
        if child.poll() is None:
            _end(child)
        elif not over.is_set():
            fields = {"pid": child.pid, "code": child.returncode, "again_in": pause}
            _logger.error("a child ended", extra={"fields": fields})
            over.wait(pause)


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(_GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
