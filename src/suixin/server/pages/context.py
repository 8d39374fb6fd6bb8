"""What every template may use."""

from typing import Any

from django.http import HttpRequest

from suixin.server.identity.roles import Role
from suixin.server.pages.menus import menu_of


def page(request: HttpRequest) -> dict[str, Any]:
    """The menu of whoever is signed in, and their name."""
    person = getattr(request, "person", None)
    roles: frozenset[Role] = getattr(request, "roles", frozenset())
    return {"person": person, "menu": menu_of(roles, request.path)}
