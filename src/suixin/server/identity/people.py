"""Questions about the people of a house: who there is, with which roles, since when and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from suixin.server.identity import houses
from suixin.server.identity.access import GRANTS
from suixin.server.identity.models import Membership, SecondFactor, User
from suixin.server.identity.roles import Role

_READ = frozenset({Role.OFFICIAL, Role.FUND_MANAGER})  # what was published, and nothing else
GIVEN = tuple(role for role in Role if role in GRANTS.keys() | _READ and role is not Role.OWNER)
"""What administrators give: a role that may do or see something; an owner comes with the merchant that is enrolled."""

STATES = ("active", "ended", "all")
FACTORS = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to.

    Attributes:
        text: in the user name or the name; '' for any.
        role: that is held now; None for any.
        factor: 'yes' for who has set a second factor up, 'no' for who has not; '' for both.
        state: 'active' for who may sign in, 'ended' for whose access has ended, 'all' for both.
    """

    text: str = ""
    role: Role | None = None
    factor: str = ""
    state: str = "active"


class Person(NamedTuple):
    """Somebody of the house: the roles that are live, and whether a second factor is set up."""

    user: User
    roles: Sequence[Role]
    has_factor: bool


def given() -> list[Role]:
    """What the administrators of the current organisation give."""
    held = houses.roles()
    return [role for role in GIVEN if role in held]


def staff(wanted: Wanted) -> QuerySet[User]:
    """Who is or was staff, as asked for, by user name."""
    held = Membership.objects.filter(user=OuterRef("pk")).exclude(role=Role.OWNER)
    found: QuerySet[User] = User.objects.filter(Exists(held))
    if wanted.state != "all":
        found = found.filter(is_active=wanted.state == "active")
    if wanted.role is not None:
        found = found.filter(Exists(held.filter(role=wanted.role, withdrawn_at=None)))
    if wanted.factor:
        confirmed = Exists(SecondFactor.objects.filter(user=OuterRef("pk"), confirmed_at__isnull=False))
        found = found.filter(confirmed if wanted.factor == "yes" else ~confirmed)
    if wanted.text:
        found = found.filter(Q(username__icontains=wanted.text) | Q(name__icontains=wanted.text))
    return found.order_by("username")


def persons(users: Sequence[User]) -> list[Person]:
    """Users with what a list says of them, by two queries however many they are."""
    keys = [one.pk for one in users]
    roles: dict[int, list[Role]] = {}
    live = Membership.objects.filter(user_id__in=keys, withdrawn_at=None).order_by("pk")
    for user_id, role in live.values_list("user_id", "role"):
        roles.setdefault(user_id, []).append(Role(role))
    confirmed = SecondFactor.objects.filter(user_id__in=keys, confirmed_at__isnull=False)
    sure = set(confirmed.values_list("user_id", flat=True))
    return [Person(one, roles.get(one.pk, []), one.pk in sure) for one in users]


def memberships(user: User) -> list[Membership]:
    """Every role that a person has or had, those that are live first."""
    held = Membership.objects.filter(user_id=user.pk).order_by("-granted_at", "-pk")
    return sorted(held, key=lambda one: one.withdrawn_at is not None)
