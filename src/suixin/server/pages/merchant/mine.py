"""Whose pages these are: the merchant to whom the visitor is bound, and nothing of anybody else's."""

from django.http import Http404

from suixin.server.merchants.models import Merchant
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination.models import Application
from suixin.server.pages.door import Visit
from suixin.server.servicing.models import Loan


def merchant(visit: Visit) -> Merchant:
    """The visitor's own merchant."""
    bound = sorted(visit.actor.bound_to or ())
    if not bound:
        raise Http404
    return merchant_of(bound[0])


def application(visit: Visit, number: str) -> Application:
    """One of the visitor's own applications; of another's nobody learns that it is there."""
    found = Application.objects.filter(number=number, merchant_id__in=visit.actor.bound_to or ()).first()
    if found is None:
        raise Http404
    return found


def loan(visit: Visit, number: str) -> Loan:
    """One of the visitor's own loans."""
    found = (
        Loan.objects.filter(number=number, borrower__in=visit.actor.bound_to or ())
        .select_related("book")
        .first()
    )
    if found is None:
        raise Http404
    return found
