"""The live loans of a book as early warning asks for them: their borrowers, how late they are, what they owe when."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from statistics import median
from typing import NamedTuple

import polars as pl

from suixin.calendar import date_to_day
from suixin.monitor.borrowers import DEFAULT_DAYS
from suixin.monitor.own import LOANS
from suixin.scoring.watch.repayment import DUES
from suixin.server.ledger.models import Book
from suixin.server.servicing import keeping
from suixin.server.servicing.models import Loan

_AT_ONCE = 2_000
LIVE = (Loan.State.ACTIVE, Loan.State.ARREARS, Loan.State.RESTRUCTURED)


@dataclass(frozen=True, slots=True)
class Frames:
    """Loans as `suixin.monitor.own.LOANS`, and their open instalments as `DUES`."""

    loans: pl.DataFrame
    dues: pl.DataFrame


def live(book: Book, day: date) -> list[Loan]:
    """The loans to be watched, by borrower: owed, on the books, and less than 91 days past due; without their documents."""
    held = Loan.objects.filter(book_id=book.pk, is_live=True, state__in=LIVE, principal_minor__gt=0)
    rows = held.select_related("profile").defer("contract", "account", "begins").order_by("borrower", "id")
    return [row for row in rows if row.days_past_due(day) < DEFAULT_DAYS]


def frames(chosen: list[Loan], day: date, as_of: date) -> Frames:
    """What the library asks of these loans, ordered by borrower.

    A borrower's days past due are those of the worst loan; the usual instalment is the median over all that is left.
    """
    plans = _plans(chosen, day)
    loans: list[tuple[object, ...]] = []
    dues: list[tuple[object, ...]] = []
    for subject, (borrower, group) in enumerate(groupby(chosen, key=lambda row: row.borrower)):
        rows = list(group)
        late = max(row.days_past_due(day) for row in rows)
        usual = _usual([plans[row.pk] for row in rows])
        for row in rows:
            granted = date_to_day(row.profile.granted_on)
            loans.append((subject, borrower, row.number, date_to_day(as_of), granted, late, usual))
            dues += [(row.number, 0, date_to_day(due_on), fen) for due_on, fen in plans[row.pk].behind]
    return Frames(
        pl.DataFrame(loans, schema=LOANS, orient="row"), pl.DataFrame(dues, schema=DUES, orient="row")
    )


class _Plan(NamedTuple):
    """What a loan asks for from here on, fen, and what is open of dates that are past."""

    ahead: list[int]
    behind: list[tuple[date, int]]


def _plans(chosen: list[Loan], day: date) -> dict[int, _Plan]:
    """By the loan's id; the documents of so many loans at a time are held, however many there are."""
    ids = [row.pk for row in chosen]
    found = {}
    for first in range(0, len(ids), _AT_ONCE):
        for row in Loan.objects.filter(pk__in=ids[first : first + _AT_ONCE]):
            account = keeping.read(row, with_events=False).on(day)
            rows = account.course.schedule.rows if account.course else ()
            open_bills = [(bill.due_on, bill.open_fen) for bill in account.arrears.bills if bill.open_fen]
            found[row.pk] = _Plan([one.total_fen for one in rows if one.total_fen], open_bills)
    return found


def _usual(plans: list[_Plan]) -> int | None:
    """The median of what is asked for on a date from here on; of what is open if nothing is left ahead."""
    ahead = [fen for one in plans for fen in one.ahead]
    asked = ahead or [fen for one in plans for _, fen in one.behind]
    return round(median(asked)) if asked else None
