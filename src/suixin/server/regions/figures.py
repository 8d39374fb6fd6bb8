"""The true figures by township, each borrower and each applicant counted once; seen by nobody before they are suppressed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max, Sum

from suixin.regions.table import WHOLE, Figure, Table
from suixin.server.ledger.models import Book
from suixin.server.merchants.models import Merchant
from suixin.server.origination.models import Application
from suixin.server.regions.documents import COLUMNS, DEMAND, LENDING
from suixin.server.servicing.lists import BUCKETS, ON_BOOK, TOWNSHIP, late, townships
from suixin.server.servicing.models import Loan

ZONE = ZoneInfo("Asia/Shanghai")
Counted = Mapping[str, Mapping[str, Figure]]


def figures(book: Book, from_on: date, as_of: date, places: Iterable[str] = ()) -> dict[str, Table]:
    """The tables of lending and demand, in a number of queries that does not grow with the book.

    What is owed is as the book stands now, at the beginning of `as_of`; what happened counts from `from_on` until before
    it. Townships are those of enrolled merchants and of loans, and `places`.
    """
    held = {LENDING: _lending(book, from_on, as_of), DEMAND: _demand(book, from_on, as_of)}
    enrolled = Merchant.objects.values_list("village", flat=True).distinct()
    known = {village[:TOWNSHIP] for village in enrolled} | {*townships(), *places}
    return {name: table(columns, COLUMNS[name], known) for name, columns in held.items()}


def table(counted: Counted, columns: Iterable[str], places: Iterable[str]) -> Table:
    """What was counted, as the table of these places; where nothing was counted stands zero."""
    areas = sorted(places)
    made: dict[str, dict[str, Figure | None]] = {}
    for column in columns:
        held = {area: counted[column].get(area, Figure(0, 0)) for area in areas}
        whole = Figure(sum(one.people for one in held.values()), sum(one.minor for one in held.values()))
        made[column] = {WHOLE: whole, **held}
    return Table(dict.fromkeys(areas, WHOLE), made)


class Sums:
    """People and amounts by column and township."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, Figure]] = defaultdict(dict)

    def add(self, column: str, village: str, minor: int) -> None:
        """One person more."""
        area = village[:TOWNSHIP]
        count, sum_ = self.held[column].get(area, Figure(0, 0))
        self.held[column][area] = Figure(count + 1, sum_ + minor)


def _lending(book: Book, from_on: date, as_of: date) -> Counted:
    sums, loans = Sums(), Loan.objects.filter(book_id=book.pk)
    ended_on = as_of - timedelta(days=1)
    owed = _by_borrower(
        loans.filter(ON_BOOK),
        borrowers=Sum("principal_minor"),
        late=Sum("principal_minor", filter=late(BUCKETS["1-"], ended_on)),
        late90=Sum("principal_minor", filter=late(BUCKETS["91-"], ended_on)),
    )
    new = loans.filter(drawn_minor__gt=0, profile__granted_on__gte=from_on, profile__granted_on__lt=as_of)
    for row in [*owed, *_by_borrower(new, new=Sum("drawn_minor"))]:
        for column in COLUMNS[LENDING]:
            if row.get(column) is not None:
                sums.add(column, row["village"], int(row[column]))
    return sums.held


def _by_borrower(loans: Any, **sums: Sum) -> Iterable[dict[str, Any]]:
    """One row a borrower; who has loans in two villages belongs to the one of the higher code."""
    rows: Iterable[dict[str, Any]] = (
        loans.values("borrower").annotate(village=Max("profile__village"), **sums).order_by().iterator()
    )
    return rows


def _demand(book: Book, from_on: date, as_of: date) -> Counted:
    """Cases that came to a contract or a refusal; who had two is counted by the later one."""
    cases = Application.objects.filter(
        book_id=book.pk,
        state__in=[Application.State.SIGNED, Application.State.DECLINED],
        settled_at__gte=_begins(from_on),
        settled_at__lt=_begins(as_of),
    )
    lives = Merchant.objects.filter(merchant_id__in=cases.values("merchant_id"))
    village = dict(lives.values_list("merchant_id", "village"))
    last = {case.merchant_id: case for case in cases.only(*_ASKED).order_by("id").iterator()}
    sums = Sums()
    for merchant, case in last.items():
        for column, minor in _counted(case).items():
            sums.add(column, village[merchant], minor)
    return sums.held


_ASKED = ("merchant_id", "state", "amount_minor", "granted_minor")


def _counted(case: Application) -> dict[str, int]:
    """Column -> what the case adds to it, minor units; more than was asked for is not counted as granted."""
    asked = case.amount_minor
    if case.state == Application.State.DECLINED:
        return {"decided": asked, "refused": asked, "unmet": asked}
    granted = min(asked, case.granted_minor)
    unmet = {"unmet": asked - granted} if granted < asked else {}
    return {"decided": asked, "granted": granted, **unmet}


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZONE)
