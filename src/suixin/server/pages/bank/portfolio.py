"""The portfolio: how late, how classed, where and to whom, how each quarter's loans went; every figure opens its loans."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from suixin.server.ledger.models import Book
from suixin.server.merchants.queries import names_of
from suixin.server.pages.bank import asked, house
from suixin.server.pages.door import STAFF, Visit, for_roles
from suixin.server.servicing.lists import NO_CROP
from suixin.server.servicing.portfolio import OTHERS, Part, portfolio
from suixin.server.servicing.transitions import OFF, Cell, Transitions, month_end_ago, transitions

LATE = 30


@dataclass(frozen=True, slots=True)
class Opened:
    """A figure, what it is called, and the list that it opens ('' if there is none)."""

    part: Any
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of the classes since the end of a month, so many months ago; every cell with the list that it opens."""

    months: int
    held: Transitions
    rows: list[tuple[Any, list[tuple[Cell, str]]]]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was on the book then, or nothing was kept."""
        return not any(row.loans for row in self.held.rows if row.was)


@require_GET
@for_roles(*STAFF)
def show(visit: Visit) -> HttpResponse:
    """The book's figures."""
    book = house.book()
    held = portfolio(book)
    names = names_of(part.code for part in held.borrowers_largest)
    context: dict[str, Any] = {
        "held": held,
        "par30": held.at_risk(30),
        "par90": held.at_risk(90),
        "all_url": _loans(),
        "aging": _opened(held.aging, lambda code: {"days": code}),
        "classes": _opened(held.classes, lambda code: {"five_class": code}),
        "townships": _opened(held.townships, lambda code: {"township": code}, house.townships()),
        "crops": _opened(held.crops, lambda code: {"crop": code or NO_CROP}),
        "borrowers": _opened(held.borrowers_largest, lambda code: {"borrower": code}, names),
        "moved": [_moved(book, held.day, months) for months in (1, 3)],
        "vintages": [
            (one, _granted(one.first_on, one.last_on), _granted(one.first_on, one.last_on, worst=LATE))
            for one in held.vintages
        ],
    }
    return render(visit, "bank/portfolio.html", context)


def _loans(**more: Any) -> str:
    return f"{reverse('bank-loans')}{asked.address(on_book=True, **more)}"


def _moved(book: Book, day: date, months: int) -> Moved:
    held = transitions(book, month_end_ago(day, months))
    rows = [(row, [(cell, _cell(held, cell)) for cell in row.cells]) for row in held.rows]
    return Moved(months, held, rows)


def _cell(held: Transitions, cell: Cell) -> str:
    """The list of a cell's loans, '' of none."""
    if not cell.loans:
        return ""
    now = {"on_book": False} if cell.now == OFF else {"on_book": True, "five_class": cell.now}
    return f"{reverse('bank-loans')}{asked.address(was_on=held.from_on, was=str(cell.was), **now)}"


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
