"""Questions about organisations that come before one is chosen, and about the people of the current one."""

from collections.abc import Iterable

from suixin.errors import TenancyError, UsageError
from suixin.server import tenancy
from suixin.server.identity.access import Actor, actor_of
from suixin.server.identity.models import Organisation, User


def organisation_of(code: str) -> Organisation:
    """The organisation of this code.

    Raises:
        TenancyError: there is none.
    """
    with tenancy.directory("suixin.operator", "on"):
        found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise TenancyError(f"there is no organisation {code!r}")
    return found


def colleague(username: str) -> Actor:
    """The person of the current organisation who signs in under a name; one with the right role may be a witness.

    Raises:
        UsageError: nobody does.
    """
    found = User.objects.filter(username=username.strip(), is_active=True).first()
    if found is None:
        raise UsageError(f"nobody here signs in as {username.strip()!r}; give a colleague's sign-in name")
    return actor_of(found)


def person_of(name: str) -> Actor | None:
    """The person of an actor's name such as 'user:17', None if it is no person of the current organisation."""
    kind, _, number = name.partition(":")
    found = User.objects.filter(pk=int(number)).first() if kind == "user" and number.isdigit() else None
    return actor_of(found) if found else None


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """Actor's name -> the person's own, in one query; the program and people of other houses are left out."""
    numbers = {int(one[5:]) for one in actors if one.startswith("user:") and one[5:].isdigit()}
    found = User.objects.filter(pk__in=numbers).values_list("pk", "name")
    return {f"user:{number}": name for number, name in found}
