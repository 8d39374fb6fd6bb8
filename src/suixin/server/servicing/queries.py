"""Questions about a loan: what closes it on a day, and what has happened to it."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from suixin.errors import LendingError
from suixin.ledger.transaction import Transaction
from suixin.server.ledger import queries
from suixin.server.ledger.models import Book, Entry
from suixin.server.ledger.models import Transaction as Row
from suixin.server.servicing import keeping
from suixin.server.servicing.models import Loan


class Payoff(NamedTuple):
    """What closes a loan on a day, minor units, if nothing else happens before it; money that is held is taken off."""

    on: date
    principal_minor: int
    interest_minor: int
    late_minor: int
    fees_minor: int
    held_minor: int

    @property
    def total_minor(self) -> int:
        """All of it."""
        owed = self.principal_minor + self.interest_minor + self.late_minor + self.fees_minor
        return owed - self.held_minor


class Line(NamedTuple):
    """One line of a statement: what it did to principal, interest and fees, and what is owed after it, minor units.

    Nights between two other lines are one line, of the last of them.
    """

    booked_on: date
    value_on: date
    kind: str
    principal_minor: int
    interest_minor: int
    fees_minor: int
    held_minor: int
    owed_minor: int
    reason: str
    is_reversal: bool


_PARTS = {
    "1303.01": 0, "1303.02": 0, "1132.01": 1, "1132.02": 1, "1132.03": 1, "1221.01": 2, "2241.01": 3,
    "9001.01": 1,
}  # fmt: skip
_NIGHTLY = {"accrued", "due", "provided"}


def loan_of(book: Book, number: str) -> Loan:
    """The row of a loan.

    Raises:
        LendingError: there is none of that number.
    """
    found = Loan.objects.filter(book_id=book.pk, number=number).first()
    if found is None:
        raise LendingError(f"book {book.code} has no loan {number!r}", zh=f"没有贷款 {number}")
    return found


def payoff(book: Book, number: str, on: date | None = None) -> Payoff:
    """What closes a loan on the business date, or on a later day.

    Raises:
        LendingError: no such loan, nothing was paid out, or a day that is over.
    """
    row, today = loan_of(book, number), queries.day_of(book).business_on
    day = today if on is None else on
    if day < today:
        raise LendingError(
            f"{day} is over; ask for {today} or a later day", zh=f"{day} 已过，请选 {today} 或以后"
        )
    account = keeping.read(row, with_events=False).on(day)
    if not account.drawn:
        raise LendingError(
            f"loan {number} is {row.state}; nothing is paid out", zh=f"贷款 {number} 还没有放款"
        )
    due = account.accrued_fen + account.due_interest_fen
    return Payoff(day, account.principal_fen, due, account.late_fen, account.fees_fen, account.overpaid)


def statement(
    book: Book, number: str, first_on: date | None = None, last_on: date | None = None
) -> list[Line]:
    """What was booked for a loan from a day to a day, both included, with what was owed after each line.

    Raises:
        LendingError: no such loan.
    """
    loan_of(book, number)
    entries = Entry.objects.filter(balance__book_id=book.pk, balance__subject=number)
    rows = Row.objects.filter(book_id=book.pk, id__in=entries.values("transaction_id"))
    keys = list(rows.order_by("id").values_list("key", flat=True))
    made = queries.by_key(book, keys)
    lines = list(_lines([made[key] for key in keys], number))
    return [
        line
        for line in lines
        if (first_on is None or line.booked_on >= first_on) and (last_on is None or line.booked_on <= last_on)
    ]


def _lines(journal: list[Transaction], number: str) -> Iterator[Line]:
    owed = before = 0
    nights = [0, 0, 0, 0]
    night: Transaction | None = None
    for one in journal:
        moved = [0, 0, 0, 0]
        for account, subject, _, amount in one.entries:
            if subject == number and account in _PARTS:
                moved[_PARTS[account]] += amount
        owed += sum(moved)
        if one.kind in _NIGHTLY:
            nights = [sum(pair) for pair in zip(nights, moved, strict=True)]
            night = one if any(nights) else None
            before = owed
            continue
        if night is not None:
            yield _line(night, "interest", nights, before)
            nights, night = [0, 0, 0, 0], None
        yield _line(one, one.kind, moved, owed)
    if night is not None:
        yield _line(night, "interest", nights, owed)


def _line(of: Transaction, kind: str, moved: list[int], owed: int) -> Line:
    principal, interest, fees, held = moved
    figures = (principal, interest, fees, -held, owed)
    return Line(of.booked_on, of.value_on, kind, *figures, of.reason, bool(of.reverses))
