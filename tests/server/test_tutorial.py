"""The tutorial for platforms, done as it is printed: its commands, its program, and what it says will be shown."""

import contextlib
import io
import re
import shutil
from ipaddress import ip_network
from pathlib import Path

import pytest
from browsing import served_here
from django.test import override_settings
from django.utils import timezone
from hearing import LOOPBACK
from house import AT
from journeys import APPROVED, Desk, county
from test_first_day import follow
from test_serving import free_port

from suixin.server import tenancy
from suixin.server.identity.actions.found_organisation import NewPerson, add_person
from suixin.server.identity.roles import Role
from suixin.server.merchants.models import Merchant
from suixin.server.origination.actions.assess import assess
from suixin.server.origination.actions.take_consents import ASKED, take_consents
from suixin.server.origination.actions.withdraw_application import withdraw_application
from suixin.server.origination.models import Application
from suixin.server.origination.models import Desk as DeskRow

PAGE = Path(__file__).parents[2] / "docs" / "tutorials" / "connect-a-platform.md"
KNOWN = {"admin1": "first horse battery", "admin2": "second horse battery"}


def printed(code, names):
    """What a part of the program prints."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102  what the page has its readers run
    return said.getvalue()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_platform_is_connected_by_the_page_alone(suixin, database, monkeypatch, tmp_path):
    """Every block in its order; each text that follows one is what was printed; the merchant consents where the page says so."""
    desk = Desk("demo-bank")
    shutil.copytree(county(), tmp_path / "lake")
    with tenancy.within(desk.organisation.pk):
        DeskRow.objects.update(lake=str(tmp_path / "lake"))
        for name, password in KNOWN.items():
            add_person(NewPerson(name, name, Role.ADMINISTRATOR, password), AT)
    old = desk.filed(APPROVED)
    withdraw_application(old.number, by=desk.owner(APPROVED), at=AT)
    names, shown, seen = {"__name__": "tutorial"}, "", []
    with served_here() as address, override_settings(WEBHOOK_NETWORKS=[ip_network(LOOPBACK)]):
        text = PAGE.read_text(encoding="utf-8").replace("127.0.0.1:9000", "127.0.0.1:9")
        port = str(free_port())
        text = text.replace("127.0.0.1:9/", f"127.0.0.1:{port}/").replace(", 9000)", f", {port})")
        text = text.replace("http://127.0.0.1:8000", address)
        monkeypatch.setenv("MERCHANT", APPROVED)
        for kind, block in re.findall(r"```(sh|python|text)\n(.*?)```", text, re.DOTALL):
            if kind == "sh":
                for what, said in follow(suixin, block.strip().split("\n"), dict(KNOWN)):
                    seen.append(what)
                    remember(monkeypatch, what, said)
            elif kind == "text":
                assert shown == block
                seen.append("text")
            else:
                if "why = bank.decision" in block:
                    consents(desk)
                shown = printed(block, names)
        names["ear"].shutdown()
        names["ear"].server_close()
    assert seen == ["client add", "webhooks add", "text", "text", "webhooks deliver", "text"]
    assert (names["why"].outcome, names["why"].limit.currency) == ("approve", "CNY")
    with tenancy.within(desk.organisation.pk):
        assert list(Application.objects.order_by("pk").values_list("channel", "state")) == [
            ("self", "withdrawn"),
            ("api", "offered"),
        ]


def consents(desk):
    """What the merchant does on her phone."""
    with tenancy.within(desk.organisation.pk):
        case, merchant = Application.objects.get(state="filed"), Merchant.objects.get(merchant_id=APPROVED)
    given = dict.fromkeys(ASKED, True)
    take_consents(case, merchant, given, by=desk.owner(APPROVED), at=timezone.now())
    assess(case.number, by=desk.machine, at=timezone.now())


def remember(monkeypatch, what, said):
    """What a reader puts into the environment."""
    held = {"client add": {"CLIENT_ID": "client_id", "CLIENT_SECRET": "client_secret"}}
    held |= {"webhooks add": {"HOOK_SECRET": "secret"}}
    for name, label in held.get(what, {}).items():
        monkeypatch.setenv(name, re.search(rf"^{label} +(\S+)$", said, re.MULTILINE)[1])
