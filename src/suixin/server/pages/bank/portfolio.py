"""The portfolio: how late, how classed, where and to whom, how each quarter's loans went; every figure opens its loans."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from suixin.server.merchants.queries import names_of
from suixin.server.pages.bank import asked, house
from suixin.server.pages.door import STAFF, Visit, for_roles
from suixin.server.servicing.lists import NO_CROP
from suixin.server.servicing.portfolio import OTHERS, Part, portfolio

LATE = 30


@dataclass(frozen=True, slots=True)
class Opened:
    """A figure, what it is called, and the list that it opens ('' if there is none)."""

    part: Any
    name: str
    url: str


@require_GET
@for_roles(*STAFF)
def show(visit: Visit) -> HttpResponse:
    """The book's figures."""
    held = portfolio(house.book())
    names = names_of(part.code for part in held.borrowers_largest)
    context: dict[str, Any] = {
        "held": held,
        "par30": held.at_risk(30),
        "par90": held.at_risk(90),
        "all_url": _loans(),
        "aging": _opened(held.aging, lambda code: {"days": code}),
        "classes": _opened(held.classes, lambda code: {"five_class": code}),
        "townships": _opened(held.townships, lambda code: {"township": code}),
        "crops": _opened(held.crops, lambda code: {"crop": code or NO_CROP}),
        "borrowers": _opened(held.borrowers_largest, lambda code: {"borrower": code}, names),
        "vintages": [
            (one, _granted(one.first_on, one.last_on), _granted(one.first_on, one.last_on, worst=LATE))
            for one in held.vintages
        ],
    }
    return render(visit, "bank/portfolio.html", context)


def _loans(**more: Any) -> str:
    return f"{reverse('bank-loans')}{asked.address(on_book=True, **more)}"


def _granted(first_on: Any, last_on: Any, **more: Any) -> str:
    parts = {"drawn": True, "granted_from": first_on, "granted_to": last_on, **more}
    return f"{reverse('bank-loans')}{asked.address(**parts)}"


def _opened(
    parts: Iterable[Part], ask: Callable[[str], dict[str, Any]], names: dict[str, str] | None = None
) -> list[Opened]:
    known = names or {}
    return [
        Opened(part, known.get(part.code, ""), "" if part.code == OTHERS else _loans(**ask(part.code)))
        for part in parts
    ]
