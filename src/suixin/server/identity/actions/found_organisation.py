"""Found an organisation with its first people."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from suixin.errors import UsageError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import access
from suixin.server.identity.models import Membership, Organisation, User
from suixin.server.identity.roles import Kind, Role


class NewPerson(NamedTuple):
    """A person who is to sign in; without a password nobody signs in under this name yet."""

    username: str
    name: str
    role: Role
    password: str | None = None
    bound_to: str = ""  # of an owner: the merchant for whom alone they act


def found_organisation(
    code: str, kind: Kind, name: str, people: Sequence[NewPerson], *, at: datetime
) -> Organisation:
    """Found an organisation; its first people give each other what comes later.

    Raises:
        UsageError: fewer than two administrators, of whom each needs the other's word; a merchant needs none.
    """
    administrators = [person for person in people if person.role is Role.ADMINISTRATOR]
    if kind is not Kind.MERCHANT and len(administrators) < 2:
        raise UsageError(f"organisation {code} needs two administrators, of whom each confirms the other")
    with tenancy.directory("suixin.operator", "on"):
        made = Organisation.objects.create(code=code, kind=kind, name=name, created_at=at)
    with tenancy.within(made.pk):
        actor = access.system(made.pk, "founding")
        actor.require("identity.organisation.found")
        for person in people:
            add_person(person, at)
        record(
            actor,
            "identity.organisation.found",
            made,
            after={"code": code, "kind": str(kind), "people": [[p.username, str(p.role)] for p in people]},
            at=at,
        )
    return made


def add_person(person: NewPerson, at: datetime) -> User:
    """A user of the current organisation with one role; called by actions, which check and record."""
    user = User(username=person.username, name=person.name, created_at=at)
    if person.password is None:
        user.set_unusable_password()
    else:
        user.set_password(person.password)
    user.save()
    Membership(user=user, role=person.role, granted_at=at, bound_to=person.bound_to).save()
    return user
