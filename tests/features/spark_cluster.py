"""A Spark session for a test, and a standalone cluster of one master and some workers on this machine."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HOST = "127.0.0.1"
START_SECONDS = 90.0


def missing() -> str:
    """What this machine lacks to run Spark, in words; empty if it lacks nothing."""
    if find_spec("pyspark") is None:
        return "PySpark is not installed; run: ./dev setup spark"
    if not os.environ.get("JAVA_HOME") and shutil.which("java") is None:
        return (
            "Java is not installed; PySpark needs Java 17 (Debian: apt-get install openjdk-17-jre-headless)"
        )
    return ""


@contextmanager
def session(master: str, folder: Path, settings: dict[str, str]) -> Iterator["SparkSession"]:
    """A session whose driver is this process; all its files lie in the folder. Stopped at the end, however it ends."""
    from pyspark.sql import SparkSession  # noqa: PLC0415  # not among the product's own dependencies

    own = {
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": HOST,
        "spark.driver.bindAddress": HOST,
        "spark.driver.memory": "3g",
        "spark.log.level": "ERROR",
        "spark.local.dir": str(folder / "local"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.pyspark.python": sys.executable,
        "spark.pyspark.driver.python": sys.executable,
        "spark.sql.adaptive.enabled": "false",  # nothing to adapt to in so many small queries
    }
    builder = SparkSession.builder.master(master).appName("suixin-tests")
    for name, value in {**own, **settings}.items():
        builder = builder.config(name, value)
    running = builder.getOrCreate()
    try:
        yield running
    finally:
        running.stop()


@contextmanager
def cluster(folder: Path, *, workers: int, memory: str) -> Iterator[str]:
    """The address of a standalone cluster of so many workers of one core each, from the pip package's own scripts.

    Every process is bound to the loopback interface, logs into the folder, and is gone at the end with whatever it
    started, however the test ends.
    """
    folder.mkdir(parents=True)
    port, page = _free_port(), _free_port()
    address = f"spark://{HOST}:{port}"
    master = "org.apache.spark.deploy.master.Master"
    worker = "org.apache.spark.deploy.worker.Worker"
    with ExitStack() as started:
        head = _start(
            folder / "master", master, "--host", HOST, "--port", str(port), "--webui-port", str(page)
        )
        started.callback(_stop, head)
        _wait(page, 0, [head], folder)
        hands = []
        for number in range(workers):
            own = folder / f"worker-{number}"
            options = ("--host", HOST, "--webui-port", "0", "--cores", "1", "--memory", memory)
            hands.append(_start(own, worker, *options, "--work-dir", str(own), address))
            started.callback(_stop, hands[-1])
        _wait(page, workers, [head, *hands], folder)
        yield address


def _start(folder: Path, main: str, *options: str) -> subprocess.Popen[bytes]:
    """A Spark process in a process group of its own, so that it can be stopped with its children."""
    import pyspark  # noqa: PLC0415

    folder.mkdir()
    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_NO_DAEMONIZE": "1",
        "SPARK_DAEMON_MEMORY": "512m",
        "SPARK_LOCAL_DIRS": str(folder),
        "PYSPARK_PYTHON": sys.executable,
    }
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [str(home / "bin" / "spark-class"), main, *options],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process and everything in its group: kindly, and after five seconds for good."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, kind)
        except ProcessLookupError:
            break
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            continue
    process.wait(5)


def _wait(page: int, workers: int, processes: list[subprocess.Popen[bytes]], folder: Path) -> None:
    """Until the master knows so many workers; RuntimeError with the logs' ends if that does not come to pass."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and all(process.poll() is None for process in processes):
        if _alive(page) >= workers:
            return
        time.sleep(0.25)
    ends = [log.read_text(encoding="utf-8", errors="replace")[-800:] for log in sorted(folder.glob("*/log"))]
    raise RuntimeError("the Spark cluster did not start:\n" + "\n".join(ends))


def _alive(page: int) -> int:
    """How many workers the master's status page counts; -1 as long as there is no page."""
    connection = http.client.HTTPConnection(HOST, page, timeout=5)
    try:
        connection.request("GET", "/json/")
        return int(json.loads(connection.getresponse().read())["aliveworkers"])
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        return -1
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
