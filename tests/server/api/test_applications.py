"""Applications by the API: filed for who is enrolled, decided by the policy under consents, told with the why."""

import pytest
from django.utils import timezone
from house import AT
from journeys import APPROVED, DECLINED, Desk
from programs import Program, yuan

from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity.scopes import Scope
from suixin.server.origination import queries
from suixin.server.origination.models import Application


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """The day on which the merchants consented."""
    monkeypatch.setattr(timezone, "now", lambda: AT)


def wish(merchant_id=APPROVED, amount="5000.00", **more):
    return {"merchant_id": merchant_id, "amount": yuan(amount), "purpose": "种苗", **more}


def test_an_application_is_filed_and_decided_with_its_why(database):
    """By the same actions as on the pages: no consent, no decision; the policy decides, the log names the client."""
    desk = Desk()
    desk.enrolled(APPROVED)
    program = Program(desk)
    status, filed = program.post("/applications", wish(), key="a1")
    assert status == 201
    assert {**filed, "filed_at": ""} == {
        "number": "A2026-000001",
        "merchant_id": APPROVED,
        "state": "filed",
        "channel": "api",
        "asked": yuan("5000.00"),
        "purpose": "种苗",
        "by_people": False,
        "filed_on": "2026-01-01",
        "filed_at": "",
        "granted": None,
        "annual_rate": None,
        "settled_at": None,
    }
    assert program.post("/applications", wish(), key="a1") == (201, filed)
    address = f"/applications/{filed['number']}"
    assert program.get(f"{address}/decision")[0] == 404
    status, problem = program.post(f"{address}/decision", {}, key="d1")
    assert (status, problem["code"], problem["why"]) == (403, "consent", "none")
    case = desk.case(filed["number"])
    desk.consented(case)
    status, decided = program.post(f"{address}/decision", {}, key="d2")
    with tenancy.within(desk.organisation.pk):
        held = queries.decided(case)
        assert (case.filed_by, Application.objects.get().automatic) == (program.name, True)
        log = Record.objects.filter(action__in=["lending.case.file", "lending.case.have_assessed"])
        assert set(log.values_list("actor", flat=True)) == {program.name}
    assert (status, decided["outcome"], decided["state"], decided["automatic"]) == (
        201,
        "approve",
        "offered",
        True,
    )
    assert (decided["decision_id"], decided["digest"]) == (held.decision.decision_id, held.record.digest)
    assert decided["limit"] == yuan(f"{held.decision.limit_fen / 100:.2f}")
    assert [one["code"] for one in decided["reasons"]] == [one.code for one in held.decision.reasons]
    assert all(one["zh"] != one["en"] for one in decided["reasons"])
    assert program.post(f"{address}/decision", {}, key="d2") == (201, decided)
    assert program.post(f"{address}/decision", {}, key="d3")[0] == 422
    assert program.get(f"{address}/decision") == (200, decided)
    status, shown = program.get(address)
    assert (shown["state"], shown["granted"]) == ("offered", yuan("5000.00"))
    assert shown["annual_rate"] == decided["offer"]["annual_rate"]
    assert program.get("/applications", state="offered")[1]["items"] == [shown]
    assert program.get("/applications", merchant_id="nobody")[1]["items"] == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (wish("nobody"), 422),
        (wish(amount="0.00"), 422),
        (wish(purpose=" "), 422),
        (wish(purpose="a\x00b"), 422),
        (wish(purpose="a\nb"), 422),
        (wish(amount="7000.00"), 409),  # another is open
        (wish("a/b"), 422),
        (wish(channel="self"), 422),
        (wish(by_people="yes"), 422),
        (wish(by_people=1), 422),
        ([], 422),
    ],
)
def test_an_application_that_cannot_be_is_refused(lasting, sent, status):
    """And none is filed."""
    if not hasattr(lasting, "program"):
        desk = Desk()
        desk.filed(APPROVED, amount=500_000)
        lasting.desk, lasting.program = desk, Program(desk)
    assert lasting.program.post("/applications", sent)[0] == status
    with tenancy.within(lasting.desk.organisation.pk):
        assert Application.objects.count() == 1


def test_who_may_only_write_reads_nothing_and_another_house_is_not_there(sqlite):
    """The same numbers and pseudonyms in two houses; 404 and not 403, so that nobody learns what is there."""
    ours, theirs = Desk("ours"), Desk("theirs")
    case = ours.filed(APPROVED, amount=500_000)
    theirs.enrolled(DECLINED)
    writer, stranger = Program(ours, Scope.APPLICATIONS_WRITE), Program(theirs)
    assert ours.case(case.number).channel == "self"
    assert writer.get(f"/applications/{case.number}")[0] == 403
    assert stranger.get(f"/applications/{case.number}")[0] == 404
    assert stranger.get("/applications")[1]["items"] == []
    assert stranger.post(f"/applications/{case.number}/decision", {})[0] == 404
    assert stranger.post("/applications", wish())[0] == 422  # not enrolled there


def test_who_may_only_write_is_told_nothing_of_what_others_filed(sqlite):
    """Neither its number nor whether it is the same wish; their own is theirs, and who may read is answered."""
    desk = Desk()
    case = desk.filed(APPROVED, amount=500_000)
    desk.enrolled(DECLINED)
    writer, reader = Program(desk, Scope.APPLICATIONS_WRITE), Program(desk)
    for number, amount in enumerate(("5000.00", "7000.00")):
        status, problem = writer.post("/applications", wish(amount=amount), key=f"w{number}")
        assert (status, problem["code"]) == (409, "conflict")
        assert case.number not in str(problem)
    assert reader.post("/applications", wish())[1]["number"] == case.number
    own = writer.post("/applications", wish(DECLINED), key="o1")
    assert writer.post("/applications", wish(DECLINED), key="o2") == own
