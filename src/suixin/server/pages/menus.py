"""The menus, by role."""

from dataclasses import dataclass

from suixin.server.identity.roles import Role


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a menu."""

    url: str
    zh: str
    en: str
    roles: frozenset[Role]
    here: bool = False


def menu_of(roles: frozenset[Role], path: str) -> list[Item]:
    """The lines that these roles see."""
    del roles, path
    return []
