"""Relief after a hailstorm: tried first, done by two, once, all or none; the list of beneficiaries stays."""

import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from screens import APPLE, HAIL, PASSWORD, PEAR, Screens, house_of

from suixin.server import tenancy
from suixin.server.identity.roles import Role
from suixin.server.servicing.models import LoanEvent

ELSEWHERE = replace(APPLE, village="371302002003")


@pytest.fixture
def house(sqlite):
    return house_of(("L1", "P1", APPLE), ("L2", "P2", PEAR), ("L3", "P3", ELSEWHERE))


def asked(**more):
    return "/bank/disasters?" + "&".join(f"{name}={value}" for name, value in (HAIL | more).items())


def replanned(house):
    with tenancy.within(house.organisation.pk):
        found = LoanEvent.objects.filter(kind="replanned")
        return list(found.values_list("loan__number", "by", "reason"))


def test_whom_it_reaches_and_who_is_left_out(house):
    text = house.page(Role.APPROVER, asked())
    assert "试算，尚未实施" in text
    assert "受益名单：1" in text
    assert "未纳入名单：1" in text
    assert "作物未受灾" in text
    assert "2027年4月5日" in text
    assert ">L3<" not in text
    assert replanned(house) == []
    text = house.page(Role.COMMITTEE, asked(crops="", townships="371302001，371302002"), lang="en")
    assert "Beneficiaries: 3" in text
    assert "Relieve 3 loans, by two people" in text


def test_two_people_declare_it_once(database):
    """With one word alone nothing happens; with both the list of the trial is what is done, however often it is sent."""
    house = house_of(("L1", "P1", APPLE), ("L2", "P2", PEAR))
    house.person(Role.COMMITTEE, 1, PASSWORD)
    text = house.page(Role.APPROVER, asked())
    form = HAIL | {"key": re.search(r'name="key" value="([0-9a-f]+)"', text)[1]}
    odd = form | {"source": "县应急 & 气象局 #3?"}
    address, said = house.send(Role.APPROVER, "/bank/disasters", odd)
    assert address.startswith("/bank/disasters?event=")
    kept = house.client(Role.APPROVER).get(address).context["asked"]
    assert kept == {name: odd.get(name, "") for name in kept}  # as it was typed, whatever signs it has
    assert said == ["复核人的用户名或密码不正确"]
    assert replanned(house) == []
    form |= {"second": "rural-committee-1", "password": PASSWORD}
    for _ in range(2):
        told = house.send(Role.APPROVER, "/bank/disasters", form)
        assert told == (f"/bank/disasters/disaster-{form['key']}", ["已实施，名单如下"])
    assert replanned(house) == [("L1", house.actor(Role.APPROVER).name, "雹灾 2026-3")]
    text = house.page(Role.AUDITOR, f"/bank/disasters/disaster-{form['key']}", lang="en")
    for part in (">L1<", ">L2<", "5 Apr 2027", "its crop was not struck", "县公告 7 号", "审批0", "贷审会1"):
        assert part in text, part
    assert "雹灾 2026-3" in house.page(Role.APPROVER, "/bank/disasters")
    house.end(30)
    assert house.loan("L1").days_past_due(house.day) == 0
    assert house.loan("L2").days_past_due(house.day) == 2
    theirs = Screens("other")
    theirs.page(Role.AUDITOR, f"/bank/disasters/disaster-{form['key']}", status=404)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"townships": "371302"}, "township &#x27;371302&#x27; is no code of nine digits"),
        ({"townships": ""}, "no township"),
        ({"first_on": "soon"}, "&#x27;soon&#x27; is no date"),
        ({"last_on": "2026-01-01"}, "the moratorium ends on 2026-01-01, before 2026-01-07"),
        ({"first_on": "2026-02-01"}, "after the open day 2026-01-08"),
        ({"first_on": "0001-01-01"}, "&#x27;0001-01-01&#x27; is no date from 2000 to 2099"),
        ({"last_on": "9999-12-31"}, "&#x27;9999-12-31&#x27; is no date from 2000 to 2099"),
        ({"event": ""}, "Name the event"),
        ({"deferred": "never"}, "Say when the interest falls due"),
    ],
)
def test_what_is_no_disaster_is_refused_in_words(house, more, said):
    assert said in house.page(Role.APPROVER, asked(**more), lang="en")


def test_a_century_of_relief_is_worked_out(house):
    """The furthest days that a form takes; nothing is before the first or behind the last day there is."""
    text = house.page(Role.APPROVER, asked(first_on="2000-01-01", last_on="2099-12-31"), lang="en")
    assert "L1" in text


@pytest.mark.parametrize("key", ["a/b", "", "x" * 41, "a b"])
def test_a_key_that_is_no_part_of_an_address_is_no_form_of_ours(house, key):
    assert house.client(Role.APPROVER).post("/bank/disasters", HAIL | {"key": key}).status_code == 400
    assert replanned(house) == []


def test_who_may_not(house):
    for role in set(Role) - {Role.APPROVER, Role.COMMITTEE}:
        assert house.client(role).get("/bank/disasters").status_code == 403, role
        assert house.client(role).post("/bank/disasters", HAIL).status_code == 403, role
    assert replanned(house) == []
    house.page(Role.POST_LOAN, "/bank/disasters/none", status=404)


def test_more_beneficiaries_ask_no_more_questions(sqlite):
    counts = []
    for code, size in (("one", 1), ("five", 5)):
        house = house_of(*((f"L{number}", f"P{number}", APPLE) for number in range(size)), code=code)
        house.page(Role.APPROVER, asked())
        with CaptureQueriesContext(connection) as seen:
            house.page(Role.APPROVER, asked())
        counts.append(len(seen))
    assert counts[0] == counts[1]
