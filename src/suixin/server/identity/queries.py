"""Questions about organisations and people: which one, and what an actor is called."""

from collections.abc import Iterable

from suixin.errors import TenancyError, UsageError
from suixin.server import tenancy
from suixin.server.identity.access import Actor, actor_of
from suixin.server.identity.models import Client, Organisation, User

_PERSON = "user:"
_CLIENT = "client:"


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
        raise UsageError(
            f"nobody here signs in as {username.strip()!r}; give a colleague's sign-in name",
            zh=f"本机构没有用户名为“{username.strip()}”的人员，请填写同事的用户名",
        )
    return actor_of(found)


def person_of(name: str) -> Actor | None:
    """The person of an actor's name such as 'user:17', None if it is no person of the current organisation."""
    found = User.objects.filter(pk=int(name.removeprefix(_PERSON))).first() if _is_person(name) else None
    return actor_of(found) if found else None


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """Actor's name -> what the person or the client is called; the server's parts, and whoever is gone, are left out."""
    wanted = set(actors)
    people = User.objects.filter(pk__in=_numbers(wanted, _PERSON)).values_list("pk", "name")
    found = {f"{_PERSON}{pk}": called for pk, called in people}
    if numbers := _numbers(wanted, _CLIENT):
        clients = Client.objects.filter(pk__in=numbers).values_list("pk", "name")
        found |= {f"{_CLIENT}{pk}": called for pk, called in clients}
    return found


def actor_called(username: str) -> str:
    """The actor's name of a person of this house, '' if nobody is called so."""
    pk = User.objects.filter(username=username).values_list("pk", flat=True).first()
    return "" if pk is None else f"{_PERSON}{pk}"


def user_called(username: str) -> User | None:
    """Whoever signs in under this name, in whatever house; for signing in alone."""
    with tenancy.directory("suixin.signing_in", username):
        found: User | None = User.directory.filter(username=username).first()
        return found


def _numbers(actors: Iterable[str], kind: str) -> set[int]:
    rest = [name.removeprefix(kind) for name in actors if name.startswith(kind)]
    return {int(number) for number in rest if number.isdigit()}


def _is_person(name: str) -> bool:
    return name.startswith(_PERSON) and name.removeprefix(_PERSON).isdigit()
