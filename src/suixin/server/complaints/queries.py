"""Questions about complaints: the list, one by number, a merchant's, the figures that are disputed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet

from suixin.errors import LendingError
from suixin.server import locks
from suixin.server.complaints.models import Complaint
from suixin.server.merchants.queries import whose

State = Complaint.State


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; what is empty narrows nothing.

    Attributes:
        state: 'open', 'answered', or 'late' for what is open after its day.
        kind: what it is about.
        text: in the number, the words, what it is about, the merchant's key or name.
    """

    state: str = ""
    kind: str = ""
    text: str = ""


def listed(wanted: Wanted, today: date) -> QuerySet[Complaint]:
    """The complaints that are wanted: what is due first comes first, what is answered last."""
    found = Complaint.objects.all()
    if wanted.state == "late":
        found = late(today)
    elif wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.text:
        found = found.filter(_about(wanted.text))
    return found.order_by(F("answered_at").desc(nulls_first=True), F("due_on").asc(nulls_last=True), "id")


def _about(text: str) -> Q:
    return whose(text) | Q(number__icontains=text) | Q(words__contains=text) | Q(about__icontains=text)


def late(today: date) -> QuerySet[Complaint]:
    """Those that are open after the day on which they were due."""
    return Complaint.objects.filter(state=State.OPEN, due_on__lt=today)


def of_merchant(merchant_id: str) -> list[Complaint]:
    """A merchant's, the latest first."""
    return list(Complaint.objects.filter(merchant_id=merchant_id).order_by("-id"))


def disputed(merchant_id: str) -> Sequence[str]:
    """The figures of a merchant that are disputed and not answered yet, by the feature's name."""
    held = Complaint.objects.filter(merchant_id=merchant_id, state=State.OPEN, kind=Complaint.Kind.DATA)
    return sorted(held.values_list("feature", flat=True))


def locked(number: str) -> Complaint:
    """The complaint of a number, locked.

    Raises:
        LendingError: there is none.
    """
    found = locks.rows(Complaint.objects.filter(number=number))
    if not found:
        raise LendingError(f"there is no complaint {number!r}", zh=f"没有投诉 {number}")
    (one,) = found
    return one
