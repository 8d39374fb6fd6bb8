"""What every page of the bank begins with: its book, the business date, a loan, and what people are called."""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.http import Http404

from suixin.server.identity import queries as identity
from suixin.server.ledger import queries as ledger
from suixin.server.ledger.models import Book
from suixin.server.origination.models import Desk
from suixin.server.pages.templatetags.words import ZONE, pair
from suixin.server.regions.models import Publication
from suixin.server.servicing.models import Loan


def any_book() -> Book | None:
    """The book that the desk lends from; before there is a desk, the house's first; None of a house that does not lend."""
    held = Desk.objects.select_related("book").first()
    return held.book if held is not None else Book.objects.order_by("id").first()


def book() -> Book:
    """As `any_book`, for a page that is nothing without one."""
    found = any_book()
    if found is None:
        raise Http404
    return found


def today(held: Book) -> date:
    """The business date."""
    return ledger.day_of(held).business_on


def ended(held: Book) -> date:
    """The last day that was ended, of which classes, allowances and days past due are."""
    return ledger.day_of(held).ended_on


def clock(at: datetime) -> datetime:
    """An instant, but none after the business date: what waits in a house whose days stand still does not grow old."""
    held = Book.objects.order_by("id").first()
    if held is None:
        return at
    ends = datetime.combine(today(held), time.max, tzinfo=ZONE)
    return min(at, ends)


def townships() -> dict[str, str]:
    """Township -> its name, as the last month that was published for government and fund knows it."""
    last = Publication.objects.order_by("-month", "-id").values_list("tables", flat=True).first()
    return dict(last["names"]) if last else {}


def loan(number: str) -> Loan:
    """A loan of the house; of another's nobody learns that it is there."""
    found = Loan.objects.filter(number=number).select_related("book", "facility", "profile").first()
    if found is None:
        raise Http404
    return found


def called(actors: Iterable[str]) -> dict[str, str]:
    """Actor's name -> what to call whoever it is."""
    wanted = set(actors)
    known = identity.names_of(wanted)
    return {name: known.get(name) or _program(name) for name in wanted}


def _program(name: str) -> str:
    return pair("系统", "the program") if name.startswith("system:") else name
