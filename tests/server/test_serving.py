"""What is looked at before the pages are served."""

import json
import os
import socket
import subprocess
import sys
import urllib.request

import psutil
import pytest
from browsing import SOURCE, _ready
from hearing import added
from lender import Lender

from suixin.errors import ServerError
from suixin.server import serving


def test_an_address_that_is_taken_is_refused(sqlite):
    """Two servers on one address would answer in turns, each from its own database."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=f"127.0.0.1:{port} cannot be answered on"):
            serving.make_ready("127.0.0.1", port)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.mark.full
def test_a_server_is_ready_tells_its_figures_writes_json_and_takes_its_children_with_it(sqlite, tmp_path):
    """As it is started for a bank: workers that count together, children for evenings, tasks and webhooks, nothing left behind."""
    added(Lender(), "https://core.example.com/suixin")
    port, log = free_port(), tmp_path / "log"
    words = ["serve", "--port", str(port), "--workers", "2", "--end-of-day", "22:30"]
    env = os.environ | {"SUIXIN_DATABASE": sqlite.url, "PYTHONPATH": str(SOURCE), "PYTHONWARNINGS": "ignore"}
    with log.open("w") as lines:
        command = [sys.executable, "-m", "suixin", *words]
        process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=lines)
        try:
            address = _ready(process, f"http://127.0.0.1:{port}")
            for _ in range(4):
                urllib.request.urlopen(f"{address}/sign-in").close()  # noqa: S310  our own
            with urllib.request.urlopen(f"{address}/readyz") as answer:  # noqa: S310
                assert json.load(answer) == {"ready": True}
            with urllib.request.urlopen(f"{address}/metrics") as answer:  # noqa: S310
                text = answer.read().decode()
            children = psutil.Process(process.pid).children(recursive=True)
            watchers = [child for child in children if {"watch", "--watch"} & set(child.cmdline())]
            doing = [child.cmdline()[3] for child in watchers]
        finally:
            process.terminate()
            process.wait(30)
    assert 'suixin_requests_total{method="GET",status="200",view="sign-in"} 4.0' in text
    assert sorted(doing) == ["eod", "tasks", "webhooks"]
    assert psutil.wait_procs(children, timeout=10)[1] == []
    told = [json.loads(line) for line in log.read_text().splitlines()]
    assert sum(one["event"] == "request" and one["view"] == "sign-in" for one in told) == 4
    assert process.returncode == 0
