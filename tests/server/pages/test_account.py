"""The way in by the pages: second factor, lock-out, password, sessions."""

import re
import threading
import time

import pytest
from django.test import Client
from django.utils import timezone
from house import AT, in_threads
from screens import PASSWORD, Screens, _messages

from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity import factor, factors, throttle
from suixin.server.identity.actions.grant_role import grant_role
from suixin.server.identity.backend import Backend
from suixin.server.identity.models import User
from suixin.server.identity.roles import Role
from suixin.server.identity.visitors import address_of

MANAGER = Role.CUSTOMER_MANAGER


@pytest.fixture
def lender(sqlite):
    return Screens()


def browser():
    return Client(SERVER_NAME="localhost")


def signed_in(user, password=PASSWORD):
    client = browser()
    answer = client.post("/sign-in", {"username": user.username, "password": password})
    return client, answer


def secret(user):
    with tenancy.within(user.organisation_id):
        return factors.secret_of(factors.factor_of(user))


def code(user, beside=0):
    return factor.code_at(secret(user), int(time.time()) // 30 + beside)


def enrolled(client, user):
    """Set a second factor up by the pages; the recovery codes."""
    assert client.post("/account/second-factor/begin")["Location"] == "/account/second-factor"
    page = client.get("/account/second-factor").content.decode()
    assert factor.shown(secret(user)) in page
    assert page.count("<svg ") == 1
    done = client.post("/account/second-factor", {"code": code(user, -1)})
    assert done.status_code == 200
    return re.findall(r"<li><code>([A-Z0-9-]+)</code></li>", done.content.decode())


def test_staff_sign_in_by_two_steps_and_each_code_once(lender):
    """The password alone opens nothing; a code, or a recovery code, does, and neither twice."""
    user = lender.person(MANAGER, password=PASSWORD)
    first, _ = signed_in(user)
    old, _ = signed_in(user)
    codes = enrolled(first, user)
    assert len(codes) == 10
    assert first.get("/bank/").status_code == 200
    assert old.get("/bank/").status_code == 302
    client, answer = signed_in(user)
    assert answer["Location"] == "/sign-in/code"
    assert client.get("/bank/")["Location"] == "/sign-in?next=%2Fbank%2F"
    assert client.post("/sign-in/code", {"code": "000000"}).status_code == 400
    now = code(user)
    before = client.session.session_key
    assert client.post("/sign-in/code", {"code": now})["Location"] == "/"
    assert client.session.session_key != before
    assert client.get("/bank/").status_code == 200
    again, _ = signed_in(user)
    assert again.post("/sign-in/code", {"code": now}).status_code == 400
    assert again.post("/sign-in/code", {"code": codes[0]})["Location"] == "/"
    last, _ = signed_in(user)
    assert last.post("/sign-in/code", {"code": codes[0]}).status_code == 400
    shown = first.get("/account/second-factor").content.decode()
    assert "剩余恢复码 9 个" in shown
    assert not any(one in shown for one in codes)


def test_a_right_password_waits_five_minutes_for_its_code(lender):
    """Then it is given again; a changed password ends the waiting, too."""
    user = lender.person(MANAGER, password=PASSWORD)
    first, _ = signed_in(user)
    enrolled(first, user)
    client, _ = signed_in(user)
    session = client.session
    session["suixin.half"] = [*session["suixin.half"][:3], session["suixin.half"][3] - 301]
    session.save()
    assert client.get("/sign-in/code")["Location"] == "/sign-in"
    other, _ = signed_in(user)
    with tenancy.within(user.organisation_id):
        held = User.objects.get(pk=user.pk)
        held.set_password("another horse battery")
        held.save()
    assert other.post("/sign-in/code", {"code": code(user)})["Location"] == "/sign-in"


def test_a_house_that_requires_it_lets_staff_do_nothing_before(lender, settings_of):
    """Every page leads to where it is set up; merchants are not asked."""
    settings_of(SECOND_FACTOR_REQUIRED=True)
    user = lender.person(MANAGER, password=PASSWORD)
    client, _ = signed_in(user)
    assert client.get("/bank/")["Location"] == "/account/second-factor"
    assert client.post("/bank/imports")["Location"] == "/account/second-factor"
    enrolled(client, user)
    assert client.get("/bank/").status_code == 200
    owner = lender.person(Role.OWNER, password=PASSWORD)
    merchant, _ = signed_in(owner)
    assert merchant.get("/account/").status_code == 200
    assert merchant.get("/account/second-factor").status_code == 403


def test_a_forgotten_password_is_replaced_by_two_and_the_second_factor_stays(lender):
    """The old one and every session end; one administrator alone, or for themselves, gives nothing; a merchant's, too."""
    admin, second = lender.person(Role.ADMINISTRATOR), lender.person(Role.ADMINISTRATOR, 1, PASSWORD)
    sent = {"reason": "本人到场，核对工牌", "second": second.username, "password": PASSWORD}
    for user in (lender.person(MANAGER, password=PASSWORD), lender.person(Role.OWNER, password=PASSWORD)):
        client, _ = signed_in(user)
        is_staff = "manager" in user.username
        if is_staff:
            enrolled(client, user)
        where, page = f"/bank/sign-ins/{user.pk}/password", f"/bank/sign-ins?user={user.username}"
        told = lender.send(Role.ADMINISTRATOR, where, sent | {"password": "wrong"})
        assert told == (page, ["复核人的用户名或密码不正确"])
        assert lender.send(Role.ADMINISTRATOR, where, sent | {"reason": ""})[1] == [
            "请写明原因，以及怎样核实了本人身份"
        ]
        assert client.get("/account/").status_code == 200
        shown = lender.client(Role.ADMINISTRATOR).post(where, sent).content.decode()
        drawn = re.search(r"<code>([a-z0-9-]{23})</code>", shown)[1]
        assert client.get("/account/").status_code == 302
        assert signed_in(user)[1].status_code == 400
        assert signed_in(user, drawn)[1]["Location"] == ("/sign-in/code" if is_staff else "/")
    own = lender.send(Role.ADMINISTRATOR, f"/bank/sign-ins/{admin.pk}/password", sent)[1]
    assert own == ["不能重置自己的密码：请自行修改，或由另一位管理员办理"]
    with tenancy.within(lender.organisation.pk):
        found = Record.objects.filter(action="identity.password.reset").values_list("actor", "reason")
        assert set(found) == {(f"user:{admin.pk}", f"本人到场，核对工牌 (user:{second.pk})")}
        assert len(found) == 2


@pytest.fixture
def settings_of(monkeypatch):
    from django.conf import settings

    def put(**values):
        for name, value in values.items():
            monkeypatch.setattr(settings, name, value)

    return put


def test_too_many_wrong_codes_wait_like_wrong_passwords(lender):
    """The sixth try is refused though its code is right; the administrator unlocks."""
    user = lender.person(MANAGER, password=PASSWORD)
    first, _ = signed_in(user)
    enrolled(first, user)
    client, _ = signed_in(user)
    for _ in range(5):
        assert client.post("/sign-in/code", {"code": "000000"}).status_code == 400
    assert client.post("/sign-in/code", {"code": code(user)}).status_code == 400
    where = f"/bank/sign-ins/{user.pk}"
    assert "已锁定至" in lender.page(Role.ADMINISTRATOR, f"/bank/sign-ins?user={user.username}")
    assert lender.send(Role.ADMINISTRATOR, where, {"do": "unlock", "reason": "本人来电"})[1] == ["已办理"]
    assert client.post("/sign-in/code", {"code": code(user)}).status_code == 302


def test_a_locked_name_and_an_unknown_one_read_the_same(lender):
    """Byte for byte, but for the name that was typed and the form's own token."""
    user = lender.person(MANAGER, password=PASSWORD)
    pages = set()
    for name in (user.username, "nobody-at-all"):
        client = browser()
        for _ in range(6):
            answer = client.post("/sign-in", {"username": name, "password": "wrong"})
            assert answer.status_code == 400
            text = answer.content.decode().replace(name, "NAME")
            pages.add(re.sub(r'value="[A-Za-z0-9]{64}"', "", text))
    assert len(pages) == 1
    assert signed_in(user)[1].status_code == 400


def test_an_administrator_takes_a_second_factor_away_and_ends_sessions(lender):
    """With a reason; not their own; of another house nobody."""
    user = lender.person(MANAGER, password=PASSWORD)
    client, _ = signed_in(user)
    enrolled(client, user)
    where = f"/bank/sign-ins/{user.pk}"
    assert lender.send(Role.ADMINISTRATOR, where, {"do": "reset"})[1] == [
        "请写明原因，以及怎样核实了本人身份"
    ]
    assert lender.send(Role.ADMINISTRATOR, where, {"do": "reset", "reason": "手机丢失，当面核实"})[1] == [
        "已办理"
    ]
    assert client.get("/bank/").status_code == 302
    again, answer = signed_in(user)
    assert answer["Location"] == "/"
    assert lender.send(Role.ADMINISTRATOR, where, {"do": "unlock", "reason": "长" * 501})[1] == [
        "文字有 501 个字，请不超过 500 个"
    ]
    assert lender.send(Role.ADMINISTRATOR, where, {"do": "end"})[1] == ["已办理"]
    assert again.get("/bank/").status_code == 302
    assert lender.send(Role.ADMINISTRATOR, where, {"do": "other"})[0] == 404
    theirs = Screens("theirs").person(MANAGER)
    assert lender.send(Role.ADMINISTRATOR, f"/bank/sign-ins/{theirs.pk}", {"do": "end"})[0] == 404


def test_a_password_is_changed_and_the_other_sessions_end(lender):
    """The old one is asked for, the new one must be long, uncommon and no name of one's own; this session goes on."""
    user = lender.person(MANAGER, password=PASSWORD)
    client, _ = signed_in(user)
    other, _ = signed_in(user)

    def change(old, new, again=None):
        sent = {"old": old, "new": new, "again": again or new}
        answer = client.post("/account/password", sent, follow=True)
        return _messages(answer.content.decode())

    client.cookies["django_language"] = "en"
    assert change("wrong", "a brand new battery") == ["the old password is not right"]
    assert change(PASSWORD, PASSWORD) == ["the new password is the old one"]
    assert change(PASSWORD, "a brand new battery", "another") == [
        "The new password was not typed twice alike"
    ]
    assert len(change(PASSWORD, "short")) == 1
    assert change(PASSWORD, user.username)[0].startswith("A password is not too similar to the user name.")
    assert change(PASSWORD, "1q2w3e4r5t6y") == ["A password is none that many people use."]
    assert change(PASSWORD, "my SuiXin battery")[0].startswith("A password holds no word of the product")
    client.cookies["django_language"] = "zh-hans"
    assert change(PASSWORD, "12345") == ["密码至少 12 个字符。 密码不能是很多人使用的常见密码。"]
    rules = re.search(r'<ul id="rules" class="hint">(.*?)</ul>', client.get("/account/").content.decode())[1]
    assert re.findall(r"<li>(.*?)</li>", rules) == [
        "密码至少 12 个字符。",
        "密码不能与用户名过于相似。",
        "密码不能是很多人使用的常见密码。",
        "密码不能包含产品或行业用词，如“穗信”“农商”。",
    ]
    client.cookies["django_language"] = "en"
    assert other.get("/bank/").status_code == 200
    before = client.session.session_key
    assert change(PASSWORD, "a brand new battery") == ["The password is changed"]
    assert client.session.session_key != before
    assert other.get("/bank/").status_code == 302
    assert client.get("/bank/").status_code == 200
    assert signed_in(user)[1].status_code == 400
    assert signed_in(user, "a brand new battery")[1].status_code == 302


def test_signing_out_everywhere_ends_all(lender):
    """After a tick, for a finger that slipped."""
    user = lender.person(MANAGER, password=PASSWORD)
    one, _ = signed_in(user)
    other, _ = signed_in(user)
    assert one.post("/account/sign-out-everywhere")["Location"] == "/account/"
    assert other.get("/bank/").status_code == 200
    assert one.post("/account/sign-out-everywhere", {"sure": "yes"})["Location"] == "/sign-in"
    assert (one.get("/bank/").status_code, other.get("/bank/").status_code) == (302, 302)


@pytest.mark.parametrize(
    ("role", "key", "seconds", "status"),
    [
        (MANAGER, "suixin.seen", 1_700, 200),
        (MANAGER, "suixin.seen", 1_900, 302),
        (MANAGER, "suixin.began", 8 * 3_600 + 60, 302),
        (Role.OWNER, "suixin.seen", 1_900, 200),
        (Role.OWNER, "suixin.began", 8 * 3_600 + 60, 302),
    ],
)
def test_a_session_ends_by_rest_and_by_age(lender, role, key, seconds, status):
    """Staff's after half an hour's rest, everybody's after a working day."""
    client, _ = signed_in(lender.person(role, password=PASSWORD))
    session = client.session
    session[key] -= seconds
    session.save()
    assert client.get("/account/").status_code == status


def test_signing_in_gives_the_session_another_key_and_guards_its_cookie(lender):
    """Whoever planted a session has none; scripts and strange sites get no cookie."""
    user = lender.person(MANAGER, password=PASSWORD)
    client = browser()
    client.get("/sign-in")
    session = client.session
    session["planted"] = 1
    session.save()
    before = session.session_key
    client.post("/sign-in", {"username": user.username, "password": PASSWORD})
    cookie = client.cookies["sessionid"]
    assert client.session.session_key != before
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 28_800)


@pytest.mark.parametrize(
    ("proxies", "told", "seen"),
    [
        (0, "192.0.2.1", "127.0.0.1"),
        (1, "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        (2, "203.0.113.9, 192.0.2.1, 10.0.0.1", "192.0.2.1"),
        (2, "192.0.2.1", "127.0.0.1"),
    ],
)
def test_the_address_is_what_our_own_proxy_saw(rf, settings_of, proxies, told, seen):
    """What a client writes into the header itself stands further left and is not believed."""
    settings_of(TRUSTED_PROXIES=proxies)
    assert address_of(rf.get("/", headers={"X-Forwarded-For": told})) == seen


@pytest.fixture
def rf():
    from django.test import RequestFactory

    return RequestFactory()


def test_a_colleagues_password_is_not_guessed_through_the_second_word(sqlite):
    """Tries on a form that asks for it count like tries at the door, though the form's own work is undone."""
    from lender import DAY

    lender = Screens()
    lender.lend("L1")
    colleague = lender.person(Role.APPROVER, 1, password=PASSWORD)
    sent = {"second": colleague.username, "password": "wrong", "reason": "r", "on": DAY.isoformat()}
    for _ in range(5):
        _, said = lender.send(Role.APPROVER, "/bank/loans/L1/write-off", sent)
        assert said == ["复核人的用户名或密码不正确"]
    _, said = lender.send(Role.APPROVER, "/bank/loans/L1/write-off", sent | {"password": PASSWORD})
    assert said == ["复核人的用户名或密码不正确"]
    assert signed_in(colleague)[1].status_code == 400
    assert locks(colleague) == ["system:sign-in"]


def locks(user):
    """Who wrote down that the person's way in is locked."""
    with tenancy.within(user.organisation_id):
        rows = Record.objects.filter(action="identity.sign_in.lock", object_id=str(user.pk))
        return list(rows.values_list("actor", flat=True))


def test_a_burst_of_second_words_gets_five_tries(postgresql, monkeypatch):
    """Six at once with the right password: five are counted and judged, the sixth is refused; all are taken back."""
    lender = Screens()
    lender.lend("L1")
    colleague = lender.person(Role.REVIEWER, 1, password=PASSWORD)
    first, real, all_in = lender.person(Role.APPROVER), Backend.authenticate, threading.Barrier(6, timeout=20)
    browsers = [browser() for _ in range(6)]
    for one in browsers:
        one.force_login(first, "suixin.server.identity.backend.Backend")

    def slowly(*given, **named):
        all_in.wait()
        return real(*given, **named)

    monkeypatch.setattr(Backend, "authenticate", slowly)
    sent = {"second": colleague.username, "password": PASSWORD, "reason": "r", "key": "k"}
    in_threads(6, lambda number: browsers[number].post("/bank/loans/L1/write-off", sent))
    said = sorted(_messages(one.get("/bank/loans/L1").content.decode())[0] for one in browsers)
    may_not = "复核人没有办理此事的权限，或因经手过本案的其他环节而须回避（核销）"
    assert said == [may_not] * 5 + ["复核人的用户名或密码不正确"]
    assert throttle.locked_until([throttle.account(colleague.username)], timezone.now()) is None


def test_the_old_password_is_not_guessed_through_a_session_left_open(lender):
    """Five wrong ones lock, which is written down; then the right one is refused as well."""
    user = lender.person(MANAGER, password=PASSWORD)
    client, _ = signed_in(user)
    client.cookies["django_language"] = "en"
    new = "a brand new battery"
    for old in ["wrong"] * 5 + [PASSWORD]:
        answer = client.post("/account/password", {"old": old, "new": new, "again": new}, follow=True)
        assert _messages(answer.content.decode()) == ["the old password is not right"]
    assert locks(user) == ["system:sign-in"]


def test_the_second_word_takes_a_code_where_there_is_one_or_must_be(lender, settings_of):
    """In a house that requires it nobody gives a word without; each code once, a recovery code as well."""
    settings_of(SECOND_FACTOR_REQUIRED=True)
    for number in ("L1", "L2"):
        lender.lend(number)
    first, colleague = (lender.person(Role.APPROVER, number, password=PASSWORD) for number in (0, 1))
    client, _ = signed_in(first)
    enrolled(client, first)

    def write_off(number, code=""):
        sent = {"second": colleague.username, "password": PASSWORD, "reason": "r", "key": "k", "code": code}
        answer = client.post(f"/bank/loans/{number}/write-off", sent, follow=True)
        return _messages(answer.content.decode())

    none = "本机构要求两步验证，复核人尚未启用，请先启用"
    assert write_off("L1") == [none]
    codes = enrolled(signed_in(colleague)[0], colleague)
    wrong = "复核人的验证码不正确或已用过，请等下一个"
    assert [write_off("L1", typed) for typed in ("", "000000")] == [[wrong]] * 2
    assert lender.loan("L1").state == "active"
    now = code(colleague)
    assert write_off("L1", now) == ["已核销，债权仍在"]
    assert write_off("L2", now) == [wrong]
    settings_of(SECOND_FACTOR_REQUIRED=False)
    assert write_off("L2") == [wrong]
    assert write_off("L2", codes[0]) == ["已核销，债权仍在"]


def test_a_merchant_who_becomes_staff_signs_in_anew(lender):
    """The session that began as a merchant's, and could rest all day, ends; the next one is a member of staff's."""
    user = lender.person(Role.OWNER, password=PASSWORD)
    client, _ = signed_in(user)
    assert client.session["suixin.staff"] is False
    grant_role(user, MANAGER, by=lender.first, second=lender.other, reason="hired", at=AT)
    assert client.get("/bank/")["Location"] == "/sign-in?next=%2Fbank%2F"
    again, _ = signed_in(user)
    assert again.session["suixin.staff"] is True
    before = again.session.session_key
    grant_role(user, MANAGER, by=lender.first, second=lender.other, reason="again", at=AT)
    assert again.get("/account/").status_code == 200
    assert again.session.session_key == before
