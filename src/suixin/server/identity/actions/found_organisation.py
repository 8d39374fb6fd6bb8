"""Found an organisation with its first people."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction

from suixin.errors import ConflictError, UsageError
from suixin.server import tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity import access
from suixin.server.identity.models import Membership, Organisation, User
from suixin.server.identity.queries import user_called
from suixin.server.identity.roles import Kind, Role

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_USERNAME = re.compile(r"[\w.@+-]{1,60}")  # what stands in an address and in a list without being mistaken


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
        UsageError: fewer than two administrators, of whom each needs the other's word; a merchant needs none. A code, or
            a user name, that is none.
        ConflictError: the code, or a user name, is taken.
    """
    administrators = [person for person in people if person.role is Role.ADMINISTRATOR]
    if kind is not Kind.MERCHANT and len(administrators) < 2:
        raise UsageError(f"organisation {code} needs two administrators, of whom each confirms the other")
    _judge(code, name, people)
    with tenancy.directory("suixin.operator", "on", writes=True):
        if Organisation.objects.filter(code=code).exists():
            raise ConflictError(f"there is an organisation {code!r} already")
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


def _judge(code: str, name: str, people: Sequence[NewPerson]) -> None:
    """Refuse before anything is written what would leave an organisation without its people."""
    if not _CODE.fullmatch(code) or not name.strip():
        raise UsageError(f"organisation {code!r} {name!r}: give a code of a-z, 0-9 and -, and a name")
    if len({person.username for person in people}) < len(people):
        raise UsageError("two of the people have one user name")
    for person in people:
        _judge_person(person)
        if user_called(person.username) is not None:
            raise ConflictError(
                f"somebody signs in as {person.username!r} already; give another user name",
                zh=f"用户名“{person.username}”已有人使用，请换一个",
            )


def _judge_person(person: NewPerson) -> None:
    if not _USERNAME.fullmatch(person.username) or not 0 < len(person.name.strip()) <= 60:
        raise UsageError(
            f"{person.username!r}, {person.name!r}: give a user name of letters, figures and . @ + - _, and a person's name",
            zh="请填写用户名（字母、数字和 . @ + - _）和姓名",
        )


def add_person(person: NewPerson, at: datetime) -> User:
    """A user of the current organisation with one role; called by actions, which check and record.

    Raises:
        UsageError: no name, or a user name that is none.
        ConflictError: somebody signs in under this name already.
    """
    _judge_person(person)
    user = User(username=person.username, name=person.name, created_at=at)
    if person.password is None:
        user.set_unusable_password()
    else:
        user.set_password(person.password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise ConflictError(
            f"somebody signs in as {person.username!r} already; give another user name",
            zh=f"用户名“{person.username}”已有人使用，请换一个",
        ) from error
    Membership(user=user, role=person.role, granted_at=at, bound_to=person.bound_to).save()
    return user
