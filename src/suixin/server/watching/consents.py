"""Who is not watched for want of a consent to it, now: a fact of the consents, which no look has to find out first."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q, QuerySet

from suixin.monitor.borrowers import DEFAULT_DAYS
from suixin.server.ledger.models import Book
from suixin.server.servicing.lists import Bucket, late
from suixin.server.servicing.models import Loan
from suixin.server.sharing.models import Consent
from suixin.server.sharing.queries import verdict
from suixin.server.watching.actions.watch import PURPOSE, READS
from suixin.server.watching.borrowers import LIVE
from suixin.sharing.artefact import State


def unheard(book: Book, day: date, at: datetime) -> QuerySet[Loan, str]:
    """The borrowers of the loans to be watched (`borrowers.live`) whose consent to it is not in force at an instant."""
    given = Consent.objects.filter(purpose=PURPOSE, status=State.ACTIVE.value)
    in_force = given.filter(Q(expires_at=None) | Q(expires_at__gt=at)).values("merchant_id")
    watched = Q(book_id=book.pk, is_live=True, state__in=LIVE, principal_minor__gt=0)
    found = Loan.objects.filter(
        watched & ~late(Bucket("", DEFAULT_DAYS, None), day), ~Q(borrower__in=in_force)
    )
    return found.order_by("borrower").values_list("borrower", flat=True).distinct()


def whys(borrowers: Iterable[str], at: datetime) -> list[tuple[str, str]]:
    """(borrower, why) of each of them that would not be read; a code of `suixin.sharing.check.Why`."""
    said = ((one, verdict(one, PURPOSE, READS, at).why) for one in borrowers)
    return [(one, why) for one, why in said if why is not None]
