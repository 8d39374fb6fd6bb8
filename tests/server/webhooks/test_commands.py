"""`suixin webhooks`: added by two who type their passwords, listed, sent, replaced, switched off and on."""

import json
import re
from ipaddress import ip_network

import pytest
from django.test import override_settings
from hearing import LOOPBACK, happens, hearing
from house import AT
from lender import Lender

from suixin.server import tenancy
from suixin.server.identity.actions.found_organisation import NewPerson, add_person
from suixin.server.identity.roles import Role

PEOPLE = {"admin1": "first horse battery", "admin2": "second horse battery"}
ONE, BOTH = [PEOPLE["admin1"]], list(PEOPLE.values())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_endpoint_lives_by_commands_alone(suixin, database):
    """The secret is printed when it is drawn and stands nowhere else; what is refused is one line and changes nothing."""
    lender = Lender()
    with tenancy.within(lender.organisation.pk):
        for name, password in PEOPLE.items():
            add_person(NewPerson(name, name, Role.ADMINISTRATOR, password), AT)
    house, by, second = ("-o", "rural"), ("--by", "admin1"), ("--second", "admin2")
    with hearing() as hearer, override_settings(WEBHOOK_NETWORKS=[ip_network(LOOPBACK)]):
        new = ("webhooks", "add", *house, "--name", "core", "--url", hearer.url, "--topic", "relief.granted")
        wrong = suixin(*new, *by, *second, typed=[PEOPLE["admin1"], "wrong"])
        assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
        made = suixin(*new, *by, *second, typed=BOTH)
        code, secret = re.search(r"endpoint  (we_\w+)\nsecret    (whsec_\S+)\n", made.stdout).groups()
        happens(lender, at=AT.replace(year=2030))
        assert suixin("webhooks", "deliver").stdout == "rural: 1 taken, 0 failed\n"
        assert len(hearer.heard) == 1
        rotated = suixin("webhooks", "rotate", *house, code, "--reason", "r", *by, typed=ONE)
        assert re.search(r"whsec_\S+", rotated.stdout)[0] != secret
        off = suixin("webhooks", "off", *house, code, "--reason", "it is moved", *by, typed=ONE)
        assert off.stdout == f"{code} (core) is off\n"
        listed = suixin("webhooks", "list", *house, "--json").stdout
        (one,) = json.loads(listed)["endpoints"]
        assert (one["code"], one["off_because"], one["waiting"], one["dead"]) == (code, "it is moved", 0, 0)
        assert "whsec_" not in listed
        assert "relief" in suixin("webhooks", "list", *house).stdout
        on = suixin("webhooks", "on", *house, code, "--reason", "back", *by, *second, typed=BOTH)
        assert on.stdout == f"{code} (core) is on\n"
        assert json.loads(suixin("webhooks", "deliver", "--json").stdout) == {
            "rural": {"taken": 0, "failed": 0}
        }
