"""As it is deployed behind TLS: Django's own check of a deployment, cookies, redirects, and how much a request may bring."""

import json
import os
import subprocess
import sys

import pytest
from django.test import Client
from house import bank
from screens import Screens

from suixin.errors import UsageError
from suixin.server.settings import entrance, web

BEHIND_TLS = """
import json
from suixin.server.start import start
start()
from django.core.checks import run_checks
from django.conf import settings
from django.test import Client
found = [f"{one.id}: {one.msg}" for one in run_checks(include_deployment_checks=True) if not one.is_silenced()]
over = Client(SERVER_NAME="bank.example", headers={"x-forwarded-proto": "https"})
plain = Client(SERVER_NAME="bank.example")
page, sent = over.get("/sign-in"), plain.get("/sign-in?next=/me/")
language = over.post("/language", {"language": "en", "csrfmiddlewaretoken": over.cookies[settings.CSRF_COOKIE_NAME].value},
    headers={"referer": "https://bank.example/sign-in"})
print(json.dumps({
    "found": found,
    "hsts": page.headers["Strict-Transport-Security"],
    "cookies": {name: [bool(one["secure"]), bool(one["httponly"]), one["samesite"], one["path"], one["domain"]]
        for name, one in over.cookies.items()},
    "sent": [sent.status_code, sent.headers["Location"]],
    "probes": [plain.get(path).status_code for path in ("/healthz", "/readyz")],
    "session": settings.SESSION_COOKIE_NAME,
    "stranger": over.get("/sign-in", headers={"host": "evil.example"}).status_code,
}))
"""


def test_a_deployment_behind_tls_is_as_django_wants_it(tmp_path):
    """No warning of `check --deploy`; cookies for this host over TLS alone; machines of the house may ask plainly."""
    env = os.environ | {
        "SUIXIN_TLS": "1",
        "SUIXIN_HOSTS": "bank.example",
        "SUIXIN_HOME": str(tmp_path),
        "SUIXIN_SECRET_KEY": "",
        "SUIXIN_DATABASE": "",
        "SUIXIN_MFA": "",
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(
        [sys.executable, "-c", BEHIND_TLS], env=env, capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    assert told["found"] == []
    assert told["hsts"] == "max-age=31536000; includeSubDomains"
    assert told["cookies"] == {
        "__Host-csrftoken": [True, True, "Lax", "/", ""],
        "__Host-django_language": [True, True, "Lax", "/", ""],
    }
    assert told["session"] == "__Host-sessionid"
    assert told["sent"] == [301, "https://bank.example/sign-in?next=/me/"]
    assert told["probes"] == [200, 503]  # answered where they were asked; nothing is migrated here
    assert told["stranger"] == 400


@pytest.mark.parametrize(
    ("name", "read", "usual", "given", "kept"),
    [
        ("SUIXIN_MFA", entrance.second_factor_required, True, "optional", False),
        ("SUIXIN_LOCK_ACCOUNT", entrance.lock_account_after, 5, "3", 3),
        ("SUIXIN_LOCK_ADDRESS", entrance.lock_address_after, 30, "100", 100),
        ("SUIXIN_PROXIES", entrance.proxies, 0, "2", 2),
    ],
)
def test_the_way_in_is_set_by_the_environment(monkeypatch, name, read, usual, given, kept):
    """Safe where nothing is said; a slip of the pen stops the start and is not taken for something else."""
    monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("SUIXIN_TLS", raising=False)
    assert read() == usual
    monkeypatch.setenv(name, given)
    assert read() == kept
    monkeypatch.setenv(name, "of course")
    with pytest.raises(UsageError, match=f"{name} is 'of course'"):
        read()


def test_behind_tls_one_proxy_is_believed_unless_told_otherwise(monkeypatch):
    """Else all the world would come from one address, and one guesser lock everybody out."""
    monkeypatch.setenv("SUIXIN_TLS", "1")
    assert entrance.proxies() == 1
    monkeypatch.setenv("SUIXIN_PROXIES", "0")
    assert entrance.proxies() == 0
    assert web.cookie("sessionid") == "__Host-sessionid"


def test_a_body_that_is_too_large_is_refused_unread(sqlite):
    """A file as well as a form; the largest that is allowed comes through."""
    lender = Screens()
    client = lender.client("customer_manager")

    def answered(length):
        return client.generic(
            "POST", "/bank/imports", b"", "text/plain", CONTENT_LENGTH=str(length)
        ).status_code

    assert [answered(length) for length in (5 * 1024 * 1024, 5 * 1024 * 1024 + 1, "-1", "1e9")] == [
        302,
        413,
        413,
        413,
    ]


def test_no_page_answers_a_trace(sqlite):
    """Nor any other method than those that it is made for."""
    bank()
    client = Client(SERVER_NAME="localhost")
    paths = ("/sign-in", "/sign-in/code", "/sign-out", "/language", "/healthz", "/readyz", "/metrics", "/")
    assert {path: client.generic("TRACE", path).status_code for path in paths} == dict.fromkeys(paths, 405)


def test_a_refused_page_leaves_a_line_with_who_asked(sqlite):
    """Failed authorisation can be looked for: view, actor, 403."""
    from telemetry_lines import lines

    lender = Screens()
    client = lender.client("auditor")
    with lines() as found:
        assert client.get("/bank/sign-ins").status_code == 403
    (line,) = [json.loads(one) for one in found if '"event":"request"' in one]
    actor = f"user:{lender.person('auditor').pk}"
    assert (line["view"], line["status"], line["actor"]) == ("bank-sign-ins", 403, actor)
