"""A server of its own for a test's database, and a browser that looks at it."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import warnings
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from chromium import FLAGS

SOURCE = Path(__file__).resolve().parents[2] / "src"


@contextmanager
def served(url):
    """The address of a server on this database, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"SUIXIN_DATABASE": url, "PYTHONPATH": str(SOURCE), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "suixin", "serve", "--port", str(port), "--workers", "1"]
    process = subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.DEVNULL)
    try:
        yield _ready(process, f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(20)


def _ready(process, address):
    for _ in range(300):
        assert process.poll() is None, "the server ended before it answered"
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=1) as answer:  # noqa: S310  our own
                assert answer.status == 200
                return address
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer within 30 s")


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def served_here():
    """The address of a server in this process, which sees what a test has set here: its clock, its database."""
    from django.core.wsgi import get_wsgi_application

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "No directory at")
        app = get_wsgi_application()
    with make_server("127.0.0.1", 0, app, Server, Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@contextmanager
def browser(program):
    """Chromium; the test's questions to the database go to the one that is in use now."""
    from django.db import connections
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Playwright's loop has a context of its own, which keeps the connection of the test that was there before.
        connections["default"].close()
        del connections["default"]
        opened = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def page(opened, address, *, lang="zh-CN", width=390):
    """A tab; a script's error or a refused script of the page fails the test."""
    context = opened.new_context(locale=lang, viewport={"width": width, "height": 844}, base_url=address)
    tab = context.new_page()
    wrong = []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    try:
        yield tab
        assert [one for one in wrong if "status of 4" not in one] == []
    finally:
        context.close()


def sign_in(tab, username, password):
    tab.goto("/sign-in")
    tab.fill("[name=username]", username)
    tab.fill("[name=password]", password)
    tab.click("main form button")
    tab.wait_for_load_state()


AXE = {
    "resultTypes": ["violations"],  # what is right need not be written out
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
}


def faults(tab):
    """What axe finds wrong with the page, what is folded away included: WCAG 2.2 A and AA."""
    from axe_playwright_python.base import AXE_SCRIPT

    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    if not tab.evaluate("typeof axe === 'object'"):
        tab.evaluate(AXE_SCRIPT)
    found = tab.evaluate("options => axe.run(options).then(answer => answer.violations)", AXE)
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]
