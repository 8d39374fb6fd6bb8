"""Who may do what; what is not granted is refused."""

from types import SimpleNamespace

import pytest
from house import AT, bank

from suixin.errors import AccessError, UsageError
from suixin.server import tenancy
from suixin.server.audit.registry import ACTIONS
from suixin.server.identity import access
from suixin.server.identity.access import GRANTS, OWN, SYSTEM, Actor, Hands
from suixin.server.identity.actions.add_user import add_user
from suixin.server.identity.actions.found_organisation import NewPerson, found_organisation
from suixin.server.identity.actions.grant_role import grant_role
from suixin.server.identity.actions.withdraw_role import withdraw_role
from suixin.server.identity.backend import Backend
from suixin.server.identity.models import Membership, User
from suixin.server.identity.roles import Kind, Role

READS = {name for name in ACTIONS if name.endswith(".read")}
LENDS = {name for name in ACTIONS if name.startswith(("lending.", "ledger.transaction.", "ledger.hold."))}


def actor(role, number=1, organisation=1):
    return Actor(organisation, f"user:{number}", GRANTS.get(role, frozenset()))


def test_every_granted_action_is_registered():
    """A slip of the pen would grant what nobody can name."""
    assert frozenset().union(SYSTEM, OWN, *GRANTS.values()) <= set(ACTIONS)


def test_the_auditor_reads_all_and_changes_nothing():
    """Whatever is added to the auditor later must be a reading."""
    assert GRANTS[Role.AUDITOR] == READS


def test_the_administrator_cannot_lend_and_the_program_decides_about_nobody():
    """Who gives roles has none in a case."""
    assert GRANTS[Role.ADMINISTRATOR] & LENDS == frozenset()
    decisions = (
        GRANTS[Role.APPROVER] | GRANTS[Role.REVIEWER] | {"lending.loan.accept", "lending.sweep.authorise"}
    )
    decides = {name for name in decisions if name.startswith("lending.")} - {"lending.facility.freeze"}
    assert SYSTEM & decides == frozenset()


@pytest.mark.parametrize("role", list(Role))
def test_what_is_not_granted_is_refused(role):
    """Every role, every action, an unknown one, and another organisation's object."""
    one, ours, theirs = actor(role), SimpleNamespace(organisation_id=1), SimpleNamespace(organisation_id=2)
    granted = GRANTS.get(role, frozenset())
    assert {name for name in ACTIONS if one.may(name, ours)} == granted
    assert not any(one.may(name, theirs) for name in ACTIONS)
    assert not one.may("ledger.book.burn")
    assert not Actor(1, "user:1", frozenset({"ledger.book.burn"})).may("ledger.book.burn")


def test_investigator_approver_and_disburser_are_three_people():
    """One who had the case in another hand is refused, whatever roles he holds; relatives are barred."""
    both = GRANTS[Role.CUSTOMER_MANAGER] | GRANTS[Role.APPROVER] | GRANTS[Role.DISBURSEMENT]
    one, other, third = (Actor(1, f"user:{number}", both) for number in (1, 2, 3))
    hands = Hands(investigated_by=frozenset({"user:1"}), approved_by=frozenset({"user:2"}))
    assert not one.may("lending.case.approve", hands=hands)
    assert other.may("lending.case.approve", hands=hands)
    assert not one.may("lending.loan.disburse", hands=hands)
    assert not other.may("lending.loan.disburse", hands=hands)
    assert third.may("lending.loan.disburse", hands=hands)
    assert not third.may("lending.loan.disburse", hands=Hands(barred=frozenset({"user:3"})))
    assert not third.may("lending.loan.watch", hands=Hands(barred=frozenset({"user:3"})))


def test_an_organisation_is_founded_with_two_administrators(database):
    """One alone could give himself every role."""
    alone = [NewPerson("wang", "Wang", Role.ADMINISTRATOR)]
    with pytest.raises(UsageError, match="needs two administrators"):
        found_organisation("bank", Kind.BANK, "Bank", alone, at=AT)
    shop = [NewPerson("owner", "Owner", Role.OWNER, "correct horse battery")]
    found_organisation("shop", Kind.MERCHANT, "Shop", shop, at=AT)


def test_roles_are_given_and_taken_by_two(database):
    """What was granted holds until it is withdrawn; both leave their names."""
    made, first, second, _ = bank()
    for nobody in (None, first):
        with pytest.raises(AccessError, match="second person"):
            add_user(NewPerson("zhao", "Zhao", Role.APPROVER), by=first, second=nobody, at=AT)
    user = add_user(NewPerson("zhao", "Zhao", Role.APPROVER), by=first, second=second, at=AT)
    granted = grant_role(user, Role.AUDITOR, by=first, second=second, reason="year's end", at=AT)
    assert grant_role(user, Role.AUDITOR, by=first, second=second, reason="again", at=AT) == granted
    with tenancy.within(made.pk):
        assert access.actor_of(user).granted == GRANTS[Role.APPROVER] | GRANTS[Role.AUDITOR]
    withdraw_role(granted.pk, by=second, second=first, reason="done", at=AT)
    with tenancy.within(made.pk):
        assert access.actor_of(user).granted == GRANTS[Role.APPROVER]
        assert Membership.objects.filter(user=user).count() == 2
        user.is_active = False
        assert access.actor_of(user).granted == frozenset()


def test_a_role_in_one_house_is_none_in_another(database):
    """Memberships are read within the organisation that asks."""
    made, *_ = bank("ours")
    theirs, *_ = bank("theirs")
    with tenancy.within(made.pk):
        user = User.objects.order_by("pk").first()
    with tenancy.within(theirs.pk):
        assert access.actor_of(user).granted == frozenset()


def test_signing_in(database):
    """By the right password, while active; a wrong name and a wrong password look the same."""
    shop = [
        NewPerson("owner", "Owner", Role.OWNER, "correct horse battery"),
        NewPerson("idle", "Idle", Role.OWNER),
    ]
    made = found_organisation("shop", Kind.MERCHANT, "Shop", shop, at=AT)
    door = Backend()
    user = door.authenticate(None, "owner", "correct horse battery")
    assert (user.username, user.organisation_id, user.password.split("$")[0]) == ("owner", made.pk, "argon2")
    assert door.get_user(user.pk) == user
    assert door.authenticate(None, "owner", "wrong") is None
    assert door.authenticate(None, "nobody", "wrong") is None
    assert door.authenticate(None, "idle", "") is None
    assert door.authenticate(None, None, None) is None
    with tenancy.within(made.pk):
        User.objects.filter(pk=user.pk).update(is_active=False)
    assert door.authenticate(None, "owner", "correct horse battery") is None
    assert door.get_user(user.pk) is None
