"""Questions about applications: one by number, a merchant's, those that wait for somebody."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from suixin.errors import LendingError
from suixin.server.ledger import queries as ledger
from suixin.server.origination import documents
from suixin.server.origination.models import Application, DecisionRecord
from suixin.server.servicing import looks
from suixin.server.servicing.models import Facility, Loan
from suixin.underwriting.decision import Decision

WAITS = (Loan.State.OFFERED, Loan.State.ACCEPTED)
"""States of a drawdown that is not paid out yet."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as it was kept, and as the library knows it."""

    record: DecisionRecord
    decision: Decision


@dataclass(frozen=True, slots=True)
class Line:
    """A merchant's credit line on a day, minor units; what waits to be paid out is taken from it already."""

    case: Application
    limit_minor: int
    drawn_minor: int
    waiting_minor: int
    frozen: bool
    expires_on: date
    today: date

    @property
    def available_minor(self) -> int:
        """What may still be drawn."""
        if self.frozen or self.today >= self.expires_on:
            return 0
        return max(0, self.limit_minor - self.drawn_minor - self.waiting_minor)

    @property
    def is_over(self) -> bool:
        """Whether nothing can be drawn any more, whatever is repaid."""
        return self.today >= self.expires_on

    @property
    def used_share(self) -> float:
        """The part that is drawn, 0 to 1."""
        return min(1.0, self.drawn_minor / self.limit_minor)


def application_of(number: str) -> Application:
    """The application of a number.

    Raises:
        LendingError: there is none.
    """
    found = Application.objects.filter(number=number).select_related("book").first()
    if found is None:
        raise LendingError(f"there is no application {number!r}", zh=f"没有申请 {number}")
    return found


def applications_of(merchant_id: str) -> list[Application]:
    """A merchant's applications, the latest first."""
    return list(Application.objects.filter(merchant_id=merchant_id).select_related("book").order_by("-id"))


def decided(case: Application) -> Decided | None:
    """The decision that holds, None before the first."""
    record = (
        DecisionRecord.objects.filter(application_id=case.pk).select_related("policy").order_by("-id").first()
    )
    return None if record is None else Decided(record, documents.read_decision(record.document))


def line_of(case: Application) -> Line | None:
    """The credit line that was signed with an application, None before."""
    held = (
        Facility.objects.filter(book_id=case.book_id, number=case.facility).first() if case.facility else None
    )
    if held is None:
        return None
    loans = list(Loan.objects.filter(facility_id=held.pk))
    drawn = sum(one.principal_minor for one in loans)
    waiting = sum(looks.to_pay_out(one) for one in loans if one.state in WAITS)
    today = ledger.day_of(case.book).business_on
    return Line(case, held.limit_minor, drawn, waiting, held.frozen, held.expires_on, today)


def drawn_today(line: Line) -> list[Loan]:
    """What was drawn under a line on its day, the latest last."""
    found = Loan.objects.filter(
        book_id=line.case.book_id, facility__number=line.case.facility, profile__granted_on=line.today
    )
    return list(found.exclude(state=Loan.State.WITHDRAWN).order_by("id"))


def waiting(states: Iterable[str]) -> dict[str, int]:
    """State -> how many applications are in it."""
    found = Application.objects.filter(state__in=list(states)).values_list("state", flat=True)
    return dict(Counter(found))
