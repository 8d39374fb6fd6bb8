"""The web server: workers that answer browsers, on one address, until they are stopped. Importing this starts Django."""

import os
import socket
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from granian import Granian
from granian.constants import Interfaces

from suixin.errors import ServerError
from suixin.server.start import start

start()

from suixin.server import storage  # noqa: E402  models are there once Django is
from suixin.server.supervising import kept_running  # noqa: E402
from suixin.server.telemetry import logs  # noqa: E402
from suixin.server.webhooks import delivering  # noqa: E402

_THREADS = 4  # a worker waits for the database most of its time


def gather_files() -> Path:
    """Put the pages' own files into the data folder, where each is served with a name that changes with it."""
    call_command("collectstatic", interactive=False, verbosity=0, clear=False)
    return Path(settings.STATIC_ROOT)


def make_ready(host: str, port: int) -> None:
    """Look whether there is a database to serve and an address to answer on, and lay out the pages' files.

    Raises:
        ServerError: the database is not ready, which `suixin db migrate` mends, or somebody answers there already.
    """
    storage.require_ready()
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            free.bind((host, port))
        except OSError as error:
            raise ServerError(
                f"{host}:{port} cannot be answered on ({error.strerror}); give another --port"
            ) from error
    gather_files()


def serve(host: str, port: int, workers: int, *, end_of_day: str | None = None) -> None:
    """Answer on an address until the process is stopped (SIGINT, SIGTERM); `make_ready` comes first.

    A child does the long work that people ask for on pages. As soon as a house has an endpoint of webhooks, another sends what
    is due to it.

    Args:
        host: the address.
        port: its port.
        workers: processes that answer.
        end_of_day: 'HH:MM' at which a child ends every book's day, or None.
    """
    os.environ["SUIXIN_HOME"] = str(settings.STATIC_ROOT.parent)
    watcher = [sys.executable, "-m", "suixin", "eod", "watch", "--at", end_of_day or ""]
    evening = kept_running(watcher) if end_of_day else nullcontext()
    postman = [sys.executable, "-m", "suixin", "webhooks", "deliver", "--watch"]
    posts = kept_running(postman, wanted=delivering.is_wanted)
    tasks = kept_running([sys.executable, "-m", "suixin", "tasks", "run", "--watch"])
    with evening, posts, tasks, tempfile.TemporaryDirectory(prefix="suixin-metrics-") as counts:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = counts  # read when a worker imports its counters
        Granian(
            "suixin.server.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=_THREADS,
            log_access=False,
            log_dictconfig=logs.for_granian(),
        ).serve()
