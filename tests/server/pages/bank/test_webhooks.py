"""Webhooks in a browser: an endpoint added by two, its secret shown once, the log narrowed, an event sent again."""

import re
from io import BytesIO

import openpyxl
import pytest
from hearing import added, deliveries, happens
from house import AT
from screens import PASSWORD, Screens, _messages

from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity import access
from suixin.server.identity.roles import Role
from suixin.server.webhooks import faults
from suixin.server.webhooks.actions.spread import spread
from suixin.server.webhooks.models import Attempt, Delivery, Endpoint
from suixin.server.webhooks.sealing import secrets_of

ADMIN = Role.ADMINISTRATOR
SECOND = {"second": "rural-administrator-1", "password": PASSWORD}
URL = "https://core.example.com/suixin"
NEW = {"name": "core", "url": URL, "topic": ["loan.drawn", "relief.granted"], **SECOND}


@pytest.fixture
def house(sqlite):
    made = Screens()
    made.person(ADMIN)
    made.person(ADMIN, 1, PASSWORD)
    return made


def told(house, code="rural"):
    """Three events for an endpoint of the house: one delivered, one given up, one that waits."""
    held = added(house, URL, NEW["topic"])
    for key in "abc":
        happens(house, key=key)
    spread(by=access.system(house.organisation.pk, "webhooks"), at=AT)
    with tenancy.within(house.organisation.pk):
        for row, state in zip(Delivery.objects.order_by("pk"), ("delivered", "dead"), strict=False):
            Attempt(delivery=row, at=AT, milliseconds=12, status=500, said="<b>no</b>").save()
            row.state, row.tries, row.settled_at = state, 1, AT
            row.save()
    return held


def test_an_endpoint_is_added_by_two_and_its_secret_stands_on_one_page(house):
    """With one word alone nothing is there and what was typed is kept; the secret that was shown is the one that signs."""
    refused = house.client(ADMIN).post("/bank/webhooks/new", NEW | {"password": "wrong"})
    assert refused.status_code == 400  # the form again, and no address with another one in it
    page = refused.content.decode()
    assert _messages(page) == ["复核人的用户名或密码不正确"]
    assert f'value="{URL}"' in page
    assert page.count(" checked") == 2
    said = house.send(ADMIN, "/bank/webhooks/new", NEW | {"url": "http://core.example.com/"})[1]
    assert said == ["http 只能用于本机地址，请填 https"]
    answer = house.client(ADMIN).post("/bank/webhooks/new", NEW)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    shown = re.search(r"<code>(whsec_[A-Za-z0-9+/=]+)</code>", answer.content.decode())[1]
    with tenancy.within(house.organisation.pk):
        one = Endpoint.objects.get()
        assert secrets_of(one, AT) == [shown]
        assert (one.name, one.topics) == ("core", ["loan.drawn", "relief.granted"])
    for page in (house.page(ADMIN, "/bank/webhooks"), house.page(ADMIN, f"/bank/webhooks/{one.pk}")):
        assert URL in page
        assert "贷款已发放" in page
        assert shown not in page


def test_the_log_is_narrowed_by_its_address_and_taken_away(house):
    """By state, topic, endpoint and event; the workbook has the same rows; text of a stranger stays text."""
    told(house)
    rows = deliveries(house)
    page = house.page(ADMIN, "/bank/webhooks/log", lang="en")
    assert "3 deliveries" in page
    for asked, count in (
        ("state=dead", 1),
        ("state=waiting", 1),
        ("topic=relief.granted", 3),
        ("topic=loan.drawn", 0),
        (f"event={rows[0].event_id}", 1),
        ("endpoint=nothing", 0),
        ("state=x&topic=y", 3),
    ):
        assert (f"{count} deliver{'y' if count == 1 else 'ies'}") in house.page(
            ADMIN, f"/bank/webhooks/log?{asked}", lang="en"
        ), asked
    answer = house.client(ADMIN, lang="en").get("/bank/webhooks/log.xlsx?state=dead")
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    (line,) = list(sheet.iter_rows(min_row=2, values_only=True))
    assert line[:3] == (rows[1].event_id, "relief.granted", "core banking")
    assert (line[4], line[5]) == ("given up", 1)
    page = house.page(ADMIN, f"/bank/webhooks/log/{rows[1].pk}", lang="en")
    assert "&lt;b&gt;no&lt;/b&gt;" in page
    assert "HTTP 500" in page


def test_an_event_is_sent_again_from_its_page_with_a_reason(house):
    """Without one nothing happens; sent, it waits, once however often the button is pressed; the auditor sees and may not."""
    told(house)
    dead = deliveries(house)[1]
    where = f"/bank/webhooks/log/{dead.pk}"
    assert house.send(ADMIN, f"{where}/send", {"reason": ""})[1] == ["请填写原因"]
    for _ in range(2):
        assert house.send(ADMIN, f"{where}/send", {"reason": "core lost it"}) == (where, ["已重新排队"])
    again = deliveries(house)[1]
    assert (again.state, again.tries, again.event_id) == ("waiting", 0, dead.event_id)
    with tenancy.within(house.organisation.pk):
        assert Record.objects.filter(action="webhooks.delivery.send_again").count() == 1
    assert "重新推送</summary>" in house.page(ADMIN, where)
    assert "重新推送</summary>" not in house.page(Role.AUDITOR, where)
    assert house.client(Role.AUDITOR).post(f"{where}/send", {"reason": "r"}).status_code == 403


def test_what_was_ticked_is_sent_again_for_one_reason(house):
    """Each by itself; another house's is told as none; without a reason nothing waits anew."""
    told(house)
    taken, dead, _ = deliveries(house)
    form = {"delivery": [taken.pk, dead.pk, 999], "question": "state=dead", "reason": "core lost it"}
    assert house.send(ADMIN, "/bank/webhooks/log/send", form | {"reason": " "})[1] == [
        "3 项没有办理：请填写原因"
    ]
    assert house.send(ADMIN, "/bank/webhooks/log/send", form) == (
        "/bank/webhooks/log?state=dead",
        ["2 条已重新排队", "1 项没有办理：没有编号为 999 的推送"],
    )
    assert {one.state for one in deliveries(house)} == {"waiting"}
    with tenancy.within(house.organisation.pk):
        assert (
            Record.objects.filter(action="webhooks.delivery.send_again", reason="core lost it").count() == 2
        )
    assert house.client(Role.AUDITOR).post("/bank/webhooks/log/send", form).status_code == 403


def test_a_secret_is_replaced_and_an_endpoint_switched_off_and_on(house):
    """One administrator takes away, two give again; each step stands in the endpoint's own log."""
    told(house)
    where = "/bank/webhooks/1"
    answer = house.client(ADMIN).post(f"{where}/rotate", {"reason": "half-yearly"})
    assert re.search(r"<code>whsec_[A-Za-z0-9+/=]+</code>", answer.content.decode())
    assert house.send(ADMIN, f"{where}/off", {"reason": "moved"}) == (where, ["已停用"])
    assert house.send(ADMIN, f"{where}/on", {"reason": "back"})[1] != ["已启用"]
    assert house.send(ADMIN, f"{where}/on", {"reason": "back", **SECOND}) == (where, ["已启用"])
    with tenancy.within(house.organisation.pk):
        row = Delivery.objects.latest("pk")
        Attempt(delivery=row, at=AT, milliseconds=9, status=None, said=faults.SEALED.en).save()
    assert faults.SEALED.zh in house.page(ADMIN, f"/bank/webhooks/log/{row.pk}")
    page = house.page(ADMIN, where, lang="en")
    for said in ("half-yearly", "moved", "back (user:", "add an endpoint of webhooks"):
        assert said in page


def test_nothing_of_another_house_is_there(house):
    """Neither its endpoint nor its log, by number or by the buttons; its number is nobody's."""
    other = Screens("other")
    other.person(ADMIN)
    told(other)
    (row, *_) = deliveries(other)
    assert "3" not in re.findall(r"(\d+) deliveries", house.page(ADMIN, "/bank/webhooks/log", lang="en"))
    for path in (f"/bank/webhooks/{row.endpoint_id}", f"/bank/webhooks/log/{row.pk}"):
        house.page(ADMIN, path, status=404)
    for path in (
        f"{row.endpoint_id}/off",
        f"{row.endpoint_id}/rotate",
        f"{row.endpoint_id}/on",
        f"log/{row.pk}/send",
    ):
        answer = house.client(ADMIN).post(f"/bank/webhooks/{path}", {"reason": "r", **SECOND})
        assert answer.status_code == 404, path
    assert [one.state for one in deliveries(other)] == ["delivered", "dead", "waiting"]
