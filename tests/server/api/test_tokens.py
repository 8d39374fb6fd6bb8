"""Who gets in at the API: clients by their secret, tokens by their scopes and their time, and nobody by a session."""

from base64 import b64encode
from datetime import date, timedelta

import pytest
from customer import Customer
from django.test import Client
from django.utils import timezone
from house import AT, bank
from lender import Lender
from programs import Program, http, read

from suixin.errors import AccessError, UsageError
from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity import limits, scopes
from suixin.server.identity.access import GRANTS, POLICY, SYSTEM, TWO_PEOPLE, actor_of
from suixin.server.identity.actions.add_client import NewClient, add_client
from suixin.server.identity.actions.revoke_client import revoke_client
from suixin.server.identity.clients import digest_of
from suixin.server.identity.models import Client as Row
from suixin.server.identity.models import Token, User
from suixin.server.identity.queries import names_of
from suixin.server.identity.roles import Role
from suixin.server.identity.scopes import Scope


def refusal(answer):
    status, document = read(answer)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert document["status"] == status
    return status, document["code"]


def test_a_client_is_given_a_token_and_only_digests_are_kept(database):
    """The secret is shown once; neither it nor the token stands in the database; the log names the client."""
    lender = Lender()
    program = Program(lender, Scope.LOANS_READ, Scope.PORTFOLIO_READ)
    issued = program.issued()
    assert {**issued, "access_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "loans:read portfolio:read",
    }
    assert program.issued(scope="portfolio:read")["scope"] == "portfolio:read"
    with tenancy.within(lender.organisation.pk):
        row = Row.objects.get()
        assert (row.digest, row.client_id) == (digest_of(program.secret), program.client.client_id)
        kept = Token.objects.order_by("pk").values_list("digest", "scopes")
        assert kept[0] == (digest_of(issued["access_token"]), ["loans:read", "portfolio:read"])
        assert kept[1][1] == ["portfolio:read"]
        log = (
            Record.objects.filter(action__startswith="identity.")
            .order_by("pk")
            .values_list("actor", "action")
        )
        assert list(log)[1:] == [
            (lender.as_(Role.ADMINISTRATOR).name, "identity.client.add"),
            (program.name, "identity.token.issue"),
            (program.name, "identity.token.issue"),
        ]
        assert names_of([program.name, "client:999"]) == {program.name: "核心系统"}


def test_a_client_shows_its_secret_in_the_header_too(sqlite):
    """As RFC 6749 prefers it; whatever is not right is told the same."""
    program = Program(Lender(), Scope.LOANS_READ)

    def asked(user, secret, **sent):
        shown = b64encode(f"{user}:{secret}".encode()).decode()
        sent = {"grant_type": "client_credentials"} | sent
        return http().post("/api/v1/token", sent, HTTP_AUTHORIZATION=f"Basic {shown}")

    assert asked(program.client.client_id, program.secret).status_code == 200
    wrong = [
        (program.client.client_id, "x" * 43),
        (program.client.client_id, ""),
        (f"{program.client.client_id}0", program.secret),
        ("999999-abc", program.secret),
        ("1" * 40, program.secret),
        ("1-\x00", program.secret),
        ("穗", program.secret),
    ]
    for user, secret in wrong:
        answer = asked(user, secret)
        assert refusal(answer) == (401, "unauthorised"), user
        assert read(answer)[1]["error"] == "invalid_client"
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="suixin"'
    answer = asked(program.client.client_id, program.secret, scope="loans:read data:write")
    assert refusal(answer) == (400, "scope")
    assert read(answer)[1]["error"] == "invalid_scope"
    assert refusal(asked("a", "b", grant_type="password")) == (422, "invalid")


def test_a_token_ends_with_its_time_and_with_its_client(database):
    """At once, at the very next request; what is over is swept away with the next token."""
    lender = Lender()
    program = Program(lender, Scope.PORTFOLIO_READ)
    assert program.get("/portfolio")[0] == 200
    with tenancy.within(lender.organisation.pk):
        Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert program.get("/portfolio") == (401, read(program.answer)[1])
    assert program.answer.headers["WWW-Authenticate"] == 'Bearer realm="suixin"'
    program.token = ""
    assert program.get("/portfolio")[0] == 200
    with tenancy.within(lender.organisation.pk):
        assert Token.objects.count() == 1
    by = lender.as_(Role.ADMINISTRATOR)
    for _ in range(2):
        revoke_client(program.client.client_id, by=by, reason="电脑丢失", at=AT)
    assert program.get("/portfolio")[0] == 401
    assert program.issued()["error"] == "invalid_client"
    with tenancy.within(lender.organisation.pk):
        assert Token.objects.count() == 0
        assert Record.objects.filter(action="identity.client.revoke").count() == 1
    with pytest.raises(UsageError, match=r"there is no client '1-none' in this organisation"):
        revoke_client("1-none", by=by, reason="", at=AT)
    with pytest.raises(AccessError):
        revoke_client(program.client.client_id, by=lender.as_(Role.APPROVER), reason="", at=AT)


def test_a_token_opens_its_own_house_alone(database):
    """Another organisation's number before the same secret finds nothing."""
    ours, theirs = (
        Program(Lender("ours"), Scope.PORTFOLIO_READ),
        Program(Lender("theirs"), Scope.PORTFOLIO_READ),
    )
    ours.headers(), theirs.headers()
    assert ours.get("/portfolio")[0] == 200
    number, secret = theirs.token.partition(".")[::2]
    mine = ours.token.partition(".")[0]
    assert number != mine
    for forged in (
        f"{mine}.{secret}",
        f"{number}.{ours.token.partition('.')[2]}",
        secret,
        "",
        ".",
        "1.",
        "x" * 5_000,
    ):
        ours.token = forged or " "
        assert ours.get("/portfolio")[0] == 401, forged
    with tenancy.within(ours.client.organisation_id):
        assert {row.pk for row in Row.objects.all()} == {ours.client.pk}


def test_a_session_opens_nothing_and_no_token_of_a_form_is_asked(sqlite):
    """Whoever is signed in on the pages is nobody here; what is written needs no CSRF token, since no cookie counts."""
    organisation, *_ = bank()
    with tenancy.within(organisation.pk):
        user = User.objects.first()
    browser = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    browser.force_login(user, backend="suixin.server.identity.backend.Backend")
    for method in ("get", "post"):
        for path in ("/api/v1/portfolio", "/api/v1/loans", "/api/v1/applications"):
            answer = getattr(browser, method)(path)
            assert refusal(answer) in {(401, "unauthorised"), (405, "method")}, path
            assert answer.cookies == {}
    sent = {"grant_type": "client_credentials", "client_id": "1-a", "client_secret": "b"}
    assert refusal(browser.post("/api/v1/token", sent)) == (401, "unauthorised")


def test_who_asks_too_often_waits(database, monkeypatch):
    """By all workers' count together; the minute's rest is told; another minute begins anew."""
    lender = Lender()
    program = Program(lender, Scope.PORTFOLIO_READ, requests_a_minute=3)
    other = Program(lender, Scope.PORTFOLIO_READ)
    at = timezone.now().replace(second=20, microsecond=0)
    monkeypatch.setattr(timezone, "now", lambda: at)
    assert [program.get("/portfolio")[0] for _ in range(4)] == [200, 200, 429, 429]
    assert program.answer.headers["Retry-After"] == "40"
    assert refusal(program.answer) == (429, "too_often")
    assert program.issued()["code"] == "too_often"
    assert other.get("/portfolio")[0] == 200
    at += timedelta(seconds=40)
    assert program.get("/portfolio")[0] == 200


def test_the_houses_limit_has_its_day(monkeypatch):
    """A figure holds from its day on; a client's own goes before it."""
    held = (limits.Limit(date(2026, 1, 1), 600), limits.Limit(date(2026, 6, 1), 900))
    monkeypatch.setattr(limits, "LIMITS", held)
    days = [date(2025, 1, 1), date(2026, 5, 31), date(2026, 6, 1), date(2027, 1, 1)]
    assert [limits.requests_a_minute(None, day) for day in days] == [600, 600, 900, 900]
    assert limits.requests_a_minute(5, days[0]) == 5


def test_two_administrators_add_a_client_and_nobody_else(sqlite):
    """As they grant a role; a client's word is nobody's second, and it may do nothing that needs one."""
    organisation, first, second, _ = bank()
    new = NewClient("核心系统", [Scope.LOANS_READ])
    customer = Customer("other", organisation)
    for by, other in ((first, None), (first, first), (customer.as_(Role.APPROVER), second)):
        with pytest.raises(AccessError):
            add_client(new, by=by, second=other, at=AT)
    made, _ = add_client(new, by=first, second=second, at=AT)
    with tenancy.within(organisation.pk):
        client = scopes.granted(Scope)
        assert made.scopes == ["loans:read"]
        assert actor_of(User.objects.first()).may("identity.client.add")
    assert client & (TWO_PEOPLE | (POLICY - {"sharing.data.use"})) == frozenset()
    assert client & GRANTS[Role.ADMINISTRATOR] == frozenset()
    assert client - SYSTEM == {
        "data.table.push",
        "lending.case.file",
        "lending.case.have_assessed",
    }


def test_a_program_needs_a_second_word_as_a_person_does(sqlite):
    """Only the server's own parts go without; a client that was granted too much would still be stopped."""
    organisation, first, _, program = bank()
    from dataclasses import replace

    client = replace(first, name="client:1")
    with pytest.raises(AccessError, match="needs the word of a second person"):
        client.require_second("identity.role.grant", None)
    with pytest.raises(AccessError, match="needs the word of a second person"):
        first.require_second("identity.role.grant", client)
    program.require_second("identity.role.grant", None)
    assert organisation.pk == program.organisation_id


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (NewClient(" ", [Scope.LOANS_READ]), "give a name and a scope"),
        (NewClient("a", []), "give a name and a scope"),
        (NewClient("a", [Scope.LOANS_READ], requests_a_minute=0), "give 1 or more"),
        (NewClient("a", [Scope.LOANS_READ], route="own_mall"), "pushes no data"),
        (NewClient("a", [Scope.DATA_WRITE], "by hand", "b", "c"), "the route 'by hand' is not one of"),
        (NewClient("a", [Scope.DATA_WRITE], "own_mall", " ", "c"), "give authorisation and purpose"),
    ],
)
def test_a_client_that_makes_no_sense_is_refused(new, said):
    """Before anybody's word is asked."""
    with pytest.raises(UsageError, match=said):
        add_client(new, by=None, second=None, at=AT)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/", 404, "not_found"),
        ("get", "/api/v2/loans", 404, "not_found"),
        ("post", "/api/v1/", 404, "not_found"),
        ("get", "/api/v1/loans/", 404, "not_found"),
        ("get", "/api/v1/token", 405, "method"),
        ("delete", "/api/v1/loans", 405, "method"),
        ("get", "/api/v1/loans", 401, "unauthorised"),
        ("post", "/api/v1/token", 422, "invalid"),
    ],
)
def test_every_refusal_is_a_problem(sqlite, method, path, status, code):
    """Also what no address answers, and what another method asks."""
    answer = getattr(http(), method)(path)
    assert refusal(answer) == (status, code)
    if status == 405:
        assert answer.headers["Allow"] in {"POST", "GET"}


def test_what_is_refused_before_any_address_is_a_problem_too(sqlite):
    """A host that is not ours; a page's visitor sees a page."""
    for path, kind in (
        ("/api/v1/loans", "application/problem+json"),
        ("/sign-in", "text/html; charset=utf-8"),
    ):
        answer = http().get(path, HTTP_HOST="evil.example")
        assert (answer.status_code, answer.headers["Content-Type"]) == (400, kind)
