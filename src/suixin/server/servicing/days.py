"""Which business date of a book an instant fell on: a house's days may end late, or stand still."""

from bisect import bisect_right
from collections.abc import Collection
from datetime import date, datetime

from suixin.server.ledger.models import Book
from suixin.server.ledger.queries import day_of
from suixin.server.servicing.models import DayEnd


def business_days(book: Book, instants: Collection[datetime]) -> dict[datetime, date]:
    """Each instant -> the day that ended next after it; the book's business date where none has ended since."""
    if not instants:
        return {}
    found = DayEnd.objects.filter(book_id=book.pk, finished_at__gt=min(instants)).order_by("day")
    ends = [(at, day) for at, day in found.values_list("finished_at", "day") if at is not None]
    days = [day for _, day in ends] + [day_of(book).business_on]
    finished = [at for at, _ in ends]
    return {one: days[bisect_right(finished, one)] for one in instants}
