"""Events on their way: written with what they tell, signed, sent at least once, given up in the end, and sent again."""

import socket
import time
from datetime import timedelta
from ipaddress import ip_network
from types import SimpleNamespace

import pytest
from django.test import override_settings
from hearing import LOOPBACK, Clock, added, deliveries, happens, hearing
from house import AT, in_threads
from lender import Lender

from suixin.client.webhooks import verify
from suixin.errors import AccessError, ConflictError, SignatureError, UsageError
from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity import access, keys
from suixin.server.identity.roles import Role
from suixin.server.outbox.models import Message
from suixin.server.webhooks import delivering, faults, rules, sending
from suixin.server.webhooks.actions.deliver import Delivered, deliver
from suixin.server.webhooks.actions.rotate_secret import rotate_secret
from suixin.server.webhooks.actions.send_again import send_again
from suixin.server.webhooks.actions.spread import spread
from suixin.server.webhooks.actions.switch_off import switch_off
from suixin.server.webhooks.actions.switch_on import switch_on
from suixin.server.webhooks.addresses import Refused, place_of
from suixin.server.webhooks.models import Attempt, Endpoint
from suixin.server.webhooks.sending import _Pinned

TOPICS = ("loan.drawn", "relief.granted")
BROKEN = (500, "主人 13812345678\r\n".encode() + b"x" * 900, {})


@pytest.fixture(autouse=True)
def near():
    with override_settings(WEBHOOK_NETWORKS=[ip_network(LOOPBACK)]):
        yield


@pytest.fixture
def hearer():
    with hearing() as made:
        yield made


def carried(clock, lender=None):
    """One look of the postman; (taken, failed)."""
    done = delivering.carry_what_waits(clock)
    return tuple(done[lender.organisation.code if lender else "rural"])


def at_work(lender):
    """The postman's hands in a house."""
    return access.system(lender.organisation.pk, "webhooks")


def endpoint_of(lender):
    with tenancy.within(lender.organisation.pk):
        return Endpoint.objects.get()


def attempts(lender):
    with tenancy.within(lender.organisation.pk):
        return list(Attempt.objects.order_by("pk").values_list("status", "said"))


def test_an_event_is_sent_signed_as_it_happened_to_who_hears_it(database, hearer):
    """A drawdown tells those who hear its topic, once, with the sums and no name; verified by the client's own check."""
    lender, clock = Lender(), Clock()
    heard, deaf = added(lender, hearer.url), added(lender, f"{hearer.url}/other", ("consent.withdrawn",))
    lender.lent("L1", principal=3_000_000)
    assert carried(clock) == (1, 0)
    ((path, headers, body),) = hearer.heard
    event = verify(heard.secret, headers, body, now=AT)
    assert (path, event.type, event.version, event.happened_at) == ("/hooks", "loan.drawn", 1, AT)
    assert event.data == {
        "loan": "L1",
        "merchant_id": "P1",
        "key": "drawn",
        "amount": {"amount": "30000.00", "currency": "CNY"},
        "on": "2026-01-05",
        "principal": {"amount": "30000.00", "currency": "CNY"},
        "state": "active",
    }
    assert headers["Content-Type"] == "application/json"
    with pytest.raises(SignatureError):
        verify(deaf.secret, headers, body, now=AT)
    assert carried(clock) == (0, 0)
    with tenancy.within(lender.organisation.pk):
        assert Message.objects.filter(sent_at=None).count() == 0
    (row,) = deliveries(lender)
    assert (row.state, row.tries, row.settled_at, row.event_id) == ("delivered", 1, AT, event.id)
    assert attempts(lender) == [(200, "ok")]


def test_a_failure_is_kept_and_tried_again_later_until_it_is_given_up(database, hearer):
    """Twelve tries over three days, each at its time and under the same id; what was answered is clipped and masked."""
    lender, clock = Lender(), Clock()
    added(lender, hearer.url, TOPICS)
    happens(lender)
    hearer.answers = [BROKEN]
    waits = []
    for number in range(rules.MOST_TRIES):
        assert carried(clock) == (0, 1)
        (row,) = deliveries(lender)
        waits.append(row.next_at - clock.at)
        assert carried(clock) == (0, 0), number  # not before its time
        clock.at = max(row.next_at, endpoint_of(lender).rests_until)
    assert (row.state, row.tries) == ("dead", 12)
    plain = [min(30 * 4**number, 43_200) for number in range(12)]
    assert all(0.8 * one <= wait.total_seconds() <= 1.2 * one for one, wait in zip(plain, waits, strict=True))
    assert waits[:2] == [rules.wait_after(1, row.event_id), rules.wait_after(2, row.event_id)]
    assert carried(clock) == (0, 0)
    assert {headers["webhook-id"] for _, headers, _ in hearer.heard} == {row.event_id}
    assert len({body for *_, body in hearer.heard}) == 1
    assert len({headers["webhook-timestamp"] for _, headers, _ in hearer.heard}) == 12
    (status, said) = attempts(lender)[0]
    assert (status, len(said), said[:16]) == (500, 500, "主人 138****5678 x")


def test_retry_after_is_waited_for_and_an_endpoint_that_fails_rests(database, hearer):
    """Its other events wait beside the one that failed and lose no try; taken again, it is as if nothing had been."""
    lender, clock = Lender(), Clock()
    added(lender, hearer.url, TOPICS)
    for key in "abc":
        happens(lender, key=key)
    hearer.answers = [(503, b"", {"Retry-After": "7200"}), (200, b"", {})]
    assert carried(clock) == (0, 1)
    assert [row.tries for row in deliveries(lender)] == [1, 0, 0]
    assert endpoint_of(lender).rests_until == AT + timedelta(seconds=30)
    clock.at = AT + timedelta(seconds=30)
    assert carried(clock) == (2, 0)
    assert endpoint_of(lender).failures == 0
    first, *_ = deliveries(lender)
    assert (first.state, first.next_at) == ("waiting", AT + timedelta(hours=2))
    clock.at = AT + timedelta(hours=2)
    assert carried(clock) == (1, 0)


def test_an_endpoint_that_takes_nothing_for_days_or_is_gone_is_switched_off(sqlite, hearer):
    """What waits goes on waiting; two administrators switch it on and it goes; what happened meanwhile is not told."""
    lender, clock = Lender(), Clock()
    held = added(lender, hearer.url, TOPICS)
    happens(lender, key="a")
    hearer.answers = [BROKEN]
    carried(clock)
    clock.at = AT + rules.OFF_AFTER
    assert carried(clock) == (0, 1)
    off = endpoint_of(lender)
    assert (off.off_at, off.off_because) == (clock.at, "it has taken nothing for 5 days")
    happens(lender, key="b", at=clock.at)
    assert delivering.houses() == []
    assert delivering.carry_what_waits(clock) == {}
    first, second = (lender.as_(Role.ADMINISTRATOR, number) for number in (0, 1))
    with pytest.raises(AccessError, match="needs the word of a second person"):
        switch_on(held.code, by=first, second=None, reason="mended", at=clock.at)
    switch_on(held.code, by=first, second=second, reason="mended", at=clock.at)
    hearer.answers = [(410, b"", {})]
    clock.at += timedelta(days=1)
    assert carried(clock) == (0, 1)
    assert endpoint_of(lender).off_because == "it answered 410: gone"
    assert [row.tries for row in deliveries(lender)] == [3]
    with tenancy.within(lender.organisation.pk):
        log = Record.objects.filter(action__startswith="webhooks.").order_by("pk")
        assert [(one.action, one.actor) for one in log] == [
            ("webhooks.endpoint.add", first.name),
            ("webhooks.endpoint.switch_off", "system:webhooks"),
            ("webhooks.endpoint.switch_on", first.name),
            ("webhooks.endpoint.switch_off", "system:webhooks"),
        ]


def test_two_secrets_sign_for_a_day_after_one_was_replaced(sqlite, hearer):
    """Whoever holds the old one or the new one takes it; after 24 hours the old one signs nothing."""
    lender, clock = Lender(), Clock()
    held, admin = added(lender, hearer.url, TOPICS), lender.as_(Role.ADMINISTRATOR)
    _, secret = rotate_secret(held.code, by=admin, reason="half-yearly", at=AT)
    with pytest.raises(ConflictError, match="was replaced lately"):
        rotate_secret(held.code, by=admin, reason="again", at=AT + timedelta(hours=23))
    happens(lender, key="a")
    carried(clock)
    clock.at = AT + timedelta(hours=24)
    happens(lender, key="b")
    carried(clock)
    (_, before, body), (_, after, later) = hearer.heard
    for one in (held.secret, secret):
        assert verify(one, before, body, now=AT).data["key"] == "a"
    assert verify(secret, after, later, now=clock.at).data["key"] == "b"
    with pytest.raises(SignatureError):
        verify(held.secret, after, later, now=clock.at)
    with tenancy.within(lender.organisation.pk):
        row = Endpoint.objects.get()
    assert held.secret.encode() not in bytes(row.secret) + bytes(row.old_secret)
    assert secret[6:].encode() not in bytes(row.secret)


def test_an_event_is_sent_again_under_its_own_id(database, hearer):
    """Of what was taken and of what was given up; asked twice it goes once more, and the log says who asked."""
    lender, clock = Lender(), Clock()
    added(lender, hearer.url, TOPICS)
    happens(lender)
    carried(clock)
    (row,) = deliveries(lender)
    admin = lender.as_(Role.ADMINISTRATOR)
    for _ in range(2):
        send_again(row.pk, by=admin, reason="the core lost it", at=AT)
    assert carried(clock) == (1, 0)
    first, second = hearer.heard
    assert (first[1]["webhook-id"], first[2]) == (second[1]["webhook-id"], second[2])
    (row,) = deliveries(lender)
    assert (row.state, row.tries) == ("delivered", 1)
    with tenancy.within(lender.organisation.pk):
        log = Record.objects.filter(action="webhooks.delivery.send_again")
        assert list(log.values_list("actor", "object_id", "reason")) == [
            (admin.name, str(row.pk), "the core lost it")
        ]
    with pytest.raises(AccessError):
        send_again(row.pk, by=lender.as_(Role.APPROVER), reason="", at=AT)
    with pytest.raises(UsageError, match="there is no delivery 99"):
        send_again(99, by=admin, reason="", at=AT)
    switch_off(endpoint_of(lender).code, by=admin, reason="moved", at=AT)
    with pytest.raises(ConflictError, match="is off; switch it on first"):
        send_again(row.pk, by=admin, reason="", at=AT)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_of_several_workers_none_sends_what_another_has_in_hand(database, hearer):
    """Forty events, four workers side by side: forty requests, each event once."""
    lender = Lender()
    added(lender, hearer.url, TOPICS)
    for number in range(40):
        happens(lender, key=f"{number:02}")
    by = at_work(lender)
    spread(by=by, at=AT)
    done = in_threads(4, lambda _: deliver(by=by, clock=Clock()))
    assert (sum(one.taken for one in done), sum(one.failed for one in done)) == (40, 0)
    assert len({headers["webhook-id"] for _, headers, _ in hearer.heard}) == len(hearer.heard) == 40


def test_a_worker_that_dies_has_its_event_sent_again(database, hearer):
    """Killed between the request and what came of it: after two minutes another one sends the same event."""
    lender, clock = Lender(), Clock()
    added(lender, hearer.url, TOPICS)
    happens(lender)
    asked = []

    def dies():
        asked.append(1)
        if len(asked) == 4:  # spread, claim and request have looked at it; what came of it is not kept
            raise SystemExit
        return clock.at

    with pytest.raises(SystemExit):
        delivering.carry_what_waits(dies)
    assert [row.state for row in deliveries(lender)] == ["waiting"]
    assert carried(clock) == (0, 0)
    clock.at = AT + rules.LEASE
    assert carried(clock) == (1, 0)
    first, second = hearer.heard
    assert first[1]["webhook-id"] == second[1]["webhook-id"]
    assert [row.state for row in deliveries(lender)] == ["delivered"]


def test_an_endpoint_hears_nothing_of_before_it_was_added_and_nothing_of_another_house(database, hearer):
    """Two years of messages do not pour over who comes new."""
    lender, other, clock = Lender(), Lender("other"), Clock()
    happens(lender, key="old", at=AT - timedelta(days=700))
    added(lender, hearer.url, TOPICS)
    added(other, f"{hearer.url}/other", TOPICS)
    happens(other, "L9", key="theirs")
    happens(lender, key="new")
    assert carried(clock) == (1, 0)
    assert sorted((path, b'"new"' in body, b"theirs" in body) for path, _, body in hearer.heard) == [
        ("/hooks", True, False),
        ("/hooks/other", False, True),
    ]


def test_a_secret_that_no_key_opens_holds_up_no_other(sqlite, hearer, monkeypatch):
    """Its key was lost: the endpoint fails by itself, the others hear, and another secret mends it at once."""
    lender, clock = Lender(), Clock()
    monkeypatch.setenv("SUIXIN_FACTOR_KEY", keys.new_key())
    lost = added(lender, hearer.url, TOPICS)
    monkeypatch.setenv("SUIXIN_FACTOR_KEY", keys.new_key())
    added(lender, f"{hearer.url}/other", TOPICS)
    happens(lender, key="a")
    assert carried(clock) == (1, 1)
    assert [path for path, *_ in hearer.heard] == ["/hooks/other"]
    assert attempts(lender)[0] == (
        None,
        "no key of this server opens the secret; put the key back, or replace the secret",
    )
    _, secret = rotate_secret(lost.code, by=lender.as_(Role.ADMINISTRATOR), reason="its key is lost", at=AT)
    clock.at = max(row.next_at for row in deliveries(lender))
    assert carried(clock) == (1, 0)
    assert verify(secret, *hearer.heard[-1][1:], now=clock.at).data["key"] == "a"


def test_a_house_whose_endpoint_is_slow_holds_up_no_other(sqlite, hearer):
    """Its turn is over after its time, and what is left waits for its next one."""
    first, other, clock = Lender("a"), Lender("b"), Clock()
    for one in (first, other):
        added(one, hearer.url, TOPICS)
        for key in "xyz":
            happens(one, key=key)

    def slow():
        time.sleep(0.02)
        return hearer.answers[0]

    hearer.next = slow
    assert delivering.carry_what_waits(clock, turn_seconds=0.01) == {"a": (1, 0), "b": (1, 0)}
    assert delivering.carry_what_waits(clock) == {"a": (2, 0), "b": (2, 0)}


def test_the_header_host_says_no_port_that_the_scheme_implies(sqlite):
    """Servers that know themselves by a bare name would not know themselves by name and 443."""
    for url, told in (
        ("https://core.example.com/", b"core.example.com"),
        ("https://core.example.com:80/", b"core.example.com:80"),
        ("http://127.0.0.1/", b"127.0.0.1"),
    ):
        here, there = socket.socketpair()
        with here, there:
            connection = _Pinned(place_of(url))
            connection.sock = here
            connection.request("POST", "/", b"")
            assert b"Host: " + told + b"\r\n" in there.recv(1_000)


def test_a_reason_is_no_longer_than_the_log_keeps(database):
    """Refused with its length, on either database, and nothing is changed."""
    lender = Lender()
    held, admin = added(lender, "https://core.example.com/", TOPICS), lender.as_(Role.ADMINISTRATOR)
    with pytest.raises(UsageError, match="the reason has 401 characters; write at most 400"):
        switch_off(held.code, by=admin, reason="长" * 401, at=AT)
    with pytest.raises(UsageError, match="the reason has 501 characters; the log keeps 500"):
        rotate_secret(held.code, by=admin, reason="长" * 501, at=AT)
    assert switch_off(held.code, by=admin, reason="长" * 400, at=AT).old_secret is None


def test_no_redirect_is_followed(sqlite, hearer):
    """It would lead wherever a stranger likes, with our signature."""
    lender, clock = Lender(), Clock()
    added(lender, hearer.url, TOPICS)
    happens(lender)
    hearer.answers = [(307, b"", {"Location": f"{hearer.url}/elsewhere"})]
    assert carried(clock) == (0, 1)
    assert [path for path, *_ in hearer.heard] == ["/hooks"]
    assert attempts(lender) == [(307, "")]


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.7", "172.16.5.5", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104  refused
        "::1", "fe80::1", "fc00::1", "fec0::1", "::ffff:10.0.0.7", "64:ff9b::a00:7", "2002:a00:7::1",
    ],
)  # fmt: skip
def test_a_name_that_leads_into_our_own_network_is_not_followed(sqlite, monkeypatch, address):
    """Private, link-local, shared, wrapped in an address of the new kind: nothing is opened, and the log says why."""
    lender, clock = Lender(), Clock()
    added(lender, "https://hooks.example.com/x", TOPICS)
    happens(lender)
    opened = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, where: opened.append(where))
    known = [(socket.AF_INET, 1, 6, "", ("93.184.215.14", 443)), (socket.AF_INET6, 1, 6, "", (address, 443))]
    with override_settings(WEBHOOK_NETWORKS=[]), monkeypatch.context() as names:
        names.setattr(socket, "getaddrinfo", lambda *_, **__: known)
        assert carried(clock) == (0, 1)
    assert opened == []
    assert attempts(lender) == [(None, "hooks.example.com leads to an address of a private network")]


def test_a_name_is_asked_once_and_the_connection_goes_where_it_said(sqlite, hearer, monkeypatch):
    """A name that answers otherwise the second time leads nowhere else."""
    lender, clock = Lender(), Clock()
    port = int(hearer.url.rpartition(":")[2].partition("/")[0])
    added(lender, f"http://localhost:{port}/hooks", TOPICS)
    happens(lender)
    asked = []

    def known(host, to, **_):
        asked.append(host)
        return [(socket.AF_INET, 1, 6, "", ("127.0.0.1" if len(asked) == 1 else "10.0.0.7", to))]

    monkeypatch.setattr(socket, "getaddrinfo", known)
    assert carried(clock) == (1, 0)
    assert asked == ["localhost"]
    assert hearer.heard[0][1]["Host"] == f"localhost:{port}"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://core.example.com/x", "http is for this machine's own addresses"),
        ("ftp://core.example.com/x", "is no address to send to"),
        ("https://user:pw@core.example.com/", "a name, a password or a #"),
        ("https://core.example.com/#x", "a name, a password or a #"),
        ("https:///x", "is no address to send to"),
        ("https://core.example.com/a b", "is no address to send to"),
        ("https://核心.example.com/", "is no address to send to"),
        ("https://core.example.com:99999/", "is no address"),
        ("https://10.0.0.7/", "is an address of a private network"),
        ("https://[::ffff:169.254.169.254]/", "is an address of a private network"),
        ("https://core.example.com/" + "x" * 500, "is no address to send to"),
    ],
)
def test_an_address_that_is_none_is_refused_when_it_is_typed(sqlite, url, said):
    """With what is wrong with it."""
    with pytest.raises(UsageError, match=said):
        added(Lender(), url)


def test_an_endpoint_is_added_by_two_administrators_with_topics_that_there_are(sqlite):
    """One alone, another role, no topic, one that is none."""
    lender = Lender()
    with pytest.raises(UsageError, match=r"'loan\.dran' is not one of application\.decided"):
        added(lender, "https://core.example.com/", ("loan.dran",))
    with pytest.raises(UsageError, match="hears nothing"):
        added(lender, "https://core.example.com/", ())
    one = SimpleNamespace(organisation=lender.organisation, as_=lambda role, _: lender.as_(role))
    with pytest.raises(AccessError, match="needs the word of a second person"):
        added(one, "https://core.example.com/")
    other = SimpleNamespace(organisation=lender.organisation, as_=lambda _, at: lender.as_(Role.APPROVER, at))
    with pytest.raises(AccessError, match="may not do this"):
        added(other, "https://core.example.com/")
    assert Delivered(0, 0) == deliver(by=at_work(lender), clock=Clock())


def test_nobody_who_answers_drop_by_drop_keeps_the_postman(sqlite, monkeypatch):
    """A byte now and then keeps a connection open for ever; here it is over in its time."""
    monkeypatch.setattr(sending, "_WHOLE_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]

        def drip(_):
            held, _ = door.accept()
            with held:
                held.recv(65_536)
                for _ in range(100):
                    try:
                        held.sendall(b"H")
                    except OSError:
                        return "ended"
                    held.settimeout(0.1)
                    try:
                        if held.recv(1) == b"":
                            return "ended"
                    except TimeoutError:
                        pass
                return "kept"

        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(drip, 0)
            answer = sending.sent(f"http://127.0.0.1:{port}/", {}, b"{}")
            assert other.result() == "ended"
    assert (answer.status, answer.taken) == (None, False)


def test_why_nothing_was_answered_is_told_in_chinese(sqlite):
    """Every reason that is stored by the program is read back from what is stored; what others say stays as it was."""
    for kind, fault in faults.BY_ERROR.items():
        assert faults.chinese(faults.why(kind("10.0.0.7"))) == fault.zh, kind
    assert faults.chinese(faults.why(Refused("a.example"))) == "a.example 指向内网地址"
    assert faults.chinese(faults.why(OSError("/secret"))) == "无应答：OSError"
    assert faults.chinese(faults.SILENT.en.format(5)) == "已 5 天没有接收任何推送"
    assert faults.chinese("moved to another host") == "moved to another host"
