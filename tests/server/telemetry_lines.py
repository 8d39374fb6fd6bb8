"""The lines of the log that are written meanwhile."""

import io
import logging
from contextlib import contextmanager

from suixin.server.telemetry.logs import JsonFormatter


@contextmanager
def lines():
    """What is written meanwhile, by whatever logger, as lines; filled when the block ends."""
    written, found = io.StringIO(), []
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    root, ours = logging.getLogger(), logging.getLogger("suixin")
    before = root.level, ours.level
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    ours.setLevel(logging.INFO)
    try:
        yield found
    finally:
        root.removeHandler(handler)
        root.setLevel(before[0])
        ours.setLevel(before[1])
        found += written.getvalue().splitlines()
