"""Lines of the log: what happened, by which request, and nothing about a person."""

import json
import logging

import pytest
from django.test import Client
from house import AT
from journeys import APPROVED, PASSWORD, Desk
from telemetry_lines import lines

from suixin.server import tenancy
from suixin.server.identity.actions.found_organisation import NewPerson, add_person
from suixin.server.identity.roles import Role
from suixin.server.merchants.actions.enrol import Enrolled, enrol
from suixin.server.merchants.models import Holder
from suixin.server.origination import agreement
from suixin.server.origination.actions.sign import to_sign
from suixin.server.origination.actions.take_consents import ASKED
from suixin.server.origination.signing import one_time_code
from suixin.server.telemetry.logs import id_of, note, request_id

NAME, SHOP, NUMBER, TELEPHONE = "司马明月", "明月家苹果铺", "371325198503072212", "10012345678"


def test_a_line_is_json_with_the_request_it_belongs_to():
    """Whoever reads the log finds all that one request did."""
    token = request_id.set("abc12345")
    with lines() as found:
        note("request", view="bank-home", status=200)
    request_id.reset(token)
    (line,) = map(json.loads, found)
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "suixin",
        "event": "request",
        "request": "abc12345",
        "view": "bank-home",
        "status": 200,
    }


def test_what_others_fill_in_is_left_out():
    """An address, a query, the message of an error: of each the kind is kept and the content is not."""
    log = logging.getLogger("django.request")
    with lines() as found:
        log.warning("Not Found: %s", f"/me/{NAME}")
        log.error(f"Invalid HTTP_HOST header: {NAME}")  # noqa: G004  as Django does
        try:
            int(NAME)
        except ValueError:
            log.exception("Internal Server Error: %s", f"/bank/?q={TELEPHONE}")
    first, second, third = map(json.loads, found)
    assert (first["event"], second["event"]) == ("Not Found: %s", "")
    assert (third["event"], third["error"]) == ("Internal Server Error: %s", "ValueError")
    assert third["places"][-1].endswith(" test_what_others_fill_in_is_left_out")
    assert NAME not in "".join(found)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0123abcd-4567", True),
        ("short", False),
        ("x" * 65, False),
        ("a b c d e f g h", False),
        ("名字名字名字名字", False),
    ],
)
def test_a_requests_id_is_the_proxys_if_it_is_one(given, kept):
    """What is none is not written: nobody writes lines of their own into the log."""
    assert (id_of(given) == given) is kept
    assert len(id_of("")) == 16


def merchant(desk):
    who = Enrolled(
        APPROVED,
        "farmer",
        "371302",
        "371302001201",
        NAME,
        shop_name=SHOP,
        identity_number=NUMBER,
        telephone=TELEPHONE,
        platform="mall",
        shop="s",
    )
    enrol(who, by=desk.program, at=AT, username="siming", password=PASSWORD)
    with tenancy.within(desk.organisation.pk):
        held = Holder.objects.get()
        add_person(NewPerson("manager", "周晓岚", Role.CUSTOMER_MANAGER, PASSWORD), AT)
        return {held.name, held.shop_name, held.identity_number, held.telephone, "siming", "周晓岚", PASSWORD}


@pytest.mark.full
def test_a_whole_journey_leaves_no_personal_datum_in_the_log(sqlite):
    """From a mistyped name to the drawdown, with lost pages and strangers' hosts: names, numbers, telephones, passwords, none."""
    desk = Desk()
    private = merchant(desk)
    client, staff = (
        Client(SERVER_NAME="localhost"),
        Client(SERVER_NAME="localhost", raise_request_exception=False),
    )
    with lines() as found:
        client.post("/sign-in", {"username": NAME, "password": PASSWORD})
        client.post("/sign-in", {"username": "siming", "password": PASSWORD})
        asked = {"amount": "3000", "purpose": f"{NAME}买种苗", **dict.fromkeys(ASKED, "yes")}
        client.post("/me/apply", asked)
        number = "A2026-000001"
        sign(client, desk, number)
        sent = {"amount": "1000", "key": "k", "costs_read": "yes", "from_sales": "yes"}
        drawn = client.post(f"/me/draw/{number}", sent)
        client.get(f"/me/{NAME}?telephone={TELEPHONE}")
        client.get(f"/healthz?name={NAME}", headers={"host": f"{TELEPHONE}.example"})
        staff.post("/sign-in", {"username": "manager", "password": PASSWORD})
        staff.get(f"/bank/?q={NAME}", headers={"X-Request-ID": NAME.encode().decode("latin-1")})
        staff.get(f"/bank/applications/{number}")
        staff.get(f"/bank/loans?q={TELEPHONE}")
    assert drawn.status_code == 302
    told = [json.loads(line) for line in found]
    written = "\n".join(found) + "\n".join(json.dumps(one, ensure_ascii=False) for one in told)
    assert {one for one in private if one in written} == set()
    views = [one["view"] for one in told if one["event"] == "request"]
    assert {
        "sign-in",
        "merchant-apply",
        "merchant-agreement",
        "merchant-draw",
        "bank-home",
    } <= set(views)
    actions = [one["action"] for one in told if one["event"] == "action"]
    assert {"lending.case.file", "lending.case.assess", "lending.loan.disburse"} <= set(actions)
    assert [one["outcome"] for one in told if one["event"] == "sign-in"] == ["wrong", "right", "right"]
    assert "DisallowedHost" in written
    assert all(one["request"] for one in told if one["logger"] == "suixin")


def sign(client, desk, number):
    with tenancy.within(desk.organisation.pk):
        _, text = to_sign(number)
    digest = agreement.digest_of(text)
    sent = {"digest": digest, "name": NAME, "code": one_time_code(digest), "costs_read": "yes"}
    return client.post(f"/me/applications/{number}/agreement", sent)
