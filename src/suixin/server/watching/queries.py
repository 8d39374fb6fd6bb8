"""Questions about alerts: which ones, of a loan, what the last look did."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet

from suixin.server.ledger.models import Book
from suixin.server.servicing.lists import by_text
from suixin.server.servicing.models import Loan
from suixin.server.watching.models import Alert, Look

STATES = ("", *Alert.State.values, "all")
"""What may be asked: '' are those that wait for somebody, open or taken."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the alerts; what is '' or None is not asked.

    Attributes:
        text: the beginning of a loan's number, a borrower's pseudonym, or a part of a name.
        state: of `STATES`.
        severity: 1 to 3, at least.
        code: a signal.
        taken_by: an actor's name.
    """

    text: str = ""
    state: str = ""
    severity: int | None = None
    code: str = ""
    taken_by: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked."""
        return all(getattr(self, field.name) in {"", None} for field in fields(self))


def found(book: Book, wanted: Wanted) -> QuerySet[Alert]:
    """The alerts that are wanted: the gravest first, of these the oldest."""
    asked = Q(book_id=book.pk)
    if wanted.text:
        asked &= Q(loan__in=Loan.objects.filter(by_text(wanted.text), book_id=book.pk))
    if not wanted.state:
        asked &= ~Q(state=Alert.State.CLOSED)
    elif wanted.state != "all":
        asked &= Q(state=wanted.state)
    if wanted.severity is not None:
        asked &= Q(severity__gte=wanted.severity)
    if wanted.code:
        asked &= Q(code=wanted.code)
    if wanted.taken_by:
        asked &= Q(taken_by=wanted.taken_by)
    return Alert.objects.filter(asked).order_by("-severity", "opened_on", "id")


def rows(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """Alerts as a list shows them: with their loans, and without what stands behind them."""
    held = alerts.select_related("loan")
    return held.defer("evidence", "orders", "months", "loan__contract", "loan__account", "loan__begins")


class Load(NamedTuple):
    """How many alerts wait for somebody, of each severity, and on how many loans."""

    watch: int
    act: int
    urgent: int
    loans: int


def load(book: Book) -> Load:
    """What waits."""
    waiting = Alert.objects.filter(~Q(state=Alert.State.CLOSED), book_id=book.pk)
    counts = {f"s{one}": Count("id", filter=Q(severity=one)) for one in (1, 2, 3)}
    held = waiting.aggregate(**counts, loans=Count("loan", distinct=True))
    return Load(held["s1"], held["s2"], held["s3"], held["loans"])


def last_look(book: Book) -> Look | None:
    """The last look at the book's loans; None before the first."""
    return Look.objects.filter(book_id=book.pk).order_by("-day").first()


def of_loan(loan: Loan) -> list[Alert]:
    """A loan's alerts that wait for somebody, the gravest first."""
    held = Alert.objects.filter(~Q(state=Alert.State.CLOSED), loan_id=loan.pk)
    return list(held.defer("evidence", "orders", "months").order_by("-severity", "opened_on", "id"))


def codes(book: Book) -> list[str]:
    """The signals of which there has ever been an alert."""
    held: Iterable[str] = (
        Alert.objects.filter(book_id=book.pk).order_by("code").values_list("code", flat=True).distinct()
    )
    return list(held)


def others_of(row: Alert) -> list[Alert]:
    """The other alerts of the same loan, the latest first."""
    held = Alert.objects.filter(loan_id=row.loan_id).exclude(pk=row.pk)
    return list(held.defer("evidence", "orders", "months").order_by("-id")[:20])


def raised(row: Alert) -> list[tuple[date, int]]:
    """(day, severity) each time an alert rose, the opening first."""
    return [(date.fromisoformat(day), severity) for day, severity in row.raised]
