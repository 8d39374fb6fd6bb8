"""Every address says who may see it; nobody else gets in, and nobody sees another house's rows."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from doors import addresses, filled, is_for_programs
from house import AT
from journeys import APPROVED, DECLINED, PASSWORD, Desk

from suixin.server import tenancy
from suixin.server.identity.actions.found_organisation import NewPerson, add_person
from suixin.server.identity.actions.grant_role import grant_role
from suixin.server.identity.models import User
from suixin.server.identity.roles import Role
from suixin.server.origination.actions.draw import draw
from suixin.server.sharing.models import Consent

pytestmark = pytest.mark.filterwarnings("ignore:No directory at")
HOST = {"HTTP_HOST": "localhost"}


def test_every_address_says_who_may_see_it():
    """A new page without a rule fails here, and is refused by the door."""
    unsaid = [path for path, view in addresses() if not hasattr(view, "allows")]
    assert unsaid == []
    public = sorted(path for path, view in addresses() if view.allows is None)
    pages = [path for path in public if not path.startswith("api/")]
    assert pages == ["", "healthz", "language", "metrics", "readyz", "sign-in", "sign-in/code", "sign-out"]
    assert sorted(set(public) - set(pages)) == [
        "api/",
        "api/<path:rest>",
        "api/v1/",
        "api/v1/<path:rest>",
        "api/v1/openapi.json",
        "api/v1/token",
    ]


@pytest.mark.full
def test_nobody_gets_in_where_their_role_does_not_belong(sqlite):
    """Every address by every role, reading and writing: 403 without the role; never an error; who is not signed in is sent away."""
    desk = Desk()
    desk.enrolled(APPROVED)
    with tenancy.within(desk.organisation.pk):
        for role in Role:
            if role is not Role.OWNER:
                add_person(NewPerson(f"is-{role}", "n", role), AT)
        people = {user.username: user for user in User.objects.all()}
    visitors = {role: let_in(people[f"is-{role}"]) for role in Role if role is not Role.OWNER}
    visitors[Role.OWNER] = let_in(people[f"rural-m{APPROVED}"])
    stranger = Client(**HOST)
    wrong = []
    for path, view in addresses():
        if view.allows is None or is_for_programs(view):
            continue
        for method in ("get", "post"):
            answer = getattr(stranger, method)(filled(path))
            if answer.status_code not in {302, 405} or (
                answer.status_code == 302 and not answer.headers["Location"].startswith("/sign-in?next=")
            ):
                wrong.append((path, "nobody", method, answer.status_code))
            for role, visitor in visitors.items():
                status = getattr(visitor, method)(filled(path)).status_code
                allowed = role in view.allows
                if status >= 500 or (not allowed and status not in {403, 405}) or (allowed and status == 403):
                    wrong.append((path, str(role), method, status))
    assert wrong == []


def test_no_session_opens_an_address_for_programs(sqlite):
    """Every one of them, whoever has signed in: a token opens it or nothing does."""
    desk = Desk()
    with tenancy.within(desk.organisation.pk):
        user = add_person(NewPerson("manager", "n", Role.CUSTOMER_MANAGER), AT)
    visitor = let_in(user)
    found = {
        getattr(visitor, method)(filled(path)).status_code
        for path, view in addresses()
        if is_for_programs(view)
        for method in ("get", "post")
    }
    assert found == {401, 405}


def let_in(user):
    """Signed in without the seconds that a password takes."""
    client = Client(**HOST)
    client.force_login(user, backend="suixin.server.identity.backend.Backend")
    return client


def signed_in(username):
    client = Client(**HOST)
    answer = client.post("/sign-in", {"username": username, "password": PASSWORD})
    assert answer.status_code == 302, username
    return client


def test_everybody_has_a_first_page_that_they_may_see(sqlite):
    """Whoever signs in is not sent round in circles; a role without pages is told so."""
    desk = Desk()
    with tenancy.within(desk.organisation.pk):
        people = {
            role: add_person(NewPerson(f"is-{role}", "n", role), AT)
            for role in Role
            if role is not Role.OWNER
        }
    seen = {role: let_in(user).get("/", follow=True) for role, user in people.items()}
    assert {answer.status_code for answer in seen.values()} == {200}
    assert seen[Role.ADMINISTRATOR].redirect_chain == [("/bank/log", 302)]
    assert seen[Role.VALIDATOR].redirect_chain == []


def test_a_merchant_reads_why_in_her_own_language(sqlite):
    """A refusal is told in Chinese first; who reads English reads the program's words."""
    desk = Desk()
    case = desk.filed(APPROVED, amount=500_000)
    where = f"/me/applications/{case.number}"
    client = signed_in(f"rural-m{APPROVED}")
    for language, said in (
        ("zh-hans", "还缺授权：贷款申请、查询征信。授权齐全后才能评估"),
        ("en", "cannot be assessed: loan application, credit bureau query"),
    ):
        client.cookies["django_language"] = language
        assert said in client.post(f"{where}/assess", follow=True).content.decode()
    client.cookies["django_language"] = "zh-hans"
    page = client.post("/me/apply", {"amount": "三万", "purpose": "种苗"}, follow=True).content.decode()
    assert "“三万”不是金额，请用数字填写" in page


def test_of_two_consents_the_one_that_is_missing_is_named(sqlite):
    """The given one stands there as given and is not asked for again; one of an earlier time that has ended is as none."""
    desk = Desk()
    case = desk.filed(APPROVED, amount=500_000)
    desk.consented(case)  # in January; both have ended since
    where = f"/me/applications/{case.number}"
    client = signed_in(f"rural-m{APPROVED}")
    told = client.post(f"{where}/assess", {"P103B": "yes"}, follow=True).content.decode()
    assert "还缺授权：贷款申请。授权齐全后才能评估" in told
    assert "已到期" not in told
    assert ('name="P103"' in told, 'name="P103B"' in told, told.count("已给")) == (True, False, 1)
    assert desk.case(case.number).state == "filed"
    client.post(f"{where}/assess", {"P103": "yes"})
    assert desk.case(case.number).state == "offered"


def test_another_merchants_papers_are_not_there(sqlite):
    """Not refused: nobody learns that they exist; nor does another bank's owner of the same pseudonym."""
    ours, theirs = Desk("ours"), Desk("theirs")
    case = ours.filed(APPROVED, amount=500_000)
    ours.consented(case)
    ours.enrolled(DECLINED)
    theirs.enrolled(APPROVED)
    own = signed_in(f"ours-m{APPROVED}")
    assert own.get(f"/me/applications/{case.number}").status_code == 200
    with tenancy.within(ours.organisation.pk):
        consent = Consent.objects.first().consent_id
    for username in (f"ours-m{DECLINED}", f"theirs-m{APPROVED}"):
        stranger = signed_in(username)
        assert stranger.get(f"/me/applications/{case.number}").status_code == 404
        assert stranger.get(f"/me/applications/{case.number}/agreement").status_code == 404
        assert stranger.get(f"/me/draw/{case.number}").status_code == 404
        assert case.number not in stranger.get("/me/").content.decode()
        assert consent not in stranger.get("/me/consents").content.decode()
        assert stranger.post(f"/me/consents/{consent}/withdraw").status_code == 404
        assert stranger.post(f"/me/applications/{case.number}/withdraw").status_code == 404
    assert ours.case(case.number).state == "filed"


def test_a_changed_password_and_a_sign_out_end_the_session(sqlite):
    """Whoever had the old one has nothing any more."""
    desk = Desk()
    merchant = desk.enrolled(APPROVED)
    client = signed_in(f"rural-m{APPROVED}")
    assert client.get("/me/").status_code == 200
    with tenancy.within(desk.organisation.pk):
        user = User.objects.get(username=f"rural-m{merchant.merchant_id}")
        user.set_password("another horse battery")
        user.save()
    assert client.get("/me/").status_code == 302
    again = Client(**HOST)
    assert again.post("/sign-in", {"username": user.username, "password": PASSWORD}).status_code == 400
    assert (
        again.post("/sign-in", {"username": user.username, "password": "another horse battery"}).status_code
        == 302
    )
    again.post("/sign-out")
    assert again.get("/me/").status_code == 302


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_leads_to_no_strangers_address(sqlite, onward):
    """An open redirect would lend our name to a thief."""
    Desk().enrolled(APPROVED)
    sent = {"username": f"rural-m{APPROVED}", "password": PASSWORD, "next": onward}
    assert Client(**HOST).post("/sign-in", sent).headers["Location"] == "/"


def test_forms_need_their_token_and_pages_forbid_strangers_scripts(sqlite):
    """CSRF, CSP without inline or eval, no framing, no sniffing."""
    Desk().enrolled(APPROVED)
    strict = Client(enforce_csrf_checks=True, **HOST)
    sent = {"username": f"rural-m{APPROVED}", "password": PASSWORD}
    assert strict.post("/sign-in", sent).status_code == 403
    headers = strict.get("/sign-in").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_a_form_sent_after_its_session_ended_says_so_and_leads_back_to_its_page(sqlite):
    """Not to the address of the form, which opens to nobody: a blank page after signing in, and no word of what was lost."""
    desk = Desk()
    case = desk.filed(APPROVED, amount=500_000)
    own, form = f"http://localhost/me/applications/{case.number}", f"/me/applications/{case.number}/withdraw"
    for referer, back in (
        (own, f"/me/applications/{case.number}"),
        (f"{own}?a=1", f"/me/applications/{case.number}?a=1"),
        (f"http://localhost{form}", f"/me/applications/{case.number}"),
        ("", f"/me/applications/{case.number}"),
        ("https://evil.example/x", f"/me/applications/{case.number}"),
    ):
        client = Client(**HOST)
        answer = client.post(form, headers={"Referer": referer})
        assert dict(parse_qsl(urlsplit(answer["Location"]).query)) == {"next": back}
        page = client.get(answer["Location"]).content.decode()
        assert "登录已失效，刚才提交的内容没有办理，也没有保存" in page
        sent = {"username": f"rural-m{APPROVED}", "password": PASSWORD, "next": back}
        assert client.get(client.post("/sign-in", sent)["Location"]).status_code == 200
    assert "没有办理" not in Client(**HOST).get("/me/", follow=True).content.decode()
    assert desk.case(case.number).state == "filed"


def test_an_address_that_takes_a_form_alone_is_told_in_words_with_a_way_on(sqlite):
    """A bookmark of it, or a language chosen on what answered a form, led to a blank page of the browser."""
    desk = Desk()
    desk.enrolled(APPROVED)
    client = signed_in(f"rural-m{APPROVED}")
    answer = client.get("/me/complaints/file")
    page = answer.content.decode()
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "这个地址只接收表单" in page
    assert '<a class="button" href="/me/complaints">' in page
    client.cookies["django_language"] = "en"
    assert "This address takes a form" in client.get("/me/complaints/file").content.decode()


def test_a_page_that_answers_a_form_offers_no_other_language(sqlite):
    """Asked for anew it is not there: a first password, shown this once, would be lost; a try to sign in loses nothing."""
    desk = Desk()
    with tenancy.within(desk.organisation.pk):
        user = add_person(NewPerson("owner", "n", Role.MODEL_OWNER), AT)
    client, button = let_in(user), 'action="/language"'
    assert button in client.get("/bank/policy").content.decode()
    assert button not in client.post("/bank/policy/check", {"text": "x"}).content.decode()
    assert button in Client(**HOST).post("/sign-in", {"username": "x"}).content.decode()


def test_a_page_that_is_out_of_date_says_so_and_leads_on(sqlite):
    """Somebody signed in in another tab meanwhile: the form of this one has an old token, and met a bare page in English."""
    desk = Desk()
    desk.enrolled(APPROVED)
    sent = {"username": f"rural-m{APPROVED}", "password": PASSWORD}
    strict = Client(enforce_csrf_checks=True, **HOST)
    for language, said in (
        ("zh-hans", "页面已过期，刚才提交的内容没有办理"),
        ("en", "This page was out of date"),
    ):
        strict.cookies["django_language"] = language
        answer = strict.post("/sign-in", sent, headers={"Referer": "http://localhost/sign-in?next=/me/"})
        page = answer.content.decode()
        assert (answer.status_code, said in page) == (403, True)
        assert 'class="button" href="/sign-in?next=/me/"' in page
    with tenancy.within(desk.organisation.pk):
        user = User.objects.get(username=sent["username"])
    strict.force_login(user, "suixin.server.identity.backend.Backend")
    page = strict.post("/sign-in", sent, headers={"Referer": "http://localhost/sign-in"}).content.decode()
    assert 'class="button" href="/"' in page


def test_a_merchants_form_that_is_none_is_refused_in_words(sqlite):
    """No way of paying ahead that is none is guessed at, and a card's answer has the number of a card."""
    desk = Desk()
    case = desk.signed(APPROVED, amount=500_000)
    number = draw(case.number, 100_000, key="k", by=desk.owner(APPROVED), at=AT)
    client = signed_in(f"rural-m{APPROVED}")
    client.cookies["django_language"] = "en"
    sent = {"amount": "10", "key": "k", "way": "x"}
    page = client.post(f"/me/loans/{number}/pay", sent, follow=True).content.decode()
    assert "&#x27;x&#x27; is no way of paying ahead" in page
    answer = client.get("/me/learn", {"q²": "1", f"q{'9' * 5_000}": "1", "q0": "1"})
    assert (answer.status_code, answer.content.decode().count(" checked")) == (200, 1)


def test_who_is_given_a_role_signs_in_anew(sqlite):
    """A merchant's session may rest for a working day, a member of staff's for half an hour."""
    desk = Desk()
    desk.enrolled(APPROVED)
    client = signed_in(f"rural-m{APPROVED}")
    with tenancy.within(desk.organisation.pk):
        user = User.objects.get(username=f"rural-m{APPROVED}")
    first, second = (desk.as_(Role.ADMINISTRATOR, number) for number in (0, 1))
    assert client.get("/me/").status_code == 200
    grant_role(user, Role.CUSTOMER_MANAGER, by=first, second=second, reason="r", at=AT)
    assert client.get("/me/").headers["Location"] == "/sign-in?next=%2Fme%2F"
