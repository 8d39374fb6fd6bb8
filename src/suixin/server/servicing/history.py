"""What has happened to a loan, by whom and why, and how it is paid: for people who look at one loan."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from suixin.lending.amortise import build
from suixin.lending.documents import read_contract, read_event
from suixin.lending.schedule import Instalment
from suixin.server.audit.models import Record
from suixin.server.servicing import keeping
from suixin.server.servicing.models import Loan, LoanEvent

_BESIDE = ("lending.loan.offer", "lending.loan.accept", "lending.loan.watch")
"""What happens to a loan without an event of its own; the audit log alone knows it."""


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened.

    Attributes:
        at: when it was written down.
        on: the day from which it counts.
        by: the actor's name.
        what: the kind of the event, or the action of the audit log.
        amount_minor: of a payment, a fee, a drawdown; None where there is none.
        reason: in words.
        key: of the event, '' for the others.
        gone: it was taken back.
    """

    at: datetime
    on: date
    by: str
    what: str
    amount_minor: int | None
    reason: str
    key: str = ""
    gone: bool = False

    @property
    def can_be_taken_back(self) -> bool:
        """Whether it is a payment or a fee that still counts."""
        return self.what in {"received", "charged"} and not self.gone


class Planned(NamedTuple):
    """An instalment of the plan, and what of it is open, minor units."""

    row: Instalment
    open_minor: int
    is_past: bool


def history(loan: Loan) -> list[Happened]:
    """All of it, the latest first."""
    found = [*_events(loan), *_beside(loan)]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _events(loan: Loan) -> Iterator[Happened]:
    rows = list(LoanEvent.objects.filter(loan_id=loan.pk).order_by("id"))
    gone = {one.takes_back for one in rows if one.takes_back}
    for row in rows:
        event = read_event(row.kind, row.document) if row.document else None
        amount = getattr(event, "amount_fen", None)
        yield Happened(row.at, row.on, row.by, row.kind, amount, row.reason, row.key, gone=row.key in gone)


def _beside(loan: Loan) -> Iterator[Happened]:
    its = Record.objects.filter(object_kind="servicing.loan", object_id=str(loan.pk), action__in=_BESIDE)
    for row in its.order_by("id"):
        yield Happened(row.at, row.at.date(), row.actor, row.action, None, row.reason)
    if loan.facility_id:
        line = Record.objects.filter(object_kind="servicing.facility", object_id=str(loan.facility_id))
        for row in line.order_by("id"):
            yield Happened(row.at, row.at.date(), row.actor, row.action, None, row.reason)


def plan(loan: Loan, day: date) -> list[Planned]:
    """The schedule, past and ahead: as it goes on now, before it as it was signed, with what is open of each date."""
    account = keeping.read(loan, with_events=False).on(day)
    signed = build(read_contract(loan.contract).terms).rows
    if account.course is None:
        rows = list(signed)
    else:
        begins = account.course.terms.start_on
        rows = [row for row in signed if row.due_on <= begins]
        rows += [row for row in account.course.schedule.rows if row.due_on > begins]
    owed = {bill.due_on: bill.open_fen for bill in account.arrears.bills}
    return [Planned(row, owed.get(row.due_on, 0), row.due_on <= day) for row in rows]
