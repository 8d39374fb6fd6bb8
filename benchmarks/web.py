"""How fast the server answers on PostgreSQL: its pages, its lists and its API, beside a page that does nothing.

    .venv/bin/python benchmarks/web.py --loans 100000 --json

The database is started for this run, flushes every commit to the disk, and is removed afterwards; the server is
`suixin serve` with two workers on loopback. The book holds so many loans, 5,000 applications stand in the queue, and a
simulated county of thirty merchants is decided from its lake. *One client* asks each address one time after another:
median and 95th percentile. *Four clients* ask it at once: answers a second of all four. `/healthz`, which is as good as no
page, is the bare one: the same server, middleware and machine. A decision by the API reads the lake and decides anew.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import requests

from _book import database, fill

AIM_LIST_MS = 300
APPLICATIONS, ROWS, CLIENTS = 5_000, 5_000, 4
LISTS = {
    "work queue": "/bank/",
    "work queue, waiting for me": "/bank/?mine=yes",
    "loans": "/bank/loans",
    "loans in arrears": "/bank/loans?state=arrears",
    "complaints": "/bank/complaints",
    "early warnings": "/bank/alerts",
    "audit log": "/bank/log",
}
PAGES = {"application": "/bank/applications/A2026-000003", "portfolio": "/bank/portfolio"}
Call = Callable[[requests.Session], requests.Response]


def house(loans: int, lake: Path) -> tuple[Any, list[str]]:
    """A desk with its cases and so many loans; and applications that have their consents and wait to be decided."""
    from counter import Counter  # noqa: PLC0415  once the database is known
    from house import AT  # noqa: PLC0415
    from journeys import PASSWORD, county  # noqa: PLC0415

    from suixin.server import tenancy  # noqa: PLC0415
    from suixin.server.identity.actions.found_organisation import NewPerson, add_person  # noqa: PLC0415
    from suixin.server.identity.models import User  # noqa: PLC0415
    from suixin.server.identity.roles import Role  # noqa: PLC0415
    from suixin.server.merchants.models import Merchant  # noqa: PLC0415
    from suixin.server.origination.actions.take_consents import ASKED, take_consents  # noqa: PLC0415
    from suixin.server.origination.models import Application, Desk  # noqa: PLC0415

    made = Counter().prepared()
    shutil.copytree(county(), lake)
    with tenancy.within(made.organisation.pk):
        Desk.objects.update(lake=str(lake))
        add_person(NewPerson("officer", "周晓岚", Role.REVIEWER, PASSWORD), AT)
        officer = User.objects.get(username="officer")
        officer.memberships.model(user=officer, role=Role.AUDITOR, granted_at=AT).save()
        Application.objects.bulk_create(
            Application(
                book=made.book,
                number=f"B2026-{number:06d}",
                merchant_id=f"X{number}",
                amount_minor=1_000_000 + number,
                purpose="种苗",
                channel="self",
                filed_by="user:1",
                filed_at=AT,
                filed_on=made.day,
                state="review",
            )
            for number in range(APPLICATIONS)
        )
    waiting = []
    for merchant in map(str, range(11, 27)):
        case = made.filed(merchant)
        with tenancy.within(made.organisation.pk):
            whose = Merchant.objects.get(merchant_id=merchant)
        given = dict.fromkeys(ASKED, True)
        take_consents(case, whose, given, by=made.owner(merchant), at=datetime.now(UTC))
        waiting.append(case.number)
    fill(made, loans)
    return made, waiting


@contextmanager
def served(url: str) -> Iterator[str]:
    """The address of `suixin serve` with two workers, once it answers."""
    port = "18765"
    settings = os.environ | {"SUIXIN_DATABASE": url, "SUIXIN_MFA": "optional"}
    command = [sys.executable, "-m", "suixin", "serve", "--port", port, "--workers", "2"]
    with subprocess.Popen(
        command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            _await(f"{address}/healthz")
            yield address
        finally:
            process.terminate()


def _await(url: str) -> None:
    for _ in range(300):
        try:
            requests.get(url, timeout=5)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    sys.exit("the server did not answer within 30 s")


def signed_in(address: str) -> requests.Session:
    """A browser in which the officer has signed in."""
    from journeys import PASSWORD  # noqa: PLC0415

    session = requests.Session()
    session.get(f"{address}/sign-in", timeout=30)
    sent = {"username": "officer", "password": PASSWORD, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
    answer = session.post(f"{address}/sign-in", sent, headers={"Referer": address}, timeout=30)
    assert "/bank/" in answer.url, answer.url
    return session


def spoken(address: str, made: Any) -> dict[str, str]:
    """The headers of a program that may do everything."""
    from house import AT  # noqa: PLC0415
    from programs import DECLARED  # noqa: PLC0415

    from suixin.server.identity.actions.add_client import NewClient, add_client  # noqa: PLC0415
    from suixin.server.identity.roles import Role  # noqa: PLC0415
    from suixin.server.identity.scopes import Scope  # noqa: PLC0415

    first, second = (made.as_(Role.ADMINISTRATOR, number) for number in (0, 1))
    new = NewClient("bench", tuple(Scope), **DECLARED, requests_a_minute=1_000_000)
    client, secret = add_client(new, by=first, second=second, at=AT)
    sent = {"grant_type": "client_credentials", "client_id": client.client_id, "client_secret": secret}
    token = requests.post(f"{address}/api/v1/token", sent, timeout=30).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def timed(session: requests.Session, call: Call, times: int) -> dict[str, float]:
    """Milliseconds of one client: median and 95th percentile; the first answer warms up and is not counted."""
    call(session)
    found = []
    for _ in range(times):
        began = time.perf_counter()
        answer = call(session)
        found.append((time.perf_counter() - began) * 1e3)
        assert answer.status_code == 200, (answer.status_code, answer.url, answer.text[:200])
    return {"p50_ms": round(median(found), 1), "p95_ms": round(quantiles(found, n=20)[-1], 1)}


def together(sessions: list[requests.Session], call: Call, times: int) -> float:
    """Answers a second of several clients at once."""
    began = time.perf_counter()
    with ThreadPoolExecutor(len(sessions)) as pool:
        list(pool.map(lambda one: [call(one) for _ in range(times)], sessions))
    return round(len(sessions) * times / (time.perf_counter() - began), 1)


def asks(url: str) -> Call:
    """Ask for an address."""
    return lambda session: session.get(url, timeout=60)


def measured(address: str, sessions: list[requests.Session], times: int) -> dict[str, dict[str, float]]:
    """Each address by one client and by four."""
    found = {}
    for name, path in {"bare": "/healthz", **LISTS, **PAGES}.items():
        call = asks(address + path)
        found[name] = timed(sessions[0], call, times) | {
            "per_second_of_4": together(sessions, call, times // 4)
        }
    return found


def decided(address: str, headers: dict[str, str], waiting: list[str]) -> dict[str, float]:
    """Decisions by the API, one after another, each of another merchant; the first warms up."""
    found = []
    for number in waiting:
        began = time.perf_counter()
        answer = requests.post(
            f"{address}/api/v1/applications/{number}/decision",
            json={},
            headers=headers | {"Idempotency-Key": number},
            timeout=60,
        )
        found.append((time.perf_counter() - began) * 1e3)
        assert answer.status_code == 201, answer.text
    return {"p50_ms": round(median(found[1:]), 1), "p95_ms": round(quantiles(found[1:], n=20)[-1], 1)}


def pushed(address: str, headers: dict[str, str]) -> int:
    """Rows a second that the lake takes in, median of three pushes."""
    rates = []
    for push in range(3):
        rows = b"".join(
            json.dumps(
                {
                    "order_id": f"bench-{push}-{number}",
                    "merchant_id": str(1 + number % 30),
                    "ordered_at": "2025-12-30T10:00:00+08:00",
                    "amount": "64.00",
                    "buyer_id": f"b{number % 500}",
                }
            ).encode()
            + b"\n"
            for number in range(ROWS)
        )
        more = {"Idempotency-Key": f"push-{push}", "Content-Type": "application/x-ndjson"}
        began = time.perf_counter()
        answer = requests.post(f"{address}/api/v1/data/orders", rows, headers=headers | more, timeout=120)
        rates.append(ROWS / (time.perf_counter() - began))
        assert answer.status_code == 200, answer.text[:300]
    return round(median(rates))


def main() -> None:
    """Run all, print the figures, exit 1 if a list is slower than is aimed at."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--loans", type=int, default=100_000)
    asked.add_argument("--times", type=int, default=40)
    asked.add_argument("--json", action="store_true")
    options = asked.parse_args()
    url = database("web")
    with tempfile.TemporaryDirectory() as scratch:
        made, waiting = house(options.loans, Path(scratch) / "lake")
        with served(url) as address:
            sessions = [signed_in(address) for _ in range(CLIENTS)]
            report: dict[str, Any] = {
                "loans": options.loans,
                "pages": measured(address, sessions, options.times),
            }
            headers = spoken(address, made)
            report["decision_by_api"] = decided(address, headers, waiting)
            report["rows_a_second_pushed"] = pushed(address, headers)
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        for name, figures in report["pages"].items():
            print(
                f"{name:28} p50 {figures['p50_ms']:>7} ms  p95 {figures['p95_ms']:>7} ms  "
                f"{figures['per_second_of_4']:>7}/s of four clients"
            )
        print(f"{'decision by the API':28} p50 {report['decision_by_api']['p50_ms']:>7} ms  "
              f"p95 {report['decision_by_api']['p95_ms']:>7} ms")  # fmt: skip
        print(f"{'rows pushed':28} {report['rows_a_second_pushed']:,} a second")
    sys.exit(any(report["pages"][name]["p95_ms"] > AIM_LIST_MS for name in LISTS))


if __name__ == "__main__":
    main()
