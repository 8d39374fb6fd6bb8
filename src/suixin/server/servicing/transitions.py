"""Class migration (迁徙): what became since the end of a month of the loans that were in each of the five classes then."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Case, Count, F, FilteredRelation, Q, QuerySet, Sum, Value, When

from suixin.calendar import add_months
from suixin.server.ledger.models import Book
from suixin.server.servicing.lists import CLASSES, NEW, OFF_BOOK, ON_BOOK, was
from suixin.server.servicing.models import Loan

OFF = 0
"""The column of loans that are on the book no longer: repaid, renewed or written off."""


class Cell(NamedTuple):
    """Loans that were in one class and are in another: how many, and their principal then (of new ones now), minor units."""

    was: int
    now: int
    loans: int
    principal_minor: int


class Row(NamedTuple):
    """The loans of a class then (`NEW` for those since granted), by what they are now: 1 to 5, and `OFF`."""

    was: int
    cells: tuple[Cell, ...]

    @property
    def loans(self) -> int:
        """How many."""
        return sum(cell.loans for cell in self.cells)

    @property
    def principal_minor(self) -> int:
        """All of their principal."""
        return sum(cell.principal_minor for cell in self.cells)

    @property
    def worse(self) -> float | None:
        """Share of the principal that is in a lower class now; None of nothing, and of new loans."""
        if self.was == NEW or not self.principal_minor:
            return None
        return sum(cell.principal_minor for cell in self.cells if cell.now > self.was) / self.principal_minor


@dataclass(frozen=True, slots=True)
class Transitions:
    """From the end of a day to the business date, a row a class and one for new loans."""

    from_on: date
    rows: tuple[Row, ...]


def keep_month_end(book: Book, day: date) -> None:
    """On the last day of a month write class and principal of every loan on the book down, in one statement."""
    if (day + timedelta(days=1)).day != 1:
        return
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [day, book.pk, book.organisation_id, True, *OFF_BOOK])


_KEEP = """
INSERT INTO servicing_monthend (organisation_id, loan_id, day, five_class, principal_minor)
SELECT organisation_id, id, %s, five_class, principal_minor FROM servicing_loan
WHERE book_id = %s AND organisation_id = %s AND is_live = %s AND principal_minor > 0 AND state NOT IN (%s, %s)
ORDER BY id
"""


def month_end_ago(day: date, months: int) -> date:
    """The last end of a month that lies so many months back, or more: of 8 March one month ago it is 31 January."""
    then = add_months(day, -months)
    return then if (then + timedelta(days=1)).day == 1 else then.replace(day=1) - timedelta(days=1)


def transitions(book: Book, from_on: date) -> Transitions:
    """What became of the loans that were on the book at the end of a month, in two queries; nothing was kept before."""
    then = _then(book, from_on)
    new = Loan.objects.filter(ON_BOOK, was(NEW, from_on), book_id=book.pk)
    found = {(row["was"], row["now"]): (row["loans"], int(row["minor"])) for row in then}
    counted = new.values(now=F("five_class")).annotate(loans=Count("id"), minor=Sum("principal_minor"))
    found |= {(NEW, row["now"]): (row["loans"], int(row["minor"])) for row in counted.order_by()}
    return Transitions(
        from_on,
        tuple(
            Row(one, tuple(Cell(one, now, *found.get((one, now), (0, 0))) for now in (*CLASSES, OFF)))
            for one in (*CLASSES, NEW)
        ),
    )


def _then(book: Book, from_on: date) -> QuerySet[Any, Any]:
    """Loans by what they were and what they are."""
    ends = FilteredRelation("month_ends", condition=Q(month_ends__day=from_on))
    held = Loan.objects.filter(book_id=book.pk).annotate(ended=ends).filter(ended__isnull=False)
    now = Case(When(ON_BOOK, then=F("five_class")), default=Value(OFF))
    rows = held.values(was=F("ended__five_class"), now=now)
    return rows.annotate(loans=Count("id"), minor=Sum("ended__principal_minor")).order_by()
