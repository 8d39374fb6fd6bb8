"""Whose hands a complaint may not come into: of those that it is about, and of the merchant's relatives."""

from suixin.server.complaints.models import Complaint
from suixin.server.identity.access import Hands
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination.authority import hands_of
from suixin.server.origination.models import Application


def hands_in(complaint: Complaint) -> Hands:
    """Who had the merchant's cases in hand, or is a relative: they answer no complaint about themselves."""
    merchant = merchant_of(complaint.merchant_id)
    barred = set(merchant.relatives)
    cases = Application.objects.filter(merchant_id=complaint.merchant_id)
    if complaint.about:
        line = complaint.about.partition("-")[0] if complaint.about.startswith("F") else complaint.about
        about = cases.filter(number=complaint.about) | cases.filter(facility=line).exclude(facility="")
        cases = about if about.exists() else cases
    for case in cases:
        held = hands_of(case, merchant)
        barred |= held.investigated_by | held.approved_by
    return Hands(barred=frozenset(barred))
