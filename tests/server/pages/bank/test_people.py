"""People and roles: looked up, added, given and taken by two administrators, and ended."""

import re

import pytest
from django.test import Client
from house import AT
from screens import PASSWORD, Screens, _messages

from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity.actions.found_organisation import NewPerson, found_organisation
from suixin.server.identity.models import Membership, User
from suixin.server.identity.roles import Kind, Role

ADMIN = Role.ADMINISTRATOR
SECOND = {"second": "rural-administrator-1", "password": PASSWORD}
NEW = {"username": "zhao", "name": "赵敏", "role": "approver", "reason": "入职", **SECOND}


def house_of(code="rural"):
    house = Screens(code)
    house.person(ADMIN)
    house.person(ADMIN, 1, PASSWORD)
    return house


@pytest.fixture
def house(sqlite):
    return house_of()


def logged(house, *actions):
    with tenancy.within(house.organisation.pk):
        found = Record.objects.filter(action__in=actions).order_by("pk")
        return list(found.values_list("action", "actor", "reason"))


def roles_of(house, username):
    with tenancy.within(house.organisation.pk):
        live = Membership.objects.filter(user__username=username, withdrawn_at=None)
        return sorted(live.values_list("role", flat=True))


def test_a_person_is_added_by_two_and_comes_in_by_the_password_that_was_shown(database):
    """With one word alone nobody is there; with both the password stands on one page, once, and opens the door."""
    house = house_of()
    second = house.actor(ADMIN, 1).name
    refused = house.client(ADMIN).post("/bank/people/new", NEW | {"password": "wrong"})
    assert refused.status_code == 400  # the form again, and no address with a person's name in it
    page = refused.content.decode()
    assert _messages(page) == ["复核人的用户名或密码不正确"]
    assert 'value="赵敏"' in page
    assert '<option value="approver" selected>' in page
    assert roles_of(house, "zhao") == []
    answer = house.client(ADMIN).post("/bank/people/new", NEW)
    assert (answer.status_code, answer["Cache-Control"]) == (
        200,
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )
    shown = re.search(r"<code>([a-z2-9]{5}(?:-[a-z2-9]{5}){3})</code>", answer.content.decode())[1]
    client = Client(SERVER_NAME="localhost")
    assert client.post("/sign-in", {"username": "zhao", "password": shown})["Location"] == "/"
    assert client.get("/bank/").status_code == 200
    assert logged(house, "identity.user.add")[-1] == (
        "identity.user.add",
        house.actor(ADMIN).name,
        f"入职 ({second})",
    )
    said = house.send(ADMIN, "/bank/people/new", NEW)[1]
    assert said == ["用户名“zhao”已有人使用，请换一个"]
    for odd in ({"username": "zhao min"}, {"username": ""}, {"name": " "}, {"role": "owner"}, {"role": ""}):
        assert house.send(ADMIN, "/bank/people/new", NEW | {"username": "qian"} | odd)[0] == 400
    with tenancy.within(house.organisation.pk):
        assert User.objects.filter(name="赵敏").count() == 1


def test_roles_are_granted_and_withdrawn_on_a_persons_page(house):
    """Each with its span, and with the log's lines and whose second word it was; an administrator stays one alone."""
    user = house.person(Role.REVIEWER)
    where = f"/bank/people/{user.pk}"
    form = {"role": "post_loan", "reason": "轮岗", **SECOND}
    refused = house.send(ADMIN, f"{where}/grant", form | {"reason": ""})
    assert refused == (where, ["请填写原因"])
    assert house.send(ADMIN, f"{where}/grant", form) == (where, ["已授予"])
    assert roles_of(house, user.username) == ["post_loan", "reviewer"]
    assert house.send(ADMIN, f"{where}/grant", form | {"role": "administrator"})[1] == [
        "管理员不能兼任其他角色：授予角色的人不经办业务"
    ]
    assert house.send(ADMIN, f"{where}/withdraw", form | {"role": "reviewer"}) == (where, ["已撤销"])
    assert house.send(ADMIN, f"{where}/withdraw", form | {"role": "reviewer"})[1] == ["请选择此人现有的角色"]
    assert roles_of(house, user.username) == ["post_loan"]
    text = house.page(Role.AUDITOR, where, lang="en")
    assert text.count("held now") == 1
    spans = re.findall(r'<tr><th scope="row">([a-z-]+)</th><td>(<time.*?)</td><td>(<time)?', text)
    assert [(role, bool(until)) for role, _, until in spans] == [("post-loan", False), ("reviewer", True)]
    lines = re.findall(
        r"<td>(grant|withdraw) a role</td><td>(.*?) <.*?</td><td>(.*?)</td><td>(.*?)</td>", text
    )
    assert lines == [(verb, "管理员0", "管理员1", "轮岗") for verb in ("withdraw", "grant")]
    assert "/grant" not in text
    own = house.actor(ADMIN).name.removeprefix("user:")
    assert house.send(ADMIN, f"/bank/people/{own}/grant", form)[1] == [
        "管理员不能兼任其他角色：授予角色的人不经办业务"
    ]


def test_a_persons_access_ends_at_once(database):
    """Sessions, roles and the way in; the records stay, the name is never given again, and two administrators are left."""
    house = house_of()
    user = house.person(Role.APPROVER, password=PASSWORD)
    client = Client(SERVER_NAME="localhost")
    sent = {"username": user.username, "password": PASSWORD}
    assert client.post("/sign-in", sent).status_code == 302
    assert client.get("/bank/").status_code == 200
    where = f"/bank/people/{user.pk}"
    form = {"reason": "离职", **SECOND}
    assert house.send(ADMIN, f"{where}/end", form)[1] == ["请确认停用"]
    form["sure"] = "yes"
    assert house.send(ADMIN, f"{where}/end", form | {"second": ""})[1] == ["复核人的用户名或密码不正确"]
    assert client.get("/bank/").status_code == 200
    for _ in range(2):
        assert house.send(ADMIN, f"{where}/end", form) == (where, ["已停用"])
    assert client.get("/bank/").status_code == 302
    assert client.post("/sign-in", sent).status_code == 400
    assert roles_of(house, user.username) == []
    told = f"离职 ({house.actor(ADMIN, 1).name})"
    assert logged(house, "identity.user.deactivate") == [
        ("identity.user.deactivate", house.actor(ADMIN).name, told)
    ]
    grant = form | {"role": "auditor"}
    assert house.send(ADMIN, f"{where}/grant", grant)[1] == [f"{user.username} 已停用"]
    again = house.send(ADMIN, "/bank/people/new", NEW | {"username": user.username})[1]
    assert again == [f"用户名“{user.username}”已有人使用，请换一个"]
    assert user.username in house.page(ADMIN, "/bank/people?state=ended")
    assert user.username not in house.page(ADMIN, "/bank/people")


def test_a_list_is_narrowed_turned_and_taken_away(house):
    """By words, role and state, fifty at a time; another house's people are not there."""
    with tenancy.within(house.organisation.pk):
        made = User.objects.bulk_create(
            [User(username=f"p{n:03}", name=f"员工{n}", created_at=AT) for n in range(120)]
        )
        Membership.objects.bulk_create(
            [Membership(user=one, role=Role.COLLECTION, granted_at=AT) for one in made]
        )
    first = house.page(ADMIN, "/bank/people?role=collection")
    assert "120 人" in first
    assert first.count("<tr><th") == 51
    last = house.page(ADMIN, "/bank/people?role=collection&page=3", lang="en")
    assert re.findall(r'">(p\d{3})</a>', last) == [f"p{n:03}" for n in range(100, 120)]
    assert re.findall(r'">(p\d{3})</a>', house.page(ADMIN, "/bank/people?text=员工11")) == [
        "p011",
        *(f"p{n}" for n in range(110, 120)),
    ]
    sheet = house.client(Role.AUDITOR).get("/bank/people.xlsx?text=p001")
    assert sheet["Content-Disposition"] == 'attachment; filename="people.xlsx"'
    theirs = house_of("other")
    theirs.page(ADMIN, f"/bank/people/{made[0].pk}", status=404)
    assert "p000" not in theirs.page(ADMIN, "/bank/people?state=all")
    assert theirs.client(ADMIN).post(f"/bank/people/{made[0].pk}/end", SECOND).status_code == 404


@pytest.mark.parametrize(
    ("kind", "role", "address"),
    [
        (Kind.PLATFORM, Role.OPERATOR, "/platform/"),
        (Kind.GOVERNMENT, Role.OFFICIAL, "/government/"),
        (Kind.GUARANTEE_FUND, Role.FUND_MANAGER, "/government/"),
    ],
)
def test_every_house_looks_after_its_own_people(sqlite, kind, role, address):
    """By the same pages: its administrators give the roles of its kind and none of a bank's, and who has one comes in."""
    admins = [NewPerson(f"admin{n}", f"管理员{n}", ADMIN, PASSWORD) for n in (0, 1)]
    made = found_organisation("county", kind, "县里", admins, at=AT)
    client = Client(SERVER_NAME="localhost")
    client.post("/sign-in", {"username": "admin0", "password": PASSWORD})
    page = client.get("/bank/people/new").content.decode()
    assert set(re.findall(r'<option value="(\w+)"', page)) == {"administrator", "auditor", role.value}
    sent = NEW | {"second": "admin1", "role": role.value}
    refused = client.post("/bank/people/new", sent | {"role": "approver"}, follow=True).content.decode()
    assert "本机构没有“审批”这一角色" in refused
    assert client.post("/bank/people/new", sent).status_code == 200
    with tenancy.within(made.pk):
        user = User.objects.get(username="zhao")
    own = Client(SERVER_NAME="localhost")
    own.force_login(user, "suixin.server.identity.backend.Backend")
    assert own.get("/", follow=True).redirect_chain[-1][0] == address
    assert own.get("/bank/people").status_code == 403


def test_merchants_are_not_staff_and_the_auditor_changes_nothing(house):
    owner = house.person(Role.OWNER)
    assert owner.username not in house.page(ADMIN, "/bank/people?state=all")
    house.page(ADMIN, f"/bank/people/{owner.pk}", status=404)
    user = house.person(Role.REVIEWER)
    for verb in ("grant", "withdraw", "end"):
        assert house.client(Role.AUDITOR).post(f"/bank/people/{user.pk}/{verb}").status_code == 403
    house.page(Role.AUDITOR, "/bank/people/new", status=403)
    assert "/bank/people/new" not in house.page(Role.AUDITOR, "/bank/people")
