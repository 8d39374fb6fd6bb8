"""The menus, by role."""

from dataclasses import dataclass

from django.urls import reverse

from suixin.server.identity.roles import Role
from suixin.server.pages.door import STAFF


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a menu."""

    url: str
    zh: str
    en: str
    roles: frozenset[Role]
    here: bool = False


_LOANS = (
    ("bank-loans", "贷款台账", "Loans", STAFF),
    ("bank-portfolio", "资产组合", "Portfolio", STAFF),
    ("bank-disasters", "灾害延期", "Disaster relief", frozenset({Role.APPROVER, Role.COMMITTEE})),
    ("bank-report", "普惠报表", "Report", STAFF),
    ("bank-log", "审计日志", "Audit log", frozenset({Role.AUDITOR, Role.ADMINISTRATOR})),
)

_LINES = (*_LOANS,)


def menu_of(roles: frozenset[Role], path: str) -> list[Item]:
    """The lines that these roles see."""
    seen = [(reverse(name), zh, en, allowed) for name, zh, en, allowed in _LINES if allowed & roles]
    return [Item(url, zh, en, allowed, here=path.startswith(url)) for url, zh, en, allowed in seen]
