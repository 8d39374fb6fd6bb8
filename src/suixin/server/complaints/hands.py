"""Whose hands a complaint may not come into: of those that it is about, and of the merchant's relatives."""

from django.db.models import Q

from suixin.server.audit.models import Record
from suixin.server.complaints.models import Complaint
from suixin.server.identity.access import Hands
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination.authority import hands_of
from suixin.server.origination.models import Application, SiteVisit
from suixin.server.servicing.models import Facility, Loan, LoanEvent
from suixin.server.watching.models import Alert


def hands_in(complaint: Complaint) -> Hands:
    """Who had the case or the loan in hand, wrote the complaint down, or is a relative: they do not answer it.

    A complaint that names a case or a loan is about that one; one that names none is about all of its merchant's.
    """
    merchant = merchant_of(complaint.merchant_id)
    barred = {complaint.filed_by, *merchant.relatives}
    cases = list(_cases(complaint))
    for case in cases:
        held = hands_of(case, merchant)
        barred |= held.investigated_by | held.approved_by | held.barred
    keys = [case.pk for case in cases]
    barred |= set(SiteVisit.objects.filter(application_id__in=keys).values_list("by", flat=True))
    return Hands(barred=frozenset(barred | _after(complaint, cases)))


def _cases(complaint: Complaint) -> list[Application]:
    own = Application.objects.filter(merchant_id=complaint.merchant_id)
    if not complaint.about:
        return list(own)
    lines = Loan.objects.filter(number=complaint.about, facility__isnull=False).values("facility__number")
    return list(own.filter(Q(number=complaint.about) | Q(facility__in=lines)))


def _after(complaint: Complaint, cases: list[Application]) -> set[str]:
    """Who had a hand in the loans: paid out, received, took back, eased, froze, took an alert on."""
    lines = [case.facility for case in cases if case.facility]
    loans = Loan.objects.filter(borrower=complaint.merchant_id)
    if complaint.about:
        loans = loans.filter(Q(number=complaint.about) | Q(facility__number__in=lines))
    held = list(loans.values_list("pk", flat=True))
    found = set(LoanEvent.objects.filter(loan_id__in=held).values_list("by", flat=True))
    alerts = Alert.objects.filter(loan_id__in=held).values_list("taken_by", "closed_by")
    facilities = Facility.objects.filter(number__in=lines).values_list("pk", flat=True)
    done = Record.objects.filter(
        Q(object_kind="servicing.loan", object_id__in=[str(one) for one in held])
        | Q(object_kind="servicing.facility", object_id__in=[str(one) for one in facilities])
    )
    found |= {one for pair in alerts for one in pair if one}
    return found | set(done.values_list("actor", flat=True))
