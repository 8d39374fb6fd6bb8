"""The live loans of a book as early warning asks for them: their borrowers, how late they are, what they owe when."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from statistics import median

import polars as pl

from suixin.calendar import date_to_day
from suixin.lending.account import Account
from suixin.monitor.borrowers import DEFAULT_DAYS
from suixin.monitor.own import LOANS
from suixin.scoring.watch.repayment import DUES
from suixin.server.ledger.models import Book
from suixin.server.servicing import keeping
from suixin.server.servicing.models import Loan

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
    full = {row.pk: row for row in Loan.objects.filter(pk__in=[row.pk for row in chosen])}
    loans: list[tuple[object, ...]] = []
    dues: list[tuple[object, ...]] = []
    for subject, (borrower, group) in enumerate(groupby(chosen, key=lambda row: row.borrower)):
        rows = list(group)
        late = max(row.days_past_due(day) for row in rows)
        accounts = [keeping.read(full[row.pk], with_events=False).on(day) for row in rows]
        usual = _instalment(accounts)
        for row, account in zip(rows, accounts, strict=True):
            granted = date_to_day(row.profile.granted_on)
            loans.append((subject, borrower, row.number, date_to_day(as_of), granted, late, usual))
            owed = ((bill.due_on, bill.open_fen) for bill in account.arrears.bills)
            dues += [(row.number, 0, date_to_day(due_on), fen) for due_on, fen in owed if fen]
    return Frames(
        pl.DataFrame(loans, schema=LOANS, orient="row"), pl.DataFrame(dues, schema=DUES, orient="row")
    )


def _instalment(accounts: list[Account]) -> int | None:
    """The median of what the loans ask for on a date, from here on; of what is open if nothing is left ahead."""
    ahead = [row.total_fen for one in accounts if one.course for row in one.course.schedule.rows]
    behind = [bill.open_fen for one in accounts for bill in one.arrears.bills]
    asked = [fen for fen in ahead or behind if fen]
    return round(median(asked)) if asked else None
