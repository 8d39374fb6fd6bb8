"""Identity checks as a list: which of them are wanted, on a day."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from suixin.server.days import between
from suixin.server.merchants.queries import whose
from suixin.server.verification.models import IdentityCheck
from suixin.server.verification.queries import counting

OVER, SOON = "over", "soon"
SOON_DAYS = 30
"""Days before a paper's last one in which it is to be asked for anew."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the checks; what is '' or None is not asked.

    Attributes:
        text: in the provider's number, the merchant's key or name.
        verdict: of `IdentityCheck.Verdict`.
        how: of `IdentityCheck.How`.
        paper: `OVER` for papers that are no longer good, `SOON` for those that end within `SOON_DAYS` days; of these the
            latest check of a merchant that counts alone, since an earlier one matters no more.
        from_on, to_on: the day of the answer, both included.
    """

    text: str = ""
    verdict: str = ""
    how: str = ""
    paper: str = ""
    from_on: date | None = None
    to_on: date | None = None


def found(wanted: Wanted, today: date) -> QuerySet[IdentityCheck]:
    """The checks that are wanted, the latest first."""
    rows = IdentityCheck.objects.select_related("taken_back").order_by("-id")
    plain = {"verdict": wanted.verdict, "how": wanted.how}
    rows = rows.filter(**{name: value for name, value in plain.items() if value})
    if wanted.text:
        rows = rows.filter(whose(wanted.text) | Q(reference__icontains=wanted.text))
    if wanted.paper:
        rows = rows.filter(_ends(wanted.paper, today), ~Exists(_later()), taken_back=None)
    return rows.filter(between("at", wanted.from_on, wanted.to_on))


def _ends(paper: str, today: date) -> Q:
    if paper == OVER:
        return Q(expires_on__lt=today)
    return Q(expires_on__gte=today, expires_on__lte=today + timedelta(days=SOON_DAYS))


def _later() -> QuerySet[IdentityCheck]:
    return counting().filter(merchant_id=OuterRef("merchant_id"), id__gt=OuterRef("id"))
