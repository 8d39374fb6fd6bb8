"""A loan as people look at it on a day: what is owed, what falls due next, how it will run on."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from suixin.errors import LendingError
from suixin.lending.documents import read_contract
from suixin.lending.schedule import Instalment
from suixin.money import currency_of, format_amount
from suixin.server.ledger import queries
from suixin.server.servicing import keeping
from suixin.server.servicing.models import Loan

_LIVE = (Loan.State.ACTIVE, Loan.State.ARREARS, Loan.State.RESTRUCTURED, Loan.State.WRITTEN_OFF)
_SOON = 7  # days before a date in which a borrower is reminded of it


@dataclass(frozen=True, slots=True)
class Look:
    """A loan on the business date, minor units.

    Attributes:
        row: as stored.
        day: the business date.
        principal_minor: all that is lent and not repaid.
        payoff_minor: what closes it today.
        due_minor: what should have been paid by now and was not, penalty and fees included.
        days_past_due: of the oldest of it.
        next: the next instalment, None if none is left.
        ahead: every instalment left.
    """

    row: Loan
    day: date
    principal_minor: int
    payoff_minor: int
    due_minor: int
    days_past_due: int
    next: Instalment | None
    ahead: tuple[Instalment, ...]

    @property
    def held_minor(self) -> int:
        """What was paid too much and is to be given back."""
        return max(0, -self.payoff_minor)

    @property
    def in_days(self) -> int | None:
        """Days to the next date."""
        return None if self.next is None else (self.next.due_on - self.day).days

    @property
    def last_on(self) -> date | None:
        """When it is repaid, if all is paid as agreed."""
        return self.ahead[-1].due_on if self.ahead else None


def look(row: Loan) -> Look:
    """A loan as it stands."""
    day = queries.day_of(row.book).business_on
    account = keeping.read(row, with_events=False).on(day)
    due = account.due_principal_fen + account.due_interest_fen + account.late_fen + account.fees_fen
    rows = account.course.schedule.rows if account.course else ()
    ahead = tuple(one for one in rows if one.due_on > day - timedelta(days=1) and one.total_fen)
    return Look(
        row=row,
        day=day,
        principal_minor=account.principal_fen,
        payoff_minor=account.payoff_fen,
        due_minor=max(0, due - account.overpaid),
        days_past_due=account.days_past_due,
        next=ahead[0] if ahead else None,
        ahead=ahead,
    )


def at_most_payoff(row: Loan, amount_minor: int) -> None:
    """Go on only if a payment is no more than closes the loan today.

    Raises:
        LendingError: it is more.
    """
    most = max(0, look(row).payoff_minor)
    if amount_minor > most:
        code = row.book.currency
        raise LendingError(
            f"{format_amount(most, currency_of(code), 'en', exact=True)} closes {row.number} today; pay no more than that",
            zh=f"借款 {row.number} 今天还 {format_amount(most, currency_of(code), 'zh', exact=True)} 即可结清，请不要超过",
        )


def loans_of(borrower: str, *, live: bool = True) -> list[Look]:
    """A borrower's loans, the oldest first; those that are over too if `live` is False."""
    found = Loan.objects.filter(borrower=borrower).select_related("book").order_by("id")
    rows = found.filter(state__in=_LIVE) if live else found.exclude(state=Loan.State.WITHDRAWN)
    return [look(row) for row in rows]


def waiting_of(borrower: str) -> list[tuple[Loan, int]]:
    """A borrower's loans that wait to be paid out, the oldest first, with what each opens with, minor units."""
    return [(row, to_pay_out(row)) for row in accepted().filter(borrower=borrower)]


def accepted() -> QuerySet[Loan]:
    """Loans that are accepted and not paid out, the oldest first."""
    return Loan.objects.filter(state=Loan.State.ACCEPTED).order_by("id")


def to_pay_out(row: Loan) -> int:
    """What the contract of an accepted loan opens with, minor units."""
    return read_contract(row.contract).terms.opening_fen


def next_step(row: Loan, seen: Look | None) -> str:
    """The one thing that a loan asks of the house: 'pay_out', 'await', 'collect', 'refund', 'remind', 'wait' or 'nothing'."""
    if row.state == Loan.State.ACCEPTED:
        return "pay_out"
    if row.state == Loan.State.OFFERED:
        return "await"
    if seen is None or (seen.payoff_minor == 0 and not seen.ahead):
        return "nothing"
    if seen.due_minor:
        return "collect"
    if seen.payoff_minor < 0:
        return "refund"
    return "remind" if seen.in_days is not None and seen.in_days <= _SOON else "wait"
