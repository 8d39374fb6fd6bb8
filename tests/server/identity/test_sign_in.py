"""Lock-out: who guesses waits, in every process alike, and learns nothing about who there is."""

from datetime import timedelta

import pytest
from house import AT, in_threads

from suixin.errors import AccessError, UsageError
from suixin.server import tenancy
from suixin.server.audit.models import Record
from suixin.server.identity import throttle
from suixin.server.identity.access import actor_of
from suixin.server.identity.actions.found_organisation import NewPerson, found_organisation
from suixin.server.identity.actions.sign_in import sign_in
from suixin.server.identity.actions.unlock import unlock
from suixin.server.identity.models import Tries, User
from suixin.server.identity.roles import Kind, Role

PASSWORD = "correct horse battery"  # noqa: S105  of the people of the tests
HOME = "192.0.2.7"


def house():
    people = [NewPerson(name, name, Role.ADMINISTRATOR, PASSWORD) for name in ("wang", "li")]
    made = found_organisation("rural", Kind.BANK, "rural", people, at=AT)
    with tenancy.within(made.pk):
        return made, *User.objects.order_by("pk")


def after(seconds):
    return AT + timedelta(seconds=seconds)


def test_a_wait_grows_to_a_quarter_of_an_hour():
    """Five tries are free; then 30 s, twice as long each time, 15 minutes at most."""
    limit = throttle.Limit(5, timedelta(seconds=30))
    waits = [int(limit.wait(failures).total_seconds()) for failures in range(3, 13)]
    assert waits == [0, 0, 30, 60, 120, 240, 480, 900, 900, 900]
    assert limit.wait(10_000) == timedelta(minutes=15)


def test_an_account_that_is_guessed_at_is_locked_and_opens_again(database):
    """The fifth failure locks; while locked the right password is refused as well; then it opens and all is forgotten."""
    made, user, _ = house()
    wrong = [sign_in("wang", "wrong", address=HOME, at=AT) for _ in range(4)]
    assert wrong == [None] * 4
    assert sign_in("wang", PASSWORD, address=HOME, at=AT) == user
    assert [sign_in("wang", "wrong", address=HOME, at=AT) for _ in range(5)] == [None] * 5
    key = [throttle.account("wang")]
    assert throttle.locked_until(key, AT) == after(30)
    assert sign_in("wang", PASSWORD, address=HOME, at=after(29)) is None
    assert throttle.locked_until(key, after(29)) == after(30)
    assert sign_in("wang", "wrong", address=HOME, at=after(31)) is None
    assert throttle.locked_until(key, after(31)) == after(91)
    assert sign_in("wang", PASSWORD, address=HOME, at=after(92)) == user
    assert throttle.locked_until(key, after(92)) is None
    with tenancy.within(made.pk):
        rows = [
            (row.actor, row.object_id, row.reason)
            for row in Record.objects.filter(action="identity.sign_in.lock")
        ]
    assert rows == [("system:sign-in", str(user.pk), "")] * 2


def test_a_name_that_is_nobodys_is_locked_the_same_way(sqlite):
    """The rows of a known and of an unknown name differ in their digest alone, which holds neither name nor address."""
    house()
    for name in ("wang", "nobody"):
        for number in range(5):
            assert sign_in(name, "wrong", address=f"192.0.2.{number}", at=AT) is None
    rows = {row.key: (row.failures, row.last_at, row.locked_until) for row in Tries.objects.all()}
    known, unknown = (rows[throttle.account(name).digest] for name in ("wang", "nobody"))
    assert known == unknown == (5, AT, after(30))
    assert {len(key) for key in rows} == {64}


def test_the_same_work_is_done_for_every_name(sqlite, monkeypatch):
    """One Argon2 each, whether the name is known, unknown or locked: time tells nothing."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    house()
    hashed = []
    for verb in ("encode", "verify"):
        real = getattr(Argon2PasswordHasher, verb)
        monkeypatch.setattr(
            Argon2PasswordHasher,
            verb,
            lambda self, *args, real=real, verb=verb: hashed.append(verb) or real(self, *args),
        )
    counts = []
    for name in ("wang", "nobody"):
        for _ in range(6):
            before = len(hashed)
            sign_in(name, "wrong", address=HOME, at=AT)
            counts.append(len(hashed) - before)
    assert counts == [1] * 12


def test_an_old_hash_is_made_stronger_when_its_owner_signs_in(database, monkeypatch):
    """When the work of a guess is raised, nobody has to choose another password; a wrong one changes nothing."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    made, user, _ = house()

    def work():
        with tenancy.within(made.pk):
            return User.objects.get(pk=user.pk).password.split("$")[3]

    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 2)
    assert sign_in("wang", "wrong", address=HOME, at=AT) is None
    assert work() == "m=8,t=1,p=1"
    assert sign_in("wang", PASSWORD, address=HOME, at=AT) == user
    assert work() == "m=8,t=2,p=1"
    assert sign_in("wang", PASSWORD, address=HOME, at=AT) == user


def test_an_address_that_guesses_under_many_names_is_locked(sqlite, monkeypatch):
    """A right password from there does not buy new tries; from elsewhere everybody comes in as before."""
    monkeypatch.setattr("django.conf.settings.LOCK_ADDRESS_AFTER", 4)
    _, wang, li = house()
    for number in range(3):
        assert sign_in(f"name{number}", "wrong", address=HOME, at=AT) is None
        assert sign_in("li", PASSWORD, address=HOME, at=AT) == li
    assert sign_in("name3", "wrong", address=HOME, at=AT) is None
    assert sign_in("li", PASSWORD, address=HOME, at=after(1)) is None
    assert sign_in("li", PASSWORD, address="192.0.2.8", at=after(1)) == li
    assert sign_in("wang", PASSWORD, address=HOME, at=after(31)) == wang


def test_failures_are_forgotten_after_a_day(sqlite):
    """Who mistypes once a week is never locked; what is forgotten can be thrown away."""
    house()
    for day in range(8):
        sign_in("wang", "wrong", address=HOME, at=AT + timedelta(days=2 * day))
    assert set(Tries.objects.values_list("failures", flat=True)) == {1}
    assert throttle.forget_old(AT + timedelta(days=14)) == 0
    assert throttle.forget_old(AT + timedelta(days=16)) == 2


def test_a_burst_of_tries_gets_no_more_than_one_after_the_other(postgresql):
    """Eight processes at once: five tries are made, three are refused."""
    house()
    key = throttle.account("wang")
    assert sorted(in_threads(8, lambda _: throttle.begun([key], AT))) == [False] * 3 + [True] * 5


def test_an_administrator_unlocks_with_a_reason(database):
    """Of their own house, and it stands in the log."""
    made, user, other = house()
    with tenancy.within(made.pk):
        admin, own = actor_of(other), actor_of(user)
    with pytest.raises(UsageError, match="wang is not locked"):
        unlock(user, by=admin, reason="asked by telephone", at=AT)
    for _ in range(5):
        sign_in("wang", "wrong", address=HOME, at=AT)
    with pytest.raises(UsageError, match="say why"):
        unlock(user, by=admin, reason="", at=AT)
    stranger = actor_like(admin, made.pk + 1)
    with pytest.raises(AccessError):
        unlock(user, by=stranger, reason="r", at=AT)
    unlock(user, by=own, reason="asked by telephone", at=AT)
    assert sign_in("wang", PASSWORD, address=HOME, at=AT) == user
    with tenancy.within(made.pk):
        rows = list(Record.objects.filter(action="identity.sign_in.unlock").values_list("actor", "reason"))
    assert rows == [(f"user:{user.pk}", "asked by telephone")]


def actor_like(one, organisation):
    return type(one)(organisation, one.name, one.granted, one.roles)
