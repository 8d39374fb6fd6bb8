"""The search for cycles of dead objects, put off while many are made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_held = Lock()
_asked: list[bool] = []  # by everyone who asked for it, whether it was on


@contextmanager
def later() -> Iterator[None]:
    """Look for cycles only afterwards: a batch makes a hundred thousand objects that die by themselves.

    Python would look through all of them again and again, which takes a fifth of the time of a quiet night.
    """
    with _held:
        _asked.append(gc.isenabled() or any(_asked))
        gc.disable()
    try:
        yield
    finally:
        with _held:
            if _asked.pop() and not _asked:
                gc.enable()
